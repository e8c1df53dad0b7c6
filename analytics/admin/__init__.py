"""The pages of insight in the back office."""

from analytics.admin import revenue  # noqa: F401
