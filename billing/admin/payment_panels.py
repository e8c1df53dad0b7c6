"""What the page of a payment shows beside it: its moves, attempts, refunds, postings and messages."""

from uuid import UUID

from billing.admin.payment_words import list_url, money, money_of, row_url, when_of
from billing.admin.provider_panels import calls, exceptions, messages, postings_from
from billing.models import (
    ApprovalRequest,
    Payment,
    PaymentAttempt,
    Refund,
)
from billing.money import money_text
from core.admin.panels import Panel

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
POSTINGS = postings_from("billing_payment")
MESSAGES = messages(lambda payment: payment.provider_reference)


def _asked_about(payment: Payment) -> list[UUID]:
    """The attempts and refunds of a payment: providers are asked about those."""
    attempts, refunds = PaymentAttempt.objects.filter(payment=payment), Refund.objects.filter(payment=payment)
    return [*attempts.values_list("pk", flat=True), *refunds.values_list("pk", flat=True)]


EXCEPTIONS = exceptions(lambda payment: [payment.pk, *_asked_about(payment)])
CALLS = calls(_asked_about)
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
