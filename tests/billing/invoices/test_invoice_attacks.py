"""What the database refuses, whoever writes it: numbers by hand, other lines than the order's, too much credited."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, transaction

from billing.models import CreditNote, Invoice, InvoiceLine, InvoiceSeries
from billing.services.invoice_numbers import invoices_number
from billing.services.invoices import invoice_draft
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory
from tests.billing.factories_wallets import settled
from tests.billing.invoice_data import company, gone_back, invoice_of
from tests.billing.paying import fulfilments, ordered, paid
from tests.sql import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


@pytest.fixture
def issued() -> Invoice:
    company()
    payment = paid()
    invoices_number()
    gone_back(payment, 500)
    invoices_number()
    return invoice_of(payment)


def refused(role: Role | None, statement: str, *parameters: object, match: str | None = None) -> None:
    """The statement is refused to a role, or to the owner."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        if role is None:
            run(statement, parameters)
        else:
            with acting(role):
                run(statement, parameters)


NUMBER = "UPDATE billing_invoice SET number = 7 WHERE id = %s"


def test_nobody_writes_numbers_and_a_number_stays(issued: Invoice) -> None:
    refused(Role.WORKER, NUMBER, issued.pk, match="permission denied")
    refused(Role.FINANCE, NUMBER, issued.pk, match="permission denied")
    # The owner passes every right, and no trigger.
    refused(None, NUMBER, issued.pk, match="Numbers are given by the database")
    for column in ("seller_name = 'x'", "issued_on = '2020-01-01'", "series = 'INV-2020'"):
        refused(None, f"UPDATE billing_invoice SET {column} WHERE id = %s", issued.pk)
    for table in ("billing_invoice", "billing_creditnote", "billing_invoiceline", "billing_creditnoteline"):
        refused(None, f"DELETE FROM {table}")
    refused(None, "DELETE FROM billing_invoiceseries")
    refused(None, "TRUNCATE billing_invoiceseries")
    refused(Role.WORKER, "UPDATE billing_invoiceseries SET last_number = 99", match="permission denied")
    refused(
        Role.WORKER,
        "INSERT INTO billing_invoiceseries (id, legal_entity_id, series, last_number) "
        "SELECT uuidv7(), id, 'INV-1999', 5 FROM billing_legalentity",
        match="permission denied",
    )


def test_an_issued_document_says_what_it_said(issued: Invoice) -> None:
    for column in ("total = 1", "net = 1", "country = 'FR'", "issued_for = 'x'", "user_id = uuidv7()"):
        refused(None, f"UPDATE billing_invoice SET {column} WHERE id = %s", issued.pk)
    for status in ("draft", "ready", "voided"):
        refused(Role.WORKER, "UPDATE billing_invoice SET status = %s WHERE id = %s", status, issued.pk)
    refused(None, "UPDATE billing_invoiceline SET net = 1, total = 1 + tax")
    refused(Role.WORKER, "UPDATE billing_invoiceline SET net_credited = 0", match="permission denied")
    refused(None, "UPDATE billing_creditnoteline SET net = 1")


def test_an_invoice_is_that_of_its_order() -> None:
    entity, order = company(), ordered()
    columns = (
        "INSERT INTO billing_invoice (id, legal_entity_id, order_id, user_id, issued_for, country, currency, net, tax, "
        "total, status, seller_name, seller_address, seller_tax_number) "
    )
    base = "SELECT uuidv7(), %s, o.id, {user}, 'x', o.country, o.currency, {net}, o.tax, {total}, {status}, '', '', ''"
    other = UserFactory()
    for said in (
        {"user": f"'{other.pk}'"},
        {"net": "o.net + 1", "total": "o.total + 1"},
        {"status": "'ready'"},
        {"status": "'issued'"},
    ):
        words = base.format(
            **{"user": "o.user_id", "net": "o.net", "total": "o.total", "status": "'draft'", **said}
        )
        refused(Role.WORKER, f"{columns}{words} FROM billing_order o WHERE o.id = %s", entity.pk, order.pk)
    assert not Invoice.objects.exists()


