"""What billing itself looks at before a month of books is closed; areas above and beside register their own."""

import datetime as dt

from django.db import connection
from django.db.models import F, Q, Sum

from billing.closing import Finding, register_close_check
from billing.dispute_choices import OPEN_DISPUTES
from billing.dispute_selectors import disputed_differences
from billing.invoice_choices import StatementKind
from billing.ledger_choices import PeriodStatus
from billing.ledger_selectors import trial_balance
from billing.models import (
    AccountingPeriod,
    ApprovalRequest,
    CreditNote,
    Dispute,
    Invoice,
    InvoiceSeries,
    Order,
    PaymentAttempt,
    Payout,
    ProviderCall,
    ProviderEvent,
    ReconciliationException,
    Refund,
    SettlementFile,
    TaxEvidence,
    TaxStatement,
)
from billing.models.payout import OUTCOME_OPEN
from billing.models.provider_call import OPEN_CALLS
from billing.payment_choices import RefundStatus
from billing.services.invoice_numbers import orders_without_invoice
from billing.services.tax_statements import statements_that_differ

UNEVEN = "SELECT currency FROM billing_trialbalanceline GROUP BY currency HAVING sum(debit) <> sum(credit)"
UNDER_WAY = (RefundStatus.REQUESTED, RefundStatus.SENT, RefundStatus.UNKNOWN)


def end_of(period: AccountingPeriod) -> dt.datetime:
    """The instant at which a period is over."""
    return dt.datetime.combine(period.days.upper, dt.time(), dt.UTC)


def _start_of(period: AccountingPeriod) -> dt.datetime:
    return dt.datetime.combine(period.days.lower, dt.time(), dt.UTC)


def earlier_periods(period: AccountingPeriod) -> Finding:
    """Months before it that are not closed."""
    open_ones = AccountingPeriod.objects.exclude(status=PeriodStatus.CLOSED).filter(
        days__fully_lt=period.days
    )
    return Finding(open_ones.count(), "accountingperiod?status__exact=soft_closed")


def uneven_currencies(period: AccountingPeriod) -> Finding:
    """Currencies whose debits and credits differ, at present or as of the last day."""
    with connection.cursor() as cursor:
        cursor.execute(UNEVEN)
        uneven = {currency for (currency,) in cursor.fetchall()}
    uneven |= {balance.currency for balance in trial_balance(period.last_day) if balance.difference}
    detail = f"Not even: {', '.join(sorted(uneven))}. Run ledger_prove." if uneven else ""
    return Finding(len(uneven), "ledgeraccount", detail)


def approvals_undecided(period: AccountingPeriod) -> Finding:
    """Requests of the period that wait for a second person."""
    return Finding(
        ApprovalRequest.objects.waiting().filter(created_at__lt=end_of(period)).count(), "approvalrequest"
    )


def exceptions_unresolved(period: AccountingPeriod) -> Finding:
    """Exceptions of the period that nobody has resolved."""
    found = ReconciliationException.objects.unresolved().filter(created_at__lt=end_of(period))
    return Finding(found.count(), "reconciliationexception")


def events_unprocessed(period: AccountingPeriod) -> Finding:
    """Messages of providers that came in the period and are not taken down."""
    found = ProviderEvent.objects.unsettled().filter(received_at__lt=end_of(period))
    return Finding(found.count(), "providerevent")


def calls_open(period: AccountingPeriod) -> Finding:
    """Calls of the period of which nobody knows what came."""
    return Finding(
        ProviderCall.objects.filter(status__in=OPEN_CALLS, created_at__lt=end_of(period)).count(),
        "providercall",
    )


def attempts_in_flight(period: AccountingPeriod) -> Finding:
    """Attempts of the period without an answer."""
    return Finding(
        PaymentAttempt.objects.in_flight().filter(created_at__lt=end_of(period)).count(), "payment"
    )


def refunds_under_way(period: AccountingPeriod) -> Finding:
    """Refunds of the period that did not come to an end."""
    return Finding(
        Refund.objects.filter(status__in=UNDER_WAY, created_at__lt=end_of(period)).count(), "refund"
    )


def orders_uninvoiced(period: AccountingPeriod) -> Finding:
    """Orders that are paid and have no invoice."""
    found = orders_without_invoice().filter(paid_at__lt=end_of(period)).count()
    detail = "Add a company that sells there; the worker writes the invoices." if found else ""
    return Finding(found, "legalentity", detail)


def documents_unnumbered(period: AccountingPeriod) -> Finding:
    """Invoices and credit notes of the period that wait for their number."""
    found = sum(
        model.objects.to_number().filter(ready_at__lt=end_of(period)).count()
        for model in (Invoice, CreditNote)
    )
    return Finding(found, "invoice?status__exact=ready")


