"""Messages of providers, as a job processes them: each once, in one transaction with what follows from it."""

from dataclasses import replace
from uuid import UUID

from billing.errors import PaymentUnknown
from billing.models.provider_event import ProviderEvent
from billing.provider_choices import ExceptionKind, FactKind, ProviderEventStatus
from billing.providers.port import ProviderFact, Unreadable
from billing.providers.registry import provider_of
from billing.providers.settlement import fact_record
from billing.services.reconciliation_exceptions import exceptions_settle, reconciliation_exception_raise
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from core.jobs.failures import failure_words
from core.jobs.retries import Backoff

PROCESSING = Backoff(attempts=8)
"""How often a message is tried that fails for a reason which may pass."""

WAITS = (ProviderEventStatus.RECEIVED, ProviderEventStatus.FAILED)
SETTLED_BY_PROCESSING = (
    ExceptionKind.UNKNOWN_PAYMENT,
    ExceptionKind.UNPROCESSABLE,
    ExceptionKind.UNREADABLE,
)


def provider_event_run(*, event_id: UUID) -> None:
    """Take down what the message reports, unless that is done.

    What the rules refuse has failed, with an exception for somebody to look at. Whatever else goes wrong is noted and
    raised, so that the job tries again. Raises RuntimeError inside of a transaction.
    """
    try:
        with acting(Role.WORKER, durable=True):
            _process(event_id)
    except (Refused, Unreadable) as refusal:
        with acting(Role.WORKER, durable=True):
            _fail(event_id, refusal)
    except Exception as failure:
        with acting(Role.WORKER, durable=True):
            _fail(event_id, failure)
        raise


def _process(event_id: UUID) -> None:
    event = ProviderEvent.objects.select_for_update().filter(pk=event_id).first()
    if event is None or event.status not in WAITS:
        return
    fact = _fact_of(event)
    event.status, event.words = ProviderEventStatus.PROCESSED, ""
    if fact.kind is FactKind.NOT_OURS:
        event.status, event.words = ProviderEventStatus.IGNORED, "We keep nothing of this type."
    else:
        fact_record()(fact=fact, event_id=event.pk)
    event.attempts, event.processed_at = event.attempts + 1, database_now()
    event.save(update_fields=["status", "words", "attempts", "processed_at"])
    exceptions_settle(
        subject=event, kinds=SETTLED_BY_PROCESSING, reason="The message was processed after all."
    )


def _fact_of(event: ProviderEvent) -> ProviderFact:
    fact = provider_of(event.provider_account).read(bytes(event.body))
    return replace(fact, account_id=event.provider_account_id)


def _fail(event_id: UUID, failure: Exception) -> None:
    event = ProviderEvent.objects.select_for_update().get(pk=event_id)
    if event.status not in WAITS:
        return
    words = str(failure) if isinstance(failure, Unreadable) else failure_words(failure)
    event.status, event.attempts, event.words = ProviderEventStatus.FAILED, event.attempts + 1, words
    event.save(update_fields=["status", "attempts", "words"])
    if isinstance(failure, Refused | Unreadable) or event.attempts >= PROCESSING.attempts:
        is_unknown = isinstance(failure, PaymentUnknown)
        _raise_about(
            event,
            ExceptionKind.UNKNOWN_PAYMENT if is_unknown else ExceptionKind.UNPROCESSABLE,
            words,
            fact=_fact_of(event) if is_unknown else None,
        )


def _raise_about(
    event: ProviderEvent, kind: ExceptionKind, words: str, fact: ProviderFact | None = None
) -> None:
    reconciliation_exception_raise(
        kind=kind,
        subject=event,
        words=words,
        provider_account_id=event.provider_account_id,
        event_id=event.pk,
        reference=event.reference,
        currency=fact.currency if fact else None,
        reported_amount=fact.amount if fact and fact.currency else None,
    )
