"""Notices that took their way elsewhere; many at once. No history is forged: every imported move says that it is."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from audit.models import TakedownNotice, TakedownTarget
from audit.takedown_announcements import takedown_imported
from audit.takedown_choices import NoticeSource, NoticeStatus, TargetEffect, TargetKind
from audit.takedown_elements import NOTICE_ELEMENTS
from audit.takedown_errors import NoticeRefused
from audit.takedown_references import reference_of
from core.db.refusals import refused_as
from streams.services.moves import because

BATCH = 500
ELEMENTS = tuple(element.field for element in NOTICE_ELEMENTS)
INSERT = f"""
INSERT INTO audit_takedownnotice (
  id, reference, source, source_reference, received_at, status, status_since, due_at, urls_named, words_count,
  claims_copies, claims_circumvention, performer_ids, {", ".join(ELEMENTS)}
)
SELECT r.id, r.reference, r.source, r.source_reference, r.received_at, 'received', r.received_at, r.due_at,
  r.urls_named, r.words_count, r.claims_copies, r.claims_circumvention, '{{}}',
  {", ".join(f"r.{name}" for name in ELEMENTS)}
FROM jsonb_to_recordset(%s::jsonb) AS r (
  id uuid, reference text, source text, source_reference text, received_at timestamptz, due_at timestamptz,
  urls_named integer, words_count integer, claims_copies boolean, claims_circumvention boolean,
  {", ".join(f"{name} boolean" for name in ELEMENTS)}
)
"""
"""One statement for a batch: Django's own insertion of as many columns takes several times as long."""

MOVE = """
UPDATE audit_takedownnotice n
SET status = %s, status_since = way.at, due_at = way.due_at, acted_at = coalesce(n.acted_at, way.acted_at)
FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[]) AS way (id, at, due_at, acted_at)
WHERE n.id = way.id
"""
DISABLE = """
UPDATE audit_takedowntarget t
SET disabled_at = way.at, effect = %s
FROM unnest(%s::uuid[], %s::timestamptz[]) AS way (id, at)
WHERE t.notice_id = way.id
"""


@dataclass(frozen=True)
class Step:
    """A state that a notice reached, when (UTC), and what is due then; None: nothing."""

    status: NoticeStatus
    at: dt.datetime
    due_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PastNotice:
    """A notice that was received elsewhere. `way` leads to where it stands now; empty: nobody has assessed it.

    `due_at` is by when it is assessed (UTC): that of its receipt, or of its handing over to us.
    """

    id: UUID
    source_reference: str
    received_at: dt.datetime
    elements: frozenset[str]
    words_count: int
    urls_named: int
    claims_copies: bool
    claims_circumvention: bool
    due_at: dt.datetime
    archive_ids: tuple[UUID, ...]
    way: tuple[Step, ...]


@contextmanager
def importing() -> Iterator[None]:
    """Moves of the block are marked as imported and keep the instants that they are given. For the worker alone."""
    _say("on")
    with because("Decided before it was imported."):
        yield
    _say("")


def _say(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.takedowns_imported', %s, true)", [value])


@transaction.atomic
def notices_import(*, notices: Sequence[PastNotice]) -> list[TakedownNotice]:
    """Take in notices of the past with the way that they took; returns those that were not there before.

    Nothing here is disabled by it: what was carried out elsewhere is noted as such on the targets. Runs as the worker.
    Raises: NoticeRefused: nothing of the batch is written then. Announces: `takedown_imported`.
    """
    wanted = {past.id: past for past in notices}
    present = set(TakedownNotice.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    fresh = [past for key, past in sorted(wanted.items()) if key not in present]
    with refused_as(NoticeRefused), importing():
        found = [_notice(past) for past in fresh]
        _insert(found)
        TakedownTarget.objects.bulk_create(
            [
                TakedownTarget(notice_id=past.id, subject_kind=TargetKind.ARCHIVE, subject_id=key)
                for past in fresh
                for key in past.archive_ids
            ],
            batch_size=BATCH,
        )
        _walk(fresh)
    for notice in found:
        takedown_imported.send(sender=TakedownNotice, actor=None, subject=notice)
    return found


def _notice(past: PastNotice) -> TakedownNotice:
    return TakedownNotice(
        id=past.id,
        reference=reference_of(past.id, past.received_at),
        source=NoticeSource.IMPORT,
        source_reference=past.source_reference,
        received_at=past.received_at,
        claimant_name=None,
        urls_named=past.urls_named,
        words_count=past.words_count,
        claims_copies=past.claims_copies,
        claims_circumvention=past.claims_circumvention,
        due_at=past.due_at,
        **dict.fromkeys(past.elements, True),
    )


def _insert(notices: Sequence[TakedownNotice]) -> None:
    columns = (
        "id",
        "reference",
        "source",
        "source_reference",
        "received_at",
        "due_at",
        "urls_named",
        "words_count",
    )
    names = (*columns, "claims_copies", "claims_circumvention", *ELEMENTS)
    rows = [{name: getattr(notice, name) for name in names} for notice in notices]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [json.dumps(rows, default=str)])


def _walk(fresh: Sequence[PastNotice]) -> None:
    """Make the first step of every notice, then the second, and so on: one statement for all that go to one state."""
    longest = max((len(past.way) for past in fresh), default=0)
    for place in range(longest):
        steps = sorted(
            ((past.way[place], past.id) for past in fresh if len(past.way) > place),
            key=lambda pair: (pair[0].status, pair[1]),
        )
        for status, group in groupby(steps, key=lambda pair: pair[0].status):
            _step(status, list(group))


def _step(status: NoticeStatus, steps: list[tuple[Step, UUID]]) -> None:
    ids = [key for _, key in steps]
    at = [step.at for step, _ in steps]
    acted = at if status == NoticeStatus.CONTENT_DISABLED else [None] * len(at)
    with connection.cursor() as cursor:
        if status == NoticeStatus.CONTENT_DISABLED:
            cursor.execute(DISABLE, [TargetEffect.ELSEWHERE.value, ids, at])
        cursor.execute(MOVE, [status.value, ids, at, [step.due_at for step, _ in steps], acted])
