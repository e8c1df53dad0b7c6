"""Invoices and credit notes: what they say, when they get a number, and that the numbers have no gap."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from billing.errors import InvoiceRefused, LegalEntityRefused, NoSeller
from billing.invoice_choices import EvidenceVerdict, InvoiceStatus
from billing.models import CreditNote, Invoice, InvoiceLine, Order, TaxEvidence
from billing.services.credit_notes import credit_note_issue
from billing.services.invoice_numbers import invoices_catch_up, invoices_number
from billing.services.invoices import invoice_cancel, invoice_draft, invoice_settle
from billing.services.legal_entities import legal_entity_change
from billing.services.orders import order_cancel
from billing.services.tax_evidence import evidence_verdict, tax_evidence_record
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.billing.invoice_data import company, gone_back, invoice_of, numbers
from tests.billing.paying import NET, PRICE, TAX, fulfilments, ordered, paid, refund, refunder, sent, settled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


class TestDrafts:
    def test_lines_are_the_orders_and_the_second_draft_is_the_first(self) -> None:
        company()
        order = ordered()
        invoice = invoice_draft(order_id=order.pk, issued_for="A pack of tokens")
        assert invoice_draft(order_id=order.pk, issued_for="Something else") == invoice
        line = InvoiceLine.objects.get()
        assert (line.net, line.tax, line.total) == (NET, TAX, PRICE)
        assert (line.tax_rate, line.tax_jurisdiction) == (Decimal("0.19"), "DE")
        assert (invoice.status, invoice.number, invoice.user_id) == ("draft", None, order.user_id)

    def test_who_sells_is_the_company_of_the_country_else_the_one_for_everywhere(self) -> None:
        everywhere = company()
        german = company(code="VBL_DE", country="DE", sells_everywhere=False)
        assert invoice_draft(order_id=ordered().pk, issued_for="x").legal_entity == german
        assert everywhere.sells_everywhere

    def test_a_second_company_for_a_country_or_for_everywhere_is_refused(self) -> None:
        company()
        for changed in ({"country": "DE"}, {"sells_everywhere": False}, {"code": "vbl"}, {"country": "XX"}):
            with pytest.raises(LegalEntityRefused):
                company(**{"code": "OTHER", **changed})

    def test_without_a_company_the_payment_goes_on_and_the_invoice_comes_later(self) -> None:
        payment = paid()
        assert Order.objects.get(pk=payment.order_id).status == "paid"
        with pytest.raises(NoSeller):
            invoice_draft(order_id=payment.order_id, issued_for="x")
        assert invoices_catch_up() == {"drafted": 0}
        gone_back(payment, 1000)
        company()
        call_command("invoices_number")
        assert invoice_of(payment).name.endswith("-000001")
        assert CreditNote.objects.get().total == 1000

    def test_a_cancelled_order_voids_its_draft_and_is_not_invoiced(self) -> None:
        company()
        order, never = ordered(), ordered()
        invoice = invoice_draft(order_id=order.pk, issued_for="x")
        for found in (order, never):
            order_cancel(order_id=found.pk, actor=None, reason="no longer wanted")
        assert Invoice.objects.get(pk=invoice.pk).status == InvoiceStatus.VOIDED
        with pytest.raises(InvoiceRefused, match="cancelled"):
            invoice_draft(order_id=never.pk, issued_for="x")
        assert invoices_number() == {"invoices": 0, "credit_notes": 0}


class TestNumbers:
    def test_what_is_paid_is_numbered_in_order_with_the_seller_as_it_was(self) -> None:
        entity = company()
        payments = [paid() for _ in range(3)]
        assert invoices_number(limit=2) == {"invoices": 2, "credit_notes": 0}
        administrator = staff(Role.ADMINISTRATOR)
        with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
            legal_entity_change(
                legalentity_id=entity.pk,
                name="Renamed B.V.",
                address="Elsewhere 2",
                tax_number="NL1",
                actor=administrator,
                reason="moved",
            )
        invoices_number()
        found = [invoice_of(payment) for payment in payments]
        assert [invoice.number for invoice in found] == [1, 2, 3]
        year = database_now().year
        assert found[0].name == f"VBL_EU-INV-{year}-000001"
        assert [invoice.seller_name for invoice in found] == ["Example B.V.", "Example B.V.", "Renamed B.V."]
        assert invoices_number() == {"invoices": 0, "credit_notes": 0}

    def test_each_company_counts_for_itself(self) -> None:
        everywhere, german = company(), company(code="VBL_DE", country="DE", sells_everywhere=False)
        for _ in range(2):
            paid()
        invoices_number()
        assert (numbers(Invoice, german), numbers(Invoice, everywhere)) == ([1, 2], [])

    def test_what_nobody_paid_gets_none_unless_it_is_to_be_paid_by_a_day(self) -> None:
        company()
        waiting, owed = ordered(), ordered()
        invoice_draft(order_id=waiting.pk, issued_for="x")
        invoice_draft(order_id=owed.pk, issued_for="x", due_at=database_now() + timedelta(days=14))
        invoices_number()
        assert Invoice.objects.get(order=waiting).number is None
        assert Invoice.objects.get(order=owed).number == 1
        settled(sent(owed))
        invoice = Invoice.objects.get(order=owed)
        assert (invoice.status, invoice.paid_at is not None) == ("issued", True)
        assert invoice_settle(order_id=owed.pk) == invoice


class TestCreditNotes:
    def test_refunds_are_credited_to_the_cent_and_the_last_takes_the_remainder(self) -> None:
        company()
        payment = paid()
        invoices_number()
        for seconds, amount in enumerate((1000, 1000, PRICE - 2000), start=1):
            gone_back(payment, amount, seconds)
        invoices_number()
        notes = list(CreditNote.objects.order_by("number"))
        assert [note.total for note in notes] == [1000, 1000, PRICE - 2000]
        assert [note.number for note in notes] == [1, 2, 3]
        assert (sum(note.net for note in notes), sum(note.tax for note in notes)) == (NET, TAX)
        line, of_order = InvoiceLine.objects.get(), payment.order.lines.get()
        assert (line.net_credited, line.tax_credited) == (of_order.net_reversed, of_order.tax_reversed)
        assert {note.source_table for note in notes} == {"billing_refund"}

    def test_however_often_it_is_asked_it_is_credited_once(self) -> None:
        company()
        payment = paid()
        gone_back(payment, 500)
        assert credit_note_issue(order_id=payment.order_id) is None
        assert credit_note_issue(refund_id=payment.refunds.get().pk) is None
        assert CreditNote.objects.count() == 1

    def test_invoice_and_credit_note_get_their_numbers_in_one_run(self) -> None:
        company()
        gone_back(paid(), 500)
        assert invoices_number() == {"invoices": 1, "credit_notes": 1}

    def test_a_refund_by_staff_is_credited_when_the_provider_paid_it(self) -> None:
        company()
        payment = paid()
        asked = refund(payment, 700, refunder())
        assert not CreditNote.objects.exists()
        from billing.services.refund_facts import refund_settle
        from tests.billing.paying import answer

        refund_settle(refund_id=asked.pk, answer=answer(reference="re_staff"))
        note = CreditNote.objects.get()
        assert (note.total, note.source_id, note.cause) == (700, asked.pk, "refund")

    def test_money_in_suspense_that_goes_back_credits_nothing(self) -> None:
        company()
        from billing.provider_choices import FactKind
        from tests.billing.paying import told

        payment = told(paid(), FactKind.PAYMENT_CAPTURED, 1, amount=PRICE + 500, total=PRICE + 500)
        gone_back(payment, 500, 2)
        assert not CreditNote.objects.exists()

    def test_what_is_never_paid_is_credited_whole(self) -> None:
        company()
        order = ordered()
        invoice_draft(order_id=order.pk, issued_for="x", due_at=database_now())
        invoices_number()
        invoice_cancel(order_id=order.pk, actor=None, reason="the subscription ended unpaid")
        invoice_cancel(order_id=order.pk, actor=None, reason="once more")
        invoices_number()
        note = CreditNote.objects.get()
        assert (note.cause, note.total, note.number) == ("unpaid", PRICE, 1)


class TestEvidence:
    def test_two_pieces_that_agree_are_enough_and_one_is_kept_as_it_was(self) -> None:
        order = ordered()
        assert evidence_verdict(order) == EvidenceVerdict.MISSING
        for kind, country, expected in (
            ("ip_address", "DE", EvidenceVerdict.MISSING),
            ("sim", "FR", EvidenceVerdict.CONTRADICTORY),
            ("bank", "DE", EvidenceVerdict.SUFFICIENT),
        ):
            tax_evidence_record(order_id=order.pk, kind=kind, country=country, source="tests")
            assert evidence_verdict(order) == expected
        first = tax_evidence_record(order_id=order.pk, kind="bank", country="DE", source="again")
        assert first.source == "tests"
        assert set(TaxEvidence.objects.sufficient_orders().values_list("order_id", flat=True)) == {order.pk}
        from billing.errors import TaxEvidenceRefused

        for kind, country in (("bank", "FR"), ("other", "XX")):
            with pytest.raises(TaxEvidenceRefused):
                tax_evidence_record(order_id=order.pk, kind=kind, country=country, source="tests")
