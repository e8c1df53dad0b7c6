"""Reversals: a decision that takes back exactly what an earlier one did, and says what could not be."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.decision_announcements import decision_reversed
from audit.decision_errors import ReversalRefused
from audit.effects import EFFECTS
from audit.models import Case, Decision, DecisionEffect
from audit.moderation_choices import (
    CaseStatus,
    DecisionKind,
    DecisionOutcome,
    EffectKind,
    EffectResult,
    ReportStatus,
)
from audit.services.cases import case_reopen
from audit.services.decision_notifications import reports_settle, reversal_tell
from audit.services.decisions import decision_write, reason_for_owners
from audit.services.strikes import strike_revoke
from core.db.context import current_role
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role

LASTING = (EffectResult.LAPSED, EffectResult.FINAL)


@transaction.atomic
def decision_reverse(
    *, decision_id: UUID, actor: User, reasons: str, kind: DecisionKind | str = DecisionKind.CORRECTION
) -> Decision:
    """Reverse a decision: undo each of its effects, revoke its strike, and tell whom it concerned.

    What a colleague or time has undone meanwhile, or another decision rests on, is left as it is and recorded as
    lapsed. Reports that it upheld are rejected; a reversed finding of no violation, and the undoing of a bulk job, let
    the reports wait and reopen the case, unless another case about the subject is open. Moderators reverse their own
    decisions, leads those of others. Locks: the case, what the effects acted on, strike, proposals, reports.
    Raises: ReversalRefused, DecisionRefused, NotThere, and what the services of the owning apps refuse.
    Announces: `decision_reversed`, `strike_revoked`, `proposal_withdrawn`, `case_reopened`.
    """
    case, earlier = _reversible(decision_id, actor)
    reversal = Decision(
        case=case,
        person_id=case.person_id,
        kind=DecisionKind(kind),
        outcome=DecisionOutcome.REVERSAL,
        reasons=reasons.strip(),
        decided_by=actor,
        reverses=earlier,
    )
    decision_write(reversal)
    undone = [_undo(effect, reversal, case, actor) for effect in earlier.effects.order_by("-pk")]
    strike_revoke(reversed_decision=earlier, reversal=reversal, actor=actor)
    anew = kind == DecisionKind.UNDO or earlier.outcome == DecisionOutcome.NO_VIOLATION
    anew = anew and not _another_is_open(case)
    if anew:
        again = (ReportStatus.UPHELD, ReportStatus.REJECTED)
        reports_settle(case=case, decision=reversal, status=ReportStatus.RECEIVED, among=again)
    elif earlier.outcome == DecisionOutcome.VIOLATION and not _another_stands(case):
        among = (ReportStatus.UPHELD,)
        reports_settle(case=case, decision=reversal, status=ReportStatus.REJECTED, among=among)
    if earlier.outcome == DecisionOutcome.VIOLATION:
        reversal_tell(reversal=reversal, remains=_remains(undone))
    if anew and case.status in (CaseStatus.DECIDED, CaseStatus.CLOSED):
        case_reopen(case_id=case.pk, actor=actor, reason=reasons)
    decision_reversed.send(
        sender=Decision,
        actor=actor,
        subject=reversal,
        reason=reasons,
        detail={
            "case": str(case.reference),
            "kind": str(reversal.kind),
            "reverses": str(earlier.pk),
            "effects": {effect.kind: effect.result for effect in undone},
        },
    )
    return reversal


def _reversible(decision_id: UUID, actor: User) -> tuple[Case, Decision]:
    """The case, locked, and the decision, if it may be reversed."""
    case_id = Decision.objects.filter(pk=decision_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotThere("There is no such decision, or your role may not see it.")
    case = locked(Case, case_id)
    earlier = Decision.objects.get(pk=decision_id)
    if earlier.outcome == DecisionOutcome.REVERSAL:
        raise ReversalRefused("A reversal is not reversed. Reopen the case and decide anew.")
    later = Decision.objects.filter(reverses=earlier).first()
    if later is not None:
        raise ReversalRefused(f"This decision was reversed already, on {later.decided_at:%Y-%m-%d}.")
    if current_role() == Role.MODERATOR and earlier.decided_by_id != actor.pk:
        raise ReversalRefused("You reverse your own decisions. Ask a lead moderator for those of colleagues.")
    return case, earlier


def _undo(effect: DecisionEffect, reversal: Decision, case: Case, actor: User) -> DecisionEffect:
    """Take one effect back by the service of its app, and write how that ended."""
    taken = EFFECTS[EffectKind(effect.kind)].undo(
        effect, actor=actor, reason=reason_for_owners(case, reversal.reasons)
    )
    with refused_as(ReversalRefused):
        return DecisionEffect.objects.create(
            decision=reversal,
            person_id=reversal.person_id,
            kind=effect.kind,
            axis=effect.axis,
            slot=effect.slot,
            target_kind=effect.target_kind,
            target_id=effect.target_id,
            result=taken.result,
            applied_to=taken.applied_to,
            before={"words": taken.words} if taken.words else {},
            undoes=effect,
        )


def _another_is_open(case: Case) -> bool:
    """Whether another case about the same subject waits: then this one stays closed."""
    others = Case.objects.about(case.subject_kind, case.subject_id).exclude(pk=case.pk)
    return others.exclude(status=CaseStatus.CLOSED).exists()


def _another_stands(case: Case) -> bool:
    """Whether another violation was found on the case, and stands: then the reports stay upheld."""
    return case.decisions.filter(outcome=DecisionOutcome.VIOLATION).standing().exists()


def _remains(undone: list[DecisionEffect]) -> list[str]:
    """What could not be taken back, a line each, for the person concerned."""
    return [
        f"{effect.get_kind_display()}: {effect.before.get('words', '')}"
        for effect in undone
        if effect.result in LASTING
    ]
