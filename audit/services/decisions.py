"""Decisions on cases: effects, statement of reasons, strike, outcomes of reports, the move of the case; or nothing."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.decision_announcements import decision_made
from audit.decision_errors import DecisionRefused
from audit.effects import EffectRequest
from audit.effects.planning import PlannedEffect, effects_plan
from audit.models import Case, Decision, DecisionEffect, PolicyVersion
from audit.moderation_choices import (
    AutomationDegree,
    CaseStatus,
    DecisionOutcome,
    EffectResult,
    ReportStatus,
)
from audit.services.claims import case_claim
from audit.services.decision_notifications import person_tell, reports_settle
from audit.services.move_reasons import moving_because
from audit.services.statements import found_by_machine, statement_draft, statement_issue
from audit.services.strikes import proposal_to_accept, proposals_settle, strike_issue
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as

LONGEST_REASON = 2000
"""Owning apps keep reasons of this length."""

OUTCOMES: dict[DecisionOutcome, tuple[ReportStatus, tuple[ReportStatus, ...]]] = {
    DecisionOutcome.VIOLATION: (ReportStatus.UPHELD, (ReportStatus.RECEIVED, ReportStatus.REJECTED)),
    DecisionOutcome.NO_VIOLATION: (ReportStatus.REJECTED, (ReportStatus.RECEIVED,)),
}
"""What becomes of which reports of the case; those that an earlier decision upheld stay so until that is reversed."""


@transaction.atomic
def case_decide(
    *,
    case_id: UUID,
    actor: User,
    outcome: DecisionOutcome | str,
    reasons: str,
    policy_version_id: UUID | None = None,
    effects: Sequence[EffectRequest] = (),
    close: bool = True,
    territories: Sequence[str] = (),
    automated_detection: bool = False,
    automated_decision: AutomationDegree | str = AutomationDegree.NONE,
    proposal_id: UUID | None = None,
    expected_version: int | None = None,
) -> Decision:
    """Decide a case: all of it happens, or nothing does.

    A free case is claimed for `actor`. `proposal_id` accepts what the ladder of strikes proposes; other proposals on
    the case are settled by the decision. Locks: the case, its reports, what the effects act on (in the order of their
    keys). Raises: DecisionRefused (closed or decided, no reasons), CaseHeld (by a colleague), EffectRefused,
    StatementIncomplete, ProposalRefused, NotThere, StaleVersion, and what the services of the owning apps refuse.
    Announces: `decision_made`, `strike_issued`, `action_proposed`, `proposal_accepted`, `proposal_declined`.
    """
    case = _held(case_id, actor, expected_version)
    outcome, reasons = DecisionOutcome(outcome), reasons.strip()
    automated_decision = AutomationDegree(automated_decision)
    wording = _wording(policy_version_id)
    planned = effects_plan(case, effects)
    draft = None
    if outcome is DecisionOutcome.VIOLATION:
        automated_detection = automated_detection or found_by_machine(case)
        draft = statement_draft(
            case=case,
            wording=wording,
            reasons=reasons,
            planned=planned,
            territories=territories,
            automated_detection=automated_detection,
            automated_decision=automated_decision,
        )
    else:
        _refuse_contradiction(outcome, planned, proposal_id)
    proposal = (
        proposal_to_accept(proposal_id=proposal_id, case=case, planned=planned) if proposal_id else None
    )
    decision = Decision(
        case=case,
        person_id=case.person_id,
        outcome=outcome,
        policy_version=wording,
        reasons=reasons,
        decided_by=actor,
        territories=sorted(set(territories)) if draft else [],
        automated_detection=automated_detection,
        automated_decision=automated_decision,
    )
    decision_write(decision)
    for item in planned:
        _carry_out(decision, item, case, actor)
    if draft is not None:
        statement = statement_issue(draft=draft, decision=decision)
        person_tell(decision=decision, statement=statement, effects=draft.restriction_words)
    status, among = OUTCOMES[outcome]
    told = reports_settle(case=case, decision=decision, status=status, among=among)
    proposals_settle(case=case, decision=decision, accepted=proposal, actor=actor)
    _close(case, reasons, close)
    if wording is not None:
        strike_issue(decision=decision, wording=wording, actor=actor)
    decision_made.send(
        sender=Decision,
        actor=actor,
        subject=decision,
        reason=reasons,
        detail={
            "case": str(case.reference),
            "outcome": outcome.value,
            "policy": wording.policy.code if wording else None,
            "effects": [item.effect.kind.value for item in planned],
            "reports": told,
        },
    )
    return decision


def decision_write(decision: Decision) -> None:
    """Insert a decision and read what the triggers set. Raises: DecisionRefused, in the words of the database."""
    decision.acting_role = ""
    decision.decided_at = decision.appeal_until = database_now()
    with refused_as(DecisionRefused):
        decision.save(force_insert=True)
    decision.refresh_from_db()


def reason_for_owners(case: Case, reasons: str) -> str:
    """The reason that owning apps keep: the case by its reference, and why."""
    return f"{case.reference}: {reasons}"[:LONGEST_REASON]


def _held(case_id: UUID, actor: User, expected_version: int | None) -> Case:
    """The case, locked and held by the actor, whose lease is long enough to decide."""
    case = locked(Case, case_id, expected_version=expected_version)
    if case.status == CaseStatus.CLOSED:
        raise DecisionRefused(f"{case.reference} is closed. Reopen it first.")
    if case.status == CaseStatus.DECIDED:
        raise DecisionRefused(f"{case.reference} is decided already. Reopen it, or reverse the decision.")
    case_claim(case_id=case.pk, actor=actor)
    case.refresh_from_db()
    return case


def _wording(policy_version_id: UUID | None) -> PolicyVersion | None:
    if policy_version_id is None:
        return None
    found = PolicyVersion.objects.select_related("policy").filter(pk=policy_version_id).first()
    if found is None:
        raise NotThere("There is no such version of a policy.")
    return found


def _refuse_contradiction(
    outcome: DecisionOutcome, planned: Sequence[PlannedEffect], proposal_id: UUID | None
) -> None:
    if outcome is DecisionOutcome.REVERSAL:
        raise DecisionRefused("A decision is reversed from its own page, not by deciding its case.")
    if planned:
        names = ", ".join(item.label.lower() for item in planned)
        raise DecisionRefused(f"Where nothing was violated there is no effect. Leave out: {names}.")
    if proposal_id is not None:
        raise DecisionRefused("A proposal is accepted by a violation. Decline it, or name the violation.")


def _carry_out(decision: Decision, item: PlannedEffect, case: Case, actor: User) -> None:
    """Do one effect by the service of its app, and write what was done."""
    facts = item.effect.facts
    done = item.effect.carry_out(
        target_id=item.target_id,
        actor=actor,
        reason=reason_for_owners(case, decision.reasons),
        ends_at=item.ends_at,
    )
    with refused_as(DecisionRefused):
        DecisionEffect.objects.create(
            decision=decision,
            person_id=decision.person_id,
            kind=item.effect.kind,
            axis=facts.axis,
            slot=facts.slot,
            target_kind=facts.target,
            target_id=item.target_id,
            ends_at=item.ends_at,
            result=EffectResult.DONE,
            applied_to=done.applied_to,
            before=dict(done.before),
        )


def _close(case: Case, reasons: str, close: bool) -> None:
    """Move the case to decided, and to closed unless more is to come; triggers set the times and end the claim."""
    with refused_as(DecisionRefused):
        case.status = CaseStatus.DECIDED
        with moving_because(reasons):
            case.save(update_fields=["status"])
        if close:
            case.status = CaseStatus.CLOSED
            case.save(update_fields=["status"])
    case.refresh_from_db()
