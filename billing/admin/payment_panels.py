"""What the page of a payment shows beside it: its moves, attempts, refunds, postings and messages."""

from typing import Any

from billing.admin.payment_words import list_url, money, money_of, room_url, row_url, when, when_of
from billing.models import (
    ApprovalRequest,
    JournalLine,
    Payment,
    PaymentAttempt,
    ProviderCall,
    ProviderEvent,
    ReconciliationException,
    Refund,
)
from billing.money import money_text
from core.admin.panels import Panel


def _side(name: str) -> Any:
    """A column of debits or of credits."""

    def shown(line: JournalLine) -> str:
        amount = getattr(line, name)
        return "" if amount is None else money_text(amount, line.currency)

    return shown


TIMELINE = Panel(
    "Timeline",
    columns=(
        ("Provider's time (UTC)", when_of("provider_time")),
        ("Ours (UTC)", when_of("moved_at")),
        ("From", lambda event: event.get_from_status_display() or "new"),
        ("To", "to_status"),
        ("Captured by then", lambda event: money_text(event.captured_settled, event.payment.currency_id)),
        ("Refunded by then", lambda event: money_text(event.refunded_settled, event.payment.currency_id)),
        ("In whose name", lambda event: str(event.actor) if event.actor else "the system"),
    ),
    rows=lambda payment: payment.events.select_related("actor", "payment").order_by("-pk"),
    permission="billing.view_paymentevent",
)
ATTEMPTS = Panel(
    "Attempts",
    columns=(
        ("Sent (UTC)", when_of("created_at")),
        ("What", "kind"),
        ("Amount", money_of("amount")),
        ("Outcome", "status"),
        ("Settled (UTC)", when_of("settled_at")),
        ("Decline code", lambda attempt: attempt.decline_code or "–"),
        ("Provider's name", lambda attempt: attempt.provider_reference or "–"),
        ("3-D Secure", lambda attempt: attempt.three_d_secure_version or "–"),
    ),
    rows=lambda payment: PaymentAttempt.objects.filter(intent_id=payment.intent_id).order_by("-pk"),
    permission="billing.view_paymentattempt",
    words="Of every payment of the same wish, declined ones too.",
)
REFUNDS = Panel(
    "Refunds",
    columns=(
        ("Asked for (UTC)", when_of("created_at")),
        ("Amount", money_of("amount")),
        ("Status", "status"),
        (
            "By",
            lambda refund: str(refund.requested_by) if refund.requested_by else refund.get_origin_display(),
        ),
        ("Reason", "reason"),
        ("Provider's name", lambda refund: refund.provider_reference or "–"),
    ),
    rows=lambda payment: payment.refunds.select_related("requested_by").order_by("-pk"),
    permission="billing.view_refund",
    url=row_url,
    all_url=lambda payment: list_url("refund", f"?payment={payment.pk}"),
)
APPROVALS = Panel(
    "Approvals",
    columns=(
        ("Asked for (UTC)", when_of("created_at")),
        ("Amount", money_of("amount")),
        ("By", "maker"),
        ("Status", "status"),
        ("Decided by", lambda request: str(request.checker) if request.checker else "–"),
    ),
    rows=lambda payment: (
        ApprovalRequest.objects.filter(subject_id=payment.pk)
        .select_related("maker", "checker")
        .order_by("-pk")
    ),
    permission="billing.view_approvalrequest",
    url=row_url,
)
POSTINGS = Panel(
    "Postings",
    columns=(
        ("Booked on", "booked_on"),
        ("What", "kind"),
        ("Account", "code"),
        ("Debit", _side("debit")),
        ("Credit", _side("credit")),
    ),
    rows=lambda payment: JournalLine.objects.filter(
        source_table="billing_payment", source_id=payment.pk
    ).order_by("-entry_id", "position"),
    permission="billing.view_journalline",
    limit=40,
    url=lambda line: room_url("journalentry", line.entry_id),
    words="What was booked for it, the latest entry first.",
)
MESSAGES = Panel(
    "Messages of the provider",
    columns=(
        ("Received (UTC)", when_of("received_at")),
        ("Happened (UTC)", when_of("occurred_at")),
        ("What", lambda event: event.get_fact_display() or event.event_type),
        ("Status", "status"),
        ("Provider's id", "event_id"),
    ),
    rows=lambda payment: (
        ProviderEvent.objects.filter(
            reference=payment.provider_reference, provider_account_id=payment.provider_account_id
        )
        .exclude(reference="")
        .defer("body")
        .order_by("-pk")
    ),
    permission="billing.view_providerevent",
    url=row_url,
    words="As they came. Open one to see its bytes and to have it processed again.",
)
EXCEPTIONS = Panel(
    "Exceptions",
    columns=(
        ("Found (UTC)", when_of("created_at")),
        ("What", "kind"),
        ("Words", "words"),
        ("Status", "status"),
    ),
    rows=lambda payment: ReconciliationException.objects.filter(
        subject_id__in=[
            payment.pk,
            *Refund.objects.filter(payment=payment).values_list("pk", flat=True),
            *PaymentAttempt.objects.filter(payment=payment).values_list("pk", flat=True),
        ]
    ).order_by("-pk"),
    permission="billing.view_reconciliationexception",
    url=row_url,
    empty="Everything fits.",
)
CALLS = Panel(
    "Calls to the provider",
    columns=(
        ("Asked (UTC)", when_of("created_at")),
        ("What", "operation"),
        ("Status", "status"),
        ("Outcome", lambda call: call.get_outcome_display() or "–"),
        ("Tried", "tries"),
        ("Next (UTC)", lambda call: when(call.next_try_at)),
    ),
    rows=lambda payment: ProviderCall.objects.filter(
        subject_id__in=[
            *PaymentAttempt.objects.filter(payment=payment).values_list("pk", flat=True),
            *Refund.objects.filter(payment=payment).values_list("pk", flat=True),
        ]
    ).order_by("-pk"),
    permission="billing.view_providercall",
    url=row_url,
)
PAYMENT_PANELS = (TIMELINE, ATTEMPTS, REFUNDS, APPROVALS, POSTINGS, MESSAGES, EXCEPTIONS, CALLS)

PAYMENTS_OF_PERSON = Panel(
    "Payments",
    columns=(
        ("When (UTC)", when_of("created_at")),
        ("Amount", money_of("amount")),
        ("Status", "status"),
        ("Refunded", lambda payment: money(payment, "refunded_settled")),
        ("By", "payment_method"),
    ),
    rows=lambda user: (
        Payment.objects.filter(user=user)
        .select_related("payment_method")
        .defer("payment_method__token")
        .order_by("-pk")
    ),
    permission="billing.view_payment",
    url=row_url,
    all_url=lambda user: list_url("payment", f"?user={user.pk}"),
    empty="Never paid.",
)
