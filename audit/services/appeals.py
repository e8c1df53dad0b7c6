"""Appeals: filed within six months, reviewed by somebody else, told to both sides."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.decision_announcements import appeal_decided, appeal_filed, appeal_returned, appeal_taken
from audit.decision_errors import AppealRefused
from audit.effects import EffectRequest
from audit.models import Appeal, Decision
from audit.moderation_choices import AppealSide, AppealStatus, CaseStatus, DecisionKind, DecisionOutcome
from audit.services.cases import case_reopen
from audit.services.decision_notifications import appeal_outcome_tell
from audit.services.decisions import case_decide
from audit.services.reversals import decision_reverse
from core.db.locking import locked
from core.db.refusals import refused_as


@transaction.atomic
def appeal_file(*, decision_id: UUID, appellant: User, words: str, actor: User) -> Appeal:
    """Complain about a decision, as the person concerned or as somebody who reported in vain.

    Runs as the appellant. A trigger finds side, decider and times, refuses what comes too late, twice or from anybody
    else, and tells both sides of the receipt. Raises: AppealRefused. Announces: `appeal_filed`.
    """
    if actor.pk != appellant.pk:
        raise AppealRefused("Nobody appeals in the name of somebody else.")
    appeal = Appeal(decision_id=decision_id, appellant=appellant, words=words.strip(), side="")
    with refused_as(AppealRefused):
        appeal.save(force_insert=True)
    appeal.refresh_from_db()
    appeal_filed.send(sender=Appeal, actor=actor, subject=appeal, detail={"side": appeal.side})
    return appeal


@transaction.atomic
def appeal_take(*, appeal_id: UUID, actor: User, expected_version: int | None = None) -> Appeal:
    """Take an appeal up for review; whoever decided, reported or approved the bulk job cannot.

    Locks: the appeal. Raises: AppealRefused, IllegalTransition (somebody reviews it, or it has ended), NotThere,
    StaleVersion. Announces: `appeal_taken`.
    """
    appeal = _taken(appeal_id, actor, expected_version)
    Appeal.status_machine.check(appeal.status, AppealStatus.REVIEWING)
    appeal.status, appeal.reviewer = AppealStatus.REVIEWING, actor
    _save(appeal, "status", "reviewer")
    appeal_taken.send(sender=Appeal, actor=actor, subject=appeal, changed=("status",))
    return appeal


@transaction.atomic
def appeal_return(
    *, appeal_id: UUID, actor: User, reason: str = "", expected_version: int | None = None
) -> Appeal:
    """Give an appeal back unreviewed, one's own or that of a colleague who cannot go on.

    Locks: the appeal. Raises: AppealRefused, IllegalTransition, NotThere, StaleVersion. Announces: `appeal_returned`.
    """
    appeal = _taken(appeal_id, actor, expected_version)
    Appeal.status_machine.check(appeal.status, AppealStatus.FILED)
    appeal.status, appeal.reviewer = AppealStatus.FILED, None
    _save(appeal, "status", "reviewer")
    appeal_returned.send(sender=Appeal, actor=actor, subject=appeal, reason=reason, changed=("status",))
    return appeal


@transaction.atomic
def appeal_uphold(
    *, appeal_id: UUID, actor: User, reasons: str, expected_version: int | None = None
) -> Appeal:
    """Leave the decision as it is.

    Locks: the appeal. Raises: AppealRefused (not the reviewer, no reasons), IllegalTransition, NotThere, StaleVersion.
    Announces: `appeal_decided`.
    """
    appeal = _reviewed(appeal_id, actor, reasons, AppealStatus.UPHELD, expected_version)
    return _end(appeal, actor, AppealStatus.UPHELD, reasons)


@transaction.atomic
def appeal_declare_inadmissible(
    *, appeal_id: UUID, actor: User, reasons: str, expected_version: int | None = None
) -> Appeal:
    """End an appeal without looking at the matter: it is abusive, or about something else.

    As `appeal_uphold`.
    """
    appeal = _reviewed(appeal_id, actor, reasons, AppealStatus.INADMISSIBLE, expected_version)
    return _end(appeal, actor, AppealStatus.INADMISSIBLE, reasons)


@transaction.atomic
def appeal_overturn(
    *,
    appeal_id: UUID,
    actor: User,
    reasons: str,
    policy_version_id: UUID | None = None,
    effects: Sequence[EffectRequest] = (),
    expected_version: int | None = None,
) -> Appeal:
    """Decide for the appellant.

    The person concerned: the decision is reversed. Somebody who reported: the case is reopened and decided anew as a
    violation, with `policy_version_id` and `effects` as in `case_decide`. Where the decision was reversed meanwhile,
    or a violation found on the case, the appeal ends with that. Locks: the appeal, then as `decision_reverse` or
    `case_decide`, and raises what they raise; AppealRefused (not the reviewer, no reasons). Announces:
    `appeal_decided` and what those announce.
    """
    appeal = _reviewed(appeal_id, actor, reasons, AppealStatus.OVERTURNED, expected_version)
    appeal.reversal = _found_since(appeal) or (
        decision_reverse(
            decision_id=appeal.decision_id, actor=actor, reasons=reasons, kind=DecisionKind.APPEAL
        )
        if appeal.side == AppealSide.AUTHOR
        else _decided_anew(appeal, actor, reasons, policy_version_id, effects)
    )
    return _end(appeal, actor, AppealStatus.OVERTURNED, reasons)


def _found_since(appeal: Appeal) -> Decision | None:
    """The decision that gave the appellant right meanwhile: a correction, or another appeal."""
    if appeal.side == AppealSide.AUTHOR:
        return Decision.objects.filter(reverses=appeal.decision_id).first()
    later = Decision.objects.filter(case=appeal.decision.case_id, pk__gt=appeal.decision_id)
    return later.filter(outcome=DecisionOutcome.VIOLATION).standing().order_by("-pk").first()


def _decided_anew(
    appeal: Appeal,
    actor: User,
    reasons: str,
    policy_version_id: UUID | None,
    effects: Sequence[EffectRequest],
) -> Decision:
    case = appeal.decision.case
    if case.status in (CaseStatus.CLOSED, CaseStatus.DECIDED):
        case_reopen(case_id=case.pk, actor=actor, reason=reasons)
    return case_decide(
        case_id=case.pk,
        actor=actor,
        outcome=DecisionOutcome.VIOLATION,
        reasons=reasons,
        policy_version_id=policy_version_id,
        effects=effects,
    )


def _taken(appeal_id: UUID, actor: User, expected_version: int | None) -> Appeal:
    """The appeal, locked, unless its decision is the actor's own: policies would hide that without a word."""
    if Appeal.objects.filter(pk=appeal_id, decided_by=actor.pk).exists():
        raise AppealRefused("You made this decision. Somebody else reviews the appeal against it.")
    return locked(Appeal, appeal_id, expected_version=expected_version)


