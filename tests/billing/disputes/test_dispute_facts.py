"""Disputes as providers report them: what is taken down, booked, taken back and put before somebody."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from billing import chart
from billing.dispute_choices import DisputeReason, DisputeStage, DisputeStatus, RiskCause
from billing.dispute_selectors import Difference, disputed_differences
from billing.errors import DisputeRefused, RefundRefused
from billing.models import Dispute, DisputeMovement, Order, Payment, ReconciliationException, RiskReview
from billing.payment_choices import OrderStatus
from billing.provider_choices import ExceptionKind, FactKind
from tests.billing.disputes_data import (
    FEE,
    LOST,
    PARTLY,
    REVIEWED,
    WAITS,
    WON,
    assert_disputes_prove,
    disputed,
    movement,
    opened,
    withdrawn,
)
from tests.billing.ledger import assert_books_prove, entry, post
from tests.billing.ledger import opened as accounts_of
from tests.billing.paying import (
    PRICE,
    at,
    balance,
    fulfilments,
    ordered,
    paid,
    refund,
    refunder,
    sent,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def settle_deferred() -> None:
    """Let the triggers speak that wait for the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def assert_whole(*payments: Payment) -> None:
    """The books are even, disputes are what their account says, cash is what payments and movements say."""
    settle_deferred()
    assert_books_prove()
    assert_disputes_prove()
    found = [Payment.objects.get(pk=payment.pk) for payment in payments]
    moved = sum(
        DisputeMovement.objects.filter(kind__in=("withdrawn", "reinstated")).values_list("net", flat=True)
    )
    cash = sum(payment.captured_settled - payment.refunded_settled for payment in found)
    assert balance("cash:simulator:EUR") == -cash - moved
    assert balance("suspense:simulator:EUR") == sum(payment.suspended for payment in found)


def exceptions(kind: ExceptionKind = ExceptionKind.DISPUTE) -> int:
    return ReconciliationException.objects.unresolved().filter(kind=kind).count()


