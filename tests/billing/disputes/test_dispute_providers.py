"""Disputes at providers: Stripe's words in ours, and every course of the simulator, through the inbox and the jobs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.dispute_choices import DisputeReason, DisputeStage, DisputeStatus, EvidenceKind, SubmissionStatus
from billing.models import Dispute, DisputeMovement, Payment, ProviderEvent, ReconciliationException
from billing.provider_choices import FactKind, ProviderOperation, ProviderOutcome
from billing.providers.port import EvidenceCall, MovementFact, Unreadable
from billing.providers.stripe import Stripe
from billing.services.dispute_evidence import dispute_evidence_submit
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.billing.disputes_data import assert_disputes_prove, evidence
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import PRICE, fulfilments
from tests.billing.providers.house import SECRETS
from tests.billing.providers.test_from_order_to_ledger import bought, calls, kinds, lived_through, messages
from tests.billing.providers.test_stripe_calls import Wire, error
from tests.billing.providers.test_stripe_mapping import PLACES, event, read, resource

D, S = DisputeStatus, SubmissionStatus
FEE = 1500


def transaction(amount: int, fee: int, name: str = "txn_1", **changed: Any) -> dict[str, Any]:
    """A balance transaction as Stripe publishes it."""
    return resource("balance_transaction", id=name, amount=amount, fee=fee, net=amount - fee, **changed)


def dispute(status: str, **changed: Any) -> dict[str, Any]:
    return resource("dispute", **{"payment_intent": "pi_1", "status": status, **changed})


class TestStripe:
    def test_what_is_published_is_read_whole(self) -> None:
        fact = read(event("charge.dispute.created", dispute("warning_needs_response")))
        assert (fact.kind, fact.reference, fact.refund_reference) == (
            FactKind.DISPUTE_OPENED,
            "pi_1",
            "dp_1Pgc71B7WZ01zgkWMevJiAUx",
        )
        told = fact.dispute
        assert told is not None
        assert (told.stage, told.status, told.reason, told.reason_code) == (
            DisputeStage.INQUIRY,
            D.NEEDS_RESPONSE,
            DisputeReason.OTHER,
            "10.4",
        )
        assert (told.due_at, told.movements) == (datetime.fromtimestamp(1723679999, UTC), ())

    @pytest.mark.parametrize(
        ("status", "stage", "ours"),
        [
            ("warning_under_review", "inquiry", D.UNDER_REVIEW),
            ("warning_closed", "inquiry", D.CLOSED),
            ("needs_response", "chargeback", D.NEEDS_RESPONSE),
            ("under_review", "chargeback", D.UNDER_REVIEW),
            ("prevented", "chargeback", D.CLOSED),
            ("won", "chargeback", D.WON),
            ("lost", "chargeback", D.LOST),
        ],
    )
    def test_every_state(self, status: str, stage: str, ours: DisputeStatus) -> None:
        told = read(event("charge.dispute.updated", dispute(status))).dispute
        assert told is not None
        assert (told.stage, told.status) == (stage, ours)

    def test_movements_are_its_balance_transactions(self) -> None:
        listed = [transaction(-1000, FEE), transaction(1000, -FEE, "txn_2")]
        fact = read(
            event(
                "charge.dispute.funds_reinstated",
                dispute("won", reason="fraudulent", balance_transactions=listed),
            )
        )
        assert fact.kind == FactKind.DISPUTE_MOVED
        assert fact.dispute is not None
        assert fact.dispute.reason == DisputeReason.FRAUD
        at = datetime.fromtimestamp(1_234_567_890, UTC)
        assert fact.dispute.movements == (
            MovementFact("txn_1", -1000, "USD", at, FEE),
            MovementFact("txn_2", 1000, "USD", at, -FEE),
        )

    def test_yen_and_dinar_are_translated(self) -> None:
        listed = [transaction(-1000, 15, currency="jpy"), transaction(-10, 0, "b", currency="kwd")]
        told = read(event("charge.dispute.created", dispute("lost", balance_transactions=listed))).dispute
        assert told is not None
        assert [one.amount for one in told.movements] == [-1000, -10]

    @pytest.mark.parametrize(
        "changed",
        [
            {"status": "no_such_state"},
            {"balance_transactions": "txn_1"},
            {"balance_transactions": [{"object": "charge"}]},
            {"balance_transactions": [transaction(-1, 0, currency="xxx")]},
            {"balance_transactions": [transaction(-1, 0, created="soon")]},
            {"balance_transactions": [{**transaction(-1, 0), "amount": 1.5}]},
            {"evidence_details": {"due_by": 10**30}},
        ],
    )
    def test_what_cannot_be_is_unreadable(self, changed: dict[str, Any]) -> None:
        with pytest.raises(Unreadable):
            read(event("charge.dispute.created", dispute("needs_response") | changed))

    @pytest.fixture
    def wire(self, monkeypatch: pytest.MonkeyPatch) -> Wire:
        for name, value in SECRETS.items():
            monkeypatch.setenv(f"PROVIDER_SECRET_{name.upper()}", value)
        return Wire()

    @pytest.fixture
    def stripe(self, wire: Wire) -> Stripe:
        return Stripe("stripe_eu", ("stripe_eu_new",), "stripe_eu_calls", PLACES.get, wire)

    def test_evidence_is_submitted_by_its_fields(self, stripe: Stripe, wire: Wire) -> None:
        wire.says(dispute("under_review", evidence_details={"submission_count": 1}))
        call = EvidenceCall(
            "evidence-0001",
            "dp_1",
            {EvidenceKind.ACCESS_LOG: "Played.", EvidenceKind.RECEIPT: "Sent.", EvidenceKind.OTHER: "More."},
        )
        answer = stripe.submit_evidence(call)
        assert (answer.outcome, answer.reference) == (
            ProviderOutcome.SUCCEEDED,
            "dp_1Pgc71B7WZ01zgkWMevJiAUx",
        )
        assert wire.asked == {
            "evidence[access_activity_log]": ["Played."],
            "evidence[uncategorized_text]": ["Anything else: More.\n\nThe receipt: Sent."],
            "submit": ["true"],
        }
        assert wire.calls[-1].url.endswith("/v1/disputes/dp_1")
        assert wire.calls[-1].headers["Idempotency-Key"] == "evidence-0001"
        assert "Played" not in json.dumps(dict(answer.raw))
        assert "Played" not in repr(call)

    def test_refused_lost_and_looked_up(self, stripe: Stripe, wire: Wire) -> None:
        call = EvidenceCall("evidence-0001", "dp_1", {EvidenceKind.OTHER: "More."})
        assert stripe.submit_evidence(call).outcome is ProviderOutcome.UNKNOWN
        wire.says(error("dispute_already_closed"), 400)
        refused = stripe.submit_evidence(call)
        assert (refused.outcome, refused.decline_code) == (ProviderOutcome.DECLINED, "dispute_already_closed")
        for count, outcome in ((0, ProviderOutcome.NOT_FOUND), (1, ProviderOutcome.SUCCEEDED)):
            wire.says(dispute("needs_response", evidence_details={"submission_count": count}))
            found = stripe.look_up(
                "evidence-0001", operation=ProviderOperation.SUBMIT_EVIDENCE, reference="dp_1"
            )
            assert found.outcome is outcome
        wire.says(dispute("needs_response", evidence_details=None))
        assert stripe.submit_evidence(call).outcome is ProviderOutcome.UNKNOWN


@pytest.mark.django_db(transaction=True)
class TestSimulator:
    @pytest.fixture(autouse=True)
    def _fulfilled(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        for name, value in SECRETS.items():
            monkeypatch.setenv(f"PROVIDER_SECRET_{name.upper()}", value)
        with fulfilments():
            yield

    @pytest.mark.parametrize(
        ("token", "before", "after", "charged_back", "differs"),
        [
            ("sim_dispute_won", D.NEEDS_RESPONSE, D.WON, 0, set()),
            ("sim_dispute_lost", D.NEEDS_RESPONSE, D.LOST, PRICE, set()),
            ("sim_dispute_partly", D.NEEDS_RESPONSE, D.PARTLY, PRICE - PRICE * 6 // 10, set()),
            ("sim_dispute_inquiry", D.NEEDS_RESPONSE, D.CLOSED, 0, set()),
            ("sim_dispute_too_much", D.NEEDS_RESPONSE, D.LOST, PRICE + 100, {"dispute"}),
        ],
    )
    def test_every_course_with_evidence(
        self, token: str, before: str, after: str, charged_back: int, differs: set[str]
    ) -> None:
        payment = lived_through(bought(token))
        found = Dispute.objects.get()
        assert found.status == before
        clerk = staff(Role.FINANCE)
        evidence(found, clerk)
        with acting(Role.FINANCE, user_id=clerk.pk):
            dispute_evidence_submit(dispute_id=found.pk, actor=clerk, reason="all is written")
        calls()
        messages()
        messages()
        found.refresh_from_db()
        assert (found.submission, found.status, found.charged_back) == (S.RECEIVED, after, charged_back)
        payment = Payment.objects.get(pk=payment.pk)
        assert payment.reversed == min(charged_back, PRICE)
        assert kinds() == differs
        assert not ProviderEvent.objects.exclude(status__in=("processed", "ignored")).exists()
        assert_disputes_prove()
        assert_books_prove()

    @pytest.mark.parametrize("token", ["sim_dispute_ignored", "sim_dispute_reordered"])
    def test_lost_without_an_answer_in_whatever_order(self, token: str) -> None:
        lived_through(bought(token))
        found = Dispute.objects.get()
        assert (found.status, found.charged_back, found.fees) == (D.LOST, PRICE, FEE)
        assert DisputeMovement.objects.count() == 2
        assert not ReconciliationException.objects.unresolved().exists()
        assert_disputes_prove()
        assert_books_prove()

    def test_evidence_that_is_refused_can_be_sent_again(self) -> None:
        lived_through(bought("sim_dispute_refuses"))
        found, clerk = Dispute.objects.get(), staff(Role.FINANCE)
        evidence(found, clerk)
        for number in (1, 2):
            with acting(Role.FINANCE, user_id=clerk.pk):
                dispute_evidence_submit(dispute_id=found.pk, actor=clerk, reason="all is written")
            calls()
            found.refresh_from_db()
            assert (found.submission, found.submissions) == (S.REFUSED, number)
            assert found.failure_code == "evidence_too_large"
