"""Every roll-up, in order of dependence: each after those whose results it reads. Imported by `AppConfig.ready()`."""

from analytics.audience_choices import CohortStep
from analytics.rollups.audience_days import AudienceDays
from analytics.rollups.cohorts import Cohorts
from analytics.rollups.conversion import Conversion
from analytics.rollups.engine import register
from analytics.rollups.figures import (
    CategoryDays,
    PerformerDays,
    PlatformDays,
    StreamMinutes,
    StreamPerformances,
)
from analytics.rollups.revenue import RevenueDays
from analytics.rollups.viewer_days import ViewerDays
from analytics.rollups.viewer_sessions import ViewerSessions

for rollup in (
    ViewerSessions(),
    StreamMinutes(),
    PerformerDays(),
    StreamPerformances(),
    CategoryDays(),
    PlatformDays(),
    ViewerDays(),
    AudienceDays(),
    *(Cohorts(step) for step in CohortStep),
    Conversion(),
    RevenueDays(),
):
    register(rollup)
