"""Raids: between two on air, and never in a circle."""

from itertools import pairwise

import pytest
from django.utils import timezone

from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition
from engagement.interaction_choices import RaidStatus
from engagement.interaction_errors import RaidRefused
from engagement.models import Raid
from engagement.services.raids import raid_cancel, raid_execute, raids_give_up
from performers.models import PerformerProfile
from streams.models import Stream
from streams.services.viewer_counts import ViewerCount, viewer_counts_record
from tests.accounts.factories import RestrictionFactory, staff
from tests.engagement.interaction_data import as_her, blocked, raid, rewritten
from tests.sql import affected, refused, run
from tests.streams.factories_broadcasting import live, verified

pytestmark = pytest.mark.django_db


def on_air() -> PerformerProfile:
    """A performer whose stream can be watched."""
    return live()[0].performer


def execute(row: Raid) -> Raid:
    with as_her(row.performer):
        return raid_execute(raid_id=row.pk, actor=row.performer.user)


def test_a_raid_from_announcement_to_execution() -> None:
    one, other = on_air(), on_air()
    row = raid(one, other)
    stream = Stream.objects.get(performer=one)
    assert (row.stream, row.target_stream.performer, row.status) == (stream, other, RaidStatus.ANNOUNCED)
    with acting(Role.WORKER):
        viewer_counts_record(counts=[ViewerCount(stream_id=stream.pk, at=timezone.now(), viewers=321)])
    row = execute(row)
    assert (row.status, row.viewers) == (RaidStatus.EXECUTED, 321)
    assert row.executed_at is not None
    with as_her(one), pytest.raises(IllegalTransition):
        raid_cancel(raid_id=row.pk, actor=one.user)


def test_raids_that_lead_nowhere() -> None:
    one, other, asleep = on_air(), on_air(), verified()
    for source, target, words in (
        (one, one, "raids themselves"),
        (asleep, one, "that is on air"),
        (one, asleep, "not on air for everybody"),
    ):
        with pytest.raises(RaidRefused, match=words):
            raid(source, target)
    Stream.objects.filter(performer=other).update(visibility="unlisted")
    with pytest.raises(RaidRefused, match="not on air for everybody"):
        raid(one, other)
    assert not Raid.objects.exists()


def test_blocks_and_restrictions_are_obeyed() -> None:
    one, other = on_air(), on_air()
    blocked(other, one)
    with pytest.raises(RaidRefused, match="between the two"):
        raid(one, other)
    third = on_air()
    RestrictionFactory(user=one.user, kind="stream")
    with pytest.raises(RaidRefused, match="Ask our support"):
        raid(one, third)


def test_no_circle_of_any_length() -> None:
    ring = [on_air() for _ in range(4)]
    for one, other in pairwise(ring):
        raid(one, other)
    for target in ring[:3]:
        with pytest.raises(RaidRefused, match="in a circle"):
            raid(ring[3], target)
    raid(ring[3], on_air())


def test_viewers_on_their_way_are_not_sent_back_and_those_of_yesterday_are_gone() -> None:
    one, other = on_air(), on_air()
    execute(raid(one, other))
    with pytest.raises(RaidRefused, match="in a circle"):
        raid(other, one)
    rewritten("engagement_raid", "executed_at = now() - interval '61 minutes'", Raid.objects.get())
    raid(other, one)


def test_a_cancelled_raid_leaves_room_and_an_old_one_is_called_off() -> None:
    one, other = on_air(), on_air()
    row = raid(one, other)
    with pytest.raises(RaidRefused, match="announced a raid already"):
        raid(one, on_air())
    with as_her(one):
        raid_cancel(raid_id=row.pk, actor=one.user)
    late = raid(other, one)
    assert raids_give_up() == 0
    rewritten("engagement_raid", "created_at = now() - interval '11 minutes'", late)
    assert (raids_give_up(), raids_give_up()) == (1, 0)
    late.refresh_from_db()
    assert late.status == RaidStatus.CANCELLED


def test_who_is_off_air_by_then_is_not_raided() -> None:
    one, other = on_air(), on_air()
    row = raid(one, other)
    rewritten("streams_stream", "status = 'interrupted'", Stream.objects.get(performer=other))
    with pytest.raises(RaidRefused, match="not on air for everybody"):
        execute(row)


RAIDED = (
    "INSERT INTO engagement_raid (id, performer_id, stream_id, target_id, target_stream_id, status) "
    "SELECT uuidv7(), s.performer_id, s.id, t.performer_id, t.id, %s FROM streams_stream s, streams_stream t "
    "WHERE s.performer_id = %s AND t.performer_id = %s"
)


def test_raw_raids() -> None:
    one, other, third = on_air(), on_air(), on_air()
    raid(one, other)
    with as_her(other):
        for values, words in (
            (["announced", other.pk, one.pk], "in a circle"),
            (["announced", third.pk, one.pk], "blocks of their own"),
            (["executed", other.pk, third.pk], "cannot begin as executed"),
            (["announced", other.pk, other.pk], "in a circle"),
        ):
            with refused(words):
                run(RAIDED, values)
        assert (
            affected("UPDATE engagement_raid SET status = 'cancelled' WHERE performer_id = %s", [one.pk]) == 0
        )
    with acting(Role.MODERATOR, user_id=staff(Role.MODERATOR).pk), refused("row-level security"):
        run("UPDATE engagement_raid SET status = 'executed'")
    with acting(Role.WORKER), refused("permission denied"):
        run("UPDATE engagement_raid SET viewers = 1000000")
