"""Whatever happens in whatever order, undone or not: numbers without a gap, and credited is what was taken back."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import CreditNote, Invoice, InvoiceLine, InvoiceSeries, Payment
from billing.services.invoice_numbers import invoices_number
from tests.billing.invoice_data import company, gone_back, numbers
from tests.billing.paying import PRICE, fulfilments, paid

pytestmark = pytest.mark.django_db
ACTS = st.one_of(
    st.just(("pay", 0)),
    st.tuples(st.just("refund"), st.integers(1, PRICE)),
    st.tuples(st.just("number"), st.integers(1, 3)),
    st.tuples(st.just("undone"), st.integers(1, 3)),
)


class Undone(Exception):
    """The transaction ends in any way but well."""


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def act(what: str, amount: int, payments: list[Payment], seconds: int) -> None:
    if what == "pay":
        payments.append(paid())
    elif what == "refund" and payments:
        payment = Payment.objects.get(pk=payments[seconds % len(payments)].pk)
        left = payment.captured_settled - payment.refunded_settled
        if left:
            gone_back(payment, min(amount, left), seconds + 1)
    elif what == "number":
        invoices_number(limit=amount)
    elif what == "undone":
        with pytest.raises(Undone), transaction.atomic():
            invoices_number(limit=amount)
            raise Undone


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(ACTS, min_size=1, max_size=9))
def test_no_gap_and_no_cent_too_much(acts: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        company()
        payments: list[Payment] = []
        for seconds, (what, amount) in enumerate(acts):
            act(what, amount, payments, seconds)
            for model in (Invoice, CreditNote):
                given_so_far = numbers(model)
                assert given_so_far == list(range(1, len(given_so_far) + 1))
        while any(invoices_number().values()):
            pass
        assert numbers(Invoice) == list(range(1, len(payments) + 1))
        assert not CreditNote.objects.to_number().exists()
        for series in InvoiceSeries.objects.all():
            model = Invoice if series.series.startswith("INV") else CreditNote
            assert series.last_number == len(numbers(model))
        for line in InvoiceLine.objects.select_related("order_line"):
            assert line.net_credited == line.order_line.net_reversed
            assert line.tax_credited == line.order_line.tax_reversed
        transaction.set_rollback(True)
