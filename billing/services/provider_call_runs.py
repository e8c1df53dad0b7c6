"""Calls to payment providers, as a job makes them: outside of any transaction, once, and asked about until known."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from billing.models.provider_call import ASKED_ABOUT, ProviderCall
from billing.provider_choices import (
    ExceptionKind,
    ProviderCallStatus,
    ProviderOperation,
    ProviderOutcome,
)
from billing.providers.port import (
    AuthoriseCall,
    Call,
    CaptureCall,
    EvidenceCall,
    NeverSent,
    PayoutCall,
    Provider,
    ProviderAnswer,
    RefundCall,
    VoidCall,
    call_by,
)
from billing.providers.registry import provider_of
from billing.providers.settlement import subject_of
from billing.services.reconciliation_exceptions import exceptions_settle, reconciliation_exception_raise
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.jobs.failures import failure_words
from core.jobs.retries import Backoff

logger = structlog.get_logger(__name__)

ASKING = Backoff(attempts=12, first=5, factor=3, longest=60 * 60)
"""How often a provider is called or asked before somebody must look, and when: about six hours altogether."""

UNDER_WAY = timedelta(minutes=2)
"""So long a call that was begun is left to its worker, before a sweep asks about it."""

CALLED_AGAIN_WITHIN = timedelta(minutes=15)
"""What never arrived is asked for again so long: nobody expects to be charged later than that."""

SURELY_SEEN_AFTER = timedelta(hours=1)
"""After this a provider that knows of nothing has nothing: its search may be behind until then."""

AWAITED_FIRST, AWAITED_OFTEN, AWAITED_FOR = timedelta(hours=1), timedelta(days=1), timedelta(days=21)
"""When a provider is asked what became of something it had under way, in case its message was lost: after an hour, then
at twice the age, once a day at last, and somebody must look after three weeks. Debits by bank take up to 14 business
days (https://docs.stripe.com/payments/payment-methods, delayed notification)."""

NEVER_ARRIVED = ProviderAnswer(ProviderOutcome.DECLINED, decline_code="never_arrived")


def provider_call_run(*, call_id: UUID) -> datetime | None:
    """Make the call, or ask what became of it, and record the answer; returns when to ask again, None: never.

    May be run twice, or by two at once: a call that was begun is looked up, and repeated only under the same key.
    Raises RuntimeError inside of a transaction.
    """
    with acting(Role.WORKER, durable=True):
        begun = _begin(call_id)
    if begun is None:
        return None
    call, is_first = begun
    answer = _ask(call, is_first=is_first)
    with acting(Role.WORKER, durable=True):
        return _record(call_id, answer)


def _begin(call_id: UUID) -> tuple[ProviderCall, bool] | None:
    """Commit that the provider is about to be called, so that whoever comes after a crash knows."""
    call = ProviderCall.objects.select_for_update().filter(pk=call_id).first()
    if call is None or call.status not in ASKED_ABOUT:
        return None
    is_first, now = call.status == ProviderCallStatus.WAITING, database_now()
    if is_first:
        call.status, call.begun_at = ProviderCallStatus.BEGUN, now
    call.tries, call.next_try_at = call.tries + 1, now + UNDER_WAY
    call.save(update_fields=["status", "begun_at", "tries", "next_try_at"])
    return call, is_first


def _ask(call: ProviderCall, *, is_first: bool) -> ProviderAnswer:
    """Outside of any transaction. Whatever goes wrong here leaves it open whether money moved."""
    try:
        with acting(Role.WORKER):
            provider = provider_of(call.provider_account)
            request = _request(call)
        if is_first:
            return call_by(provider, request)
        return _asked_again(call, provider, request)
    except NeverSent as never:
        return ProviderAnswer(ProviderOutcome.DECLINED, decline_code=never.code)
    except Exception as failure:
        logger.warning("a provider could not be asked", call=str(call.pk), failure=failure_words(failure))
        return ProviderAnswer(ProviderOutcome.UNKNOWN, raw={"failure": failure_words(failure)})


def _asked_again(call: ProviderCall, provider: Provider, request: Call) -> ProviderAnswer:
    operation = ProviderOperation(call.operation)
    answer = provider.look_up(call.idempotency_key, operation=operation, reference=call.reference)
    if answer.outcome is not ProviderOutcome.NOT_FOUND or call.status == ProviderCallStatus.AWAITED:
        return answer
    with acting(Role.WORKER):
        age = database_now() - (call.begun_at or database_now())
    if age < CALLED_AGAIN_WITHIN or (
        operation is not ProviderOperation.AUTHORISE and age < SURELY_SEEN_AFTER
    ):
        return call_by(provider, request)
    return NEVER_ARRIVED if age >= SURELY_SEEN_AFTER else answer


def _request(call: ProviderCall) -> Call:
    """The call in the words of the port. The token is read here, and kept nowhere."""
    key, amount, currency = call.idempotency_key, call.amount or 0, call.currency_id or ""
    match ProviderOperation(call.operation):
        case ProviderOperation.AUTHORISE:
            token = subject_of(call.subject_type).method_token
            if token is None:
                raise LookupError(f"Nobody knows the payment method of {call.subject_type}.")
            return AuthoriseCall(key, amount, currency, token(call.subject_id), capture=call.captures)
        case ProviderOperation.CAPTURE:
            return CaptureCall(key, call.reference, amount, currency)
        case ProviderOperation.VOID:
            return VoidCall(key, call.reference)
        case ProviderOperation.REFUND:
            return RefundCall(key, call.reference, amount, currency)
        case ProviderOperation.PAYOUT:
            token = subject_of(call.subject_type).method_token
            if token is None:
                raise LookupError(f"Nobody knows the destination of {call.subject_type}.")
            return PayoutCall(key, amount, currency, token(call.subject_id), call.reference)
        case ProviderOperation.SUBMIT_EVIDENCE:
            evidence = subject_of(call.subject_type).evidence
            if evidence is None:
                raise LookupError(f"Nobody knows the evidence of {call.subject_type}.")
            return EvidenceCall(key, call.reference, evidence(call.subject_id))


def _record(call_id: UUID, answer: ProviderAnswer) -> datetime | None:
    """Take the answer down, together with what it means for whom it was asked."""
    call = ProviderCall.objects.select_for_update().get(pk=call_id)
    if call.status not in ASKED_ABOUT:
        return None
    before = call.status
    call.outcome, call.answer = answer.outcome, {**answer.raw}
    call.answer_reference = answer.reference[:255] or call.answer_reference
    call.decline_code = answer.decline_code[:100]
    if answer.outcome is ProviderOutcome.PENDING or (
        before == ProviderCallStatus.AWAITED and not answer.is_final
    ):
        call.status, call.next_try_at = _awaited_until(call)
    elif answer.is_final:
        call.status, call.answered_at, call.next_try_at = ProviderCallStatus.ANSWERED, database_now(), None
    elif call.tries >= ASKING.attempts:
        call.status, call.next_try_at = ProviderCallStatus.GIVEN_UP, None
    else:
        call.status = ProviderCallStatus.UNKNOWN
        call.next_try_at = database_now() + ASKING.wait(call.tries)
    call.save(
        update_fields=[
            "status",
            "outcome",
            "answer",
            "answer_reference",
            "decline_code",
            "answered_at",
            "next_try_at",
        ]
    )
    if before == ProviderCallStatus.AWAITED:
        is_news = call.status == ProviderCallStatus.ANSWERED
    else:
        is_news = answer.is_final or before != ProviderCallStatus.UNKNOWN
    if is_news:
        told = answer if answer.is_final else ProviderAnswer(ProviderOutcome.UNKNOWN, raw=answer.raw)
        subject_of(call.subject_type).settle(call=call, answer=told)
    if call.status == ProviderCallStatus.GIVEN_UP:
        _put_before_somebody(call)
    elif answer.is_final:
        exceptions_settle(
            subject=call, kinds=(ExceptionKind.OUTCOME_UNKNOWN,), reason="The provider answered after all."
        )
    return call.next_try_at


def _awaited_until(call: ProviderCall) -> tuple[ProviderCallStatus, datetime | None]:
    """Ask again when it is twice as old. What was asked about by hand after it was given up gets one more day."""
    now = database_now()
    age = now - (call.begun_at or now)
    if age >= AWAITED_FOR and call.status == ProviderCallStatus.AWAITED:
        return ProviderCallStatus.GIVEN_UP, None
    return ProviderCallStatus.AWAITED, now + min(max(age, AWAITED_FIRST), AWAITED_OFTEN)


def _put_before_somebody(call: ProviderCall) -> None:
    reconciliation_exception_raise(
        kind=ExceptionKind.OUTCOME_UNKNOWN,
        subject=call,
        words=f"The provider was asked {call.tries} times and did not say what became of this.",
        provider_account_id=call.provider_account_id,
        reference=call.reference,
        currency=call.currency_id,
        expected_amount=call.amount,
    )
