"""The rooms of figures and the pages of insight in the back office."""

from analytics.admin import (
    figure_lists,
    performer_insight,
    platform_home,
    platform_insight,
    stream_insight,
)

__all__ = [
    "figure_lists",
    "performer_insight",
    "platform_home",
    "platform_insight",
    "stream_insight",
]
