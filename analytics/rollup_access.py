"""Who may do what to the states and touches of roll-ups."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

INSIGHT_READERS = (Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR)
STATE_CHANGES = ("until", "after", "runs", "touches", "buckets", "ran_at", "caught_up_at", "updated_at")

ROLLUP_ACCESS: AccessDeclaration = {
    "analytics.RollupState": {
        **readers(*INSIGHT_READERS),
        Role.WORKER: Rights(select=True, insert=True, update=STATE_CHANGES),
    },
    "analytics.RollupTouch": {
        **readers(*INSIGHT_READERS),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "analytics.RollupSource": readers(*INSIGHT_READERS, Role.WORKER),
}

ROLLUP_FUNCTIONS: FunctionDeclaration = {
    "analytics_horizon()": (Role.WORKER,),
    "analytics_rollup_lag()": (Role.APP, Role.WORKER, *INSIGHT_READERS),
    "analytics_touch(text, uuid, timestamp with time zone)": (Role.WORKER,),
    "figures_changed(text, uuid, timestamp with time zone)": (Role.WORKER,),
}
