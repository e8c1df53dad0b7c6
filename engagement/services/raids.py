"""Raids: announced, carried out, or called off."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role
from engagement.interaction_announcements import raid_announced, raid_cancelled, raid_executed
from engagement.interaction_choices import RaidStatus
from engagement.interaction_errors import RaidRefused
from engagement.models import Raid
from streams.choices import StreamStatus
from streams.models import Stream, ViewerCountSample

PATIENCE = dt.timedelta(minutes=10)
"""A raid that nobody carried out for so long is called off."""


@transaction.atomic
def raid_announce(*, performer_id: UUID, target_id: UUID, actor: User | None) -> Raid:
    """Announce that the viewers of a performer's stream are sent to another performer's. Both are on air.

    Locks: every other raid that is announced or carried out, until the transaction ends. Raises: RaidRefused (not on
    air, oneself, a circle of any length, blocked, barred, announced one already). Announces: `raid_announced`.
    """
    on_air = dict(
        Stream.objects.filter(
            performer_id__in=[performer_id, target_id], status=StreamStatus.LIVE
        ).values_list("performer_id", "pk")
    )
    if performer_id == target_id:
        raise RaidRefused("Nobody raids themselves.")
    if performer_id not in on_air:
        raise RaidRefused("You raid from a stream of yours that is on air.")
    if target_id not in on_air:
        raise RaidRefused("This performer is not on air for everybody at the moment.")
    raid = Raid(
        performer_id=performer_id,
        stream_id=on_air[performer_id],
        target_id=target_id,
        target_stream_id=on_air[target_id],
    )
    with refused_as(RaidRefused):
        raid.save(force_insert=True)
    raid_announced.send(sender=Raid, actor=actor, subject=raid)
    return raid


@transaction.atomic
def raid_execute(*, raid_id: UUID, actor: User | None) -> Raid:
    """Send the viewers now; how many they are is what was counted last of the stream, 0 where nothing was.

    Locks: the raid, and as `raid_announce`. Raises: RaidRefused (one of the two is not on air any more, a circle),
    IllegalTransition, NotThere. Announces: `raid_executed`.
    """
    raid = locked(Raid, raid_id)
    Raid.status_machine.check(raid.status, RaidStatus.EXECUTED)
    now = database_now()
    raid.status, raid.executed_at, raid.viewers = RaidStatus.EXECUTED, now, _viewers(raid.stream_id, now)
    with refused_as(RaidRefused):
        raid.save(update_fields=["status", "executed_at", "viewers"])
    raid_executed.send(
        sender=Raid, actor=actor, subject=raid, changed=("status",), detail={"viewers": raid.viewers}
    )
    return raid


@transaction.atomic
def raid_cancel(
    *, raid_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Raid:
    """Call an announced raid off: the performer, a moderator, or the job.

    Locks: the raid. Raises: IllegalTransition, NotThere, StaleVersion. Announces: `raid_cancelled`.
    """
    raid = locked(Raid, raid_id, expected_version=expected_version)
    Raid.status_machine.check(raid.status, RaidStatus.CANCELLED)
    raid.status = RaidStatus.CANCELLED
    with refused_as(RaidRefused):
        raid.save(update_fields=["status"])
    raid_cancelled.send(sender=Raid, actor=actor, subject=raid, reason=reason, changed=("status",))
    return raid


def raids_give_up(*, batch: int = 500) -> int:
    """Call off raids that were announced long ago; returns how many. As the worker, a transaction each."""
    with acting(Role.WORKER):
        old = database_now() - PATIENCE
        due = list(
            Raid.objects.announced()
            .filter(created_at__lt=old)
            .order_by("pk")
            .values_list("pk", flat=True)[:batch]
        )
    for raid_id in due:
        with acting(Role.WORKER):
            if Raid.objects.announced().filter(pk=raid_id).exists():
                raid_cancel(raid_id=raid_id, actor=None, reason="nobody carried it out")
    return len(due)


def _viewers(stream_id: UUID, now: dt.datetime) -> int:
    with acting(Role.WORKER):
        counts = ViewerCountSample.objects.between(now - dt.timedelta(minutes=10), None)
        latest = counts.filter(stream_id=stream_id).order_by("-pk").values_list("viewers", flat=True)
        return int(latest.first() or 0)
