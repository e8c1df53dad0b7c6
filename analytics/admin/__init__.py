"""The rooms of figures and the pages of insight in the back office."""

from analytics.admin import (
    audience,
    cohorts,
    conversion,
    figure_lists,
    performer_insight,
    platform_home,
    platform_insight,
    playback_rejections,
    revenue,
    rollups,
    stream_insight,
)

__all__ = [
    "audience",
    "cohorts",
    "conversion",
    "figure_lists",
    "performer_insight",
    "platform_home",
    "platform_insight",
    "playback_rejections",
    "revenue",
    "rollups",
    "stream_insight",
]
