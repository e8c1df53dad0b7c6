"""Who may do what to ties between people, and to counters."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import ACTING_ROLES, Role
from engagement.tie_policies import PEOPLE, TIE_READERS

FOLLOW_CHANGES = ("notify", "ended_at", "end_cause")
COMES_AND_GOES = Rights(select=True, insert=True, delete=True)

TIE_ACCESS: AccessDeclaration = {
    "engagement.Follow": {
        **readers(*TIE_READERS),
        **dict.fromkeys((*PEOPLE, Role.WORKER), Rights(select=True, insert=True, update=FOLLOW_CHANGES)),
    },
    "engagement.Block": {
        **readers(*TIE_READERS),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True, update=("ended_at",))),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "engagement.Favourite": {
        **readers(*TIE_READERS),
        **dict.fromkeys(PEOPLE, COMES_AND_GOES),
        Role.WORKER: Rights(select=True, insert=True),
    },
    "engagement.Mute": {
        **readers(*TIE_READERS),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True, update=("expires_at",), delete=True)),
    },
    "engagement.Reaction": {
        **readers(*TIE_READERS),
        **dict.fromkeys(PEOPLE, COMES_AND_GOES),
    },
    # Written by triggers of reactions alone.
    "engagement.ReactionKey": {**readers(*TIE_READERS, *PEOPLE)},
    "engagement.Share": {
        **readers(*TIE_READERS),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True)),
    },
    # Written by functions and triggers alone: figures without people.
    "engagement.EngagementCounter": readers(*ACTING_ROLES),
    "engagement.CounterDelta": {**readers(*ACTING_ROLES)},
    "engagement.CounterFold": {**readers(*ACTING_ROLES)},
}

TIE_FUNCTIONS: FunctionDeclaration = {
    # Viewers and performers are answered about themselves only.
    "engagement_blocked_between(uuid, uuid)": ACTING_ROLES,
    "engagement_blockers_of(uuid, uuid[])": ACTING_ROLES,
    # What triggers count is refused; the rest is counted in the transaction in which it happens.
    "engagement_counters_record(text[], uuid[], text[], integer[], uuid[])": (*PEOPLE, Role.WORKER),
    "engagement_counters_fold()": (Role.WORKER,),
    "engagement_counters_differences()": (Role.WORKER,),
    "engagement_counters_correct()": (Role.WORKER,),
    "engagement_ties_erase(uuid)": (Role.COMPLIANCE,),
    "engagement_ties_survey(uuid)": (Role.COMPLIANCE,),
}
