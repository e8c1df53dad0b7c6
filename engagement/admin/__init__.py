"""The rooms of engagement in the back office."""

from engagement.admin import blocks, counters, follows, likings  # noqa: F401
