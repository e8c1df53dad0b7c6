"""Figures: what happened, by bucket."""

from analytics.models.audience_day import AudienceDay
from analytics.models.retention_cohort import RetentionCohort
from analytics.models.rollup import RollupSource, RollupState, RollupTouch
from analytics.models.viewer_activity import ViewerActivityDay, ViewerPerformerDay

__all__ = [
    "AudienceDay",
    "RetentionCohort",
    "RollupSource",
    "RollupState",
    "RollupTouch",
    "ViewerActivityDay",
    "ViewerPerformerDay",
]
