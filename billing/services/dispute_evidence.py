"""Evidence in disputes: put together by staff, sent once, before its time is over."""

import json
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import (
    dispute_evidence_refused,
    dispute_evidence_submitted,
    dispute_evidence_written,
)
from billing.dispute_choices import DisputeStatus, EvidenceKind, SubmissionStatus
from billing.errors import EvidenceRefused
from billing.models import Dispute, DisputeEvidence, ProviderCall
from billing.provider_choices import CallSubject, ProviderOperation, ProviderOutcome
from billing.providers.port import ProviderAnswer
from billing.services.provider_calls import provider_call_request
from billing.services.wallets import as_worker
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as

SENT_BEFORE = (SubmissionStatus.SENT, SubmissionStatus.RECEIVED)


@transaction.atomic
def dispute_evidence_write(
    *,
    dispute_id: UUID,
    kind: EvidenceKind,
    words: str,
    actor: User,
    expected_version: int | None = None,
) -> DisputeEvidence:
    """Write a piece of evidence, or write it anew: one of each kind.

    Locks: the dispute. Raises: EvidenceRefused (submitted already, too late, decided, no words, one's own payment),
    NotThere, StaleVersion. Announces: `dispute_evidence_written`.
    """
    with as_worker(actor):
        dispute = locked(Dispute, dispute_id, expected_version=expected_version)
        _look(dispute, actor)
        with refused_as(EvidenceRefused):
            row, is_new = DisputeEvidence.objects.get_or_create(
                dispute=dispute, kind=kind, defaults={"words": words.strip(), "written_by": actor}
            )
            if not is_new:
                row.words, row.written_by = words.strip(), actor
                row.save(update_fields=["words", "written_by"])
        row.refresh_from_db(fields=["version", "updated_at"])
    dispute_evidence_written.send(
        sender=Dispute, actor=actor, subject=dispute, detail={"kind": str(kind), "signs": len(words)}
    )
    return row


@transaction.atomic
def dispute_evidence_submit(
    *, dispute_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> Dispute:
    """Send the evidence of a dispute to the provider, after this transaction. Once; again only if it was refused.

    Locks: the dispute. Raises: EvidenceRefused (sent before, too late, decided, none there, one's own payment),
    NotThere, StaleVersion. Announces: `dispute_evidence_submitted`.
    """
    with as_worker(actor):
        dispute = locked(Dispute, dispute_id, expected_version=expected_version)
        _look(dispute, actor)
        evidence = evidence_of(dispute.pk)
        if not evidence:
            raise EvidenceRefused("There is no evidence to submit. Write some first.")
        if dispute.provider_reference is None:
            raise EvidenceRefused("The provider has not told its name of the dispute. Answer there.")
        dispute.submission, dispute.submissions = SubmissionStatus.SENT, dispute.submissions + 1
        dispute.submitted_at, dispute.submitted_by = database_now(), actor
        dispute.evidence_sha256, dispute.failure_code = evidence_digest(evidence), ""
        with refused_as(EvidenceRefused):
            dispute.save(
                update_fields=[
                    "submission",
                    "submissions",
                    "submitted_at",
                    "submitted_by",
                    "evidence_sha256",
                    "failure_code",
                ]
            )
        dispute.refresh_from_db(fields=["version", "updated_at"])
        provider_call_request(
            operation=ProviderOperation.SUBMIT_EVIDENCE,
            provider_account_id=dispute.provider_account_id,
            subject_type=CallSubject.DISPUTE,
            subject_id=dispute.pk,
            idempotency_key=dispute.provider_key,
            reference=dispute.provider_reference,
            actor=actor,
        )
    dispute_evidence_submitted.send(
        sender=Dispute,
        actor=actor,
        subject=dispute,
        reason=reason,
        changed=("submission",),
        detail={"kinds": sorted(evidence), "sha256": bytes(dispute.evidence_sha256).hex()},
    )
    return dispute


def evidence_of(dispute_id: UUID) -> Mapping[str, str]:
    """The evidence of a dispute: words by kind. As the worker."""
    found = DisputeEvidence.objects.filter(dispute_id=dispute_id).order_by("kind")
    return dict(found.values_list("kind", "words"))


def evidence_digest(evidence: Mapping[str, str]) -> bytes:
    """SHA-256 of the evidence as JSON: kinds in order, no spaces, UTF-8."""
    text = json.dumps(dict(evidence), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).digest()


@transaction.atomic
def evidence_answered(*, call: ProviderCall, answer: ProviderAnswer) -> None:
    """The taker of answers about evidence, for `billing.providers.settlement`. An answer that is known changes nothing.

    Locks: the dispute. As the worker. Announces: `dispute_evidence_refused`.
    """
    dispute = locked(Dispute, call.subject_id)
    if dispute.submission != SubmissionStatus.SENT or call.idempotency_key != dispute.provider_key:
        return
    if answer.outcome == ProviderOutcome.SUCCEEDED:
        dispute.submission = SubmissionStatus.RECEIVED
    elif answer.outcome == ProviderOutcome.DECLINED:
        dispute.submission, dispute.failure_code = SubmissionStatus.REFUSED, answer.decline_code[:100]
    else:
        return
    dispute.save(update_fields=["submission", "failure_code"])
    if dispute.submission == SubmissionStatus.REFUSED:
        dispute_evidence_refused.send(
            sender=Dispute,
            actor=None,
            subject=dispute,
            changed=("submission",),
            detail={"code": dispute.failure_code},
        )


def _look(dispute: Dispute, actor: User) -> None:
    """The friendly words for what the database refuses too."""
    if dispute.user_id == actor.pk:
        raise EvidenceRefused("Nobody answers a dispute of their own payment. Ask a colleague.")
    if dispute.submission in SENT_BEFORE:
        raise EvidenceRefused("The evidence was submitted, and is submitted once.")
    if dispute.status != DisputeStatus.NEEDS_RESPONSE:
        raise EvidenceRefused(
            f"This dispute is {dispute.get_status_display().lower()}: no evidence is taken now."
        )
    if dispute.due_at is not None and dispute.due_at <= database_now():
        raise EvidenceRefused(f"The time for evidence was over on {dispute.due_at:%Y-%m-%d %H:%M} UTC.")