class TestOpened:
    def test_money_is_withdrawn_and_nothing_taken_back_yet(self) -> None:
        payment = paid()
        dispute = opened(payment, due=at(99), reason=DisputeReason.FRAUD)
        assert (dispute.status, dispute.amount, dispute.withdrawn, dispute.fees) == (WAITS, PRICE, PRICE, FEE)
        assert (dispute.due_at, dispute.reason_code, dispute.opened_at) == (at(99), "13.1", at(10))
        assert balance("cash:simulator:EUR") == FEE
        assert balance("disputed:simulator:EUR") == -PRICE
        assert balance("dispute_fees:EUR") == -FEE
        payment.refresh_from_db()
        assert (payment.disputed, payment.charged_back, payment.reversed) == (PRICE, 0, 0)
        assert Order.objects.get().status == OrderStatus.PAID
        assert exceptions() == 0
        assert_whole(payment)

    def test_the_same_message_again_changes_nothing(self) -> None:
        payment = paid()
        first = opened(payment)
        due = first.due_at
        again = disputed(payment, WAITS, 10, withdrawn(), due=due)
        assert (again.version, DisputeMovement.objects.count()) == (first.version + 1, 1)
        assert again.events.count() == 1
        assert_whole(payment)

    def test_an_inquiry_moves_nothing_and_becomes_a_chargeback(self) -> None:
        payment = paid()
        dispute = disputed(payment, WAITS, 10, stage=DisputeStage.INQUIRY)
        assert (dispute.stage, dispute.withdrawn) == (DisputeStage.INQUIRY, 0)
        closed = disputed(payment, DisputeStatus.CLOSED, 20, stage=DisputeStage.INQUIRY)
        assert (closed.status, closed.decided_at) == (DisputeStatus.CLOSED, at(20))
        again = disputed(payment, WAITS, 30, withdrawn())
        assert (again.pk, again.stage, again.decided_at) == (dispute.pk, DisputeStage.CHARGEBACK, None)
        assert [event.to_status for event in again.events.order_by("pk")] == [WAITS, "closed", WAITS]
        assert_whole(payment)

    def test_without_a_name_there_is_one_dispute(self) -> None:
        payment = told(paid(), FactKind.DISPUTE_OPENED, 5, amount=PRICE)
        told(payment, FactKind.DISPUTE_CLOSED, 9, amount=PRICE)
        dispute = Dispute.objects.get()
        assert (dispute.provider_reference, dispute.status) == (None, DisputeStatus.CLOSED)

    def test_more_than_was_paid_is_recorded_and_raised(self) -> None:
        payment = paid()
        dispute = disputed(payment, WAITS, 10, withdrawn(PRICE + 100), amount=PRICE + 100)
        assert (dispute.amount, dispute.withdrawn) == (PRICE + 100, PRICE + 100)
        found = ReconciliationException.objects.get(kind=ExceptionKind.DISPUTE)
        assert (found.subject_id, found.expected_amount, found.reported_amount) == (
            payment.pk,
            PRICE,
            PRICE + 100,
        )
        assert RiskReview.objects.get().cause == RiskCause.ABOVE_PAID
        disputed(payment, LOST, 20, amount=PRICE + 100)
        payment.refresh_from_db()
        assert (payment.charged_back, payment.reversed, payment.suspended) == (PRICE + 100, PRICE, -100)
        assert_whole(payment)

    def test_before_the_money_came_it_fits_once_it_has_come(self) -> None:
        attempt = sent(ordered())
        payment = attempt.payment
        told(payment, FactKind.PAYMENT_PENDING, 1, reference="pay_1", idempotency_key=str(attempt.pk))
        payment.refresh_from_db()
        disputed(payment, WAITS, 10, withdrawn())
        assert exceptions() == 1
        told(payment, FactKind.PAYMENT_CAPTURED, 2, amount=PRICE, total=PRICE)
        assert exceptions() == 0
        assert_whole(payment)

    @pytest.mark.parametrize("wrong", [{"amount": 10**15 + 1}, {"currency": "QQQ"}])
    def test_what_nobody_can_mean_is_refused(self, wrong: dict[str, object]) -> None:
        payment = paid()
        with pytest.raises(DisputeRefused):
            disputed(payment, WAITS, 10, **wrong)  # type: ignore[arg-type]
        assert not Dispute.objects.exists()

    def test_another_currency_is_booked_apart_and_raised(self) -> None:
        payment = paid()
        dispute = disputed(payment, LOST, 10, withdrawn(currency="USD"), currency="USD")
        assert (dispute.currency_id, dispute.withdrawn, dispute.charged_back) == ("USD", PRICE, 0)
        assert balance("disputed:simulator:USD") == -PRICE
        payment.refresh_from_db()
        assert (payment.charged_back, payment.reversed) == (0, 0)
        assert exceptions(ExceptionKind.CURRENCY_DIFFERS) == 1
        assert_disputes_prove(currency="USD")
        assert_books_prove()


