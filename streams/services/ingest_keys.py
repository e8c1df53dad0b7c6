"""Ingest keys: made, shown once, rotated, revoked."""

from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from streams.announcements import ingest_key_made, ingest_key_revoked
from streams.errors import IngestKeyRefused
from streams.models import IngestKey

RANDOM_BYTES = 32
PREFIX = 8


@dataclass(frozen=True)
class MadeKey:
    """A new key. `secret` is shown to the performer once and kept nowhere; its representation hides it."""

    row: IngestKey
    secret: str = field(repr=False)


def key_digest(secret: str) -> bytes:
    """What is kept of a key: SHA-256. A key is random, so that nobody can guess it from there."""
    return sha256(secret.encode()).digest()


@transaction.atomic
def ingest_key_make(*, performer_id: UUID, actor: User | None) -> MadeKey:
    """Make the performer's key. Raises: IngestKeyRefused when there is an active one. Announces: `ingest_key_made`."""
    secret = token_urlsafe(RANDOM_BYTES)
    row = IngestKey(performer_id=performer_id, prefix=secret[:PREFIX], digest=key_digest(secret))
    with refused_as(IngestKeyRefused):
        row.save(force_insert=True)
    ingest_key_made.send(sender=IngestKey, actor=actor, subject=row)
    return MadeKey(row, secret)


@transaction.atomic
def ingest_key_rotate(*, performer_id: UUID, actor: User | None) -> MadeKey:
    """Revoke the active key, if there is one, and make another.

    Locks: the active key. Raises: IngestKeyRefused when somebody rotates at the same time.
    Announces: `ingest_key_revoked`, `ingest_key_made`.
    """
    active = IngestKey.objects.active().filter(performer_id=performer_id).select_for_update().first()
    if active is not None:
        _revoke(active, actor, "Rotated.")
    return ingest_key_make(performer_id=performer_id, actor=actor)


@transaction.atomic
def ingest_key_revoke(
    *, ingest_key_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> IngestKey:
    """Refuse a key from now on. A stream that is on air goes on under its lease.

    Locks: the key. Raises: IngestKeyRefused (it is revoked already), NotThere, StaleVersion.
    Announces: `ingest_key_revoked`.
    """
    key = locked(IngestKey, ingest_key_id, expected_version=expected_version)
    if key.revoked_at is not None:
        raise IngestKeyRefused("This key is revoked already.")
    return _revoke(key, actor, reason)


def _revoke(key: IngestKey, actor: User | None, reason: str) -> IngestKey:
    key.revoked_at = database_now()
    with refused_as(IngestKeyRefused):
        key.save(update_fields=["revoked_at"])
    ingest_key_revoked.send(
        sender=IngestKey, actor=actor, subject=key, reason=reason, changed=("revoked_at",)
    )
    return key
