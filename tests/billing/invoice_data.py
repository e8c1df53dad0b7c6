"""Documents for the tests: companies that sell, paid orders, months of books in the past, earnings booked in them."""

import datetime as dt
from typing import Any
from uuid import UUID

from accounts.models import User
from billing import chart
from billing.ledger_choices import JournalKind
from billing.models import AccountingPeriod, CreditNote, Invoice, LegalEntity, Payment
from billing.provider_choices import FactKind
from billing.services.accounting_periods import accounting_period_close, accounting_period_soft_close
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.legal_entities import legal_entity_add
from billing.services.tax_forms import tax_form_submit
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import staff
from tests.billing.paying import told
from tests.sql import run

JANUARY, FEBRUARY = dt.date(2020, 1, 1), dt.date(2020, 2, 1)
TAX_NUMBER = "12 345 678 903"
LEGAL_NAME = "Berta Beispiel"


def company(**changed: Any) -> LegalEntity:
    """A company of ours that sells everywhere, unless said otherwise."""
    said: dict[str, Any] = {
        "code": "VBL_EU",
        "name": "Example B.V.",
        "address": "Straat 1, Amsterdam",
        "country": "NL",
        "tax_number": "NL000000000B01",
        "sells_everywhere": True,
    }
    administrator = staff(Role.ADMINISTRATOR)
    with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
        return legal_entity_add(**{**said, **changed}, actor=administrator, reason="tests")


def invoice_of(payment: Payment) -> Invoice:
    """The invoice of what was paid."""
    return Invoice.objects.select_related("legal_entity").get(order_id=payment.order_id)


def gone_back(payment: Payment, amount: int, seconds: int = 1) -> Payment:
    """The provider reports a refund."""
    return told(
        payment,
        FactKind.REFUND_SETTLED,
        seconds,
        amount=amount,
        refund_reference=f"re_{payment.pk}_{seconds}",
    )


def numbers(model: type[Invoice] | type[CreditNote], entity: LegalEntity | None = None) -> list[int]:
    """Every number that was given, in order."""
    rows = model.objects.filter(number__isnull=False)
    if entity is not None:
        rows = rows.filter(legal_entity=entity)
    return list(rows.order_by("number").values_list("number", flat=True))


def month(first: dt.date = JANUARY) -> AccountingPeriod:
    """A month of books that is long over."""
    after = (first.replace(day=28) + dt.timedelta(days=7)).replace(day=1)
    ((key,),) = run(
        "INSERT INTO billing_accountingperiod (id, days) VALUES (uuidv7(), daterange(%s, %s)) RETURNING id",
        [first, after],
    )
    return AccountingPeriod.objects.get(pk=key)


def posted(
    period: AccountingPeriod,
    *amounts: tuple[chart.AccountSpec, int],
    kind: JournalKind = JournalKind.TIP,
    source: tuple[str, UUID] | None = None,
) -> None:
    """Book an entry in a month, whatever its day is."""
    accounts = ledger_accounts_open(*(spec for spec, _ in amounts))
    lines = tuple(
        Line(account, amount, spec.currency)
        for account, (spec, amount) in zip(accounts, amounts, strict=True)
    )
    entry = Entry(id=uuid7(), kind=kind, lines=lines, source=source)
    entries_post(entries=[entry], actor=None, period_id=period.pk)


def earned(period: AccountingPeriod, performer_id: UUID, tokens: int, **said: Any) -> None:
    """Tokens that a performer earned in a month; who paid them had been given them."""
    posted(period, (chart.promotion_cost(), -tokens), (chart.earnings(performer_id), tokens), **said)


def two_people() -> tuple[User, User]:
    """Who closes softly, and who closes for good."""
    return staff(Role.FINANCE), staff(Role.FINANCE_APPROVER)


def closed_softly(period: AccountingPeriod, clerk: User) -> AccountingPeriod:
    """The month after finance closed it softly."""
    return accounting_period_soft_close(
        accountingperiod_id=period.pk, actor=clerk, reason="the month is over"
    )


def closed(period: AccountingPeriod, approver: User) -> AccountingPeriod:
    """The month after an approver closed it for good."""
    return accounting_period_close(accountingperiod_id=period.pk, actor=approver, reason="looked through")


def form_of(performer: Any, **changed: Any) -> Any:
    """A signed form that waits for a review."""
    said: dict[str, Any] = {
        "kind": "w8ben",
        "signed_by": performer.user,
        "performer_id": performer.pk,
        "legal_name": LEGAL_NAME,
        "tax_number": TAX_NUMBER,
        "country": "DE",
        "signed_on": dt.date.today() - dt.timedelta(days=1),  # noqa: DTZ011
        "actor": performer.user,
    }
    return tax_form_submit(**{**said, **changed})
