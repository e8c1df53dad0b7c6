"""Entitlements: given by tickets, purchases and staff, and ended before their time."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from billing.errors import EntitlementRefused
from billing.models import Entitlement
from billing.services.wallets import as_worker
from billing.wallet_announcements import entitlement_granted, entitlement_revoked
from billing.wallet_choices import EntitlementSource, RevocationCause
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from performers.models import PerformerProfile
from streams.models import Archive, Stream


def entitlement_give(
    *,
    user_id: UUID,
    source: EntitlementSource,
    since: dt.datetime,
    until: dt.datetime | None = None,
    **columns: Any,
) -> Entitlement:
    """Write an entitlement. As the worker. Raises EntitlementRefused (the person has it already, say)."""
    row = Entitlement(user_id=user_id, source=source, valid=DateTimeTZRange(since, until, "[)"), **columns)
    with refused_as(EntitlementRefused):
        row.save(force_insert=True)
    return row


def entitlement_end(
    *, entitlement: Entitlement, cause: RevocationCause, at: dt.datetime, **columns: Any
) -> Entitlement:
    """End an entitlement before its time, and say by what. As the worker. Raises EntitlementRefused."""
    # One that was given within this very transaction ends a moment later, since no period is empty.
    end = max(at, entitlement.valid.lower + dt.timedelta(microseconds=1))
    entitlement.end(end)
    entitlement.revocation = cause
    for name, value in columns.items():
        setattr(entitlement, name, value)
    with refused_as(EntitlementRefused):
        entitlement.save(update_fields=["valid", "revocation", *columns])
    return entitlement


@transaction.atomic
def entitlement_grant(
    *,
    user_id: UUID,
    actor: User,
    reason: str,
    stream_id: UUID | None = None,
    archive_id: UUID | None = None,
    performer_id: UUID | None = None,
    until: dt.datetime | None = None,
) -> Entitlement:
    """Let a person watch what others pay for: a stream with its recordings, an archive, or all of a performer.

    From now until `until` (UTC; None: until revoked). Raises: EntitlementRefused (no such person or thing, not exactly
    one thing, it is theirs, they have it already, oneself, an end in the past). Announces: `entitlement_granted`.
    """
    if [stream_id, archive_id, performer_id].count(None) != 2:
        raise EntitlementRefused("Name a stream, an archive or a performer, and one of them.")
    if str(actor.pk) == str(user_id):
        raise EntitlementRefused("Nobody grants themselves anything. Ask a colleague.")
    if not reason.strip():
        raise EntitlementRefused("Say why the person may watch it. Write a reason.")
    now = database_now()
    if until is not None and until <= now:
        raise EntitlementRefused("An entitlement ends in the future. Leave it empty for no end.")
    with as_worker(actor):
        owner = _owner(stream_id, archive_id, performer_id)
        if owner is None or not User.objects.filter(pk=user_id, erased_at__isnull=True).exists():
            raise EntitlementRefused("There is no such person, stream, archive or performer.")
        row = entitlement_give(
            user_id=user_id,
            source=EntitlementSource.STAFF,
            since=now,
            until=until,
            performer_id=owner,
            stream_id=stream_id,
            archive_id=archive_id,
            granted_by=actor,
        )
    entitlement_granted.send(sender=Entitlement, actor=actor, subject=row, reason=reason)
    return row


@transaction.atomic
def entitlement_revoke(
    *, entitlement_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> Entitlement:
    """End an entitlement now. What was paid for it is not given back by this: reverse the spend, or refund.

    Locks: the entitlement. Raises: EntitlementRefused (one's own, or it has ended), NotThere, StaleVersion.
    Announces: `entitlement_revoked`.
    """
    with as_worker(actor):
        row = locked(Entitlement, entitlement_id, expected_version=expected_version)
        now = database_now()
        if row.user_id == actor.pk or row.performer_id == actor.pk:
            raise EntitlementRefused("Nobody decides about what is their own. Ask a colleague.")
        if not row.is_in_force(now):
            raise EntitlementRefused("This entitlement has ended already.")
        entitlement_end(entitlement=row, cause=RevocationCause.STAFF, at=now, revoked_by=actor)
    entitlement_revoked.send(
        sender=Entitlement, actor=actor, subject=row, reason=reason, changed=("valid", "revocation")
    )
    return row


def _owner(stream_id: UUID | None, archive_id: UUID | None, performer_id: UUID | None) -> UUID | None:
    if stream_id is not None:
        found = Stream.objects.filter(pk=stream_id).values_list("performer_id", flat=True)
    elif archive_id is not None:
        found = Archive.objects.filter(pk=archive_id).values_list("performer_id", flat=True)
    elif performer_id is not None:
        found = PerformerProfile.objects.filter(pk=performer_id).values_list("pk", flat=True)
    else:
        return None
    return found.first()
