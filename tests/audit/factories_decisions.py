"""Decisions by the services, as those who make them; policies and steps of the ladder written as the owner."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from accounts.models import User
from audit.effects import EffectRequest
from audit.models import (
    Appeal,
    Case,
    Decision,
    ModerationPolicy,
    PolicyVersion,
    StrikeLadderStep,
)
from audit.moderation_choices import DecisionOutcome, EffectKind, PolicyVersionStatus
from audit.services.appeals import appeal_file, appeal_take
from audit.services.decisions import case_decide
from audit.services.reversals import decision_reverse
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import letters
from tests.audit.factories_moderation import make_case, make_report, without_triggers
from tests.sql import run

REASONS = "The recording shows insults against a colleague, again and again."

_numbers = count(1)


def make_policy(points: int = 0, *, days: int = 90, **fields: Any) -> PolicyVersion:
    """A policy of the tests with one wording in force, whose violation brings so many points."""
    policy = ModerationPolicy.objects.create(code=f"tests.{letters(next(_numbers))}")
    version = PolicyVersion.objects.create(
        **{
            "policy": policy,
            "number": 1,
            "title": "No insults",
            "text": "Insulting others is not allowed.",
            "ground": "terms",
            "transparency_category": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
            "severity": "medium",
            "strike_points": points,
            "strike_days": days,
            **fields,
        }
    )
    published = {"status": PolicyVersionStatus.PUBLISHED, "effective_at": version.created_at}
    PolicyVersion.objects.filter(pk=version.pk).update(**published)
    return PolicyVersion.objects.select_related("policy").get(pk=version.pk)


def make_ladder(*steps: tuple[int, str, timedelta | None]) -> list[StrikeLadderStep]:
    """A ladder of these steps alone: points, action, for how long."""
    StrikeLadderStep.objects.update(is_active=False)
    return [
        StrikeLadderStep.objects.create(points=points, action=action, lasts=lasts)
        for points, action, lasts in steps
    ]


def whole() -> None:
    """Check now what the database checks when the transaction ends."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")


def asked(*kinds: EffectKind | str | EffectRequest) -> list[EffectRequest]:
    """Requests for these effects, without end, on the subject or its person."""
    return [
        kind if isinstance(kind, EffectRequest) else EffectRequest(kind=EffectKind(kind)) for kind in kinds
    ]


def violation(
    case: Case,
    actor: User,
    *effects: EffectKind | str | EffectRequest,
    role: Role = Role.MODERATOR,
    wording: PolicyVersion | None = None,
    **options: Any,
) -> Decision:
    """Decide that something was violated: a warning unless other effects are named."""
    wording = wording or make_policy()
    with acting(role, user_id=actor.pk):
        decision = case_decide(
            **{
                "case_id": case.pk,
                "actor": actor,
                "outcome": DecisionOutcome.VIOLATION,
                "reasons": REASONS,
                "policy_version_id": wording.pk,
                "effects": asked(*(effects or (EffectKind.WARN,))),
                **options,
            }
        )
    whole()
    return decision


def no_violation(case: Case, actor: User, *, role: Role = Role.MODERATOR, **options: Any) -> Decision:
    """Decide that nothing was violated."""
    with acting(role, user_id=actor.pk):
        decision = case_decide(
            **{
                "case_id": case.pk,
                "actor": actor,
                "outcome": DecisionOutcome.NO_VIOLATION,
                "reasons": "This is banter among friends, and nobody else was meant.",
                **options,
            }
        )
    whole()
    return decision


def reverse(decision: Decision, actor: User, *, role: Role = Role.LEAD_MODERATOR, **options: Any) -> Decision:
    """Reverse a decision as a lead moderator."""
    with acting(role, user_id=actor.pk):
        reversal = decision_reverse(
            **{
                "decision_id": decision.pk,
                "actor": actor,
                "reasons": "Two people were taken for one another.",
                **options,
            }
        )
    whole()
    return reversal


def appeal(decision: Decision, who: User, **options: Any) -> Appeal:
    """File an appeal, as the appellant."""
    with acting(Role.VIEWER, user_id=who.pk):
        return appeal_file(
            **{
                "decision_id": decision.pk,
                "appellant": who,
                "words": "It was somebody else who said that.",
                "actor": who,
                **options,
            }
        )


def taken(decision: Decision, appellant: User, reviewer: User) -> Appeal:
    """An appeal under review by a lead moderator."""
    filed = appeal(decision, appellant)
    with acting(Role.LEAD_MODERATOR, user_id=reviewer.pk):
        return appeal_take(appeal_id=filed.pk, actor=reviewer)


def appealable_until(decision: Decision, interval: str) -> None:
    """As if the decision had been made so long ago that its six months end in `interval` from now."""
    with without_triggers("audit_decision"):
        run(
            "UPDATE audit_decision SET appeal_until = statement_timestamp() + %s::interval WHERE id = %s",
            [interval, decision.pk],
        )


def person_of(case: Case) -> User:
    """About whom a case is."""
    return User.objects.get(pk=case.person_id)


def counts() -> dict[str, int]:
    """How many rows the tables of decisions hold; nothing half-done leaves them as they were."""
    tables = (
        "audit_decision", "audit_decisioneffect", "audit_statementofreasons", "audit_strike", "audit_actionproposal",
        "audit_decisionnotification", "audit_appeal", "audit_caseevent", "audit_event", "accounts_restriction",
        "streams_archivedecision",
    )  # fmt: skip
    return {table: int(run(f"SELECT count(*) FROM {table}")[0][0]) for table in tables}


def told(person_id: UUID, kind: str = "") -> list[str]:
    """What somebody was told, oldest first."""
    rows = run(
        "SELECT words FROM audit_decisionnotification WHERE recipient_id = %s AND (%s = '' OR kind = %s) ORDER BY id",
        [person_id, kind, kind],
    )
    return [row[0] for row in rows]


__all__ = [
    "REASONS",
    "appeal",
    "appealable_until",
    "asked",
    "counts",
    "make_case",
    "make_ladder",
    "make_policy",
    "make_report",
    "no_violation",
    "person_of",
    "reverse",
    "taken",
    "told",
    "violation",
    "whole",
]
