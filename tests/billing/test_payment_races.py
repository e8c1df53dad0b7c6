"""Two at once, on connections of their own: one wins, and no cent is lost or doubled."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from billing.errors import PaymentRefused, RefundRefused
from billing.models import Order, Payment, PaymentAttempt, Refund
from billing.payment_choices import PaymentStatus
from billing.provider_choices import FactKind
from billing.services.approvals import approval_give, approval_refuse
from billing.services.orders import order_place
from billing.services.payment_answers import payment_attempt_settle
from billing.services.payments import payment_attempt_send, payment_capture
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff
from tests.accounts.test_races import at_once, refusals
from tests.billing.paying import (
    PRICE,
    OrderItem,
    answer,
    assert_settled,
    authorised,
    fulfilments,
    paid,
    refund,
    refunder,
    sent,
    settled,
    shop,
    told,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def rows(outcomes: list[Any]) -> list[Any]:
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def test_two_refunds_of_the_rest_and_exactly_one() -> None:
    payment, first, second = paid(), refunder(), refunder()
    outcomes = at_once(*(lambda clerk=clerk: refund(payment, PRICE, clerk) for clerk in (first, second)))
    assert refusals(outcomes) == [RefundRefused]
    assert Payment.objects.get(pk=payment.pk).refund_requested == PRICE
    assert Refund.objects.count() == 1


def test_many_refunds_of_a_part_and_as_many_as_fit() -> None:
    payment = paid()
    clerks = [refunder() for _ in range(8)]
    outcomes = at_once(*(lambda clerk=clerk: refund(payment, 700, clerk) for clerk in clerks))
    assert len(rows(outcomes)) == PRICE // 700
    assert Payment.objects.get(pk=payment.pk).refund_requested == PRICE // 700 * 700


def test_one_person_in_two_tabs_uses_the_day_once() -> None:
    payments, clerk = [paid() for _ in range(4)], refunder(per_item=1000, per_day=2000)
    outcomes = at_once(*(lambda payment=payment: refund(payment, 1000, clerk) for payment in payments))
    alone = [found for found in rows(outcomes) if found.approval_id is None]
    assert len(alone) == 2
    assert set(refusals(outcomes)) <= {RefundRefused}


def test_the_same_key_in_two_tabs_is_one_refund() -> None:
    payment, clerk = paid(), refunder()
    outcomes = at_once(*[lambda: refund(payment, 100, clerk, idempotency_key="tab")] * 3)
    assert len({found.pk for found in outcomes}) == 1
    assert Payment.objects.get(pk=payment.pk).refund_requested == 100


def test_two_settles_of_one_attempt() -> None:
    attempt = sent()
    success = answer(reference="pay_1")
    at_once(*[lambda: payment_attempt_settle(attempt_id=attempt.pk, answer=success)] * 4)
    payment = Payment.objects.get(pk=attempt.payment_id)
    assert payment.captured_settled == PRICE
    assert_settled(payment)


def test_an_answer_and_its_event_at_once() -> None:
    attempt = sent()

    def hear() -> Payment:
        return told(
            attempt.payment,
            FactKind.PAYMENT_CAPTURED,
            amount=PRICE,
            total=PRICE,
            reference="pay_1",
            idempotency_key=attempt.provider_key,
        )

    outcomes = at_once(hear, lambda: settled(attempt, reference="pay_1"), hear)
    assert refusals(outcomes) == []
    payment = Payment.objects.get(pk=attempt.payment_id)
    assert payment.status == PaymentStatus.CAPTURED
    assert_settled(payment)


def test_the_same_refund_reported_twice_at_once() -> None:
    payment = paid()

    def hear() -> Payment:
        return told(payment, FactKind.REFUND_SETTLED, 3, amount=900, refund_reference="re_1")

    assert refusals(at_once(hear, hear, hear)) == []
    assert Refund.objects.count() == 1
    assert_settled(payment)


def test_two_attempts_and_two_captures_at_once() -> None:
    attempt = sent()
    settled(attempt, answer().outcome.DECLINED, reference="")

    def send() -> PaymentAttempt:
        return payment_attempt_send(payment_intent_id=attempt.intent_id, actor=None)

    assert len({found.pk for found in at_once(send, send, send)}) == 1
    payment = authorised()

    def capture() -> PaymentAttempt:
        return payment_capture(payment_id=payment.pk, actor=None, reason="all")

    outcomes = at_once(capture, capture)
    assert refusals(outcomes) == [PaymentRefused]
    assert Payment.objects.get(pk=payment.pk).capture_requested == PRICE


def test_one_order_of_one_key() -> None:
    _, product = shop()
    user = UserFactory()

    def place() -> Order:
        return order_place(
            user=user,
            items=[OrderItem(product.pk)],
            country="DE",
            currency="EUR",
            idempotency_key="basket-1",
            actor=user,
        )

    assert len({order.pk for order in at_once(place, place, place)}) == 1
    assert Order.objects.count() == 1


def test_two_checkers_and_one_decision() -> None:
    asked = refund(paid(), 500, refunder(per_item=1, per_day=1))
    checkers = [staff(Role.FINANCE_APPROVER), staff(Role.FINANCE_APPROVER)]

    def decide(checker: Any, decision: Callable[..., Any]) -> Any:
        with acting(Role.FINANCE_APPROVER, user_id=checker.pk):
            return decision(approvalrequest_id=asked.approval_id, actor=checker, reason="looked at it")

    outcomes = at_once(
        lambda: decide(checkers[0], approval_give), lambda: decide(checkers[1], approval_refuse)
    )
    assert len(refusals(outcomes)) == 1
