"""Blocked terms: kept by scope and time, and found in messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from engagement.automoderation import Reading, readings, term_key
from engagement.chat_announcements import blocked_term_added, blocked_term_ended
from engagement.chat_choices import TermAction
from engagement.chat_selectors import require_moderator
from engagement.errors import TermRefused
from engagement.models import BlockedTerm, ChatRoom
from engagement.models.blocked_term import LONGEST_TERM


@dataclass(frozen=True)
class Finding:
    """A blocked term in a message: which, where, and what is done about it."""

    term_id: UUID
    term: str
    action: TermAction
    reading: Reading


@transaction.atomic
def blocked_term_add(
    *,
    term: str,
    actor: User,
    action: TermAction | str = TermAction.HOLD,
    performer_id: UUID | None = None,
    room_id: UUID | None = None,
    language: str = "",
    until: datetime | None = None,
) -> BlockedTerm:
    """Block a term on the platform, in the rooms of a performer, or in one room, until `until`.

    Locks: nothing. Raises: TermRefused (blocked there already, nothing to compare, too long, an end in the past),
    NotPermitted. Announces: `blocked_term_added`, without the term, which may be rude.
    """
    now = database_now()
    if until is not None and until <= now:
        raise TermRefused("A term is blocked until some time in the future.")
    if room_id is not None:
        performer_id = ChatRoom.objects.filter(pk=room_id).values_list("performer_id", flat=True).first()
        if performer_id is None:
            raise TermRefused("There is no such room.")
    if performer_id is not None:
        require_moderator(performer_id=performer_id, actor=actor)
    row = BlockedTerm(
        performer_id=performer_id,
        room_id=room_id,
        term=term.strip(),
        folded=_key(term),
        action=action,
        language=language,
        added_by=actor,
        valid=DateTimeTZRange(now, until, "[)"),
    )
    with refused_as(TermRefused):
        row.save(force_insert=True)
    blocked_term_added.send(sender=BlockedTerm, actor=actor, subject=row, detail={"action": str(action)})
    return row


def _key(term: str) -> str:
    key = term_key(term)
    if not key:
        raise TermRefused("Nothing of this term is left to compare messages with.")
    if len(key) > LONGEST_TERM * 2:
        raise TermRefused(f"A term has up to {LONGEST_TERM} characters.")
    return key


@transaction.atomic
def blocked_term_end(*, term_id: UUID, actor: User, expected_version: int | None = None) -> BlockedTerm:
    """Block a term no longer.

    Locks: the term. Raises: TermRefused (over already), NotThere, StaleVersion. Announces: `blocked_term_ended`.
    """
    row = locked(BlockedTerm, term_id, expected_version=expected_version)
    now = database_now()
    if not row.is_in_force(now) or row.valid.lower == now:
        raise TermRefused("This term is not blocked any more.")
    row.end(now)
    with refused_as(TermRefused):
        row.save(update_fields=["valid"])
    blocked_term_ended.send(sender=BlockedTerm, actor=actor, subject=row, changed=("valid",))
    return row


@dataclass(frozen=True, kw_only=True)
class ListedTerm:
    """A term of a public list."""

    id: UUID
    term: str
    language: str
    since: datetime


@transaction.atomic
def blocked_terms_import(*, terms: Sequence[ListedTerm]) -> int:
    """Take in terms of a public list, to hold messages everywhere; returns how many are new. Runs as the worker.

    A term that is blocked already, by another language's list or by staff, is left as it is. Locks: nothing. Raises:
    TermRefused: nothing of the batch is written then. Announces: nothing.
    """
    wanted = {_key(term.term): term for term in reversed(terms)}
    present = set(
        BlockedTerm.objects.filter(performer__isnull=True, folded__in=wanted).values_list("folded", flat=True)
    )
    fresh = [
        BlockedTerm(
            id=term.id,
            term=term.term,
            folded=key,
            action=TermAction.HOLD,
            language=term.language,
            valid=DateTimeTZRange(term.since, None, "[)"),
        )
        for key, term in sorted(wanted.items())
        if key not in present
    ]
    with refused_as(TermRefused):
        BlockedTerm.objects.bulk_create(fresh)
    return len(fresh)


def findings_in(
    *, bodies: Sequence[str], performer_ids: Sequence[UUID], room_ids: Sequence[UUID]
) -> list[list[Finding]]:
    """The blocked terms of each message, in order, the gravest first. One query for all of them.

    `performer_ids` and `room_ids` say where each is written.
    """
    read = [readings(body) for body in bodies]
    keys = sorted({key for found in read for key in found})
    if not keys:
        return [[] for _ in read]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM engagement_blocked_terms_in(%s::text[], %s::uuid[])",
            [keys, sorted(set(performer_ids))],
        )
        rows = cursor.fetchall()
    return [
        sorted(
            (
                Finding(term_id, term, TermAction(action), found[folded])
                for term_id, folded, action, performer, room, term in rows
                if folded in found and performer in (None, performer_id) and room in (None, room_id)
            ),
            key=_gravity,
        )
        for found, performer_id, room_id in zip(read, performer_ids, room_ids, strict=True)
    ]


def _gravity(finding: Finding) -> tuple[bool, bool, int]:
    """What refuses first, then what is written plainly, then the longest: as a person would explain it."""
    return (
        finding.action != TermAction.REFUSE,
        finding.reading.is_disguised,
        -len(finding.reading.key),
    )