class TestDecided:
    def test_won_gives_back_the_exact_movements(self) -> None:
        payment = paid()
        before = {code: balance(code) for code in ("cash:simulator:EUR", "deferred_revenue:EUR")}
        opened(payment)
        dispute = disputed(payment, WON, 20)
        assert (dispute.status, dispute.withdrawn) == (WON, PRICE)
        assert exceptions() == 1
        dispute = disputed(payment, WON, 20, movement(PRICE, -FEE, seconds=30))
        assert (dispute.withdrawn, dispute.fees, dispute.decided_at) == (0, 0, at(20))
        assert exceptions() == 0
        assert {code: balance(code) for code in before} == before
        assert balance("disputed:simulator:EUR") == balance("dispute_fees:EUR") == 0
        assert_whole(payment)

    def test_lost_takes_back_what_was_paid_for_and_the_fee_is_ours(self) -> None:
        payment = paid()
        opened(payment)
        dispute = disputed(payment, LOST, 20)
        payment.refresh_from_db()
        assert (dispute.charged_back, payment.charged_back, payment.reversed) == (PRICE, PRICE, PRICE)
        assert (payment.disputed, payment.suspended, payment.refundable) == (0, 0, 0)
        assert Order.objects.get().status == OrderStatus.REFUNDED
        kinds = list(DisputeMovement.objects.order_by("pk").values_list("kind", "amount"))
        assert sorted(kinds) == sorted([("withdrawn", -PRICE), ("taken_back", PRICE)])
        assert balance("disputed:simulator:EUR") == balance("deferred_revenue:EUR") == 0
        assert balance("tax_payable:DE:EUR") == 0
        assert balance("dispute_fees:EUR") == -FEE
        assert balance("cash:simulator:EUR") == FEE
        assert_whole(payment)

    def test_partly_lost(self) -> None:
        payment = paid()
        opened(payment)
        dispute = disputed(payment, PARTLY, 20, movement(1799, seconds=20), lost=1200)
        payment.refresh_from_db()
        assert (dispute.withdrawn, dispute.charged_back, payment.reversed) == (1200, 1200, 1200)
        assert Order.objects.get().status == OrderStatus.PARTLY_REFUNDED
        assert balance("disputed:simulator:EUR") == 0
        assert payment.refundable == PRICE - 1200
        assert_whole(payment)

    def test_lost_in_part_is_raised_until_what_stays_withdrawn_is_that_part(self) -> None:
        payment = paid()
        opened(payment)
        dispute = disputed(payment, PARTLY, 20, lost=1200)
        assert (dispute.withdrawn, dispute.charged_back) == (PRICE, 1200)
        found = ReconciliationException.objects.get(kind=ExceptionKind.DISPUTE)
        assert (found.expected_amount, found.reported_amount) == (1200, PRICE)
        assert "lost in part" in found.words
        disputed(payment, PARTLY, 20, movement(PRICE - 1200, seconds=30), lost=1200)
        assert exceptions() == 0
        assert balance("disputed:simulator:EUR") == 0
        assert_whole(payment)

    @pytest.mark.parametrize("lost", [1200, None])
    def test_lost_in_part_with_no_money_told_is_raised(self, lost: int | None) -> None:
        payment = paid()
        disputed(payment, PARTLY, 20, lost=lost)
        assert exceptions(ExceptionKind.DISPUTE) == 1

    def test_won_and_more_came_back_than_was_taken_is_raised(self) -> None:
        payment = paid()
        opened(payment)
        disputed(payment, WON, 20, movement(PRICE + 5, seconds=30))
        found = ReconciliationException.objects.get(kind=ExceptionKind.DISPUTE)
        assert (found.expected_amount, found.reported_amount) == (0, -5)

    def test_lost_before_anything_else_is_told(self) -> None:
        payment = paid()
        dispute = disputed(payment, LOST, 20)
        assert (dispute.charged_back, exceptions()) == (0, 1)
        dispute = disputed(payment, WAITS, 10, withdrawn())
        payment.refresh_from_db()
        assert (dispute.status, dispute.charged_back, payment.reversed) == (LOST, PRICE, PRICE)
        assert (exceptions(), dispute.opened_at) == (0, at(10))
        assert_whole(payment)

    def test_won_in_the_end_stands_in_suspense(self) -> None:
        payment = paid()
        opened(payment)
        disputed(payment, LOST, 20)
        dispute = disputed(payment, WON, 30, movement(PRICE, seconds=30))
        payment.refresh_from_db()
        assert (dispute.status, dispute.charged_back) == (WON, 0)
        assert (payment.reversed, payment.charged_back, payment.suspended) == (PRICE, 0, PRICE)
        assert exceptions(ExceptionKind.CONTRADICTS) == 1
        assert set(DisputeMovement.objects.values_list("kind", "amount")) == {
            ("withdrawn", -PRICE),
            ("taken_back", PRICE),
            ("given_back", -PRICE),
            ("reinstated", PRICE),
        }
        assert_whole(payment)

    def test_refunded_before_and_lost_as_well(self) -> None:
        payment = paid()
        told(payment, FactKind.REFUND_SETTLED, 5, amount=PRICE, refund_reference="re_1")
        opened(payment)
        disputed(payment, LOST, 20)
        payment.refresh_from_db()
        assert (payment.reversed, payment.suspended) == (PRICE, -PRICE)
        assert exceptions() == 1
        assert_whole(payment)

    def test_two_disputes_of_one_payment(self) -> None:
        payment = paid()
        disputed(payment, WAITS, 10, withdrawn(1000, name="a"), amount=1000, name="dp_a")
        disputed(payment, WAITS, 11, withdrawn(500, name="b"), amount=500, name="dp_b")
        payment.refresh_from_db()
        assert (payment.disputed, payment.refundable) == (1500, PRICE - 1500)
        disputed(payment, LOST, 20, amount=1000, name="dp_a")
        disputed(payment, WON, 21, movement(500, seconds=21), amount=500, name="dp_b")
        payment.refresh_from_db()
        assert (payment.disputed, payment.charged_back, payment.reversed) == (0, 1000, 1000)
        assert RiskReview.objects.get().cause == RiskCause.SEVERAL_DISPUTES
        assert_whole(payment)

    def test_an_older_fact_moves_nothing_back(self) -> None:
        payment = paid()
        opened(payment)
        disputed(payment, REVIEWED, 15)
        disputed(payment, LOST, 20)
        dispute = disputed(payment, REVIEWED, 15)
        assert (dispute.status, dispute.provider_time) == (LOST, at(20))

    def test_a_movement_told_otherwise_is_raised(self) -> None:
        payment = paid()
        disputed(payment, WAITS, 10, withdrawn(name="txn"))
        disputed(payment, WAITS, 11, withdrawn(PRICE - 1, name="txn"))
        found = ReconciliationException.objects.get(kind=ExceptionKind.CONTRADICTS)
        assert (found.expected_amount, found.reported_amount) == (-PRICE, 1 - PRICE)
        assert DisputeMovement.objects.count() == 1


