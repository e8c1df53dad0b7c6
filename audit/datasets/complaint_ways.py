"""Which way an imported notice took before it came here, and which archives of this platform it is about."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from audit.services.takedown_imports import PastNotice, Step
from audit.takedown_choices import NoticeStatus
from audit.takedown_clocks import NOTICE_CLOCKS
from core.models.identity import uuid7_floor
from streams.models import Archive

if TYPE_CHECKING:
    from audit.datasets.complaints import Complaint

ASSESSED_AFTER, CARRIED_OUT_AFTER = timedelta(hours=4), timedelta(hours=20)
"""How long after its receipt a notice was assessed and carried out where it comes from; the source does not say."""

ONE_IN = 40
"""One in so many of the old notices is about an archive here; the others named things of another platform."""

OVERLOOKED, HANDED_OVER = 0, (1,)
"""Of four in the queue whose time is over, one was overlooked, one is handed over unassessed, two were accepted."""

SEVERAL_FROM = 6
MOST_ARCHIVES = 3
"""A notice that named six things or more is about three archives of one performer, a shorter one about one."""


@dataclass(frozen=True)
class Archives:
    """Archives that viewers find, the oldest first: id and performer."""

    rows: Sequence[tuple[UUID, UUID]]

    @classmethod
    def of_platform(cls) -> "Archives":
        """Those of the platform, as the acting role sees them."""
        listed = Archive.objects.listed().order_by("pk")
        return cls(list(listed.values_list("pk", "performer_id")))

    def chosen(self, number: int, count: int, before: datetime) -> tuple[UUID, ...]:
        """Up to `count` archives of one performer that were there before; always the same for a number."""
        end = bisect_left(self.rows, uuid7_floor(before), key=lambda row: row[0])
        if not end:
            return ()
        first = number % end
        performer = self.rows[first][1]
        nearby = [key for key, owner in self.rows[first:end] if owner == performer]
        return tuple(nearby[:count])


def past_notice(
    row: "Complaint", *, number: int, shift: timedelta, now: datetime, archives: Archives
) -> PastNotice:
    """The notice with its way up to `now`, moved by `shift` into the present."""
    received_at = row.received_at + shift
    named: tuple[UUID, ...] = ()
    if row.waits or number % ONE_IN == 0:
        named = archives.chosen(number, MOST_ARCHIVES if row.targets >= SEVERAL_FROM else 1, received_at)
    return PastNotice(
        id=row.id(shift),
        source_reference=row.key,
        received_at=received_at,
        elements=row.elements,
        words_count=row.words,
        urls_named=row.urls,
        claims_copies=row.claims_copies,
        claims_circumvention=row.claims_circumvention,
        due_at=_due(row, received_at, number, now),
        archive_ids=named,
        way=_way(row, received_at, number, now),
    )


def _way(row: "Complaint", received_at: datetime, number: int, now: datetime) -> tuple[Step, ...]:
    clock = NOTICE_CLOCKS[NoticeStatus.ACCEPTED]
    if row.is_complete and row.waits:
        if number % 4 in HANDED_OVER or _due(row, received_at, number, now) > now:
            return ()
        return (Step(NoticeStatus.ACCEPTED, now, clock.due(now)),) if number % 4 != OVERLOOKED else ()
    assessed = received_at + ASSESSED_AFTER
    if assessed > now:
        return ()
    if not row.is_complete:
        due_at = NOTICE_CLOCKS[NoticeStatus.INCOMPLETE].due(assessed)
        asked = Step(NoticeStatus.INCOMPLETE, assessed, due_at)
        return (asked,) if due_at > now else (asked, Step(NoticeStatus.LAPSED, due_at))
    carried_out = received_at + CARRIED_OUT_AFTER
    accepted = Step(NoticeStatus.ACCEPTED, assessed, clock.due(assessed))
    if carried_out > now:
        return (accepted,)
    return (accepted, Step(NoticeStatus.CONTENT_DISABLED, carried_out))


def _due(row: "Complaint", received_at: datetime, number: int, now: datetime) -> datetime:
    """By when it is assessed; the clock of one that was handed over unassessed starts anew, with the import."""
    clock = NOTICE_CLOCKS[NoticeStatus.RECEIVED]
    due_at = clock.due(received_at)
    return clock.due(now) if row.waits and due_at <= now and number % 4 in HANDED_OVER else due_at
