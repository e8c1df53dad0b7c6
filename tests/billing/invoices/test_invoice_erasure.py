"""Erasing somebody who was invoiced: documents stay, and what waits objects."""

from collections.abc import Iterator

import pytest

from accounts.models import User
from billing.services.invoice_erasure import survey
from billing.services.invoice_numbers import invoices_number
from core.db.context import acting
from core.db.roles import Role
from core.vetoes import erasure_requested
from tests.accounts.factories import staff
from tests.billing.factories_wallets import performer
from tests.billing.invoice_data import company, form_of, gone_back
from tests.billing.paying import fulfilments, paid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def objections(user: User) -> list[str]:
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        return [veto.reason for veto in erasure_requested.ask(sender=User, user=user)]


def test_an_invoice_without_its_number_objects_and_documents_stay() -> None:
    company()
    payment = paid()
    assert any("invoice" in words for words in objections(payment.user))
    gone_back(payment, 500)
    invoices_number()
    assert not any("invoice" in words for words in objections(payment.user))
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        kept = {line.table: line.rows for line in survey(payment.user_id).kept}
    assert kept["billing_invoice"] == kept["billing_creditnote"] == kept["billing_invoiceline"] == 1


def test_forms_and_statements_of_a_performer_stay() -> None:
    her = performer()
    form_of(her)
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        kept = {line.table: line.rows for line in survey(her.pk).kept}
    assert (kept["billing_taxform"], kept["billing_taxstatement"]) == (1, 0)