class TestRefundsMeanwhile:
    def test_what_is_disputed_is_not_refunded_as_well(self) -> None:
        payment = paid()
        disputed(payment, WAITS, 10, withdrawn(1000), amount=1000)
        with pytest.raises(RefundRefused):
            refund(payment, PRICE - 999, refunder())
        assert refund(payment, PRICE - 1000, refunder()).amount == PRICE - 1000

    def test_reviews_are_opened_once_for_each_dispute(self) -> None:
        payment = paid()
        opened(payment, reason=DisputeReason.FRAUD)
        disputed(payment, REVIEWED, 12, reason=DisputeReason.FRAUD)
        assert RiskReview.objects.get().cause == RiskCause.FRAUD_REPORTED

    def test_a_deadline_is_kept_from_the_latest_fact(self) -> None:
        payment = paid()
        late = timezone.now() + timedelta(days=20)
        opened(payment)
        assert disputed(payment, WAITS, 30, due=late).due_at == late
        assert disputed(payment, WAITS, 20, due=at(5)).due_at == late


class TestProof:
    def test_a_posting_without_a_movement_is_found(self) -> None:
        payment = paid()
        disputed(payment, WON, 10, withdrawn())
        assert disputed_differences() == []
        astray, cash = accounts_of(chart.disputed("simulator", "EUR"), chart.cash("simulator", "EUR"))
        post(entry((astray, -7, "EUR"), (cash, 7, "EUR")))
        assert disputed_differences() == [Difference("disputed:simulator:EUR", -PRICE, -PRICE - 7)]

    def test_a_movement_that_is_posted_otherwise_is_refused(self) -> None:
        dispute = opened()
        (movement_row,) = DisputeMovement.objects.all()
        with pytest.raises(IntegrityError, match="are posted as"), transaction.atomic():
            DisputeMovement.objects.create(
                dispute=dispute,
                provider_account=dispute.provider_account,
                kind="taken_back",
                amount=5,
                currency_id="EUR",
                moved_at=at(30),
                entry_id=movement_row.entry_id,
            )
            settle_deferred()
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            DisputeMovement.objects.update(amount=-1)
