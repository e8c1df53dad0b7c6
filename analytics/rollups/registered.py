"""Every roll-up, in order of dependence: each after those whose results it reads. Imported by `AppConfig.ready()`."""

from analytics.rollups.engine import register
from analytics.rollups.figures import (
    CategoryDays,
    PerformerDays,
    PlatformDays,
    StreamMinutes,
    StreamPerformances,
)
from analytics.rollups.revenue import RevenueDays
from analytics.rollups.viewer_sessions import ViewerSessions

for rollup in (
    ViewerSessions(),
    StreamMinutes(),
    PerformerDays(),
    StreamPerformances(),
    CategoryDays(),
    PlatformDays(),
    RevenueDays(),
):
    register(rollup)
