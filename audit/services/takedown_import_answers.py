"""Answers to imported notices: counter-notices and retractions that took their way elsewhere."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from audit.models import CounterNotice, CounterNoticeTarget, TakedownNotice, TakedownTarget
from audit.services.takedown_imports import importing
from audit.takedown_announcements import counter_notice_imported, takedown_retracted
from audit.takedown_choices import CounterNoticeStatus, NoticeSource, NoticeStatus, TargetEffect
from audit.takedown_clocks import COUNTER_CLOCKS, restoration_window
from audit.takedown_elements import COUNTER_ELEMENTS
from audit.takedown_errors import CounterNoticeRefused, NoticeRefused
from core.db.clock import database_now
from core.db.refusals import refused_as


@dataclass(frozen=True, kw_only=True)
class PastCounterNotice:
    """A counter-notice that was received elsewhere, and found valid there as it arrived."""

    id: UUID
    source_reference: str
    notice_id: UUID
    received_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class PastRetraction:
    """A claimant took a notice back, elsewhere."""

    notice_id: UUID
    at: dt.datetime


@transaction.atomic
def counter_notices_import(*, counters: Sequence[PastCounterNotice]) -> list[CounterNotice]:
    """Take in counter-notices of imported notices; returns those that were not there before.

    One whose fourteenth business day is over was carried out there, since the source knows of no action; the clock of
    any other runs here. Runs as the worker. Locks: the notices by key. Raises: CounterNoticeRefused (no such notice, it
    was not carried out): nothing is written then. Announces: `counter_notice_imported`.
    """
    wanted = {past.id: past for past in counters}
    present = set(CounterNotice.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    fresh = [past for key, past in sorted(wanted.items()) if key not in present]
    notices = _notices({past.notice_id for past in fresh})
    now, found = database_now(), []
    with refused_as(CounterNoticeRefused), importing():
        for past in fresh:
            notice = notices.get(past.notice_id)
            if notice is None or notice.status != NoticeStatus.CONTENT_DISABLED:
                raise CounterNoticeRefused(f"{past.source_reference} answers no notice that was carried out.")
            found.append(_import_counter(past, notice, now))
    for counter in found:
        counter_notice_imported.send(sender=CounterNotice, actor=None, subject=counter)
    return found


def _notices(keys: set[UUID]) -> dict[UUID, TakedownNotice]:
    rows = TakedownNotice.objects.select_for_update().filter(pk__in=keys, source=NoticeSource.IMPORT)
    return {notice.pk: notice for notice in rows.order_by("pk")}


def _import_counter(past: PastCounterNotice, notice: TakedownNotice, now: dt.datetime) -> CounterNotice:
    targets = list(notice.targets.order_by("pk"))
    window = restoration_window(past.received_at)
    counter = CounterNotice(
        id=past.id,
        notice=notice,
        performer_id=targets[0].performer_id if targets else None,
        source=NoticeSource.IMPORT,
        source_reference=past.source_reference,
        received_at=past.received_at,
        status_since=past.received_at,
        due_at=COUNTER_CLOCKS[CounterNoticeStatus.RECEIVED].due(past.received_at),
        **dict.fromkeys((element.field for element in COUNTER_ELEMENTS), True),
    )
    counter.save(force_insert=True)
    CounterNoticeTarget.objects.bulk_create(
        [CounterNoticeTarget(counter_notice=counter, target=target) for target in targets]
    )
    counter.status, counter.complete_since = CounterNoticeStatus.VALID, past.received_at
    counter.restore_from, counter.restore_by = window.opens, window.closes
    counter.due_at = window.closes
    counter.save(
        update_fields=["status", "status_since", "complete_since", "restore_from", "restore_by", "due_at"]
    )
    _move(notice, NoticeStatus.COUNTER_NOTICED, past.received_at, window.closes)
    if window.closes <= now:
        _restore_targets(notice, window.closes)
        counter.status, counter.status_since = CounterNoticeStatus.RESTORED, window.closes
        counter.due_at = None
        counter.save(update_fields=["status", "status_since", "due_at"])
        _move(notice, NoticeStatus.RESTORED, window.closes)
    return counter


@transaction.atomic
def retractions_import(*, retractions: Sequence[PastRetraction]) -> int:
    """Note that imported notices were taken back elsewhere; returns how many were not noted before.

    Runs as the worker. Locks: the notices by key. Raises: NoticeRefused (no such notice): nothing is written then.
    Announces: `takedown_retracted`.
    """
    wanted = {past.notice_id: past for past in retractions}
    notices = _notices(set(wanted))
    if missing := wanted.keys() - notices.keys():
        raise NoticeRefused(f"There is no imported notice {min(missing)} that could be taken back.")
    fresh = [notice for notice in notices.values() if notice.status != NoticeStatus.WITHDRAWN]
    with refused_as(NoticeRefused), importing():
        for notice in fresh:
            TakedownNotice.status_machine.check(notice.status, NoticeStatus.WITHDRAWN)
            _restore_targets(notice, wanted[notice.pk].at)
            _move(notice, NoticeStatus.WITHDRAWN, wanted[notice.pk].at)
    for notice in fresh:
        takedown_retracted.send(
            sender=TakedownNotice, actor=None, subject=notice, changed=("status",), detail={"imported": True}
        )
    return len(fresh)


def _restore_targets(notice: TakedownNotice, at: dt.datetime) -> None:
    targets = TakedownTarget.objects.filter(notice=notice, effect=TargetEffect.ELSEWHERE)
    targets.filter(restored_at__isnull=True).update(restored_at=at)


def _move(
    notice: TakedownNotice, status: NoticeStatus, at: dt.datetime, due_at: dt.datetime | None = None
) -> None:
    notice.status, notice.status_since, notice.due_at = status, at, due_at
    notice.save(update_fields=["status", "status_since", "due_at"])
