"""Salts are destroyed on schedule, and the erased are found no more while sums stay as they are."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from analytics.models import PlaybackEvent, PlaybackViewer, RollupTouch, RotatingSalt, ViewerSession
from analytics.playback_choices import RejectionReason
from analytics.rollups.viewer_sessions import ViewerSessions, bucket_of
from analytics.services.playback_salts import playback_salts_destroy, playback_salts_due
from core.db.context import acting
from core.db.roles import Role
from core.erasure import erasers
from streams.models import Stream
from tests.accounts.factories import UserFactory, staff
from tests.analytics.playback_data import broadcast, morning, play_at, record, watching
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


def watch(person: User | None, show: Stream, seconds: int = 90) -> UUID:
    """Somebody watches, and the session is computed."""
    play = play_at(morning() + MINUTE)
    viewer = person.pk if person else uuid4()
    record(watching(play, show, viewer, seconds=seconds, is_signed_in=person is not None))
    compute(play)
    return play


def compute(*plays: UUID) -> None:
    with acting(Role.WORKER):
        list(ViewerSessions().compute(sorted(bucket_of(play) for play in plays)))


def end(show: Stream, at: dt.datetime) -> None:
    Stream.all_objects.filter(pk=show.pk).update(
        status="ended", lease=None, ended_at=at, end_reason="performer"
    )


class TestSalts:
    def test_they_live_for_two_days_after_the_day_and_the_stream(self) -> None:
        show, running = broadcast(), broadcast()
        watch(UserFactory.create(), show)
        watch(UserFactory.create(), running)
        midnight = morning() + 16 * HOUR
        end(show, morning() + 2 * HOUR)
        assert playback_salts_destroy(now=morning() + 50 * HOUR - MINUTE) == {"salts": 0, "links": 0}
        # The stream is over for 48 hours, its day is not: the link still leads to a key of the day.
        assert playback_salts_due(now=morning() + 50 * HOUR) == 1
        assert playback_salts_destroy(now=morning() + 50 * HOUR) == {"salts": 1, "links": 0}
        assert playback_salts_destroy(now=midnight + 48 * HOUR - MINUTE) == {"salts": 0, "links": 0}
        assert playback_salts_destroy(now=midnight + 48 * HOUR) == {"salts": 1, "links": 1}
        # The other stream goes on: its salt and the link to its key stay.
        assert RotatingSalt.objects.get().stream_id == running.pk
        assert PlaybackViewer.objects.get().stream_id == running.pk
        end(running, midnight + HOUR)
        assert playback_salts_destroy(now=midnight + 60 * HOUR) == {"salts": 1, "links": 1}
        assert playback_salts_destroy(now=midnight + 90 * HOUR) == {"salts": 0, "links": 0}

    def test_what_was_measured_stays(self) -> None:
        play = watch(UserFactory.create(), broadcast())
        playback_salts_destroy(now=morning() + 200 * HOUR)
        assert ViewerSession.objects.get(pk=play).watched_seconds == 90


def keys(*plays: UUID) -> list[tuple[UUID, UUID]]:
    """Keys of sessions in the order of the plays."""
    rows = ViewerSession.objects.in_bulk(plays)
    return [(rows[play].day_key, rows[play].stream_key) for play in plays]


def erase(person: User) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("UPDATE accounts_user SET status = 'closed', closed_at = now() WHERE id = %s", [person.pk])
    run(
        "UPDATE accounts_user SET status = 'erased', handle = NULL, erased_at = now() WHERE id = %s",
        [person.pk],
    )


class TestErasure:
    def eraser(self) -> Any:
        (eraser,) = (each for each in erasers() if each.name == "playback")
        return eraser

    def test_the_erased_are_found_no_more_and_counted_as_before(self) -> None:
        show, other, gone, stays = broadcast(), broadcast(), UserFactory.create(), UserFactory.create()
        plays = [watch(gone, show), watch(gone, show, 150), watch(gone, other)]
        beside = watch(stays, show)
        before, beside_before = keys(*plays), keys(beside)
        eraser = self.eraser()
        with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
            survey = eraser.survey(gone.pk)
            with refused("not erased"):
                eraser.erase(gone.pk)
        erase(gone)
        with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
            done = eraser.erase(gone.pk)
            assert all(line.rows == 0 for line in eraser.erase(gone.pk).destroyed)
        counts = {line.table: line.rows for line in done.destroyed}
        assert done == survey
        assert counts == {
            "analytics_playbackviewer": 3,
            "analytics_playbackevent": 4 + 6 + 4,
            "analytics_viewersession": 3,
        }
        after = keys(*plays)
        assert {key for pair in before for key in pair}.isdisjoint({key for pair in after for key in pair})
        # One viewer of the day in all three, one of the first stream in two: as it was.
        assert len({day for day, _ in after}) == 1
        assert after[0] == after[1]
        assert after[2][1] != after[0][1]
        assert keys(beside) == beside_before
        assert PlaybackViewer.objects.get().user_id == stays.pk
        # Raw rows say the same, so that computing again brings nobody back.
        compute(*plays)
        assert keys(*plays) == after
        assert {row.watched_seconds for row in ViewerSession.objects.filter(pk__in=plays)} == {90, 150}
        old = {key for pair in before for key in pair}
        assert not PlaybackEvent.objects.filter(day_key__in=old).exists()
        assert not PlaybackEvent.objects.filter(stream_key__in=old).exists()

    def test_their_plays_are_computed_once_more(self) -> None:
        """A run that read the old keys while they were replaced would otherwise leave them behind."""
        gone = UserFactory.create()
        play = watch(gone, broadcast())
        touched = RollupTouch.objects.filter(subject=play).count()
        erase(gone)
        with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
            self.eraser().erase(gone.pk)
        assert RollupTouch.objects.filter(subject=play).count() == touched + 1

    def test_nothing_more_is_taken_of_them(self) -> None:
        show, gone = broadcast(), UserFactory.create()
        erase(gone)
        events = watching(play_at(morning() + MINUTE), show, gone.pk, seconds=60, is_signed_in=True)
        assert record(events).rejected == {RejectionReason.UNKNOWN_VIEWER: 3}
        with acting(Role.WORKER), refused("was erased"):
            run(
                "INSERT INTO analytics_playbackviewer (id, user_id, stream_id) VALUES (uuidv7(), %s, %s)",
                [gone.pk, show.pk],
            )

    @pytest.mark.parametrize("role", [Role.WORKER, Role.ADMINISTRATOR, Role.ANALYST])
    def test_nobody_else_erases(self, role: Role) -> None:
        with acting(role, user_id=uuid4()), refused("permission denied"):
            run("SELECT analytics_playback_erase(%s)", [uuid4()])