def numbers_missing(period: AccountingPeriod) -> Finding:
    """Series whose documents are not exactly as many as the last number, or whose highest number is another."""
    gaps = 0
    for series in InvoiceSeries.objects.order_by("pk"):
        model = Invoice if series.series.startswith("INV") else CreditNote
        numbered = model.objects.filter(legal_entity_id=series.legal_entity_id, series=series.series)
        highest = numbered.order_by("-number").values_list("number", flat=True).first()
        gaps += (numbered.count(), highest) != (series.last_number, series.last_number)
    return Finding(gaps, "invoiceseries")


def statements_behind(period: AccountingPeriod) -> Finding:
    """Statements that are missing or say something else than the ledger, and sums that do."""
    differing = len(statements_that_differ(period))
    sums = dict(
        TaxStatement.objects.current()
        .filter(kind=StatementKind.MONTH, days=period.days)
        .order_by()
        .values_list("currency")
        .annotate(total=Sum("closing"))
    )
    owed = {
        balance.currency: sum(
            row.balance for row in balance.rows if row.name in ("earnings", "studio_earnings")
        )
        for balance in trial_balance(period.last_day)
    }
    wrong = sum(sums.get(currency, 0) != owed.get(currency, 0) for currency in sums | owed)
    return Finding(
        max(differing, wrong), "taxstatement", "Make or amend the statements." if differing or wrong else ""
    )


def evidence_thin(period: AccountingPeriod) -> Finding:
    """Taxed orders paid in the period of which fewer than two pieces of evidence name the country."""
    found = Order.objects.filter(
        ~Q(pk__in=TaxEvidence.objects.sufficient_orders()),
        tax__gt=0,
        total__gt=F("net"),
        paid_at__gte=_start_of(period),
        paid_at__lt=end_of(period),
    )
    return Finding(found.count(), "taxevidence")


def payouts_under_way(period: AccountingPeriod) -> Finding:
    """Payouts of before its end that were prepared or sent and whose outcome nobody knows."""
    found = Payout.objects.filter(status__in=OUTCOME_OPEN, created_at__lt=end_of(period))
    return Finding(found.count(), "payout?status__exact=sent")


def files_in_quarantine(period: AccountingPeriod) -> Finding:
    """Files of providers and banks that do not add up, until somebody has seen to them."""
    return Finding(SettlementFile.objects.quarantined().count(), "settlementfile?status__exact=quarantined")


def disputed_amiss(period: AccountingPeriod) -> Finding:
    """Accounts of what is disputed that are not the sum of their movements, at present."""
    found = disputed_differences()
    detail = f"Not the sum of its movements: {', '.join(row.code for row in found)}." if found else ""
    return Finding(len(found), "ledgeraccount", detail)


def disputes_open(period: AccountingPeriod) -> Finding:
    """Disputes of before its end that are not decided: money that may still come back, for people to judge."""
    found = Dispute.objects.filter(status__in=OPEN_DISPUTES, opened_at__lt=end_of(period))
    return Finding(found.count(), "dispute")


register_close_check("earlier_periods", "Every earlier month is closed", earlier_periods)
register_close_check("trial_balance", "The trial balance is even in every currency", uneven_currencies)
register_close_check("approvals", "Every request for approval is decided", approvals_undecided)
register_close_check("exceptions", "Every exception of reconciliation is resolved", exceptions_unresolved)
register_close_check("provider_events", "Every message of a provider is processed", events_unprocessed)
register_close_check("provider_calls", "Of every call to a provider the answer is known", calls_open)
register_close_check("attempts", "Every attempt at a payment is settled", attempts_in_flight)
register_close_check("refunds", "Every refund came to an end", refunds_under_way)
register_close_check("uninvoiced", "Every paid order has an invoice", orders_uninvoiced)
register_close_check("unnumbered", "Every invoice and credit note has its number", documents_unnumbered)
register_close_check("gaps", "No series of numbers has a gap", numbers_missing)
register_close_check("statements", "Statements of earnings say what the ledger says", statements_behind)
register_close_check(
    "evidence", "Two pieces of evidence name the country of every taxed order", evidence_thin, blocks=False
)
register_close_check("payouts", "No payout is prepared or under way", payouts_under_way)
register_close_check(
    "settlement_files", "No file of a provider or bank is in quarantine", files_in_quarantine
)
register_close_check(
    "disputed", "What is disputed in the ledger is the sum of what providers took and gave", disputed_amiss
)
register_close_check("disputes", "Every dispute is decided", disputes_open, blocks=False)
