"""Who was here on which day: what counts, what late plays change, what is final, and who reads it."""

import datetime as dt
from uuid import uuid4

import pytest

from accounts.models import User
from analytics.models import ViewerActivityDay, ViewerPerformerDay
from analytics.rollups.engine import rollup_of
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7_derived
from streams.models import Stream
from tests.analytics.audience.audience_data import (
    LONG_AGO,
    TODAY,
    YESTERDAY,
    UserFactory,
    compute,
    erased,
    instant,
    midnight,
    play,
    stream,
)
from tests.audit.holds import on_person
from tests.billing.factories_wallets import granted, tip
from tests.engagement.chat_data import room_of, said
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

NAME = "viewer_performer_day"
Row = tuple[int, int, int, int]


def at_performers(person: User) -> dict[tuple[object, dt.date], Row]:
    """Seconds, messages, tips and tokens of a person, by performer and day."""
    return {
        (row.performer_id, row.day): (row.watched_seconds, row.messages, row.tips, row.tip_tokens)
        for row in ViewerPerformerDay.objects.filter(viewer=person)
    }


def days_of(person: User) -> list[tuple[dt.date, dt.date, int, int]]:
    """Day, first day, seconds and performers of a person's days."""
    rows = ViewerActivityDay.objects.filter(user=person).order_by("day")
    return list(rows.values_list("day", "first_day", "watched_seconds", "performers"))


def counted(day: dt.date, *watched: Stream) -> None:
    compute(NAME, *((of.performer_id, day) for of in watched))


def test_two_devices_are_one_viewer_and_two_performers_are_two_rows() -> None:
    fan, one, other = UserFactory.create(), stream(), stream()
    key = uuid4()
    play(one, key, YESTERDAY, by=fan, clock="12:00", seconds=600)
    play(one, key, YESTERDAY, by=fan, clock="12:05", seconds=900)
    play(other, key, YESTERDAY, by=fan, clock="12:00", seconds=60)
    play(one, uuid4(), YESTERDAY, clock="12:00", seconds=600)
    counted(YESTERDAY, one, other)
    assert at_performers(fan) == {
        (one.performer_id, YESTERDAY): (1200, 0, 0, 0),
        (other.performer_id, YESTERDAY): (60, 0, 0, 0),
    }
    assert days_of(fan) == [(YESTERDAY, YESTERDAY, 1260, 2)]
    assert ViewerPerformerDay.objects.count() == 2
    assert ViewerActivityDay.objects.get().pk == uuid7_derived(instant(YESTERDAY, "00:00"), str(fan.pk))
    last = ViewerPerformerDay.objects.get(performer_id=one.performer_id).last_seen_at
    assert last == instant(YESTERDAY, "12:20")


def test_lines_and_tips_count_without_a_play() -> None:
    fan = granted(100)
    room = room_of()
    said(room, fan, "One")
    said(room, fan, "Two")
    tip(fan, room.performer, 30)
    tip(fan, room.performer, 5)
    today = midnight().date()
    # Chat tells of its stream, spends of the performer: both are the same bucket.
    compute(NAME, (room.stream_id, today), (room.performer_id, today))
    assert at_performers(fan) == {(room.performer_id, today): (0, 2, 2, 35)}
    assert days_of(fan) == [(today, today, 0, 1)]


def test_sources_touch_the_day_of_the_performer() -> None:
    fan = granted(100)
    room = room_of()
    said(room, fan)
    tip(fan, room.performer, 30)
    touched = run("SELECT subject, start FROM analytics_rolluptouch WHERE rollup = %s ORDER BY id", [NAME])
    assert touched == [(room.stream_id, midnight()), (room.performer_id, midnight())]


def test_a_late_day_becomes_the_first_one_of_those_after_it() -> None:
    fan, one = UserFactory.create(), stream()
    before = YESTERDAY - dt.timedelta(days=1)
    play(one, uuid4(), YESTERDAY, by=fan)
    counted(YESTERDAY, one)
    assert days_of(fan) == [(YESTERDAY, YESTERDAY, 600, 1)]
    play(one, uuid4(), before, by=fan, seconds=60)
    counted(before, one)
    assert days_of(fan) == [(before, before, 60, 1), (YESTERDAY, before, 600, 1)]


def test_computing_again_is_the_same_and_what_is_gone_goes() -> None:
    fan, one = UserFactory.create(), stream()
    kept = play(one, uuid4(), YESTERDAY, by=fan)
    counted(YESTERDAY, one)
    row = ViewerPerformerDay.objects.get()
    counted(YESTERDAY, one)
    assert ViewerPerformerDay.objects.get().pk == row.pk
    with acting(Role.WORKER):
        run("DELETE FROM analytics_viewersession WHERE id = %s", [kept])
    counted(YESTERDAY, one)
    assert at_performers(fan) == {} and days_of(fan) == []


