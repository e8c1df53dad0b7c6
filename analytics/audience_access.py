"""Who may do what to breakdowns, activity and cohorts."""

from analytics.audience_policies import AUDIENCE_READERS
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

PEOPLE = (Role.VIEWER, Role.PERFORMER)

AUDIENCE_ACCESS: AccessDeclaration = {
    "analytics.AudienceDay": {
        **readers(*AUDIENCE_READERS, Role.PERFORMER),
        Role.WORKER: Rights(select=True, insert=True, delete=True),
    },
    # Written by functions alone; read by nobody but whom they are about.
    "analytics.ViewerActivityDay": readers(*PEOPLE, Role.WORKER),
    "analytics.ViewerPerformerDay": readers(*PEOPLE, Role.WORKER),
    # Written by functions alone.
    "analytics.RetentionCohort": readers(*AUDIENCE_READERS, Role.WORKER),
    "analytics.ConversionFunnel": readers(*AUDIENCE_READERS, Role.WORKER),
}

AUDIENCE_FUNCTIONS: FunctionDeclaration = {
    "analytics_day_id(date, text)": (Role.WORKER,),
    "analytics_day_floor(date)": (Role.WORKER,),
    "analytics_day_is_final(date)": (Role.WORKER,),
    "analytics_days_unpublished(integer)": (Role.WORKER,),
    "analytics_viewer_days_compute(uuid[], date[])": (Role.WORKER,),
    "analytics_viewer_days_standing(timestamp with time zone, timestamp with time zone, uuid)": (
        Role.WORKER,
    ),
    "analytics_cohorts_compute(text, date[])": (Role.WORKER,),
    "analytics_conversion_compute(date[])": (Role.WORKER,),
    "analytics_conversion_uncounted()": (Role.WORKER,),
    "analytics_audience_survey(uuid)": (Role.COMPLIANCE,),
    "analytics_audience_erase(uuid)": (Role.COMPLIANCE,),
}
