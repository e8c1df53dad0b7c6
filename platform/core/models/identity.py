"""Identity: every row is named by one UUIDv7 (RFC 9562), whose first 48 bits are the creation instant.

Bits of a UUIDv7, from the left: 48 of Unix time in milliseconds, 4 of version, 12 random (PostgreSQL keeps
microseconds there), 2 of variant, 62 random. Ids therefore sort by time, lists page by `id < cursor`, and a
range of instants is a range of ids.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import models
from uuid_utils import compat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LAST_MILLISECOND = 2**48 - 1

_VERSION = 7 << 76
_VARIANT = 0b10 << 62
_RANDOM_A = (1 << 12) - 1
_RANDOM_B = (1 << 62) - 1


def uuid7() -> UUID:
    """Return a new id of the present instant; ids made by one process increase.

    A plain `uuid.UUID`, so that it compares and pickles like every other one.
    """
    return compat.uuid7()


def uuid7_floor(instant: datetime) -> UUID:
    """Return the smallest UUIDv7 of the millisecond in which `instant` lies.

    Raises ValueError for a naive datetime and for an instant before 1970, which UUIDv7 cannot carry.
    """
    return UUID(int=(_milliseconds(instant) << 80) | _VERSION | _VARIANT)


def uuid7_instant(value: UUID) -> datetime:
    """Return the instant (UTC, to the millisecond) that a UUIDv7 carries.

    Raises ValueError when `value` is of another version, or lies beyond the year 9999.
    """
    if value.version != 7:
        raise ValueError(f"{value} is not a UUIDv7.")
    try:
        return EPOCH + (value.int >> 80) * MILLISECOND
    except OverflowError:
        raise ValueError(f"{value} lies beyond the year 9999.") from None


def uuid7_derived(instant: datetime, *parts: str | bytes) -> UUID:
    """Return the id that the same instant and the same parts always give.

    Imports use it, so that a second run meets the rows of the first. The random bits are the SHA-256 of the
    parts, each preceded by its kind and length: ("ab", "c") and ("a", "bc") give different ids.
    Raises ValueError as `uuid7_floor` does, and when there is no part.
    """
    if not parts:
        raise ValueError("An id is derived from at least one part.")
    digest = sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else bytes(part)
        kind = b"s" if isinstance(part, str) else b"b"
        digest.update(kind + len(raw).to_bytes(8, "big") + raw)
    bits = int.from_bytes(digest.digest()[:10], "big")
    random_a, random_b = (bits >> 62) & _RANDOM_A, bits & _RANDOM_B
    return UUID(int=uuid7_floor(instant).int | (random_a << 64) | random_b)


def _milliseconds(instant: datetime) -> int:
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no time zone; an id is of one instant.")
    milliseconds = (instant - EPOCH) // MILLISECOND
    if not 0 <= milliseconds <= LAST_MILLISECOND:
        raise ValueError(f"{instant.isoformat()} lies before 1970; UUIDv7 cannot carry it.")
    return milliseconds


class UUIDv7(models.Func):
    """PostgreSQL's own `uuidv7()`, for rows that are written without Django."""

    function = "uuidv7"
    arity = 0
    output_field = models.UUIDField()


def identity_field() -> models.UUIDField:
    """Return the key that every table has.

    Both defaults are needed: with the database's alone, `bulk_create` leaves `pk` unset, two unsaved objects
    are equal, and history rows lose their subject.
    """
    return models.UUIDField(
        primary_key=True,
        default=uuid7,
        db_default=UUIDv7(),
        editable=False,
        db_comment="Identity of the row: UUIDv7, which carries its instant of creation.",
    )


class Identified(models.Model):
    """A row with the UUIDv7 key of the house."""

    id = identity_field()

    class Meta:
        abstract = True
