"""Every roll-up, in order of dependence: each after those whose results it reads. Imported by `AppConfig.ready()`."""

from analytics.rollups.engine import register
from analytics.rollups.figures import (
    CategoryDays,
    PerformerDays,
    PlatformDays,
    StreamMinutes,
    StreamPerformances,
)
from analytics.rollups.viewer_sessions import ViewerSessions

register(ViewerSessions())
for rollup in (StreamMinutes(), PerformerDays(), StreamPerformances(), CategoryDays(), PlatformDays()):
    register(rollup)
