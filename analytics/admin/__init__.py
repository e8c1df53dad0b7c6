"""The rooms and pages of insight in the back office."""

from analytics.admin import audience, cohorts, rollups

__all__ = ["audience", "cohorts", "rollups"]