def _reviewed(
    appeal_id: UUID, actor: User, reasons: str, end: AppealStatus, expected_version: int | None
) -> Appeal:
    """The appeal, locked, for its reviewer to end it."""
    appeal = _taken(appeal_id, actor, expected_version)
    Appeal.status_machine.check(appeal.status, end)
    if appeal.reviewer_id != actor.pk:
        raise AppealRefused(f"{appeal.reviewer} reviews this appeal. Return it first, to take it over.")
    if not reasons.strip():
        raise AppealRefused("Both sides are told why the appeal ended so. Write the reasons.")
    return appeal


def _end(appeal: Any, actor: User, status: AppealStatus, reasons: str) -> Appeal:
    appeal.status, appeal.outcome_reasons = status, reasons.strip()
    appeal.reviewed_at = appeal.filed_at
    _save(appeal, "status", "outcome_reasons", "reviewed_at", "reversal")
    appeal_outcome_tell(appeal=appeal, decision=appeal.decision)
    appeal_decided.send(
        sender=Appeal,
        actor=actor,
        subject=appeal,
        reason=reasons,
        changed=("status",),
        detail={"outcome": status.value, "side": appeal.side},
    )
    return appeal


def _save(appeal: Appeal, *fields: str) -> None:
    with refused_as(AppealRefused):
        appeal.save(update_fields=list(fields))
    appeal.refresh_from_db()
