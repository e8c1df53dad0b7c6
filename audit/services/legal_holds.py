"""Legal holds: placed, prolonged, released. What they stop is the work of triggers (docs/guides/holds.md)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from audit.announcements import legal_hold_placed, legal_hold_prolonged, legal_hold_released
from audit.choices import HoldAuthority, HoldScope
from audit.errors import HoldRefused
from audit.models import LegalHold
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as

COVERS = "SELECT legal_hold_covers(%s::text[], %s::uuid[])"
SINCE = "SELECT legal_hold_since(%s, %s::uuid)"


@transaction.atomic
def legal_hold_place(
    *,
    scope_kind: HoldScope | str,
    scope_id: UUID,
    authority_kind: HoldAuthority | str,
    authority: str,
    reference: str,
    basis: str,
    actor: User,
    reason: str,
    until: datetime | None = None,
) -> LegalHold:
    """Keep something as it is, from now until `until` (UTC; None: until released). Runs as compliance.

    Waits until whoever is destroying at this moment is done. Locks: the rows of the scope, then all destruction, until
    the transaction ends. Raises: HoldRefused (no authority, reference, basis or reason; no such thing; about oneself;
    this authority has such a hold already; the end lies in the past). Announces: `legal_hold_placed`.
    """
    if str(scope_id) == str(actor.pk):
        raise HoldRefused("Nobody places a hold about themselves. Ask a colleague.")
    hold = LegalHold(
        scope_kind=scope_kind,
        scope_id=scope_id,
        authority_kind=authority_kind,
        authority=authority.strip(),
        reference=reference.strip(),
        basis=basis.strip(),
        reason=reason.strip(),
        placed_by=actor,
    )
    with refused_as(HoldRefused):
        now = database_now()
        if until is not None and until <= now:
            raise HoldRefused("A hold ends in the future. Leave its end empty for none.")
        hold.valid = DateTimeTZRange(now, until, "[)")
        hold._change_reason = reason  # type: ignore[attr-defined]
        hold.save(force_insert=True)
    hold.refresh_from_db()
    _tell(legal_hold_placed, hold, actor, reason)
    return hold


@transaction.atomic
def legal_hold_prolong(
    *,
    legal_hold_id: UUID,
    actor: User,
    reason: str,
    until: datetime | None = None,
    expected_version: int | None = None,
) -> LegalHold:
    """Let a hold in force end later (None: never by itself). Runs as compliance.

    Locks: the hold. Raises: HoldRefused (it has ended, or would end sooner), NotThere, StaleVersion.
    Announces: `legal_hold_prolonged`.
    """
    hold = locked(LegalHold, legal_hold_id, expected_version=expected_version)
    _required_in_force(hold)
    if until is not None and (hold.valid.upper is None or until <= hold.valid.upper):
        raise HoldRefused("That is not later than its present end. A hold is released, never shortened.")
    hold.valid = DateTimeTZRange(hold.valid.lower, until, "[)")
    hold._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(HoldRefused):
        hold.save(update_fields=["valid"])
    _tell(legal_hold_prolonged, hold, actor, reason, changed=("valid",))
    return hold


@transaction.atomic
def legal_hold_release(
    *, legal_hold_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> LegalHold:
    """End a hold now. Runs as compliance, by somebody else than who placed it.

    What was copied out for it can be deleted by retention after 30 days. Locks: the hold. Raises: HoldRefused (it has
    ended, the actor placed it or is whom it is about, no reason), NotThere, StaleVersion.
    Announces: `legal_hold_released`.
    """
    hold = locked(LegalHold, legal_hold_id, expected_version=expected_version)
    _required_in_force(hold)
    if hold.placed_by_id == actor.pk:
        raise HoldRefused("Who placed a hold does not release it. Ask a colleague of compliance.")
    if hold.person_id == actor.pk:
        raise HoldRefused("Nobody releases a hold about themselves. Ask a colleague.")
    hold.released_by, hold.release_reason = actor, reason.strip()
    hold.released_at = database_now()
    hold.end(hold.released_at)
    hold._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(HoldRefused):
        hold.save(update_fields=["valid", "released_by", "released_at", "release_reason"])
    hold.refresh_from_db()
    _tell(legal_hold_released, hold, actor, reason, changed=("valid", "released_at", "released_by"))
    return hold


def legal_hold_covers(scopes: Iterable[tuple[str, UUID]]) -> bool:
    """Whether a hold covers something of these kinds and ids, as the triggers ask. For the worker and compliance.

    Until the transaction ends, no hold is placed that would have changed the answer.
    """
    pairs = list(scopes)
    with connection.cursor() as cursor:
        cursor.execute(COVERS, [[str(kind) for kind, _ in pairs], [str(key) for _, key in pairs]])
        return bool(cursor.fetchone()[0])


def legal_hold_since(scope_kind: HoldScope | str, scope_id: UUID) -> datetime | None:
    """Since when something is held (UTC), None if it is not: all that leads of moderation learn."""
    with connection.cursor() as cursor:
        cursor.execute(SINCE, [str(scope_kind), scope_id])
        return cursor.fetchone()[0]


def _required_in_force(hold: LegalHold) -> None:
    if not hold.is_in_force(database_now()):
        raise HoldRefused("This hold has ended already. Place a new one.")


def _tell(
    announcement: Announcement, hold: LegalHold, actor: User, reason: str, changed: tuple[str, ...] = ()
) -> None:
    announcement.send(
        sender=LegalHold,
        actor=actor,
        subject=hold,
        reason=reason,
        changed=changed,
        detail={"scope": str(hold.scope_kind), "scope_id": str(hold.scope_id)},
    )
