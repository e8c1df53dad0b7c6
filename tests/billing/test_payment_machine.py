"""Long random lives of payments: whatever is asked, answered and reported, in whatever order, the books are even."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from billing.models import Order, Payment, PaymentAttempt, Refund
from billing.payment_choices import CaptureMode, OrderStatus
from billing.provider_choices import FactKind, ProviderOutcome
from billing.services.payments import payment_attempt_send, payment_capture, payment_void
from billing.services.refund_facts import refund_settle
from billing.services.settlement import Settlement
from core.errors import Refused
from tests.billing.paying import (
    PRICE,
    answer,
    assert_settled,
    fulfilments,
    ordered,
    refund,
    refunder,
    sent,
    settled,
    told,
)

pytestmark = pytest.mark.django_db

amounts = st.sampled_from([0, 1, 700, 1500, PRICE - 1, PRICE, PRICE + 1, 4000, 10**15])
seconds = st.integers(0, 40)
outcomes = st.sampled_from(
    [
        ProviderOutcome.SUCCEEDED,
        ProviderOutcome.DECLINED,
        ProviderOutcome.UNKNOWN,
        ProviderOutcome.PENDING,
        ProviderOutcome.REQUIRES_ACTION,
    ]
)
payment_facts = st.sampled_from(
    [
        FactKind.PAYMENT_PENDING,
        FactKind.PAYMENT_REQUIRES_ACTION,
        FactKind.PAYMENT_AUTHORISED,
        FactKind.PAYMENT_CAPTURED,
        FactKind.PAYMENT_FAILED,
        FactKind.PAYMENT_VOIDED,
        FactKind.DISPUTE_OPENED,
    ]
)
refund_facts = st.sampled_from([FactKind.REFUND_PENDING, FactKind.REFUND_SETTLED, FactKind.REFUND_FAILED])
steps = st.one_of(
    st.tuples(st.just("answer"), outcomes, st.none() | amounts),
    st.tuples(st.just("send")),
    st.tuples(st.just("capture"), st.none() | amounts),
    st.tuples(st.just("void")),
    st.tuples(st.just("refund"), amounts, st.booleans()),
    st.tuples(st.just("answer_refund"), outcomes),
    st.tuples(st.just("fact"), payment_facts, seconds, st.none() | amounts),
    st.tuples(
        st.just("refund_fact"),
        refund_facts,
        seconds,
        amounts,
        st.sampled_from(["", "re_1", "re_2"]),
        st.booleans(),
    ),
)


class Life:
    """A payment, and what may happen to it."""

    def __init__(self, capture: CaptureMode) -> None:
        self.clerk: User = refunder(per_item=10**6, per_day=10**6)
        first = sent(ordered(), capture=capture)
        self.intent_id = first.intent_id
        self.order_id = first.payment.order_id

    @property
    def payments(self) -> list[Payment]:
        return list(Payment.objects.filter(order_id=self.order_id).order_by("pk"))

    @property
    def payment(self) -> Payment:
        return self.payments[-1]

    def answer(self, outcome: ProviderOutcome, amount: int | None) -> None:
        attempt = PaymentAttempt.objects.filter(intent_id=self.intent_id).latest("pk")
        settled(attempt, outcome, amount=amount)

    def send(self) -> None:
        payment_attempt_send(payment_intent_id=self.intent_id, actor=None)

    def capture(self, amount: int | None) -> None:
        payment_capture(payment_id=self.payment.pk, amount=amount, actor=None, reason="tests")

    def void(self) -> None:
        payment_void(payment_id=self.payment.pk, actor=None, reason="tests")

    def refund(self, amount: int, is_goodwill: bool) -> None:
        refund(self.payment, amount, self.clerk, is_goodwill=is_goodwill)

    def answer_refund(self, outcome: ProviderOutcome) -> None:
        asked = Refund.objects.filter(payment__order_id=self.order_id).order_by("-pk").first()
        if asked is not None:
            refund_settle(refund_id=asked.pk, answer=answer(outcome, reference=f"re_of_{asked.pk}"))

    def fact(self, kind: FactKind, when: int, amount: int | None) -> None:
        attempt = self.payment.attempts.filter(kind="authorise").get()
        told(self.payment, kind, when, amount=amount, total=amount, idempotency_key=attempt.provider_key)

    def refund_fact(self, kind: FactKind, when: int, amount: int, name: str, has_total: bool) -> None:
        payment = self.payment
        if payment.provider_reference is None:
            return
        total = amount if has_total else None
        told(payment, kind, when, amount=amount, total=total, refund_reference=name)

    def check(self) -> None:
        payments = self.payments
        assert_settled(*payments)
        for payment in payments:
            assert 0 <= payment.refund_requested <= payment.captured <= payment.authorised <= payment.amount
            assert payment.fulfilled in (0, payment.amount)
            assert 0 <= payment.reversed <= payment.fulfilled
        fulfilled = [payment for payment in payments if payment.fulfilled]
        assert len(fulfilled) <= 1
        status = Order.objects.get(pk=self.order_id).status
        assert bool(fulfilled) == (status not in (OrderStatus.PLACED, OrderStatus.CANCELLED))


@settings(max_examples=60)
@given(capture=st.sampled_from(CaptureMode), acts=st.lists(steps, min_size=1, max_size=14))
def test_books_are_even_after_every_step(capture: CaptureMode, acts: list[tuple[Any, ...]]) -> None:
    with fulfilments(), transaction.atomic():
        life = Life(capture)
        for name, *values in acts:
            act: Callable[..., None] = getattr(life, name)
            try:
                with transaction.atomic():
                    act(*values)
            except Refused:
                pass
            life.check()
        transaction.set_rollback(True)


FACTS: tuple[tuple[FactKind, int, dict[str, Any]], ...] = (
    (FactKind.PAYMENT_PENDING, 0, {}),
    (FactKind.PAYMENT_FAILED, 1, {}),
    (FactKind.PAYMENT_AUTHORISED, 2, {"amount": PRICE}),
    (FactKind.PAYMENT_CAPTURED, 3, {"amount": 1000, "total": 1000}),
    (FactKind.PAYMENT_CAPTURED, 4, {"amount": PRICE - 1000, "total": PRICE}),
    (FactKind.REFUND_SETTLED, 5, {"amount": 300, "refund_reference": "re_1"}),
    (FactKind.REFUND_SETTLED, 6, {"amount": 700, "refund_reference": "re_2"}),
)


@settings(max_examples=40)
@given(told_in=st.permutations([*range(len(FACTS)), 2, 4, 5, 6]))
def test_whatever_the_order_the_same_comes_out(told_in: list[int]) -> None:
    with fulfilments(), transaction.atomic():
        attempt = sent()
        for place in told_in:
            kind, when, said = FACTS[place]
            payment = told(
                attempt.payment, kind, when, idempotency_key=attempt.provider_key, reference="pay_1", **said
            )
        assert (payment.status, payment.captured_settled, payment.refunded_settled) == (
            "partly_refunded",
            PRICE,
            1000,
        )
        assert (payment.fulfilled, payment.reversed, payment.suspended) == (PRICE, 1000, 0)
        assert Refund.objects.filter(payment=payment).count() == 2
        assert Order.objects.get(pk=payment.order_id).status == OrderStatus.PARTLY_REFUNDED
        assert_settled(payment)
        transaction.set_rollback(True)


def test_what_is_known_changes_nothing_not_even_the_version() -> None:
    with fulfilments():
        payment = told(settled(sent()), FactKind.PAYMENT_CAPTURED, 5, amount=PRICE, total=PRICE)
        told(payment, FactKind.PAYMENT_CAPTURED, 5, amount=PRICE, total=PRICE)
        told(payment, FactKind.PAYMENT_AUTHORISED, 3, amount=PRICE)
        Settlement(payment.pk).close()
        assert_settled(Payment.objects.get(pk=payment.pk))
        assert Payment.objects.get(pk=payment.pk).version == payment.version
