"""What providers report by themselves: taken down whatever it says, in any order, as often as they like."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.errors import PaymentUnknown
from billing.models import Dispute, Payment, PaymentAttempt, Refund
from billing.payment_choices import AttemptKind, AttemptStatus, PaymentStatus
from billing.provider_choices import ExceptionKind, FactKind
from billing.providers.port import ProviderFact
from billing.services.dispute_facts import dispute_reported
from billing.services.payment_answers import decline, succeed
from billing.services.payout_facts import PAYOUTS, payout_fact_record
from billing.services.refund_facts import refund_reported
from billing.services.settlement import Settlement
from core.db.context import acting
from core.db.roles import Role

REFUNDS = (FactKind.REFUND_PENDING, FactKind.REFUND_SETTLED, FactKind.REFUND_FAILED)
DISPUTES = (
    FactKind.DISPUTE_OPENED,
    FactKind.DISPUTE_UPDATED,
    FactKind.DISPUTE_MOVED,
    FactKind.DISPUTE_CLOSED,
)


@transaction.atomic
def payment_fact_record(*, fact: ProviderFact, event_id: UUID) -> None:
    """Take down one fact. The same one again, or one that is older than what is known, changes nothing.

    Locks: the order, the payment, then its attempts, its refund or its disputes. Runs as the worker. Raises:
    PaymentUnknown, DisputeRefused. Announces: `payment_captured`, `payment_declined`, `payment_voided`,
    `refund_succeeded`, `refund_failed`, and what `dispute_reported` does.
    """
    if fact.kind == FactKind.NOT_OURS:
        return
    if fact.kind in PAYOUTS:
        payout_fact_record(fact=fact, event_id=event_id)
        return
    with acting(Role.WORKER):
        settlement = Settlement(_payment_of(fact), event_id=event_id)
        settlement.is_named(fact.reference)
        if fact.kind in DISPUTES:
            dispute_reported(settlement, fact)
        elif settlement.is_in(fact.currency, fact.amount):
            if fact.kind in REFUNDS:
                refund_reported(settlement, fact)
            else:
                _reported(settlement, fact)
        settlement.close(at=fact.occurred_at)


def _payment_of(fact: ProviderFact) -> UUID:
    """Which payment a fact is about: by the provider's name of it, by that of its refund, or by our key."""
    account: dict[str, UUID] = {} if fact.account_id is None else {"provider_account_id": fact.account_id}
    payments, refunds = Payment.objects.filter(**account), Refund.objects.filter(**account)
    attempts, disputes = PaymentAttempt.objects.filter(**account), Dispute.objects.filter(**account)
    ways: list[tuple[str, Any]] = [
        (fact.reference, payments.filter(provider_reference=fact.reference).values_list("pk", flat=True)),
        (
            fact.refund_reference,
            refunds.filter(provider_reference=fact.refund_reference).values_list("payment_id", flat=True),
        ),
        (
            fact.refund_reference,
            disputes.filter(provider_reference=fact.refund_reference).values_list("payment_id", flat=True),
        ),
    ]
    key = _key(fact.idempotency_key)
    if key is not None:
        ways.append((str(key), attempts.filter(pk=key).values_list("payment_id", flat=True)))
        ways.append((str(key), refunds.filter(pk=key).values_list("payment_id", flat=True)))
    for given, found in ways:
        payment_id = found.first() if given else None
        if payment_id is not None:
            return payment_id
    raise PaymentUnknown("There is no payment of this name.")


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _attempts(settlement: Settlement, *kinds: AttemptKind) -> list[PaymentAttempt]:
    found = settlement.payment.attempts.filter(kind__in=kinds).select_for_update().order_by("pk")
    return list(found)


def _authorised(settlement: Settlement, at: datetime) -> None:
    for attempt in _attempts(settlement, AttemptKind.AUTHORISE):
        succeed(settlement, attempt, at)


def _reported(settlement: Settlement, fact: ProviderFact) -> None:
    payment, at = settlement.payment, fact.occurred_at
    total = fact.total if fact.total is not None else fact.amount
    match fact.kind:
        case FactKind.PAYMENT_PENDING:
            settlement.stands(PaymentStatus.PENDING, at)
        case FactKind.PAYMENT_REQUIRES_ACTION:
            if settlement.stands(PaymentStatus.REQUIRES_ACTION, at):
                _wait_for_payer(settlement)
        case FactKind.PAYMENT_AUTHORISED:
            settlement.authorised(payment.amount if total is None else total)
            _authorised(settlement, at)
        case FactKind.PAYMENT_CAPTURED:
            settlement.captured(payment.amount if total is None else total)
            _authorised(settlement, at)
            if payment.captured_settled >= payment.capture_requested:
                for attempt in _attempts(settlement, AttemptKind.CAPTURE):
                    if attempt.status != AttemptStatus.DECLINED:
                        succeed(settlement, attempt, at)
        case FactKind.PAYMENT_FAILED:
            _failed(settlement, fact)
        case FactKind.PAYMENT_VOIDED:
            settlement.voided(at)
            for attempt in _attempts(settlement, AttemptKind.VOID):
                succeed(settlement, attempt, at)
            for attempt in _attempts(settlement, AttemptKind.AUTHORISE):
                decline(settlement, attempt, fact.decline_code, at)


def _wait_for_payer(settlement: Settlement) -> None:
    for attempt in _attempts(settlement, AttemptKind.AUTHORISE):
        if PaymentAttempt.status_machine.allows(attempt.status, AttemptStatus.REQUIRES_ACTION):
            attempt.status = AttemptStatus.REQUIRES_ACTION
            attempt.save(update_fields=["status"])


def _failed(settlement: Settlement, fact: ProviderFact) -> None:
    """A failure counts unless something later, or money, says otherwise."""
    payment = settlement.payment
    if settlement.stands(PaymentStatus.FAILED, fact.occurred_at):
        for attempt in _attempts(settlement, AttemptKind.AUTHORISE):
            decline(settlement, attempt, fact.decline_code, fact.occurred_at)
        return
    later = payment.provider_time is not None and fact.occurred_at > payment.provider_time
    if later and (payment.authorised_settled or payment.captured_settled):
        settlement.differs(
            ExceptionKind.CONTRADICTS, "The provider reports as failed what it reported as authorised before."
        )
