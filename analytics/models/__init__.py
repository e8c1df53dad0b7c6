"""Figures: what happened, by bucket."""

from analytics.models.audience_day import AudienceDay
from analytics.models.conversion_funnel import ConversionFunnel
from analytics.models.day_figures import CategoryDay, PerformerDay, PlatformDay
from analytics.models.playback_event import PlaybackEvent
from analytics.models.playback_rejection import PlaybackRejection
from analytics.models.retention_cohort import RetentionCohort
from analytics.models.revenue import RevenueBook, RevenueCheck, RevenueDay
from analytics.models.rollup import RollupSource, RollupState, RollupTouch
from analytics.models.rotating_salt import PlaybackViewer, RotatingSalt
from analytics.models.stream_minute import StreamMinute
from analytics.models.stream_performance import StreamPerformance
from analytics.models.viewer_activity import ViewerActivityDay, ViewerPerformerDay
from analytics.models.viewer_session import ViewerSession

__all__ = [
    "AudienceDay",
    "CategoryDay",
    "ConversionFunnel",
    "PerformerDay",
    "PlatformDay",
    "PlaybackEvent",
    "PlaybackRejection",
    "PlaybackViewer",
    "RetentionCohort",
    "RevenueBook",
    "RevenueCheck",
    "RevenueDay",
    "RollupSource",
    "RollupState",
    "RollupTouch",
    "RotatingSalt",
    "StreamMinute",
    "StreamPerformance",
    "ViewerActivityDay",
    "ViewerPerformerDay",
    "ViewerSession",
]
