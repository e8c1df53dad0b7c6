"""Who may do what to raids, goals, polls, rewards and the social side of tips; `engagement.access` takes it in."""

from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role
from engagement.interaction_policies import MODERATORS, PEOPLE, STAFF

READERS = (*PEOPLE, *STAFF, Role.WORKER)
CLOSES = ("status",)


def shown(*more: Role) -> dict[Role, Rights]:
    """Everybody who may look at what performers show."""
    return readers(*READERS, *more)


def moderated(columns: tuple[str, ...], permission: str) -> dict[Role, Rights]:
    """Moderators carry out a named action that sets these columns."""
    return dict.fromkeys(MODERATORS, Rights(select=True, update=columns, may=(permission,)))


DECIDES = ("status", "answer", "decided_by_id")

INTERACTION_ACCESS: AccessDeclaration = {
    "engagement.GiftSent": readers(*PEOPLE, *STAFF, Role.WORKER),
    "engagement.Goal": {
        **shown(Role.ANALYST, Role.FINANCE),
        Role.PERFORMER: Rights(
            select=True, insert=True, update=("title", "target_tokens", "ends_at", "status")
        ),
        **moderated(CLOSES, "cancel_goal"),
        Role.WORKER: Rights(select=True, update=CLOSES),
    },
    "engagement.GoalContribution": readers(*STAFF, Role.FINANCE, Role.WORKER),
    "engagement.Poll": {
        **shown(Role.ANALYST),
        Role.PERFORMER: Rights(select=True, insert=True, update=CLOSES),
        **moderated(CLOSES, "cancel_poll"),
        Role.WORKER: Rights(select=True, update=CLOSES),
    },
    "engagement.PollChoice": {
        **shown(Role.ANALYST),
        Role.PERFORMER: Rights(select=True, insert=True),
    },
    "engagement.PollVote": {
        **readers(*MODERATORS, Role.COMPLIANCE, Role.AUDITOR, Role.WORKER),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True)),
    },
    "engagement.Raid": {
        **shown(Role.ANALYST),
        Role.PERFORMER: Rights(select=True, insert=True, update=("status", "viewers", "executed_at")),
        **moderated(CLOSES, "cancel_raid"),
        Role.WORKER: Rights(select=True, update=CLOSES),
    },
    "engagement.Redemption": {
        **readers(*STAFF, Role.FINANCE),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True, update=DECIDES)),
        **dict.fromkeys(
            (Role.SUPPORT, *MODERATORS), Rights(select=True, update=DECIDES, may=("reject_redemption",))
        ),
        Role.WORKER: Rights(select=True, update=CLOSES),
    },
    "engagement.Reward": {
        **shown(Role.FINANCE),
        Role.PERFORMER: Rights(
            select=True,
            insert=True,
            update=(
                "title",
                "description",
                "tokens",
                "stock",
                "person_cooldown",
                "shared_cooldown",
                "asks_for_words",
                "retired_at",
            ),
        ),
        **moderated(("retired_at",), "retire_reward"),
    },
    "engagement.TipMenuItem": {
        **shown(),
        Role.PERFORMER: Rights(
            select=True, insert=True, update=("label", "tokens", "position", "retired_at")
        ),
        **moderated(("retired_at",), "retire_tipmenuitem"),
    },
    "engagement.TipMessage": {
        **readers(*STAFF, Role.WORKER),
        **dict.fromkeys(PEOPLE, Rights(select=True, insert=True)),
        **moderated(("hidden_at", "hidden_by_id"), "hide_tipmessage"),
    },
}

INTERACTION_FUNCTIONS: FunctionDeclaration = {
    "engagement_goal_totals(uuid[])": (*READERS, Role.ANALYST, Role.FINANCE),
    "engagement_goals_fold(integer)": (Role.WORKER,),
    "engagement_goals_reconcile(timestamp with time zone)": (Role.WORKER,),
    "engagement_goals_wrong()": (Role.WORKER, Role.COMPLIANCE, Role.AUDITOR),
    "engagement_interaction_erase(uuid)": (Role.COMPLIANCE,),
    "engagement_interaction_survey(uuid)": (Role.COMPLIANCE,),
    "engagement_poll_results(uuid)": (*READERS, Role.ANALYST),
}
