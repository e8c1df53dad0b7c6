"""Collecting money: the wish, the attempts, captures and voids. Providers are called afterwards, by a job."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from billing.announcements import capture_requested, payment_asked_again, void_requested
from billing.errors import PaymentRefused
from billing.idempotency import once
from billing.models import Order, Payment, PaymentAttempt, PaymentIntent, PaymentMethod, ProviderCall, Refund
from billing.money import amount_check, money_text
from billing.payment_choices import AttemptKind, CaptureMode, OrderStatus, PaymentMethodStatus, PaymentStatus
from billing.provider_choices import CallSubject, ProviderCallStatus, ProviderOperation
from billing.services.provider_calls import provider_call_ask_again, provider_call_request
from billing.services.settlement import Settlement
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.models.identity import uuid7

OVER = (PaymentStatus.FAILED, PaymentStatus.VOIDED)
"""States of a payment after which another one may be tried."""

OPERATIONS = {
    AttemptKind.AUTHORISE: ProviderOperation.AUTHORISE,
    AttemptKind.CAPTURE: ProviderOperation.CAPTURE,
    AttemptKind.VOID: ProviderOperation.VOID,
}


@transaction.atomic
def payment_intent_create(
    *,
    order_id: UUID,
    payment_method_id: UUID,
    idempotency_key: str,
    actor: User | None,
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC,
) -> PaymentIntent:
    """Say by what an order is to be paid. The same key with the same arguments gives the first one again.

    Locks: the order. Raises: PaymentRefused (the order waits for no payment, the method is another person's or cannot
    be used, the provider account is closed), KeyReused, NotThere.
    """

    def create() -> PaymentIntent:
        order = locked(Order, order_id)
        if order.status != OrderStatus.PLACED:
            raise PaymentRefused(
                f"This order is {order.get_status_display().lower()}; it waits for no payment."
            )
        method = _usable_method(order, payment_method_id)
        intent = PaymentIntent(
            order=order,
            user_id=order.user_id,
            payment_method=method,
            provider_account_id=method.customer.provider_account_id,
            currency_id=order.currency_id,
            amount=order.total,
            capture_mode=CaptureMode(capture_mode),
            idempotency_key=idempotency_key,
        )
        with refused_as(PaymentRefused):
            intent.save(force_insert=True)
        return intent

    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        arguments = {
            "order": order_id,
            "method": payment_method_id,
            "capture": CaptureMode(capture_mode).value,
        }
        intent, _ = once(
            PaymentIntent, create, operation="payment_intent", key=idempotency_key, arguments=arguments
        )
    return intent


def _usable_method(order: Order, payment_method_id: UUID) -> PaymentMethod:
    method = (
        PaymentMethod.objects.without_token()
        .select_related("customer__provider_account")
        .filter(pk=payment_method_id, user_id=order.user_id)
        .first()
    )
    if method is None:
        raise PaymentRefused("The person has no such payment method.")
    if method.status not in (PaymentMethodStatus.UNVERIFIED, PaymentMethodStatus.VERIFIED):
        raise PaymentRefused(f"This payment method cannot be used: {method.get_status_display().lower()}.")
    if method.customer.provider_account.closed_at is not None:
        raise PaymentRefused("New payments no longer go through this provider account. Use another method.")
    return method


@transaction.atomic
def payment_attempt_send(*, payment_intent_id: UUID, actor: User | None) -> PaymentAttempt:
    """Try to collect: record the attempt as sent, and have the provider called after this transaction.

    While an attempt of the intent is under way, that one is returned. Locks: the order. Raises: PaymentRefused (the
    order waits for no payment, or another payment of it is under way or done), NotThere.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        order_id = (
            PaymentIntent.objects.filter(pk=payment_intent_id).values_list("order_id", flat=True).first()
        )
        order = locked(Order, order_id or payment_intent_id)
        intent = PaymentIntent.objects.select_related("payment_method__customer").get(pk=payment_intent_id)
        under_way = intent.attempts.in_flight().filter(kind=AttemptKind.AUTHORISE).first()
        if under_way is not None:
            return under_way
        if order.status != OrderStatus.PLACED:
            raise PaymentRefused(
                f"This order is {order.get_status_display().lower()}; it waits for no payment."
            )
        live = Payment.objects.filter(order=order).exclude(Q(status__in=OVER) & Q(captured_settled=0))
        if live.exists():
            raise PaymentRefused(
                "Another payment of this order is under way or done. Wait for what comes of it."
            )
        _usable_method(order, intent.payment_method_id)
        payment = Payment(
            intent=intent,
            order=order,
            user_id=order.user_id,
            payment_method_id=intent.payment_method_id,
            provider_account_id=intent.provider_account_id,
            currency_id=intent.currency_id,
            amount=intent.amount,
        )
        with refused_as(PaymentRefused):
            payment.save(force_insert=True)
        PaymentMethod.objects.filter(pk=intent.payment_method_id).update(last_used_at=database_now())
        return _send(payment, AttemptKind.AUTHORISE, intent.amount, actor)


