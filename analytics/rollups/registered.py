"""Every roll-up, in order of dependence: each after those whose results it reads. Imported by `AppConfig.ready()`."""

from analytics.audience_choices import CohortStep
from analytics.rollups.audience_days import AudienceDays
from analytics.rollups.cohorts import Cohorts
from analytics.rollups.engine import register
from analytics.rollups.viewer_days import ViewerDays
from analytics.rollups.viewer_sessions import ViewerSessions

register(ViewerSessions())
# From viewer_session, chat and spends
register(ViewerDays())
register(AudienceDays())
# From viewer_activity_day and subscriptions
for step in CohortStep:
    register(Cohorts(step))
