"""What providers answer to attempts, taken down once; the worker's, called by `billing.services.provider_call_runs`."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from billing.announcements import payment_declined
from billing.models import Payment, PaymentAttempt, PaymentMethod, ProviderCall
from billing.payment_choices import AttemptKind, AttemptStatus, CaptureMode, PaymentStatus
from billing.provider_choices import ExceptionKind, ProviderOutcome
from billing.providers.port import ProviderAnswer
from billing.services.settlement import Settlement
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.roles import Role
from core.encryption import Purpose, keys_for

A = AttemptStatus


def attempt_answered(*, call: ProviderCall, answer: ProviderAnswer) -> None:
    """The taker of answers about attempts, for `billing.providers.settlement`."""
    payment_attempt_settle(attempt_id=call.subject_id, answer=answer)


@transaction.atomic
def payment_attempt_settle(*, attempt_id: UUID, answer: ProviderAnswer) -> PaymentAttempt:
    """Take down what a provider answered. An answer that is known already, by whatever way, changes nothing.

    Locks: the order, the payment, the attempt. Runs as the worker. Raises: NotThere. Announces: `payment_captured`,
    `payment_declined`, `payment_voided`.
    """
    with acting(Role.WORKER):
        payment_id = PaymentAttempt.objects.filter(pk=attempt_id).values_list("payment_id", flat=True).first()
        if payment_id is None:
            raise NotThere("There is no such attempt.")
        settlement = Settlement(payment_id)
        attempt = locked(PaymentAttempt, attempt_id)
        attempt.payment = settlement.payment
        if attempt.status == A.SUCCEEDED and answer.outcome == ProviderOutcome.DECLINED:
            settlement.differs(
                ExceptionKind.CONTRADICTS,
                "The provider declines what it reported as done.",
                subject=attempt,
            )
            return attempt
        take = {
            ProviderOutcome.UNKNOWN: _unknown,
            ProviderOutcome.NOT_FOUND: _unknown,
            ProviderOutcome.PENDING: _pending,
            ProviderOutcome.REQUIRES_ACTION: _requires_action,
            ProviderOutcome.DECLINED: _declined,
            ProviderOutcome.SUCCEEDED: _succeeded,
        }[answer.outcome]
        take(settlement, attempt, answer, database_now())
        return attempt


def attempt_method_token(attempt_id: UUID) -> str:
    """The provider's token of the method that an attempt charges. Raises NotThere where it is gone."""
    with keys_for(Purpose.DELIVER, actor=None, reason="charge a payment method"):
        token = (
            PaymentMethod.objects.filter(intents__attempts=attempt_id).values_list("token", flat=True).first()
        )
    if token is None:
        raise NotThere("This payment method was detached.")
    return str(token)


def _move(
    attempt: PaymentAttempt, status: AttemptStatus, *, at: datetime | None = None, **changes: str
) -> bool:
    """Move the attempt if there is such a move; whether it moved."""
    if not PaymentAttempt.status_machine.allows(attempt.status, status):
        return False
    attempt.status, attempt.settled_at = status, at
    for name, value in changes.items():
        setattr(attempt, name, value)
    attempt.save(update_fields=["status", "settled_at", *changes])
    return True


def _unknown(settlement: Settlement, attempt: PaymentAttempt, answer: ProviderAnswer, now: datetime) -> None:
    _move(attempt, A.UNKNOWN)


def _named(settlement: Settlement, attempt: PaymentAttempt, answer: ProviderAnswer) -> None:
    """Note the provider's names, the payment's for an authorisation."""
    if attempt.kind == AttemptKind.AUTHORISE:
        settlement.is_named(answer.reference)
    if answer.reference and attempt.provider_reference is None:
        known = settlement.payment.provider_reference
        if attempt.kind != AttemptKind.AUTHORISE or known == answer.reference:
            attempt.provider_reference = answer.reference
            attempt.save(update_fields=["provider_reference"])


def _pending(settlement: Settlement, attempt: PaymentAttempt, answer: ProviderAnswer, now: datetime) -> None:
    """The provider has it, and an event will say more."""
    _named(settlement, attempt, answer)
    settlement.close()


def _requires_action(
    settlement: Settlement, attempt: PaymentAttempt, answer: ProviderAnswer, now: datetime
) -> None:
    if _move(attempt, A.REQUIRES_ACTION):
        _named(settlement, attempt, answer)
        if settlement.payment.status == PaymentStatus.PENDING:
            settlement.payment.status = PaymentStatus.REQUIRES_ACTION
        settlement.close(at=now)


def _declined(settlement: Settlement, attempt: PaymentAttempt, answer: ProviderAnswer, now: datetime) -> None:
    decline(settlement, attempt, answer.decline_code, now)
    _named(settlement, attempt, answer)
    settlement.close(at=now)


def _succeeded(
    settlement: Settlement, attempt: PaymentAttempt, answer: ProviderAnswer, now: datetime
) -> None:
    if attempt.status == A.SUCCEEDED:
        _named(settlement, attempt, answer)
        settlement.close()
        return
    _named(settlement, attempt, answer)
    amount = attempt.amount if answer.amount is None else answer.amount
    succeed(settlement, attempt, now)
    if settlement.is_in(answer.currency, answer.amount):
        if amount != attempt.amount:
            settlement.differs(
                ExceptionKind.AMOUNT_DIFFERS,
                "The provider moved another amount than it was asked to.",
                subject=attempt,
                expected=attempt.amount,
                reported=amount,
            )
        _report(settlement, attempt, amount, now)
    settlement.close()


def _report(settlement: Settlement, attempt: PaymentAttempt, amount: int, now: datetime) -> None:
    """What moved by this attempt, altogether."""
    match attempt.kind:
        case AttemptKind.AUTHORISE:
            settlement.authorised(amount)
            if attempt.intent.capture_mode == CaptureMode.AUTOMATIC:
                settlement.captured(amount)
        case AttemptKind.CAPTURE:
            others = (
                settlement.payment.attempts.filter(kind=AttemptKind.CAPTURE, status=A.SUCCEEDED)
                .exclude(pk=attempt.pk)
                .aggregate(sum=Sum("amount"))["sum"]
            )
            settlement.captured((others or 0) + amount)
        case AttemptKind.VOID:
            settlement.voided(now)


def succeed(settlement: Settlement, attempt: PaymentAttempt, at: datetime) -> bool:
    """The attempt succeeded, says an answer or a fact; its method works. Whether that is new."""
    if not _move(attempt, A.SUCCEEDED, at=at, decline_code=""):
        return False
    if attempt.kind == AttemptKind.AUTHORISE:
        PaymentMethod.objects.filter(pk=settlement.payment.payment_method_id).update(failure_streak=0)
    return True


def decline(settlement: Settlement, attempt: PaymentAttempt, code: str, at: datetime) -> bool:
    """The attempt was declined, says an answer or a fact. Whether that is new."""
    if not _move(attempt, A.DECLINED, at=at, decline_code=code[:100]):
        return False
    payment = settlement.payment
    if attempt.kind == AttemptKind.CAPTURE:
        payment.capture_requested = max(payment.captured, payment.capture_requested - attempt.amount)
    if attempt.kind == AttemptKind.AUTHORISE:
        PaymentMethod.objects.filter(pk=payment.payment_method_id).update(
            failure_streak=F("failure_streak") + 1
        )
        if payment.status in (PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION):
            payment.status = PaymentStatus.FAILED
        payment_declined.send(
            sender=Payment,
            actor=None,
            subject=payment,
            changed=("status",),
            detail={"decline_code": code[:100]},
        )
    return True
