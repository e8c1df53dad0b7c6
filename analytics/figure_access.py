"""Who may read figures of streams, performers, categories and the platform; functions of the worker alone write them."""

from analytics.figure_rules import FIGURE_READERS
from core.db.access import AccessDeclaration, FunctionDeclaration, readers
from core.db.roles import Role

OF_A_PERFORMER = readers(Role.PERFORMER, *FIGURE_READERS)
OF_NOBODY = readers(*FIGURE_READERS)

FIGURE_ACCESS: AccessDeclaration = {
    "analytics.StreamMinute": OF_A_PERFORMER,
    "analytics.StreamPerformance": OF_A_PERFORMER,
    "analytics.PerformerDay": OF_A_PERFORMER,
    "analytics.CategoryDay": OF_NOBODY,
    "analytics.PlatformDay": OF_NOBODY,
}

FIGURE_FUNCTIONS: FunctionDeclaration = {
    "analytics_id_floor(timestamp with time zone)": (Role.WORKER,),
    "analytics_stream_minutes_compute(uuid[], timestamp with time zone[])": (Role.WORKER,),
    "analytics_stream_performances_compute(uuid[], timestamp with time zone[])": (Role.WORKER,),
    "analytics_performer_days_compute(uuid[], timestamp with time zone[])": (Role.WORKER,),
    "analytics_category_days_compute(uuid[], timestamp with time zone[])": (Role.WORKER,),
    "analytics_platform_days_compute(timestamp with time zone[])": (Role.WORKER,),
}
