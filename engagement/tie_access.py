"""Who may do what to ties between people."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, Role
from engagement.tie_policies import PEOPLE, TIE_READERS

RETENTION = Rights(select=True, delete=True)
FOLLOW_CHANGES = ("notify", "ended_at", "end_cause")

TIE_ACCESS: AccessDeclaration = {
    "engagement.Follow": {
        **readers(*TIE_READERS),
        **dict.fromkeys((*PEOPLE, Role.WORKER), Rights(select=True, insert=True, update=FOLLOW_CHANGES)),
        Role.RETENTION: RETENTION,
    },
    "engagement.Block": {
        **readers(*TIE_READERS),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True, update=("ended_at",))),
        Role.WORKER: Rights(select=True, insert=True),
        Role.RETENTION: RETENTION,
    },
}

TIE_FUNCTIONS: FunctionDeclaration = {
    # Viewers and performers are answered about themselves only.
    "engagement_blocked_between(uuid, uuid)": ACTING_ROLES,
    "engagement_blockers_of(uuid, uuid[])": ACTING_ROLES,
}
