"""What a seal hashes, byte for byte: the twins of `audit_event_digest` and `audit_seal_head` in the database.

Both encodings begin with their name and version, so that no byte string is ever read as the other or as a later one.
Numbers are big-endian. A part that may be missing or of any length is one byte 0, or one byte 1, its length in eight
bytes, and its bytes; text is UTF-8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

LEAF = b"\x00"
"""What RFC 6962, section 2.1, puts before the data of a leaf; `audit.seals.merkle` has that of a node."""

EVENT_DOMAIN = b"audit_event 1"
SEAL_DOMAIN = b"audit_seal 1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NOBODY = bytes(16)

QUOTED_IN_ARRAYS = frozenset('"\\{}, \t\n\r\v\f')


@dataclass(frozen=True, kw_only=True)
class EventColumns:
    """Every column of an event. `detail` is the text that PostgreSQL gives for the JSON: its keys have one order."""

    id: UUID
    area: str
    action: str
    actor_id: UUID | None
    acting_role: str
    subject_type: str
    subject_id: UUID
    changed: Sequence[str | None]
    detail: str
    request_id: UUID | None
    label_digest: bytes | None
    xact: int


def event_digest(event: EventColumns) -> bytes:
    """The leaf of an event: SHA-256 over byte 0, the name of the encoding, and every column in order; 32 bytes."""
    parts = (
        event.id.bytes,
        event.area.encode(),
        event.action.encode(),
        event.actor_id.bytes if event.actor_id else None,
        event.acting_role.encode(),
        event.subject_type.encode(),
        event.subject_id.bytes,
        array_text(event.changed).encode(),
        event.detail.encode(),
        event.request_id.bytes if event.request_id else None,
        event.label_digest,
        event.xact.to_bytes(8, "big"),
    )
    return sha256(LEAF + EVENT_DOMAIN + b"".join(part_bytes(part) for part in parts)).digest()


@dataclass(frozen=True, kw_only=True)
class SealColumns:
    """What the head of a seal stands for. `previous_head` is None for the first; ids are None when it is empty."""

    number: int
    previous_head: bytes | None
    epoch: int
    horizon: int
    cluster: int
    event_count: int
    first_id: UUID | None
    last_id: UUID | None
    root: bytes
    sealed_at: datetime
    key_number: int


def seal_head(seal: SealColumns) -> bytes:
    """The head of a seal: SHA-256 over the name of the encoding and every column in order; 32 bytes.

    The instant is in microseconds since 1970; an id that is None is 16 bytes 0, which no UUIDv7 is.
    """
    return sha256(
        SEAL_DOMAIN
        + seal.number.to_bytes(8, "big", signed=True)
        + part_bytes(seal.previous_head)
        + seal.epoch.to_bytes(2, "big", signed=True)
        + seal.horizon.to_bytes(8, "big")
        + seal.cluster.to_bytes(8, "big", signed=True)
        + seal.event_count.to_bytes(8, "big", signed=True)
        + (seal.first_id.bytes if seal.first_id else NOBODY)
        + (seal.last_id.bytes if seal.last_id else NOBODY)
        + part_bytes(seal.root)
        + ((seal.sealed_at - EPOCH) // MICROSECOND).to_bytes(8, "big", signed=True)
        + seal.key_number.to_bytes(2, "big", signed=True)
    ).digest()


def part_bytes(part: bytes | None) -> bytes:
    """A part with its length before it, or the one byte that says that it is missing."""
    return b"\x00" if part is None else b"\x01" + len(part).to_bytes(8, "big") + part


def array_text(items: Sequence[str | None]) -> str:
    """A list of texts as PostgreSQL writes an array of one dimension: {status,"two words",NULL}."""
    return "{" + ",".join(_array_item(item) for item in items) + "}"


def _array_item(item: str | None) -> str:
    if item is None:
        return "NULL"
    if item and item.upper() != "NULL" and not QUOTED_IN_ARRAYS & set(item):
        return item
    escaped = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
