"""What players send: taken once, in bulk, in any order; what cannot be is counted and leaves the rest alone."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from analytics.models import (
    PlaybackEvent,
    PlaybackRejection,
    PlaybackViewer,
    RollupTouch,
    RotatingSalt,
    ViewerSession,
)
from analytics.playback_choices import RejectionReason as Reason
from analytics.services.playback_ingestion import playback_events_import
from analytics.services.playback_reading import ReportedEvent
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_derived
from streams.models import Stream
from tests.accounts.factories import UserFactory
from tests.analytics.playback_data import broadcast, event, morning, play_at, record, watching
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


def rejections() -> dict[tuple[UUID | None, str], int]:
    """What was counted."""
    return {(row.stream_id, row.reason): row.events for row in PlaybackRejection.objects.all()}


class TestTaking:
    def test_a_batch_of_several_plays(self, django_assert_max_num_queries: Any) -> None:
        show, other = broadcast(), broadcast()
        events = [
            *watching(play_at(morning() + MINUTE), show, uuid4(), seconds=300),
            *watching(play_at(morning() + 2 * MINUTE), other, uuid4(), seconds=100),
        ]
        done = record(events)
        assert (done.taken, done.rejected, done.sent) == (16, {}, 16)
        row = PlaybackEvent.objects.get(sequence=1, stream=show)
        assert row.performer_id == show.performer_id
        assert RollupTouch.objects.filter(rollup="viewer_session").count() == 2
        # The number of statements follows from the number of batches and not of events: salts are there by now.
        later = watching(play_at(morning() + 5 * MINUTE), show, uuid4(), seconds=3_000)
        with django_assert_max_num_queries(16):
            assert record(later).taken == 101

    def test_sent_again_and_out_of_order_it_is_the_same_rows(self) -> None:
        show = broadcast()
        events = watching(play_at(morning() + MINUTE), show, uuid4(), seconds=600)
        record(events[:10])
        before = RollupTouch.objects.count()
        shuffled = random.Random(7).sample(events + events[:5], len(events) + 5)
        done = record(shuffled)
        assert (done.taken, done.rejected) == (len(events) - 10, {Reason.REPEATED: 15})
        assert PlaybackEvent.objects.count() == len(events)
        assert rejections() == {(show.pk, "repeated"): 15}
        assert RollupTouch.objects.count() == before + 1
        # Nothing new touches nothing.
        assert record(events).taken == 0
        assert RollupTouch.objects.count() == before + 1
        assert rejections() == {(show.pk, "repeated"): 15 + len(events)}

    def test_an_empty_batch(self) -> None:
        assert record([]).sent == 0


def _future(show: Stream) -> ReportedEvent:
    return event(play_at(timezone.now() - MINUTE), show, uuid4(), 1, 70_000)


def _began_in_future(show: Stream) -> ReportedEvent:
    return event(play_at(timezone.now() + 2 * MINUTE), show, uuid4(), 1, 0)


def _before(show: Stream) -> ReportedEvent:
    return event(play_at(morning() - MINUTE), show, uuid4(), 1, 0)


def _unknown(show: Stream) -> ReportedEvent:
    return event(play_at(morning()), uuid4(), uuid4(), 1, 0)


def _negative_offset(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 2, -1)


def _negative_stall(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 2, 1, stalled_milliseconds=-5)


def _past_midnight(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 2, 15 * 3_600_000 + 59 * 60_000 + 1)


def _no_play(show: Stream) -> ReportedEvent:
    return event(uuid4(), show, uuid4(), 1, 0)


def _end_of_calendar(show: Stream) -> ReportedEvent:
    return event(UUID(int=(2**48 - 1) << 80 | 7 << 76 | 2 << 62), show, uuid4(), 1, 0)


def _no_kind(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 1, 0, "dance")


def _no_sequence(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 0, 0)


def _no_country(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 1, 0, "start", country="Atlantis")


def _told_too_late(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 2, 30_000, country="DE")


def _nobody(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 1, 0, is_signed_in=True)


def _huge(show: Stream) -> ReportedEvent:
    return event(play_at(morning() + MINUTE), show, uuid4(), 1, 2**40)


BAD: list[tuple[Callable[[Stream], ReportedEvent], Reason]] = [
    (_future, Reason.FUTURE),
    (_began_in_future, Reason.FUTURE),
    (_before, Reason.BEFORE_STREAM),
    (_unknown, Reason.UNKNOWN_STREAM),
    (_negative_offset, Reason.NEGATIVE),
    (_negative_stall, Reason.NEGATIVE),
    (_past_midnight, Reason.AFTER_DAY),
    (_no_play, Reason.MALFORMED),
    (_end_of_calendar, Reason.MALFORMED),
    (_no_kind, Reason.MALFORMED),
    (_no_sequence, Reason.MALFORMED),
    (_no_country, Reason.MALFORMED),
    (_told_too_late, Reason.MALFORMED),
    (_huge, Reason.MALFORMED),
    (_nobody, Reason.UNKNOWN_VIEWER),
]


class TestBadInput:
    @pytest.mark.parametrize(("bad", "reason"), BAD)
    def test_one_bad_event_leaves_the_rest_alone(
        self, bad: Callable[[Stream], ReportedEvent], reason: Reason
    ) -> None:
        show = broadcast()
        good = watching(play_at(morning() + MINUTE), show, uuid4(), seconds=60)
        done = record([good[0], bad(show), *good[1:]])
        assert (done.taken, done.rejected) == (3, {reason: 1})
        stream_id = None if reason is Reason.UNKNOWN_STREAM else show.pk
        assert rejections() == {(stream_id, str(reason)): 1}
        assert PlaybackEvent.objects.count() == 3

    def test_a_clock_that_runs_a_little_ahead_is_borne(self) -> None:
        show = broadcast()
        assert record([event(play_at(timezone.now() - MINUTE), show, uuid4(), 2, 63_000)]).taken == 1

    def test_after_the_stream_was_over(self) -> None:
        show = broadcast()
        Stream.all_objects.filter(pk=show.pk).update(
            status="ended", lease=None, ended_at=morning() + 60 * MINUTE, end_reason="performer"
        )
        play = play_at(morning() + 50 * MINUTE)
        within = event(play, show, uuid4(), 2, 11 * 60_000)
        assert record(
            [within, replace(within, sequence=3, offset_milliseconds=12 * 60_000 + 1)]
        ).rejected == {Reason.AFTER_STREAM: 1}

    def test_a_stream_that_never_began_has_no_viewers(self) -> None:
        show = broadcast()
        planned = Stream.objects.create(performer_id=show.performer_id, title="Tomorrow")
        assert record([event(play_at(morning()), planned, uuid4(), 1, 0)]).rejected == {
            Reason.BEFORE_STREAM: 1
        }

    def test_when_the_salts_are_gone_it_is_too_late(self) -> None:
        began = morning() - dt.timedelta(days=3)
        show = broadcast(began)
        assert record([event(play_at(began + MINUTE), show, uuid4(), 1, 0)]).rejected == {Reason.TOO_LATE: 1}
        assert not RotatingSalt.objects.exists()

    def test_all_of_it_at_once_is_told_apart(self) -> None:
        show = broadcast()
        done = record([bad(show) for bad, _ in BAD])
        assert done.taken == 0
        assert done.sent == len(BAD)
        assert sum(rejections().values()) == len(BAD)


class TestKeys:
    def test_a_viewer_has_one_key_a_day_and_one_a_stream(self) -> None:
        show, other, viewer = broadcast(), broadcast(), uuid4()
        for of in (show, show, other):
            record([event(play_at(morning() + MINUTE), of, viewer, 1, 0)])
        record([event(play_at(morning() + MINUTE), show, uuid4(), 1, 0)])
        rows = PlaybackEvent.objects.all()
        assert len({row.day_key for row in rows}) == 2
        assert len({row.stream_key for row in rows if row.stream_id == show.pk}) == 2
        assert {row.stream_key for row in rows}.isdisjoint({row.day_key for row in rows})
        assert viewer not in {key for row in rows for key in (row.day_key, row.stream_key)}

    def test_people_are_linked_and_guests_are_not(self) -> None:
        show, person = broadcast(), UserFactory.create()
        play = play_at(morning() + MINUTE)
        record(watching(play, show, person.pk, seconds=90, is_signed_in=True))
        record(watching(play_at(morning() + MINUTE), show, uuid4(), seconds=90))
        link = PlaybackViewer.objects.get()
        assert (link.pk, link.user_id, link.stream_id) == (play, person.pk, show.pk)


class TestImports:
    def test_the_past_is_taken_and_leads_to_nobody(self) -> None:
        began = morning() - dt.timedelta(days=2)
        show = broadcast(began)
        events = watching(play_at(began + MINUTE), show, uuid4(), seconds=120)
        secret = b"of this import"
        assert playback_events_import(events=events, secret=secret).taken == 5
        again = playback_events_import(events=events, secret=secret)
        assert (again.taken, again.rejected) == (0, {Reason.REPEATED: 5})
        assert not RotatingSalt.objects.exists()
        assert not PlaybackViewer.objects.exists()


class TestTheDatabase:
    """As the worker, who never heard of the service."""

    def insert(self, show: Stream, play: UUID, sequence: int = 1, offset: int = 0, **said: Any) -> None:
        begun = dt.datetime.fromtimestamp((play.int >> 80) / 1000, dt.UTC)
        values = {
            "id": uuid7_derived(begun, f"{play}:{sequence}"),
            "playback": play,
            "stream_id": show.pk,
            "sequence": sequence,
            "offset_milliseconds": offset,
            "kind": "start",
            "day_key": uuid4(),
            "stream_key": uuid4(),
            "is_signed_in": False,
            "stalled_milliseconds": 0,
            "errors": 0,
            "dropped_frames": 0,
            **said,
        }
        marks = ", ".join(["%s"] * len(values))
        with acting(Role.WORKER):
            run(
                f"INSERT INTO analytics_playbackevent ({', '.join(values)}) VALUES ({marks})",
                list(values.values()),
            )

    def test_a_sound_event_passes(self) -> None:
        show = broadcast()
        self.insert(show, play_at(morning() + MINUTE))
        assert PlaybackEvent.objects.get().performer_id == show.performer_id

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"id": play_at(morning() + MINUTE)}, "follows from its play"),
            ({"stream_id": uuid4()}, "no such stream"),
            ({"offset_milliseconds": 16 * 3_600_000}, "of one day"),
            ({"offset_milliseconds": -1}, "analytics_playbackevent_offset_check"),
            ({"stalled_milliseconds": -1}, "analytics_playbackevent_quality_check"),
            ({"kind": "heartbeat", "country": "DE"}, "analytics_playbackevent_start_check"),
            ({"playback": uuid4()}, "UUIDv7"),
        ],
    )
    def test_what_the_worker_cannot_write_either(self, said: dict[str, Any], words: str) -> None:
        show = broadcast()
        with refused(words):
            self.insert(show, play_at(morning() + MINUTE), **said)

    def test_neither_the_future_nor_before_the_stream(self) -> None:
        show = broadcast()
        with refused("not happened yet"):
            self.insert(show, play_at(database_now() + MINUTE))
        with refused("had not begun"):
            self.insert(show, play_at(morning() - MINUTE))

    def test_events_stay_as_they_are(self) -> None:
        show = broadcast()
        self.insert(show, play_at(morning() + MINUTE))
        with refused("cannot be changed"):
            run("UPDATE analytics_playbackevent SET offset_milliseconds = 5")
        with acting(Role.WORKER):
            for verb in (
                "UPDATE analytics_playbackevent SET day_key = uuidv7()",
                "DELETE FROM analytics_playbackevent",
            ):
                with refused("permission denied"):
                    run(verb)

    @pytest.mark.parametrize(
        "role", [role for role in Role if role.value.startswith("vbl_a") or role is Role.VIEWER]
    )
    @pytest.mark.parametrize("table", ["playbackevent", "viewersession", "rotatingsalt", "playbackviewer"])
    def test_nobody_but_the_worker_reads_raw_rows(self, role: Role, table: str) -> None:
        with acting(role, user_id=uuid4()), refused("permission denied"):
            run(f"SELECT FROM analytics_{table}")

    def test_no_salt_comes_back(self) -> None:
        day = morning().date() - dt.timedelta(days=3)
        with acting(Role.WORKER), refused("is destroyed"):
            run(
                "INSERT INTO analytics_rotatingsalt (id, scope, day, salt) VALUES (uuidv7(), 'day', %s, %s)",
                [day, bytes(32)],
            )
        with acting(Role.WORKER), refused("has not begun"):
            run(
                "INSERT INTO analytics_rotatingsalt (id, scope, day, salt) VALUES (uuidv7(), 'day', %s, %s)",
                [day + dt.timedelta(days=10), bytes(32)],
            )
        assert not ViewerSession.objects.exists()
