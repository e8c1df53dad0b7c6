"""What finance does with a payment: the forms, what they say beforehand, and what is typed as an amount."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.models import User
from billing.admin.payment_words import money
from billing.models import Payment, PaymentAttempt, Refund
from billing.money import money_parse, money_text
from billing.payment_choices import LimitKind, PaymentStatus
from billing.services.payments import payment_ask_again, payment_capture, payment_void
from billing.services.refunds import refund_recoverable, refund_request
from billing.services.staff_limits import Allowance, allowance_of
from core.admin.actions import ConfirmedAction
from core.db.context import current
from core.db.locking import NotThere


class CaptureForm(forms.Form):
    """How much to take."""

    amount = forms.CharField(
        label="Amount", required=False, max_length=30, help_text="As 12.50. Empty: all that is left."
    )


class RefundForm(forms.Form):
    """How much goes back."""

    amount = forms.CharField(
        label="Amount", max_length=30, help_text="As 12.50, in the currency of the payment."
    )
    is_goodwill = forms.BooleanField(
        label="As goodwill",
        required=False,
        help_text="The platform bears what was used up already and cannot be taken back.",
    )


def _typed(payment_id: UUID, text: str) -> int:
    """What was typed, in minor units of the payment's currency. Raises MoneyRefused, NotThere."""
    currency = Payment.objects.filter(pk=payment_id).values_list("currency_id", flat=True).first()
    if currency is None:
        raise NotThere("There is no such payment, or your role may not see it.")
    return money_parse(text, currency).amount


def refund_typed(
    *,
    payment_id: UUID,
    amount: str,
    is_goodwill: bool,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> Refund:
    """`refund_request` with an amount as people type it."""
    return refund_request(
        payment_id=payment_id,
        amount=_typed(payment_id, amount),
        is_goodwill=is_goodwill,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


def capture_typed(
    *, payment_id: UUID, amount: str, actor: User, reason: str, expected_version: int | None = None
) -> PaymentAttempt:
    """`payment_capture` with an amount as people type it; nothing typed: all that is left."""
    return payment_capture(
        payment_id=payment_id,
        amount=_typed(payment_id, amount) if amount.strip() else None,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


def allowance_here(currency: str) -> Allowance:
    """What whoever asks may still refund today in their role; nothing without a person."""
    context = current()
    if context is None or context.user_id is None:
        return Allowance(None, None, 0)
    return allowance_of(
        person_id=context.user_id, role=context.role, kind=LimitKind.REFUND, currency=currency
    )


def refund_words(payment: Payment) -> str:
    """What can be refunded, what of it without a loss, and what of one's limit is left."""
    allowance = allowance_here(payment.currency_id)
    limit = (
        f"You may refund {money_text(allowance.left, payment.currency_id)} more alone; above that, a colleague with "
        "the role Finance approver decides."
        if allowance.left
        else "You have no limit left today: a colleague with the role Finance approver decides."
    )
    without_loss = money_text(min(payment.refundable, refund_recoverable(payment)), payment.currency_id)
    most = money(payment, "refundable")
    return f"At most {most} can be refunded; {without_loss} of it without a loss. {limit}"


def _is_open(payment: Any) -> bool:
    return (
        payment.attempts.in_flight().exists()
        or payment.refunds.filter(status__in=("sent", "unknown")).exists()
    )


PAYMENT_ACTIONS = (
    ConfirmedAction(
        "refund",
        refund_typed,
        "billing.refund_payment",
        RefundForm,
        words="Refund",
        explain=refund_words,
        done="The refund is on its way, or waits for an approval: {obj}.",
        dangerous=True,
        available=lambda payment: payment.refundable > 0 and payment.provider_reference is not None,
    ),
    ConfirmedAction(
        "capture",
        capture_typed,
        "billing.capture_payment",
        CaptureForm,
        words="Capture",
        explain=lambda payment: f"At most {money(payment, 'capturable')} is left to capture.",
        done="The provider is asked to capture: {obj}.",
        available=lambda payment: payment.capturable > 0,
    ),
    ConfirmedAction(
        "void",
        payment_void,
        "billing.void_payment",
        words="Void",
        explain="What was authorised is let go of. The payer is not charged.",
        done="The provider is asked to let go of it: {obj}.",
        dangerous=True,
        available=lambda payment: payment.status == PaymentStatus.AUTHORISED,
    ),
    ConfirmedAction(
        "ask-again",
        payment_ask_again,
        "billing.ask_payment",
        words="Ask again",
        explain="The provider is asked once more what became of everything about this payment that was given up.",
        done="The provider is asked again: {obj}.",
        available=_is_open,
    ),
)