def _send(payment: Payment, kind: AttemptKind, amount: int, actor: User | None) -> PaymentAttempt:
    """The row that says that it was sent, and the call that will be made."""
    attempt = PaymentAttempt(
        id=uuid7(),
        payment=payment,
        intent_id=payment.intent_id,
        provider_account_id=payment.provider_account_id,
        kind=kind,
        currency_id=payment.currency_id,
        amount=amount,
    )
    with refused_as(PaymentRefused):
        attempt.save(force_insert=True)
    has_amount = kind != AttemptKind.VOID
    provider_call_request(
        operation=OPERATIONS[kind],
        provider_account_id=payment.provider_account_id,
        subject_type=CallSubject.PAYMENT_ATTEMPT,
        subject_id=attempt.pk,
        idempotency_key=attempt.provider_key,
        amount=amount if has_amount else None,
        currency=payment.currency_id if has_amount else None,
        reference="" if kind == AttemptKind.AUTHORISE else payment.provider_reference or "",
        captures=payment.intent.capture_mode == CaptureMode.AUTOMATIC,
        actor=actor,
    )
    return attempt


@transaction.atomic
def payment_capture(
    *,
    payment_id: UUID,
    actor: User | None,
    reason: str,
    amount: int | None = None,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> PaymentAttempt:
    """Ask the provider to take what was authorised: all that is left, or `amount` in minor units.

    Locks: the order, the payment. Raises: PaymentRefused (nothing is authorised or left, the provider is working on
    this payment), MoneyRefused, KeyReused, NotThere, StaleVersion. Announces: `capture_requested`.
    """

    def capture() -> PaymentAttempt:
        payment = _commanded(payment_id, expected_version)
        asked = payment.capturable if amount is None else amount_check(amount, payment.currency_id).amount
        if not payment.capturable:
            raise PaymentRefused("Nothing that was authorised is left to capture.")
        if asked > payment.capturable:
            left = money_text(payment.capturable, payment.currency_id)
            raise PaymentRefused(f"At most {left} is left to capture.")
        payment.capture_requested += asked
        with refused_as(PaymentRefused):
            payment.save(update_fields=["capture_requested"])
        return _send(payment, AttemptKind.CAPTURE, asked, actor)

    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        attempt, is_new = once(
            PaymentAttempt,
            capture,
            operation="payment_capture",
            key=idempotency_key,
            arguments={"payment": payment_id, "amount": amount},
        )
    if is_new:
        capture_requested.send(
            sender=Payment,
            actor=actor,
            subject=attempt.payment,
            reason=reason,
            changed=("capture_requested",),
            detail={"amount": attempt.amount, "currency": attempt.currency_id},
        )
    return attempt


@transaction.atomic
def payment_void(
    *,
    payment_id: UUID,
    actor: User | None,
    reason: str,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> PaymentAttempt:
    """Ask the provider to let go of what was authorised, while nothing of it was captured.

    Locks: the order, the payment. Raises: PaymentRefused (nothing is authorised, something was captured, the provider
    is working on this payment), KeyReused, NotThere, StaleVersion. Announces: `void_requested`.
    """

    def void() -> PaymentAttempt:
        payment = _commanded(payment_id, expected_version)
        if payment.captured_settled or (payment.capture_requested and payment.captured):
            raise PaymentRefused("Something of this was captured already. Refund it instead.")
        if payment.status != PaymentStatus.AUTHORISED:
            raise PaymentRefused("Nothing is authorised that could be let go of.")
        return _send(payment, AttemptKind.VOID, payment.authorised, actor)

    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        attempt, is_new = once(
            PaymentAttempt,
            void,
            operation="payment_void",
            key=idempotency_key,
            arguments={"payment": payment_id},
        )
    if is_new:
        void_requested.send(sender=Payment, actor=actor, subject=attempt.payment, reason=reason)
    return attempt


def _commanded(payment_id: UUID, expected_version: int | None) -> Payment:
    """The payment, locked, if the provider is not working on it."""
    payment = Settlement(payment_id).payment
    if expected_version is not None:
        locked(Payment, payment_id, expected_version=expected_version)
    if payment.provider_reference is None:
        raise PaymentRefused("The provider has not said yet what it calls this payment. Wait for its answer.")
    if payment.attempts.in_flight().exists():
        raise PaymentRefused("The provider is working on this payment. Wait for what comes of it.")
    return payment


@transaction.atomic
def payment_ask_again(*, payment_id: UUID, actor: User, reason: str) -> int:
    """Have the provider asked again about everything of a payment whose outcome nobody could learn; returns how much.

    Raises: PaymentRefused (nothing was given up), NotThere. Announces: `payment_asked_again`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        payment = Payment.objects.filter(pk=payment_id).first()
        if payment is None:
            raise NotThere("There is no such payment.")
        about = Q(subject_type=CallSubject.PAYMENT_ATTEMPT) & Q(
            subject_id__in=PaymentAttempt.objects.filter(payment=payment).values("pk")
        )
        about |= Q(subject_type=CallSubject.REFUND) & Q(
            subject_id__in=Refund.objects.filter(payment=payment).values("pk")
        )
        given_up = list(
            ProviderCall.objects.filter(about, status=ProviderCallStatus.GIVEN_UP)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    if not given_up:
        raise PaymentRefused(
            "Nothing about this payment was given up: the provider is asked until it answers."
        )
    for call_id in given_up:
        provider_call_ask_again(provider_call_id=call_id, actor=actor, reason=reason)
    payment_asked_again.send(
        sender=Payment, actor=actor, subject=payment, reason=reason, detail={"calls": len(given_up)}
    )
    return len(given_up)
