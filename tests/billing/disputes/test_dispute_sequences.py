"""Facts of disputes in every order and any repetition: one dispute, one balance."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.dispute_choices import DisputeStatus
from billing.models import Dispute, Payment
from billing.provider_choices import FactKind
from billing.providers.port import MovementFact
from tests.billing.disputes_data import assert_disputes_prove, disputed, movement
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import PRICE, fulfilments, paid, told

pytestmark = pytest.mark.django_db

DUE = datetime(2027, 1, 1, tzinfo=UTC)
MOVEMENTS: list[MovementFact] = [
    movement(-PRICE, 1500, name="take"),
    movement(-1000, 1500, name="take_part"),
    movement(PRICE, 0, name="give"),
    movement(600, -1500, name="give_part"),
    movement(-PRICE - 500, 0, name="take_more"),
    movement(0, 25, name="fee"),
]
facts = st.tuples(
    st.sampled_from(list(DisputeStatus)),
    st.integers(0, 6),
    st.lists(st.sampled_from(MOVEMENTS), max_size=2),
    st.sampled_from([0, 1000, PRICE, PRICE + 500]),
    st.sampled_from([None, 1, 400, PRICE]),
    st.sampled_from(["dp_a", "dp_b"]),
)
STATE = (
    "provider_reference",
    "status",
    "amount",
    "lost_amount",
    "withdrawn",
    "fees",
    "charged_back",
    "opened_at",
    "due_at",
    "decided_at",
    "provider_time",
)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


class Undone(Exception):
    """Takes a course back."""


def tell(payment: Payment, fact: Any) -> None:
    status, seconds, movements, amount, lost, name = fact
    # A movement belongs to one dispute: each has its own.
    own = [
        MovementFact(f"{name}_{one.reference}", one.amount, one.currency, one.moved_at, one.fee)
        for one in movements
    ]
    disputed(payment, status, seconds, *own, amount=amount, lost=lost, name=name, due=DUE)


def check(payment: Payment) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    found = Payment.objects.get(pk=payment.pk)
    disputes = Dispute.objects.filter(payment=payment)
    assert found.charged_back == sum(row.charged_back for row in disputes)
    assert found.disputed == sum(row.amount for row in disputes if row.is_open)
    assert found.reversed <= found.fulfilled
    assert_disputes_prove()
    assert_books_prove()


def course(payment: Payment, order: list[Any]) -> tuple[Any, ...]:
    """What the facts make of the payment, in this order; undone afterwards."""
    found: list[Any] = []
    try:
        with transaction.atomic():
            for fact in order:
                tell(payment, fact)
            check(payment)
            found = sorted(Dispute.objects.values_list(*STATE))
            counters = Payment.objects.values_list("disputed", "charged_back").get(pk=payment.pk)
            raise Undone
    except Undone:
        return (*found, counters)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(told_facts=st.lists(facts, min_size=1, max_size=5), data=st.data())
def test_the_same_facts_make_the_same_disputes_in_any_order(told_facts: list[Any], data: Any) -> None:
    with transaction.atomic():
        point = transaction.savepoint()
        payment = paid()
        shuffled = data.draw(st.permutations([*told_facts, *told_facts]))
        assert course(payment, told_facts) == course(payment, shuffled)
        transaction.savepoint_rollback(point)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.one_of(
            facts,
            st.tuples(st.just("refund"), st.sampled_from([1, 700, PRICE]), st.sampled_from(["re_1", "re_2"])),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_the_books_prove_after_every_step_with_refunds_between(steps: list[Any]) -> None:
    with transaction.atomic():
        point = transaction.savepoint()
        payment = paid()
        for step in steps:
            if step[0] == "refund":
                told(payment, FactKind.REFUND_SETTLED, 3, amount=step[1], refund_reference=step[2])
            else:
                tell(payment, step)
            check(payment)
        transaction.savepoint_rollback(point)
