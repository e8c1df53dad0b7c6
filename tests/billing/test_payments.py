"""Payments through their services: attempts, answers, captures, voids, and what they post."""

from collections.abc import Iterator
from typing import Any

import pytest

from billing.errors import KeyReused, MoneyRefused, PaymentRefused
from billing.models import (
    Order,
    Payment,
    PaymentAttempt,
    PaymentEvent,
    PaymentMethod,
    ProviderCall,
    ReconciliationException,
)
from billing.payment_choices import AttemptStatus, CaptureMode, OrderStatus, PaymentStatus
from billing.provider_choices import ExceptionKind, FactKind, ProviderOutcome
from billing.services.payments import (
    payment_attempt_send,
    payment_capture,
    payment_intent_create,
    payment_void,
)
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory
from tests.billing.paying import (
    NET,
    PRICE,
    TAX,
    answer,
    assert_settled,
    authorised,
    balance,
    fulfilments,
    ordered,
    paid,
    sent,
    settled,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def again(payment: Payment) -> Payment:
    return Payment.objects.get(pk=payment.pk)


class TestPurchase:
    def test_a_captured_payment_pays_for_its_order_with_one_entry(self) -> None:
        payment = paid()
        order = Order.objects.get(pk=payment.order_id)
        assert (payment.status, order.status) == (PaymentStatus.CAPTURED, OrderStatus.PAID)
        assert (payment.authorised, payment.captured, payment.fulfilled, payment.suspended) == (
            PRICE,
            PRICE,
            PRICE,
            0,
        )
        assert balance("cash:simulator:EUR") == -PRICE
        assert balance("tax_payable:DE:EUR") == TAX
        assert balance("deferred_revenue:EUR") == NET
        assert balance(f"wallet:{payment.user_id}") == NET
        assert_settled(payment)

    def test_every_move_is_on_record(self) -> None:
        payment = authorised()
        with acting(Role.WORKER):
            payment_capture(payment_id=payment.pk, actor=None, reason="shipped")
        settled(PaymentAttempt.objects.get(payment=payment, kind="capture"))
        moves = (
            PaymentEvent.objects.filter(payment=payment)
            .order_by("pk")
            .values_list("from_status", "to_status")
        )
        assert list(moves) == [(None, "pending"), ("pending", "authorised"), ("authorised", "captured")]

    def test_the_provider_is_called_by_a_job_with_the_key_of_the_attempt(self) -> None:
        attempt = sent()
        call = ProviderCall.objects.get(subject_id=attempt.pk)
        assert (call.idempotency_key, call.amount, call.currency_id) == (str(attempt.pk), PRICE, "EUR")
        assert attempt.status == AttemptStatus.SENT
        assert attempt.payment.status == PaymentStatus.PENDING

    def test_sending_again_while_one_is_under_way_gives_that_one(self) -> None:
        attempt = sent()
        assert payment_attempt_send(payment_intent_id=attempt.intent_id, actor=None).pk == attempt.pk

    def test_a_declined_attempt_is_followed_by_another_one(self) -> None:
        attempt = sent()
        payment = settled(attempt, ProviderOutcome.DECLINED, decline_code="card_declined", reference="")
        method = PaymentMethod.objects.without_token().get(pk=payment.payment_method_id)
        assert (payment.status, method.failure_streak) == (PaymentStatus.FAILED, 1)
        second = payment_attempt_send(payment_intent_id=attempt.intent_id, actor=None)
        assert settled(second).status == PaymentStatus.CAPTURED
        method.refresh_from_db(fields=["failure_streak", "last_used_at"])
        assert method.failure_streak == 0
        assert method.last_used_at is not None
        assert_settled(payment, second.payment)

    def test_nobody_pays_twice_for_one_order(self) -> None:
        payment = paid()
        with pytest.raises(PaymentRefused, match="paid and fulfilled"):
            payment_attempt_send(payment_intent_id=payment.intent_id, actor=None)

    def test_a_method_of_somebody_else_is_refused(self) -> None:
        payment, order = paid(), ordered()
        with pytest.raises(PaymentRefused, match="no such payment method"):
            payment_intent_create(
                order_id=order.pk,
                payment_method_id=payment.payment_method_id,
                idempotency_key="theirs",
                actor=None,
            )

    def test_a_key_gives_the_first_intent_and_no_other(self) -> None:
        first = paid().intent
        asked: dict[str, Any] = {
            "order_id": first.order_id,
            "payment_method_id": first.payment_method_id,
            "idempotency_key": first.idempotency_key,
            "actor": None,
        }
        assert payment_intent_create(**asked).pk == first.pk
        with pytest.raises(KeyReused):
            payment_intent_create(**asked, capture_mode=CaptureMode.MANUAL)


class TestAnswers:
    @pytest.mark.parametrize("times", [2, 3])
    def test_the_same_answer_again_changes_nothing(self, times: int) -> None:
        attempt = sent()
        for _ in range(times):
            payment = settled(attempt)
        assert_settled(payment)
        assert payment.captured_settled == PRICE
        assert payment.events.count() == 2

    def test_an_unknown_outcome_stays_open_until_the_provider_says(self) -> None:
        attempt = sent()
        assert settled(attempt, ProviderOutcome.UNKNOWN, reference="").status == PaymentStatus.PENDING
        attempt.refresh_from_db()
        assert attempt.status == AttemptStatus.UNKNOWN
        assert settled(attempt).status == PaymentStatus.CAPTURED

    def test_the_payer_has_to_do_something(self) -> None:
        attempt = sent()
        payment = settled(attempt, ProviderOutcome.REQUIRES_ACTION)
        assert payment.status == PaymentStatus.REQUIRES_ACTION
        payment = told(payment, FactKind.PAYMENT_CAPTURED, 99_999_999, amount=PRICE, total=PRICE)
        assert payment.status == PaymentStatus.CAPTURED
        attempt.refresh_from_db()
        assert attempt.status == AttemptStatus.SUCCEEDED
        assert_settled(payment)

    def test_another_amount_than_was_asked_for_is_recorded_and_put_before_somebody(self) -> None:
        payment = settled(sent(), amount=PRICE - 1, currency="EUR")
        assert (payment.status, payment.suspended) == (PaymentStatus.PARTLY_CAPTURED, PRICE - 1)
        assert ReconciliationException.objects.get().kind == ExceptionKind.AMOUNT_DIFFERS
        assert_settled(payment)

    def test_another_currency_is_an_exception_and_no_money_of_ours(self) -> None:
        payment = settled(sent(), amount=PRICE, currency="USD")
        assert (payment.captured_settled, payment.status) == (0, PaymentStatus.PENDING)
        assert ReconciliationException.objects.get().kind == ExceptionKind.CURRENCY_DIFFERS

    def test_a_decline_after_the_money_came_contradicts(self) -> None:
        attempt = sent()
        payment = settled(attempt)
        settled(attempt, ProviderOutcome.DECLINED, reference="")
        assert again(payment).status == PaymentStatus.CAPTURED
        assert ReconciliationException.objects.get().kind == ExceptionKind.CONTRADICTS


class TestCapture:
    def test_in_parts_until_nothing_is_left(self) -> None:
        payment = authorised()
        assert (payment.status, payment.capturable) == (PaymentStatus.AUTHORISED, PRICE)
        first = payment_capture(payment_id=payment.pk, amount=1000, actor=None, reason="a part")
        with pytest.raises(PaymentRefused, match="is working on"):
            payment_capture(payment_id=payment.pk, actor=None, reason="the rest")
        payment = settled(first)
        assert (payment.status, payment.suspended, payment.fulfilled) == (
            PaymentStatus.PARTLY_CAPTURED,
            1000,
            0,
        )
        assert_settled(payment)
        payment = settled(payment_capture(payment_id=payment.pk, actor=None, reason="the rest"))
        assert (payment.status, payment.suspended, payment.fulfilled) == (PaymentStatus.CAPTURED, 0, PRICE)
        assert_settled(payment)

    @pytest.mark.parametrize("amount", [0, -1, 10**18, PRICE + 1])
    def test_amounts_that_nobody_can_mean(self, amount: int) -> None:
        payment = authorised()
        with pytest.raises((MoneyRefused, PaymentRefused)):
            payment_capture(payment_id=payment.pk, amount=amount, actor=None, reason="wrong")
        assert again(payment).capture_requested == 0

    def test_a_declined_capture_can_be_tried_again(self) -> None:
        payment = authorised()
        payment = settled(
            payment_capture(payment_id=payment.pk, actor=None, reason="all"), ProviderOutcome.DECLINED
        )
        assert (payment.capture_requested, payment.capturable) == (0, PRICE)

    def test_the_same_key_captures_once(self) -> None:
        payment = authorised()
        first = payment_capture(payment_id=payment.pk, actor=None, reason="all", idempotency_key="k1")
        settled(first)
        second = payment_capture(payment_id=payment.pk, actor=None, reason="all", idempotency_key="k1")
        assert first.pk == second.pk
        with pytest.raises(KeyReused):
            payment_capture(payment_id=payment.pk, actor=None, reason="all", idempotency_key="k1", amount=1)


class TestVoid:
    def test_what_was_authorised_is_let_go_of(self) -> None:
        payment = authorised()
        payment = settled(payment_void(payment_id=payment.pk, actor=None, reason="cancelled"))
        assert (payment.status, payment.capturable) == (PaymentStatus.VOIDED, 0)
        assert_settled(payment)

    def test_not_after_a_capture(self) -> None:
        payment = paid()
        with pytest.raises(PaymentRefused, match="Refund it"):
            payment_void(payment_id=payment.pk, actor=None, reason="cancelled")

    def test_not_before_the_provider_answered(self) -> None:
        attempt = sent()
        with pytest.raises(PaymentRefused, match="Wait for its answer"):
            payment_void(payment_id=attempt.payment_id, actor=None, reason="cancelled")


class TestFacts:
    def test_the_same_fact_again_and_an_older_one_change_nothing(self) -> None:
        payment = paid()
        for seconds in (10, 10, 5):
            payment = told(payment, FactKind.PAYMENT_CAPTURED, seconds, amount=PRICE, total=PRICE)
        payment = told(payment, FactKind.PAYMENT_AUTHORISED, 1, amount=PRICE)
        payment = told(payment, FactKind.PAYMENT_FAILED, 2)
        assert payment.status == PaymentStatus.CAPTURED
        assert not ReconciliationException.objects.exists()
        assert_settled(payment)

    def test_a_fact_may_come_before_the_answer(self) -> None:
        attempt = sent()
        payment = told(
            attempt.payment,
            FactKind.PAYMENT_CAPTURED,
            amount=PRICE,
            reference="pay_early",
            idempotency_key=attempt.provider_key,
        )
        assert (payment.status, payment.provider_reference) == (PaymentStatus.CAPTURED, "pay_early")
        settled(attempt, reference="pay_early")
        assert_settled(payment)

    def test_more_captured_than_agreed_stands_in_suspense(self) -> None:
        payment = told(paid(), FactKind.PAYMENT_CAPTURED, 5, amount=PRICE + 700, total=PRICE + 700)
        assert (payment.captured, payment.captured_settled, payment.suspended) == (PRICE, PRICE + 700, 700)
        assert ReconciliationException.objects.get().kind == ExceptionKind.ABOVE_AUTHORISED
        assert_settled(payment)

    def test_more_refunded_than_captured_stands_in_suspense(self) -> None:
        payment = paid()
        payment = told(payment, FactKind.REFUND_SETTLED, 5, amount=PRICE + 1, refund_reference="re_1")
        assert (payment.status, payment.refunded_settled, payment.suspended) == ("refunded", PRICE + 1, -1)
        kinds = set(ReconciliationException.objects.values_list("kind", flat=True))
        assert kinds == {ExceptionKind.ABOVE_CAPTURED, ExceptionKind.NOT_REQUESTED}
        assert_settled(payment)

    def test_a_refund_that_comes_before_its_capture(self) -> None:
        payment = authorised()
        payment = told(
            payment, FactKind.REFUND_SETTLED, 9, amount=PRICE, total=PRICE, refund_reference="re_1"
        )
        assert payment.suspended == -PRICE
        assert_settled(payment)
        payment = told(payment, FactKind.PAYMENT_CAPTURED, 5, amount=PRICE, total=PRICE)
        assert (payment.status, payment.suspended, payment.reversed) == (PaymentStatus.REFUNDED, 0, PRICE)
        assert Order.objects.get(pk=payment.order_id).status == OrderStatus.REFUNDED
        above = ReconciliationException.objects.get(kind=ExceptionKind.ABOVE_CAPTURED)
        assert above.status == "resolved"
        assert_settled(payment)

    def test_money_for_a_cancelled_order_stands_in_suspense_and_can_be_refunded(self) -> None:
        from billing.services.orders import order_cancel

        attempt = sent()
        payment = settled(attempt, ProviderOutcome.DECLINED)
        order_cancel(order_id=payment.order_id, actor=None, reason="gave up")
        payment = told(payment, FactKind.PAYMENT_CAPTURED, 5, amount=PRICE, total=PRICE)
        assert (payment.fulfilled, payment.suspended) == (0, PRICE)
        assert Order.objects.get(pk=payment.order_id).status == OrderStatus.CANCELLED
        assert_settled(payment)
        payment = told(payment, FactKind.REFUND_SETTLED, 6, amount=PRICE, refund_reference="re_9")
        assert (payment.suspended, payment.status) == (0, PaymentStatus.REFUNDED)
        assert_settled(payment)

    def test_a_total_alone_is_enough_and_counts_once(self) -> None:
        payment = paid()
        payment = told(payment, FactKind.REFUND_SETTLED, 5, amount=500, total=500)
        payment = told(payment, FactKind.REFUND_SETTLED, 5, amount=500, total=500, refund_reference="re_1")
        payment = told(payment, FactKind.REFUND_SETTLED, 7, amount=500, total=1000, refund_reference="re_2")
        payment = told(payment, FactKind.REFUND_SETTLED, 6, amount=500, total=500)
        assert payment.refunded_settled == 1000
        assert payment.reversed == 1000
        assert_settled(payment)

    def test_about_no_payment_of_ours(self) -> None:
        from billing.errors import PaymentUnknown

        payment = paid()
        with pytest.raises(PaymentUnknown):
            told(payment, FactKind.PAYMENT_CAPTURED, reference="pay_of_nobody", amount=PRICE)

    def test_a_dispute_is_taken_down_as_such(self) -> None:
        payment = told(paid(), FactKind.DISPUTE_OPENED, 5, amount=PRICE)
        assert payment.disputes.get().amount == PRICE
        assert not ReconciliationException.objects.exists()
        assert_settled(payment)

    def test_a_reference_of_another_payment_is_an_exception(self) -> None:
        first = paid()
        second = settled(sent(ordered(UserFactory())), reference=first.provider_reference)
        assert second.provider_reference is None
        assert ReconciliationException.objects.get(subject_id=second.pk).kind == ExceptionKind.CONTRADICTS
        assert_settled(first, second)


def test_an_attempt_that_does_not_exist() -> None:
    from billing.services.payment_answers import payment_attempt_settle
    from core.db.locking import NotThere

    with pytest.raises(NotThere):
        payment_attempt_settle(attempt_id=uuid7(), answer=answer())
