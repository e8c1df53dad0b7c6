"""The rooms of figures and the pages of insight in the back office."""

from analytics.admin import (
    performer_insight,
    platform_home,
    platform_insight,
    playback_rejections,
    revenue,
    rollups,
    stream_insight,
)

__all__ = [
    "performer_insight",
    "platform_home",
    "platform_insight",
    "playback_rejections",
    "revenue",
    "rollups",
    "stream_insight",
]
