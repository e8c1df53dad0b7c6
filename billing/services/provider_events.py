"""The inbox: messages of providers are taken in here, and put back into the queue by staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from billing.announcements import provider_event_replayed
from billing.errors import EventRefused
from billing.jobs import provider_event_process
from billing.models.provider_account import ProviderAccount
from billing.models.provider_event import LARGEST_BODY, ProviderEvent, ProviderEventKey
from billing.provider_choices import (
    ExceptionKind,
    FactKind,
    ProviderEventStatus,
    SignatureVerdict,
)
from billing.providers.port import Unreadable
from billing.providers.registry import provider_of
from billing.services.reconciliation_exceptions import reconciliation_exception_raise
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.roles import Role
from core.jobs.failures import failure_words

logger = structlog.get_logger(__name__)

KEPT_HEADERS = ("stripe-signature", "simulator-signature", "content-type", "content-length", "user-agent")
LONGEST_HEADER = 4096
MOST_SAID = 2**63 - 1
"""A length that a header says is anything; the column holds no more."""

KEY_RULE = "billing_providereventkey_provider_account_event_id_key"
NEVER_AGAIN = (ProviderEventStatus.RECEIVED, ProviderEventStatus.PROCESSED)


@dataclass(frozen=True)
class Received:
    """What became of a message: our row, and whether it was there before."""

    event: ProviderEvent
    is_repeated: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether the provider need not send it again."""
        return self.event.verdict == SignatureVerdict.VALID


def account_of_address(code: str) -> ProviderAccount | None:
    """The account whose webhook address ends with this code; a closed one still hears of old payments."""
    with acting(Role.WORKER):
        return ProviderAccount.objects.filter(code=code).first()


@transaction.atomic
def provider_event_receive(*, account: ProviderAccount, body: bytes, headers: Mapping[str, str]) -> Received:
    """Keep a message as it came, and have it processed if its signature is right. The same event is kept once.

    `headers` have names in small letters. Acts as the worker, whoever is signed in. Locks: the row of an event that is
    repeated. Raises nothing that a message could cause: what is forged is quarantined, what cannot be read has failed.
    """
    with acting(Role.WORKER):
        now = database_now()
        provider = provider_of(account)
        verdict = provider.verify(body, headers, now)
        event = ProviderEvent(
            provider_account=account,
            body=body,
            body_bytes=len(body),
            body_sha256=sha256(body).digest(),
            headers=kept_headers(headers),
            verdict=verdict.signature,
            received_at=now,
            words=verdict.words,
            status=ProviderEventStatus.RECEIVED if verdict.is_valid else ProviderEventStatus.QUARANTINED,
        )
        if verdict.is_valid:
            _read_into(event, account)
        try:
            with transaction.atomic():
                event.save(force_insert=True)
        except IntegrityError as error:
            if not _is_about_key(error):
                raise
            return Received(_repeated(account, event.event_id), is_repeated=True)
        _follow_up(event)
    return Received(event)


@transaction.atomic
def provider_event_reject(
    *, account: ProviderAccount, said_bytes: int, headers: Mapping[str, str]
) -> ProviderEvent:
    """Record that a message was refused unread because it was too large."""
    with acting(Role.WORKER):
        return ProviderEvent.objects.create(
            provider_account=account,
            body=b"",
            body_bytes=min(said_bytes, MOST_SAID),
            body_sha256=sha256(b"").digest(),
            headers=kept_headers(headers),
            verdict=SignatureVerdict.NOT_CHECKED,
            status=ProviderEventStatus.QUARANTINED,
            received_at=database_now(),
            words=f"Refused unread: it is larger than {LARGEST_BODY} bytes.",
        )


