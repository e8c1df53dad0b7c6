"""Many workers at once, and one that is killed: numbers without a gap, one invoice for an order."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from billing.invoice_choices import InvoiceStatus
from billing.models import CreditNote, Invoice
from billing.services.credit_notes import credit_note_issue
from billing.services.invoice_numbers import invoices_number
from billing.services.invoices import invoice_draft
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.test_races import at_once, refusals
from tests.billing.invoice_data import closed, closed_softly, company, gone_back, month, numbers, two_people
from tests.billing.paying import fulfilments, ordered, paid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def test_many_workers_number_without_a_gap_or_a_number_twice() -> None:
    everywhere, german = company(), company(code="VBL_DE", country="DE", sells_everywhere=False)
    for number in range(12):
        payment = paid()
        if number % 3 == 0:
            gone_back(payment, 500)
    outcomes = at_once(*[lambda: invoices_number(limit=2)] * 8)
    assert refusals(outcomes) == []
    while any(invoices_number(limit=2).values()):
        pass
    assert numbers(Invoice, german) == list(range(1, 13))
    assert numbers(CreditNote, german) == list(range(1, 5))
    assert numbers(Invoice, everywhere) == []
    ready = list(Invoice.objects.order_by("number").values_list("ready_at", flat=True))
    assert ready == sorted(ready)


WORKER = """
import sys, psycopg
with psycopg.connect(sys.stdin.readline().strip()) as connection:
    connection.execute("SET LOCAL ROLE vbl_worker")
    (number,) = connection.execute(
        "UPDATE billing_invoice SET status = 'issued' WHERE id = ("
        "SELECT id FROM billing_invoice WHERE status = 'ready' ORDER BY ready_at, id LIMIT 1) RETURNING number"
    ).fetchone()
    print(number, flush=True)
    sys.stdin.readline()
"""


def test_a_worker_killed_with_a_number_in_hand_leaves_no_gap() -> None:
    company()
    for _ in range(3):
        paid()
    invoices_number(limit=1)
    parameters = connection.get_connection_params()
    said = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname")}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        print(make_conninfo(**said), file=worker.stdin, flush=True)
        assert worker.stdout.readline() == "2\n"
        # Whoever comes meanwhile leaves the company to that worker, and waits for nothing.
        assert invoices_number() == {"invoices": 0, "credit_notes": 0}
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    assert numbers(Invoice) == [1]
    while Invoice.objects.to_number().exists():
        invoices_number()
    assert numbers(Invoice) == [1, 2, 3]


def test_an_order_is_drafted_once_however_many_charge_it() -> None:
    company()
    order = ordered()
    outcomes = at_once(*[lambda: invoice_draft(order_id=order.pk, issued_for="x")] * 6)
    assert refusals(outcomes) == []
    assert len({invoice.pk for invoice in outcomes}) == Invoice.objects.count() == 1


def test_what_went_back_is_credited_once_however_many_ask() -> None:
    company()
    payment = paid()
    gone_back(payment, 500)
    outcomes = at_once(*[lambda: credit_note_issue(order_id=payment.order_id)] * 6)
    assert outcomes == [None] * 6
    assert CreditNote.objects.count() == 1


def test_who_pays_does_not_wait_for_who_numbers() -> None:
    company()
    paid()
    held, go_on = threading.Event(), threading.Event()

    def number_slowly() -> int:
        from django.db import transaction

        with transaction.atomic(), acting(Role.WORKER):
            Invoice.objects.filter(status=InvoiceStatus.READY).update(status=InvoiceStatus.ISSUED)
            held.set()
            assert go_on.wait(timeout=30)
        return 1

    def pay() -> int:
        assert held.wait(timeout=30)
        try:
            paid()
        finally:
            go_on.set()
        return 2

    assert at_once(number_slowly, pay) == [1, 2]
    assert Invoice.objects.filter(status=InvoiceStatus.READY).count() == 1


def test_two_approvers_close_a_month_once() -> None:
    january, (clerk, approver) = month(), two_people()
    _, other = two_people()
    closed_softly(january, clerk)
    outcomes = at_once(lambda: closed(january, approver), lambda: closed(january, other))
    assert len(refusals(outcomes)) == 1
