"""Figures: what happened, by bucket."""

from analytics.models.day_figures import CategoryDay, PerformerDay, PlatformDay
from analytics.models.rollup import RollupSource, RollupState, RollupTouch
from analytics.models.stream_minute import StreamMinute
from analytics.models.stream_performance import StreamPerformance

__all__ = [
    "CategoryDay",
    "PerformerDay",
    "PlatformDay",
    "RollupSource",
    "RollupState",
    "RollupTouch",
    "StreamMinute",
    "StreamPerformance",
]
