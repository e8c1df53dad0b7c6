"""The rooms of documents and the page of the close: what they show, offer and refuse, and how often they ask."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from billing.models import (
    AccountingPeriod,
    CreditNote,
    Invoice,
    LegalEntity,
    PeriodClosing,
    TaxForm,
    TaxStatement,
)
from billing.services.invoice_numbers import invoices_number
from billing.services.tax_evidence import tax_evidence_record
from billing.services.tax_statements import tax_statements_freeze
from core.db.roles import Role
from tests.billing.factories_wallets import performer
from tests.billing.invoice_data import (
    LEGAL_NAME,
    closed_softly,
    company,
    earned,
    form_of,
    gone_back,
    invoice_of,
    month,
    two_people,
)
from tests.billing.paying import fulfilments, paid
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
REASON = "looked through with care"


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def page_of(row: Any) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_action", args=[row.pk, name])


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:billing_{model}_changelist") + query


def close_of(period: AccountingPeriod) -> str:
    return reverse("admin:period_close", args=[period.pk])


def asked(browser: Browser, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(url)
    assert response.status_code == 200, url
    return len(queries)


def test_an_invoice_with_its_lines_credit_notes_and_evidence(staff_client: StaffClient) -> None:
    company()
    payment = paid()
    for kind in ("ip_address", "bank"):
        tax_evidence_record(order_id=payment.order_id, kind=kind, country="DE", source="tests")
    gone_back(payment, 1000)
    invoices_number()
    invoice = invoice_of(payment)
    for role in (Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR):
        page = staff_client(role).get(page_of(invoice)).content.decode()
        for words in (invoice.name, "€29.99", "19.00 % in DE", "Example B.V.", "Two pieces or more", "CRN-"):
            assert words in page, (role, words)
    browser = staff_client(Role.FINANCE)
    note = browser.get(page_of(CreditNote.objects.get())).content.decode()
    assert invoice.name in note
    assert "€10.00" in note
    assert invoice.name in browser.get(list_of("invoice", "?status__exact=issued")).content.decode()
    for role in (Role.SUPPORT, Role.MODERATOR, Role.ANALYST):
        assert staff_client(role).get(page_of(invoice)).status_code == 403


def test_a_company_is_changed_and_closed_by_an_administrator(staff_client: StaffClient) -> None:
    call_command(
        "legal_entity_add", "VBL_EU", "--name=A B.V.", "--address=A 1", "--country=NL", "--tax-number=NL1"
    )
    entity = LegalEntity.objects.get()
    assert staff_client(Role.FINANCE).get(action_on(entity, "change")).status_code == 403
    browser = staff_client(Role.ADMINISTRATOR)
    answer = browser.do(
        action_on(entity, "change"), reason=REASON, name="B B.V.", address="B 2", tax_number="NL2"
    )
    assert answer.status_code == 302
    assert LegalEntity.objects.get().name == "B B.V."
    assert browser.do(action_on(entity, "close"), reason=REASON).status_code == 302
    assert LegalEntity.objects.get().closed_at is not None
    assert Event.objects.filter(action="legal_entity_closed").count() == 1


def test_a_tax_form_from_the_card_to_the_review(staff_client: StaffClient) -> None:
    form = form_of(performer())
    browser = staff_client(Role.COMPLIANCE)
    assert "Tax forms to review" in browser.get(reverse("admin:index")).content.decode()
    assert page_of(form) in browser.get(list_of("taxform", "?todo=review")).content.decode()
    page = browser.get(page_of(form)).content.decode()
    assert LEGAL_NAME not in page
    assert LEGAL_NAME in browser.do(action_on(form, "reveal"), reason=REASON).content.decode()
    assert browser.do(action_on(form, "accept"), reason=REASON).status_code == 302
    assert TaxForm.objects.get().status == "accepted"
    assert page_of(form) not in browser.get(list_of("taxform", "?todo=review")).content.decode()
    finance = staff_client(Role.FINANCE)
    assert finance.get(page_of(form)).status_code == 200
    assert finance.get(action_on(form, "reveal")).status_code == 403


def test_a_month_from_the_card_to_the_closing(staff_client: StaffClient) -> None:
    january, anna = month(), performer()
    earned(january, anna.pk, 70)
    finance, approver = staff_client(Role.FINANCE), staff_client(Role.FINANCE_APPROVER)
    assert "Months to close" in finance.get(reverse("admin:index")).content.decode()
    page = finance.get(close_of(january)).content.decode()
    for words in (
        "In the way: 1",
        "Make or amend the statements",
        "None is made yet",
        "promotion_cost:TOKEN",
    ):
        assert words in page, words
    assert finance.do(action_on(january, "soft-close"), reason=REASON).status_code == 302
    refused = approver.do(action_on(january, "close"), reason=REASON).content.decode()
    assert "cannot be closed yet" in refused
    assert finance.do(action_on(january, "make-statements"), reason=REASON).status_code == 302
    statement = TaxStatement.objects.get()
    assert "Every version" in finance.get(page_of(statement)).content.decode()
    assert "Nothing is in the way" in approver.get(close_of(january)).content.decode()
    assert approver.do(action_on(january, "close"), reason=REASON).status_code == 302
    page = finance.get(close_of(january)).content.decode()
    assert "What was looked at" in page
    assert REASON in page
    assert PeriodClosing.objects.get().closed_by == approver.user


def test_statements_are_exported_with_totals_and_on_record(staff_client: StaffClient) -> None:
    january, (clerk, _) = month(), two_people()
    for tokens in (70, 30):
        earned(january, performer().pk, tokens)
    closed_softly(january, clerk)
    tax_statements_freeze(accountingperiod_id=january.pk, actor=None)
    export = reverse("admin:period_statements", args=[january.pk])
    browser = staff_client(Role.FINANCE)
    assert browser.get(export).status_code == 404
    lines = browser.send(export, {}).content.decode().splitlines()
    assert len(lines) == 4
    assert lines[-1].split(",")[1:7] == ["Total", "", "", "", "TOKEN", "0"]
    assert lines[-1].split(",")[7] == "100"
    assert Event.objects.filter(action="tax_statements_exported").count() == 1
    assert staff_client(Role.ADMINISTRATOR).send(export, {}).status_code == 403


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.ANALYST])
def test_others_close_nothing(staff_client: StaffClient, role: Role) -> None:
    january = month()
    browser = staff_client(role)
    for url in (close_of(january), list_of("taxstatement"), list_of("taxform"), list_of("invoice")):
        assert browser.get(url).status_code == 403


@pytest.mark.parametrize(
    "page", ["invoice", "creditnote", "taxevidence", "taxform", "taxstatement", "close", "one"]
)
def test_pages_ask_the_same_number_of_questions(staff_client: StaffClient, page: str) -> None:
    company()
    january, (clerk, _) = month(), two_people()

    def add() -> Any:
        payment = paid()
        tax_evidence_record(order_id=payment.order_id, kind="bank", country="DE", source="tests")
        gone_back(payment, 500)
        her = performer()
        form_of(her)
        earned(january, her.pk, 5)
        return payment

    first = add()
    if page in ("taxstatement", "close"):
        closed_softly(january, clerk)
        tax_statements_freeze(accountingperiod_id=january.pk, actor=None)
    invoices_number()
    browser = staff_client(Role.FINANCE)
    url = {"close": close_of(january), "one": page_of(invoice_of(first))}.get(page) or list_of(page)
    few = asked(browser, url)
    if page in ("taxstatement", "close"):
        AccountingPeriod.objects.filter(pk=january.pk).update(status="open")
    for _ in range(19):
        add()
    if page in ("taxstatement", "close"):
        closed_softly(AccountingPeriod.objects.get(pk=january.pk), clerk)
        tax_statements_freeze(accountingperiod_id=january.pk, actor=None)
    invoices_number()
    assert Invoice.objects.count() == 20
    assert asked(browser, url) == few