@transaction.atomic
def provider_event_replay(*, provider_event_id: UUID, actor: User, reason: str) -> ProviderEvent:
    """Have a message processed again that failed, was ignored, or was quarantined and is rightly signed after all.

    The signature of a quarantined one is checked anew, with the secrets of today and the time of its arrival. Locks:
    the event. Raises: EventRefused (it is processed or waits; its signature is still not right; it came again
    meanwhile), NotThere. Announces: `provider_event_replayed`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        event = locked(ProviderEvent, provider_event_id)
        if event.status in NEVER_AGAIN:
            raise EventRefused(
                "This was processed, and is processed once only."
                if event.status == ProviderEventStatus.PROCESSED
                else "This waits to be processed already."
            )
        account = event.provider_account
        if event.verdict != SignatureVerdict.VALID:
            verdict = provider_of(account).verify(bytes(event.body), event.headers, event.received_at)
            if not verdict.is_valid:
                raise EventRefused(f"Its signature is still not right. {verdict.words}")
            event.verdict = verdict.signature
        event.words, event.processed_at, event.status = "", None, ProviderEventStatus.RECEIVED
        _read_into(event, account)
        if event.status in (ProviderEventStatus.FAILED, ProviderEventStatus.QUARANTINED):
            raise EventRefused(f"It is as it was. {event.words}")
        # What was ignored is looked at again by the job: this release may know its type.
        event.status, event.words, event.processed_at = ProviderEventStatus.RECEIVED, "", None
        try:
            with transaction.atomic():
                event.save(
                    update_fields=[
                        "event_id",
                        "event_type",
                        "verdict",
                        "status",
                        "words",
                        "processed_at",
                        "fact",
                        "occurred_at",
                        "reference",
                    ]
                )
        except IntegrityError as error:
            if not _is_about_key(error):
                raise
            raise EventRefused(
                "The provider sent this event again meanwhile, and that one counts."
            ) from error
        provider_event_process.enqueue(event_id=event.pk, key=str(event.pk))
    provider_event_replayed.send(
        sender=ProviderEvent, actor=actor, subject=event, reason=reason, changed=("status",)
    )
    return event


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those headers that are needed to check a message again."""
    return {
        name: headers[name].replace("\x00", "")[:LONGEST_HEADER] for name in KEPT_HEADERS if name in headers
    }


def _read_into(event: ProviderEvent, account: ProviderAccount) -> None:
    """What a rightly signed message says; what cannot be read has failed, and is kept all the same."""
    try:
        with transaction.atomic():
            fact = provider_of(account).read(bytes(event.body))
    except Unreadable as unreadable:
        event.status, event.words = ProviderEventStatus.FAILED, str(unreadable)
        return
    except Exception as failure:
        logger.error("a message could not be read", failure=failure_words(failure))
        event.status, event.words = ProviderEventStatus.FAILED, f"Not read: {failure_words(failure)}"
        return
    event.event_id, event.event_type = fact.event_id, fact.event_type
    event.fact, event.occurred_at, event.reference = fact.kind, fact.occurred_at, fact.reference
    if fact.is_live is not None and fact.is_live != account.is_live:
        event.status = ProviderEventStatus.QUARANTINED
        event.words = "A message about real money came to a test account, or the other way round."
    elif fact.kind is FactKind.NOT_OURS:
        event.status, event.processed_at = ProviderEventStatus.IGNORED, event.received_at
        event.words = "We keep nothing of this type."


def _follow_up(event: ProviderEvent) -> None:
    if event.status == ProviderEventStatus.RECEIVED:
        provider_event_process.enqueue(event_id=event.pk, key=str(event.pk))
    elif event.status == ProviderEventStatus.FAILED:
        reconciliation_exception_raise(
            kind=ExceptionKind.UNREADABLE,
            subject=event,
            words=event.words,
            provider_account_id=event.provider_account_id,
            event_id=event.pk,
        )


def _repeated(account: ProviderAccount, event_id: str) -> ProviderEvent:
    """The row of an event that came before; its repetition is counted."""
    key = ProviderEventKey.objects.get(provider_account=account, event_id=event_id)
    there = ProviderEvent.objects.filter(pk=key.message_id)
    there.update(deliveries=F("deliveries") + 1)
    # Its partition may be gone while its key is still there.
    return there.first() or ProviderEvent(
        pk=key.message_id, provider_account=account, event_id=event_id, verdict=SignatureVerdict.VALID
    )


def _is_about_key(error: IntegrityError) -> bool:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) == KEY_RULE
