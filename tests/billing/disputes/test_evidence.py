"""Evidence: written while there is time, sent once, and what the provider makes of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from billing.dispute_choices import EvidenceKind, SubmissionStatus
from billing.errors import EvidenceRefused
from billing.models import Dispute, DisputeEvidence, ProviderCall
from billing.provider_choices import ProviderOperation, ProviderOutcome
from billing.providers.port import ProviderAnswer
from billing.services.dispute_evidence import (
    dispute_evidence_submit,
    dispute_evidence_write,
    evidence_answered,
    evidence_digest,
)
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.errors import StaleVersion
from tests.accounts.factories import staff
from tests.billing.disputes_data import LOST, REVIEWED, disputed, evidence, opened
from tests.billing.paying import fulfilments, paid

pytestmark = pytest.mark.django_db

REFUSED = (IntegrityError, ProgrammingError)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def submit(dispute: Dispute, actor: Any, **said: Any) -> Dispute:
    with acting(Role.FINANCE, user_id=actor.pk):
        return dispute_evidence_submit(dispute_id=dispute.pk, actor=actor, reason="all is written", **said)


def answered(dispute: Dispute, outcome: ProviderOutcome, **said: Any) -> Dispute:
    with acting(Role.WORKER):
        call = ProviderCall.objects.filter(subject_id=dispute.pk).order_by("-pk")[0]
        evidence_answered(call=call, answer=ProviderAnswer(outcome, **said))
        return Dispute.objects.get(pk=dispute.pk)


def attack(sql: str, *values: Any, role: Role = Role.WORKER, user_id: Any = None) -> int:
    with acting(role, user_id=user_id), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def refused(message: str, sql: str, *values: Any, **context: Any) -> None:
    with pytest.raises(REFUSED, match=message), transaction.atomic():
        attack(sql, *values, **context)


def late(dispute: Dispute) -> Dispute:
    """Let the time for evidence be over."""
    attack("UPDATE billing_dispute SET due_at = now() - interval '1 minute' WHERE id = %s", dispute.pk)
    return Dispute.objects.get(pk=dispute.pk)


def test_evidence_is_written_anew_and_sent_once() -> None:
    clerk, dispute = staff(Role.FINANCE), opened()
    evidence(dispute, clerk)
    evidence(dispute, clerk, words="The receipt, and when it was read.")
    evidence(dispute, clerk, EvidenceKind.ACCESS_LOG, "Played on 2026-11-02 at 20:11 UTC.")
    sent = submit(dispute, clerk)
    assert (sent.submission, sent.submissions, sent.submitted_by) == (SubmissionStatus.SENT, 1, clerk)
    assert bytes(sent.evidence_sha256) == evidence_digest(
        {"access_log": "Played on 2026-11-02 at 20:11 UTC.", "receipt": "The receipt, and when it was read."}
    )
    call = ProviderCall.objects.get(subject_id=dispute.pk)
    assert (call.operation, call.reference, call.amount) == (ProviderOperation.SUBMIT_EVIDENCE, "dp_1", None)
    with pytest.raises(EvidenceRefused, match="submitted once"):
        submit(dispute, clerk)
    with pytest.raises(EvidenceRefused, match="submitted once"):
        evidence(dispute, clerk)
    received = answered(dispute, ProviderOutcome.SUCCEEDED)
    assert received.submission == SubmissionStatus.RECEIVED
    assert answered(dispute, ProviderOutcome.DECLINED).submission == SubmissionStatus.RECEIVED
    assert dispute.events.order_by("-pk").first().submission == SubmissionStatus.RECEIVED  # type: ignore[union-attr]


def test_what_the_provider_refused_is_sent_again_under_another_key() -> None:
    clerk, dispute = staff(Role.FINANCE), opened()
    evidence(dispute, clerk)
    first = submit(dispute, clerk).provider_key
    assert answered(dispute, ProviderOutcome.UNKNOWN).submission == SubmissionStatus.SENT
    found = answered(dispute, ProviderOutcome.DECLINED, decline_code="too_large")
    assert (found.submission, found.failure_code) == (SubmissionStatus.REFUSED, "too_large")
    evidence(dispute, clerk, words="Shorter.")
    again = submit(dispute, clerk)
    assert (again.submissions, again.failure_code) == (2, "")
    assert again.provider_key != first


def test_too_late_decided_or_under_review() -> None:
    clerk = staff(Role.FINANCE)
    dispute = opened()
    evidence(dispute, clerk)
    with pytest.raises(EvidenceRefused, match="The time for evidence was over"):
        submit(late(dispute), clerk)
    refused(
        "too late",
        "UPDATE billing_dispute SET submission = 'sent', submissions = 1, submitted_at = now(), "
        "submitted_by_id = %s, evidence_sha256 = sha256('') WHERE id = %s",
        clerk.pk,
        dispute.pk,
        user_id=clerk.pk,
    )
    refused("too late", "UPDATE billing_disputeevidence SET words = 'Other words.'")
    other = disputed(paid(), REVIEWED, 10, name="dp_2")
    with pytest.raises(EvidenceRefused, match="under review"):
        evidence(other, clerk)
    lost = disputed(paid(), LOST, 10, name="dp_3", due=timezone.now() + timedelta(days=1))
    with pytest.raises(EvidenceRefused, match="is lost"):
        evidence(lost, clerk)
    refused(
        "too late",
        "INSERT INTO billing_disputeevidence (dispute_id, kind, words, written_by_id) VALUES (%s, 'other', 'abc', %s)",
        lost.pk,
        clerk.pk,
    )


def test_nothing_short_stale_nameless_or_ones_own() -> None:
    clerk, dispute = staff(Role.FINANCE), opened()
    with pytest.raises(EvidenceRefused, match="no evidence"):
        submit(dispute, clerk)
    with pytest.raises(EvidenceRefused, match="3 to 20000"):
        evidence(dispute, clerk, words="x")
    evidence(dispute, clerk)
    with pytest.raises(StaleVersion):
        submit(dispute, clerk, expected_version=dispute.version + 5)
    nameless = disputed(paid(), name="")
    evidence(nameless, clerk)
    with pytest.raises(EvidenceRefused, match="not told its name"):
        submit(nameless, clerk)
    with pytest.raises(EvidenceRefused, match="of their own payment"):
        dispute_evidence_write(
            dispute_id=dispute.pk, kind=EvidenceKind.OTHER, words="It was me.", actor=dispute.user
        )


def test_the_database_sends_for_nobody_else_and_nothing_twice() -> None:
    clerk, dispute = staff(Role.FINANCE), opened()
    sql = (
        "UPDATE billing_dispute SET submission = 'sent', submissions = submissions + 1, submitted_at = now(), "
        "submitted_by_id = %s, evidence_sha256 = sha256('') WHERE id = %s"
    )
    refused("no evidence", sql, clerk.pk, dispute.pk, user_id=clerk.pk)
    evidence(dispute, clerk)
    refused("whoever acts", sql, clerk.pk, dispute.pk, user_id=staff(Role.FINANCE).pk)
    refused("whoever acts", sql, clerk.pk, dispute.pk)
    submit(dispute, clerk)
    for change in ("submitted_at = now()", "evidence_sha256 = sha256('other')"):
        refused("stays as it was", f"UPDATE billing_dispute SET {change} WHERE id = %s", dispute.pk)
    refused("cannot move", "UPDATE billing_dispute SET submission = 'draft' WHERE id = %s", dispute.pk)
    refused("stays as it was", "UPDATE billing_disputeevidence SET words = 'Other words.'")
    refused("permission denied", "DELETE FROM billing_disputeevidence")
    with acting(Role.WORKER):
        assert DisputeEvidence.objects.get().words == "The receipt was sent by e-mail."


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_who_may_write_what(role: Role) -> None:
    dispute = opened()
    tables = ("dispute", "disputeevent", "disputemovement", "disputeevidence", "earninghold", "riskreview")
    for table in tables:
        if role != Role.WORKER:
            refused("permission denied", f"UPDATE billing_{table} SET id = id", role=role)
            refused("permission denied", f"INSERT INTO billing_{table} DEFAULT VALUES", role=role)
        refused("permission denied", f"DELETE FROM billing_{table}", role=role)
    for table in ("dispute", "disputeevent", "disputemovement"):
        if role in (
            Role.VIEWER,
            Role.PERFORMER,
            Role.SUPPORT,
            Role.MODERATOR,
            Role.LEAD_MODERATOR,
            Role.ANALYST,
        ):
            refused("permission denied", f"SELECT FROM billing_{table}", role=role, user_id=dispute.user_id)
