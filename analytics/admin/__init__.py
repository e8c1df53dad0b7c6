"""The rooms of figures and the pages of insight in the back office."""

from analytics.admin import (
    audience,
    cohorts,
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
    "figure_lists",
    "performer_insight",
    "platform_home",
    "platform_insight",
    "playback_rejections",
    "revenue",
    "rollups",
    "stream_insight",
]
"""The rooms of figures in the back office."""


>>=======
"""The rooms and pages of insight in the back office."""

from analytics.admin import audience, cohorts, rollups

__all__ = ["audience", "cohorts", "rollups"]
>>>>>>> 732638904d4db2194cea041113e64c97e02b2c79
