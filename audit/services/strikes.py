"""Strikes, their revocation, and what the ladder proposes. A person decides; the ladder never acts."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.decision_announcements import (
    action_proposed,
    proposal_accepted,
    proposal_declined,
    proposal_withdrawn,
    strike_issued,
    strike_revoked,
)
from audit.decision_errors import DecisionRefused, ProposalRefused
from audit.effect_kinds import ACTION_EFFECTS
from audit.effects.planning import PlannedEffect
from audit.models import ActionProposal, Case, Decision, PolicyVersion, Strike
from audit.moderation_choices import ProposalStatus, StrikeAction
from core.db.locking import locked
from core.db.refusals import refused_as


def strike_issue(*, decision: Decision, wording: PolicyVersion, actor: User) -> Strike | None:
    """Write the strike that a violation brings; None where the policy brings none.

    A trigger takes points and expiry from the policy and climbs the ladder. For `audit.services.decisions`.
    Announces: `strike_issued`, `action_proposed`.
    """
    if wording.strike_points == 0:
        return None
    strike = Strike(
        decision=decision,
        person_id=decision.person_id,
        points=wording.strike_points,
        issued_at=decision.decided_at,
        expires_at=decision.decided_at + timedelta(days=wording.strike_days),
    )
    with refused_as(DecisionRefused):
        strike.save(force_insert=True)
    strike.refresh_from_db()
    strike_issued.send(sender=Strike, actor=actor, subject=strike, detail={"points": strike.points})
    for proposal in ActionProposal.objects.filter(triggered_by=decision):
        action_proposed.send(
            sender=ActionProposal,
            actor=actor,
            subject=proposal,
            detail={"action": proposal.action, "points": proposal.points},
        )
    return strike


def strike_revoke(*, reversed_decision: Decision, reversal: Decision, actor: User) -> None:
    """Revoke the strike of a reversed decision and withdraw what it made the ladder propose.

    For `audit.services.reversals`. Announces: `strike_revoked`, `proposal_withdrawn`.
    """
    for strike in Strike.objects.select_for_update().filter(decision=reversed_decision):
        strike.revoked_by, strike.revoked_at = reversal, reversal.decided_at
        with refused_as(DecisionRefused):
            strike.save(update_fields=["revoked_by", "revoked_at"])
        strike_revoked.send(sender=Strike, actor=actor, subject=strike)
    open_ones = ActionProposal.objects.select_for_update().filter(status=ProposalStatus.OPEN)
    for proposal in open_ones.filter(triggered_by=reversed_decision):
        _settle(proposal, ProposalStatus.WITHDRAWN, reversal)
        proposal_withdrawn.send(sender=ActionProposal, actor=actor, subject=proposal)


def proposal_to_accept(*, proposal_id: UUID, case: Case, planned: list[PlannedEffect]) -> ActionProposal:
    """Lock a proposal that a decision is about to accept. Raises: ProposalRefused, NotThere."""
    proposal = _open(proposal_id)
    if proposal.case_id != case.pk:
        raise ProposalRefused("This action was proposed on another case.")
    kind = ACTION_EFFECTS[StrikeAction(proposal.action)]
    if kind not in {item.effect.kind for item in planned}:
        raise ProposalRefused(
            f"The decision does not do what was proposed: {proposal.get_action_display().lower()}. "
            "Add that effect, or decide without accepting the proposal."
        )
    return proposal


def proposals_settle(*, case: Case, decision: Decision, accepted: ActionProposal | None, actor: User) -> None:
    """Accept one open proposal of a decided case and decline the others, which are settled by the decision too.

    For `audit.services.decisions`. Announces: `proposal_accepted`, `proposal_declined`.
    """
    waiting = ActionProposal.objects.select_for_update().filter(case=case, status=ProposalStatus.OPEN)
    for proposal in waiting.order_by("pk"):
        proposal.settled_by = actor
        if accepted is not None and proposal.pk == accepted.pk:
            proposal.decision = decision
            _settle(proposal, ProposalStatus.ACCEPTED, decision)
            proposal_accepted.send(sender=ActionProposal, actor=actor, subject=proposal)
        else:
            proposal.reason = f"Decided otherwise: {decision.reasons}"[:2000]
            _settle(proposal, ProposalStatus.DECLINED, decision)
            proposal_declined.send(
                sender=ActionProposal, actor=actor, subject=proposal, reason=proposal.reason
            )


@transaction.atomic
def proposal_decline(
    *, action_proposal_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ActionProposal:
    """Decide against what the ladder proposes; the strikes stay.

    Locks: the proposal. Raises: ProposalRefused (settled before, no reason), NotThere, StaleVersion. Announces:
    `proposal_declined`.
    """
    proposal = _open(action_proposal_id, expected_version=expected_version)
    if not reason.strip():
        raise ProposalRefused("Whoever declines a proposal says why.")
    proposal.settled_by, proposal.reason = actor, reason.strip()
    _settle(proposal, ProposalStatus.DECLINED, None)
    proposal_declined.send(sender=ActionProposal, actor=actor, subject=proposal, reason=reason)
    return proposal


def _open(proposal_id: UUID, *, expected_version: int | None = None) -> ActionProposal:
    """The proposal, locked, unless it is settled: policies let nobody change it then, and would not say so."""
    settled = ActionProposal.objects.filter(pk=proposal_id).exclude(status=ProposalStatus.OPEN).first()
    if settled is not None:
        raise ProposalRefused(f"This proposal is settled: {settled.get_status_display().lower()}.")
    return locked(ActionProposal, proposal_id, expected_version=expected_version)


def _settle(proposal: Any, status: ProposalStatus, decision: Decision | None) -> None:
    """Write the end of a proposal; the time is set by a trigger."""
    proposal.status = status
    proposal.settled_at = decision.decided_at if decision else proposal.created_at
    with refused_as(ProposalRefused):
        proposal.save(update_fields=["status", "decision", "settled_by", "settled_at", "reason"])
