"""Figures: what happened, by bucket."""

from analytics.models.audience_day import AudienceDay
from analytics.models.playback_event import PlaybackEvent
from analytics.models.playback_rejection import PlaybackRejection
from analytics.models.retention_cohort import RetentionCohort
from analytics.models.rollup import RollupSource, RollupState, RollupTouch
from analytics.models.rotating_salt import PlaybackViewer, RotatingSalt
from analytics.models.viewer_activity import ViewerActivityDay, ViewerPerformerDay
from analytics.models.viewer_session import ViewerSession

__all__ = [
    "AudienceDay",
    "PlaybackEvent",
    "PlaybackRejection",
    "PlaybackViewer",
    "RetentionCohort",
    "RollupSource",
    "RollupState",
    "RollupTouch",
    "RotatingSalt",
    "ViewerActivityDay",
    "ViewerPerformerDay",
    "ViewerSession",
]
