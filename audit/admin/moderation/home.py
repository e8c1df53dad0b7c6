"""What of moderation waits on the home pages."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from audit.models import ActionProposal, Appeal, Case
from audit.models.moderation.readers import CASE_STAFF, LEADS
from audit.moderation_choices import EscalationRoute, ProposalStatus
from core.admin.home import HomeCard, register_card
from core.admin.sections import Section
from core.db.asking import CountUpTo
from core.db.context import current_actor_id
from core.db.roles import Role


def _list(model: str, query: str = "") -> Callable[[], str]:
    return lambda: reverse(f"admin:audit_{model}_changelist") + (f"?{query}" if query else "")


def _held_by_me(limit: int) -> CountUpTo:
    person: Any = current_actor_id()
    return CountUpTo(Case.objects.held_by(person), limit)


CARDS = (
    HomeCard(
        section=Section.MODERATION,
        title="My cases",
        roles=(*CASE_STAFF, Role.COMPLIANCE),
        count=_held_by_me,
        url=_list("case", "held=mine"),
        words="Held by you until their lease ends: decide, or release them.",
    ),
    HomeCard(
        section=Section.MODERATION,
        title="Cases waiting",
        roles=CASE_STAFF,
        count=lambda limit: CountUpTo(Case.objects.free(), limit),
        url=_list("case", "held=free"),
        words="Nobody holds them. Take the next one.",
    ),
    HomeCard(
        section=Section.MODERATION,
        title="Cases overdue",
        roles=CASE_STAFF,
        count=lambda limit: CountUpTo(Case.objects.overdue(), limit),
        url=_list("case", "due=overdue"),
        words="They should have been decided by now.",
    ),
    HomeCard(
        section=Section.MODERATION,
        title="Cases escalated to leads",
        roles=LEADS,
        count=lambda limit: CountUpTo(
            Case.objects.waiting().filter(escalation_route=EscalationRoute.LEAD), limit
        ),
        url=_list("case", "escalated=lead"),
        words="A colleague asks you to decide.",
    ),
    HomeCard(
        section=Section.MODERATION,
        title="Cases for legal counsel",
        roles=(Role.COMPLIANCE,),
        count=lambda limit: CountUpTo(
            Case.objects.waiting().filter(escalation_route=EscalationRoute.LEGAL), limit
        ),
        url=_list("case", "escalated=legal"),
        words="Moderators ask whether it is against the law.",
    ),
    HomeCard(
        section=Section.MODERATION,
        title="Appeals waiting",
        roles=LEADS,
        count=lambda limit: CountUpTo(Appeal.objects.live(), limit),
        url=_list("appeal"),
        words="Two weeks from the filing; reviewed by somebody else than whoever decided.",
    ),
    HomeCard(
        section=Section.MODERATION,
        title="Proposals of the ladder",
        roles=LEADS,
        count=lambda limit: CountUpTo(ActionProposal.objects.filter(status=ProposalStatus.OPEN), limit),
        url=_list("actionproposal", "status=open"),
        words="Strikes reached a step: decide on the case, or decline.",
    ),
)

for card in CARDS:
    register_card(card)
