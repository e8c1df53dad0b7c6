"""The rooms of figures in the back office."""

from analytics.admin import (
    playback_rejections,
    rollups,
)

__all__ = [
    "playback_rejections",
    "rollups",
]