def test_a_final_day_with_rows_stays_when_links_are_destroyed() -> None:
    fan, late, one = UserFactory.create(), UserFactory.create(), stream()
    play(one, uuid4(), LONG_AGO, by=fan)
    counted(LONG_AGO, one)
    with acting(Role.WORKER):
        run("DELETE FROM analytics_playbackviewer")
    play(one, uuid4(), LONG_AGO, by=late)
    counted(LONG_AGO, one)
    assert days_of(fan) == [(LONG_AGO, LONG_AGO, 600, 1)]
    assert days_of(late) == []


def test_nobody_counts_for_themselves() -> None:
    one = stream()
    play(one, uuid4(), YESTERDAY, by=one.performer.user)
    counted(YESTERDAY, one)
    assert at_performers(one.performer.user) == {}


def test_nothing_is_recorded_about_the_erased() -> None:
    fan, one = UserFactory.create(), stream()
    play(one, uuid4(), YESTERDAY, by=fan)
    erased(fan)
    counted(YESTERDAY, one)
    assert at_performers(fan) == {} and days_of(fan) == []


def test_what_a_hold_covers_is_not_deleted() -> None:
    fan, one = UserFactory.create(), stream()
    kept = play(one, uuid4(), YESTERDAY, by=fan)
    counted(YESTERDAY, one)
    on_person(fan.pk)
    with acting(Role.WORKER):
        run("DELETE FROM analytics_viewersession WHERE id = %s", [kept])
    counted(YESTERDAY, one)
    assert len(at_performers(fan)) == len(days_of(fan)) == 1
    for table in ("analytics_viewerperformerday", "analytics_vieweractivityday"):
        with refused("legal hold"):
            run(f"DELETE FROM {table}")


def test_a_rebuild_names_days_with_plays_and_days_with_rows() -> None:
    fan, one, other = UserFactory.create(), stream(), stream()
    play(one, uuid4(), YESTERDAY, by=fan)
    counted(YESTERDAY, one)
    with acting(Role.WORKER):
        run("DELETE FROM analytics_viewersession")
    play(other, uuid4(), LONG_AGO)
    rollup = rollup_of(NAME)
    assert rollup is not None
    with acting(Role.WORKER):
        found = {
            (bucket.subject, bucket.start.date())
            for bucket in rollup.standing(instant(LONG_AGO, "00:00"), TODAY)
        }
        of_one = {bucket.subject for bucket in rollup.standing(instant(LONG_AGO), TODAY, one.performer_id)}
    assert found == {(one.performer_id, YESTERDAY), (other.performer_id, LONG_AGO)}
    assert of_one == {one.performer_id}


def test_people_read_their_own_days_and_nobody_else_reads_any() -> None:
    fan, other, one = UserFactory.create(), UserFactory.create(), stream()
    for person in (fan, other):
        play(one, uuid4(), YESTERDAY, by=person)
    counted(YESTERDAY, one)
    for role in (Role.VIEWER, Role.PERFORMER):
        with acting(role, user_id=fan.pk):
            assert len(at_performers(fan)) == len(days_of(fan)) == 1
            assert at_performers(other) == {} and days_of(other) == []
    with acting(Role.PERFORMER, user_id=one.performer_id):
        assert not ViewerPerformerDay.objects.exists()
    for role in (*ACTING_ROLES, Role.APP):
        for table in ("analytics_viewerperformerday", "analytics_vieweractivityday"):
            with acting(role, user_id=fan.pk):
                if role not in (Role.VIEWER, Role.PERFORMER, Role.WORKER):
                    with refused("permission denied"):
                        run(f"SELECT FROM {table}")
                for statement in (f"UPDATE {table} SET watched_seconds = 1", f"DELETE FROM {table}"):
                    with refused("permission denied"):
                        run(statement)


def test_the_id_of_a_day_is_that_of_the_person() -> None:
    fan = UserFactory.create()
    insert = (
        "INSERT INTO analytics_vieweractivityday (id, user_id, day, first_day, watched_seconds, performers) "
        "VALUES (%s, %s, %s, %s, 1, 1)"
    )
    right = uuid7_derived(instant(YESTERDAY, "00:00"), str(fan.pk))
    with refused("follows from the day and the person"):
        run(insert, [uuid7_derived(instant(YESTERDAY, "00:00"), "x"), fan.pk, YESTERDAY, YESTERDAY])
    with refused("follows from the day and the person"):
        run(insert, [right, fan.pk, LONG_AGO, LONG_AGO])
    run(insert, [right, fan.pk, YESTERDAY, YESTERDAY])
    with refused("vieweractivityday"):
        run(insert, [right, fan.pk, YESTERDAY, YESTERDAY])
