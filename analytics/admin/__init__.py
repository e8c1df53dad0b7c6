"""The pages of insight in the back office."""

from analytics.admin import audience, cohorts

__all__ = ["audience", "cohorts"]