def test_lines_come_with_the_draft_and_are_whole_before_the_number() -> None:
    company()
    order, second = ordered(), ordered()
    invoice = invoice_draft(order_id=order.pk, issued_for="x")
    line = InvoiceLine.objects.get()
    copy = (
        "INSERT INTO billing_invoiceline (id, invoice_id, user_id, order_line_id, position, description, quantity, "
        "currency, discount, tax_rate, tax_jurisdiction, net, tax, total, net_credited, tax_credited) "
        "SELECT uuidv7(), %s, l.user_id, o.id, 2, 'x', 1, l.currency, 0, l.tax_rate, l.tax_jurisdiction, l.net, l.tax, "
        "l.total, 0, 0 FROM billing_invoiceline l, billing_orderline o WHERE l.id = %s AND o.order_id = %s"
    )
    refused(Role.WORKER, copy, invoice.pk, line.pk, second.pk, match="those of its order")
    settled()
    run("ALTER TABLE billing_invoiceline DISABLE TRIGGER USER")
    run("DELETE FROM billing_invoiceline")
    settled()
    run("ALTER TABLE billing_invoiceline ENABLE TRIGGER USER")
    refused(
        Role.WORKER,
        "UPDATE billing_invoice SET status = 'ready', ready_at = now(), paid_at = now() WHERE id = %s",
        invoice.pk,
        match="lines of this invoice",
    )


def test_a_number_needs_money_or_a_day() -> None:
    company()
    invoice = invoice_draft(order_id=ordered().pk, issued_for="x")
    refused(
        Role.WORKER,
        "UPDATE billing_invoice SET status = 'ready', ready_at = now() WHERE id = %s",
        invoice.pk,
        match="billing_invoice_owed_check",
    )


def test_no_more_is_credited_than_was_charged(issued: Invoice) -> None:
    note = (
        "INSERT INTO billing_creditnote (id, invoice_id, legal_entity_id, user_id, status, cause, currency, net, tax, "
        "total, ready_at, seller_name, seller_address, seller_tax_number) SELECT uuidv7(), i.id, i.legal_entity_id, "
        "i.user_id, 'ready', 'refund', i.currency, %s, 0, %s, now(), '', '', '' FROM billing_invoice i "
        "WHERE i.id = %s RETURNING id"
    )
    line = (
        "INSERT INTO billing_creditnoteline (id, credit_note_id, invoice_line_id, user_id, net, tax, total) "
        "SELECT uuidv7(), %s, l.id, l.user_id, %s, 0, %s FROM billing_invoiceline l WHERE l.invoice_id = %s"
    )
    with acting(Role.WORKER):
        ((key,),) = run(note, [issued.net, issued.net, issued.pk])
    refused(
        Role.WORKER, line, key, issued.net, issued.net, issued.pk, match="billing_invoiceline_credited_check"
    )
    # A note that is not the sum of its lines gets no number.
    refused(
        Role.WORKER,
        "UPDATE billing_creditnote SET status = 'issued' WHERE id = %s",
        key,
        match="sum of its lines",
    )


def test_people_see_their_own_documents_and_nobody_elses(issued: Invoice) -> None:
    other = UserFactory()
    for user, seen in ((issued.user, 1), (other, 0)):
        with acting(Role.VIEWER, user_id=user.pk):
            assert (
                Invoice.objects.count() == InvoiceLine.objects.count() == CreditNote.objects.count() == seen
            )
    for role in (Role.SUPPORT, Role.MODERATOR, Role.ANALYST):
        with pytest.raises(ProgrammingError), transaction.atomic(), acting(role):
            Invoice.objects.count()
    with acting(Role.FINANCE):
        assert Invoice.objects.count() == 1
        assert InvoiceSeries.objects.count() == 2


def test_a_viewer_writes_nothing(issued: Invoice) -> None:
    refused(Role.VIEWER, "UPDATE billing_invoice SET paid_at = now()", match="permission denied")


def test_an_order_is_invoiced_once(issued: Invoice) -> None:
    with pytest.raises(IntegrityError, match="billing_invoice_order_id_key"), transaction.atomic():
        Invoice.objects.create(
            legal_entity=issued.legal_entity,
            order_id=issued.order_id,
            user_id=issued.user_id,
            issued_for="x",
            country=issued.country,
            currency=issued.currency,
            net=issued.net,
            tax=issued.tax,
            total=issued.total,
        )
