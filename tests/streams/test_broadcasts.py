"""Streams from the plan to the end, and the gate before going live."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, Refused, StaleVersion
from performers.models import PerformerProfile
from streams.choices import StreamEnd, StreamStatus
from streams.encoding import Encoding, Rung
from streams.errors import LeaseLost, StreamRefused
from streams.models import Stream, StreamConfiguration, StreamTransition
from streams.services.broadcasts import (
    stream_abort,
    stream_delete,
    stream_end,
    stream_go_live,
    stream_heartbeat,
    stream_interrupt,
    stream_resume,
    stream_schedule,
    stream_start,
)
from streams.services.reaping import streams_reap
from tests.accounts.conftest import Announced, announced  # noqa: F401  (a fixture)
from tests.accounts.factories import staff
from tests.sql import affected, refused, run
from tests.streams.factories_broadcasting import (
    RECORDED,
    as_performer,
    live,
    scheduled,
    silenced,
    started,
    verified,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def performer(db: None) -> PerformerProfile:
    return verified(stage_name="Nova")


def moves(stream: Stream) -> list[tuple[str | None, str]]:
    return list(
        StreamTransition.objects.filter(stream=stream).order_by("pk").values_list("from_status", "to_status")
    )


def test_from_the_plan_to_the_end(performer: PerformerProfile, announced: Announced) -> None:  # noqa: F811
    stream = scheduled(performer)
    lease = started(stream, encoding=RECORDED)
    with acting(Role.WORKER):
        stream_go_live(stream_id=stream.pk, lease=lease, actor=None)
        stream_heartbeat(stream_id=stream.pk, lease=lease)
        stream_interrupt(stream_id=stream.pk, lease=lease, actor=None, reason="no packets")
        stream_resume(stream_id=stream.pk, lease=lease, actor=None)
    with as_performer(performer):
        ended = stream_end(stream_id=stream.pk, actor=performer.user, reason="good night")
    assert (ended.status, ended.end_reason, ended.lease) == (StreamStatus.ENDED, StreamEnd.PERFORMER, None)
    assert ended.started_at and ended.ended_at and ended.started_at <= ended.ended_at
    assert announced.actions == [
        "stream_scheduled",
        "stream_started",
        "stream_went_live",
        "stream_interrupted",
        "stream_resumed",
        "stream_ended",
    ]
    configuration = StreamConfiguration.objects.get(stream=stream)
    assert configuration.is_recorded
    assert configuration.ladder[0] == {"height": 1080, "kbps": 6000}


def test_every_move_is_on_record_with_actor_role_and_reason(performer: PerformerProfile) -> None:
    stream, lease = live(performer)
    with acting(Role.WORKER):
        stream_interrupt(stream_id=stream.pk, lease=lease, actor=None, reason="no packets")
    moderator = staff(Role.MODERATOR)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        ended = stream_end(stream_id=stream.pk, actor=moderator, reason="shows somebody else")
    assert ended.end_reason == StreamEnd.STAFF
    rows = StreamTransition.objects.filter(stream=stream).order_by("pk")
    assert [(row.to_status, row.actor_id, row.acting_role, row.reason) for row in rows] == [
        ("scheduled", performer.pk, "vbl_performer", ""),
        ("starting", performer.pk, "vbl_performer", ""),
        ("live", None, "vbl_worker", ""),
        ("interrupted", None, "vbl_worker", "no packets"),
        ("ended", moderator.pk, "vbl_moderator", "shows somebody else"),
    ]
    assert {row.performer_id for row in rows} == {performer.pk}


def test_raw_sql_moves_are_on_record_too_and_the_record_is_closed(performer: PerformerProfile) -> None:
    stream = scheduled(performer)
    with as_performer(performer):
        sql = "UPDATE streams_stream SET status = 'aborted', ended_at = now(), end_reason = 'cancelled'"
        assert affected(sql) == 1
        with refused("permission denied"):
            run("DELETE FROM streams_streamtransition")
        with refused("permission denied"):
            run("UPDATE streams_streamtransition SET reason = 'never'")
        with refused("permission denied"):
            run("INSERT INTO streams_streamtransition (to_status) VALUES ('live')")
    assert moves(stream) == [(None, "scheduled"), ("scheduled", "aborted")]
    with refused("append-only"):
        run("DELETE FROM streams_streamtransition")


class TestLease:
    def test_a_foreign_lease_holds_nothing(self, performer: PerformerProfile) -> None:
        stream, _ = live(performer)
        with acting(Role.WORKER):
            for act in (stream_heartbeat, stream_interrupt, stream_go_live, stream_resume):
                options: dict[str, Any] = {} if act is stream_heartbeat else {"actor": None}
                with pytest.raises(LeaseLost, match="does not hold the stream"):
                    act(stream_id=stream.pk, lease=uuid4(), **options)
            with pytest.raises(LeaseLost):
                stream_end(stream_id=stream.pk, lease=uuid4(), actor=None)
            with refused("Another session holds"):
                run("UPDATE streams_stream SET lease = uuidv7() WHERE id = %s", [stream.pk])

    def test_a_heartbeat_changes_nothing_else_and_is_never_of_tomorrow(
        self, performer: PerformerProfile
    ) -> None:
        stream, lease = live(performer)
        version, history = stream.version, Stream.history.filter(id=stream.pk).count()
        with acting(Role.WORKER):
            stream_heartbeat(stream_id=stream.pk, lease=lease)
            run("UPDATE streams_stream SET last_heartbeat_at = now() + interval '1 day'")
        stream.refresh_from_db()
        assert stream.version == version
        assert Stream.history.filter(id=stream.pk).count() == history
        assert stream.last_heartbeat_at < timezone.now() + timedelta(minutes=1)

    def test_after_the_end_there_is_no_heartbeat(self, performer: PerformerProfile) -> None:
        stream, lease = live(performer)
        with as_performer(performer):
            stream_end(stream_id=stream.pk, actor=performer.user)
        with acting(Role.WORKER), pytest.raises(LeaseLost):
            stream_heartbeat(stream_id=stream.pk, lease=lease)


class TestReaper:
    def reap(self) -> tuple[int, int]:
        with acting(Role.WORKER):
            reaped = streams_reap()
        return reaped.interrupted, reaped.ended

    def test_a_heartbeat_that_stops(self) -> None:
        fresh, _ = live()
        short, long = (silenced(live()[0], seconds) for seconds in (40, 500))
        starting = scheduled(verified())
        started(starting)
        silenced(starting, 500)
        assert self.reap() == (2, 2)
        assert self.reap() == (0, 0)
        assert Stream.objects.get(pk=fresh.pk).status == StreamStatus.LIVE
        assert Stream.objects.get(pk=short.pk).status == StreamStatus.INTERRUPTED
        over = Stream.objects.get(pk=long.pk)
        assert (over.status, over.end_reason) == (StreamStatus.ENDED, StreamEnd.SILENCE)
        assert over.ended_at == long.last_heartbeat_at
        assert moves(over)[-2:] == [("live", "interrupted"), ("interrupted", "ended")]
        assert Stream.objects.get(pk=starting.pk).end_reason == StreamEnd.NEVER_LIVE
        silenced(short, 200)
        assert self.reap() == (0, 1)

    def test_the_command_says_what_it_did(self, capsys: Any) -> None:
        silenced(live()[0], 500)
        call_command("streams_reap", "--dry-run")
        call_command("streams_reap")
        assert capsys.readouterr().out.splitlines() == ["1 stream(s) fell silent", "1 interrupted, 1 over"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": "   "}, "A title has no control characters"),
        ({"title": "\u3000\u200d"}, "A title has no control characters"),
        ({"title": "a\u0007b"}, "A title has no control characters"),
        ({"title": "\x00"}, "signs that cannot be stored"),
        ({"title": ""}, "is not blank"),
        ({"title": "x" * 141}, "Title must have 1 to 140"),
        ({"language": "English"}, "ISO 639"),
        ({"visibility": "secret"}, "Visibility must be one of"),
    ],
)
def test_what_is_refused_is_said(performer: PerformerProfile, options: dict[str, Any], words: str) -> None:
    with pytest.raises(StreamRefused, match=words):
        scheduled(performer, **options)
    assert not Stream.objects.exists()


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        (Encoding(video_kbps=-1), "video bit rate is 1 to"),
        (Encoding(audio_kbps=-64), "audio bit rate is 1 to"),
        (Encoding(ladder=(Rung(height=720, kbps=-3000),)), "rung of the ladder"),
        (Encoding(ladder=(Rung(height=0, kbps=3000),)), "rung of the ladder"),
        (Encoding(ladder=(Rung(height=720, kbps=1),) * 13), "at most 12 rungs"),
        (Encoding(width=0), "pixels in width"),
        (Encoding(delay_seconds=-1), "delay is 0 to 900"),
        (Encoding(ingest_server="rtmp://host/app/key"), "host name"),
        (Encoding(video_codec="divx"), "Video codec must be one of"),  # type: ignore[arg-type]
    ],
)
def test_settings_that_make_no_sense(performer: PerformerProfile, encoding: Encoding, words: str) -> None:
    stream = scheduled(performer)
    with pytest.raises(StreamRefused, match=words):
        started(stream, encoding=encoding)
    assert Stream.objects.get(pk=stream.pk).status == StreamStatus.SCHEDULED


def test_settings_are_refused_by_the_database_and_never_change(performer: PerformerProfile) -> None:
    stream, _ = live(performer)
    for ladder in ('{"height": 1}', "[1]", '[{"height": 720}]', '[{"kbps": "many", "height": 720}]', "null"):
        with refused("ladder"):
            run(
                "INSERT INTO streams_streamconfiguration SELECT (jsonb_populate_record(c, "
                "jsonb_build_object('id', uuidv7(), 'stream_id', %s::uuid, 'ladder', %s::jsonb))).* "
                "FROM streams_streamconfiguration c",
                [scheduled(performer).pk, ladder],
            )
    with refused("append-only"):
        run("UPDATE streams_streamconfiguration SET video_kbps = 1")
    with as_performer(performer), refused("permission denied"):
        run("UPDATE streams_streamconfiguration SET video_kbps = 1")
    with as_performer(performer), pytest.raises(IllegalTransition):
        stream_start(stream_id=stream.pk, actor=None)


class TestOnceOnly:
    def test_starting_twice_ending_twice(self, performer: PerformerProfile) -> None:
        stream = scheduled(performer)
        started(stream)
        with pytest.raises(IllegalTransition, match="starting and cannot become starting"):
            started(stream)
        with pytest.raises(StreamRefused, match="on air already"):
            started(scheduled(performer))
        with as_performer(performer):
            stream_end(stream_id=stream.pk, actor=performer.user)
            with pytest.raises(IllegalTransition, match="Nothing follows"):
                stream_end(stream_id=stream.pk, actor=performer.user)
            with pytest.raises(IllegalTransition, match="Nothing follows"):
                stream_abort(stream_id=stream.pk, actor=performer.user)

    def test_what_has_not_begun_is_cancelled_and_what_is_on_air_not_deleted(
        self, performer: PerformerProfile
    ) -> None:
        planned = scheduled(performer)
        with as_performer(performer):
            with pytest.raises(Refused, match="cancel it instead"):
                stream_end(stream_id=planned.pk, actor=performer.user)
            assert stream_abort(stream_id=planned.pk, actor=performer.user).end_reason == StreamEnd.CANCELLED
        stream, _ = live(performer)
        with as_performer(performer):
            with pytest.raises(StreamRefused, match="on air cannot be deleted"):
                stream_delete(stream_id=stream.pk, actor=performer.user)
            stream_end(stream_id=stream.pk, actor=performer.user)
            stream_delete(stream_id=stream.pk, actor=performer.user)
            with pytest.raises(NotThere):
                stream_delete(stream_id=stream.pk, actor=performer.user)
        assert not Stream.objects.filter(pk=stream.pk).exists()
        assert Stream.all_objects.filter(pk=stream.pk).exists()

    def test_a_planned_stream_that_is_deleted_does_not_start(self, performer: PerformerProfile) -> None:
        stream = scheduled(performer)
        with as_performer(performer):
            with pytest.raises(StaleVersion):
                stream_delete(stream_id=stream.pk, actor=performer.user, expected_version=9)
            stream_delete(stream_id=stream.pk, actor=performer.user)
        with pytest.raises(NotThere, match="deleted"):
            started(stream)


def test_illegal_moves_are_refused_by_the_database(performer: PerformerProfile) -> None:
    held = "lease = uuidv7(), last_heartbeat_at = now()"
    moved = {
        "starting": f"{held}, started_at = NULL, ended_at = NULL, end_reason = NULL",
        "live": f"{held}, started_at = now(), ended_at = NULL, end_reason = NULL",
        "ended": "lease = NULL, started_at = now(), ended_at = clock_timestamp(), end_reason = 'performer'",
        "aborted": "lease = NULL, ended_at = clock_timestamp(), end_reason = 'never_live'",
        "archived": "lease = NULL, started_at = now(), ended_at = clock_timestamp(), end_reason = 'performer'",
        "scheduled": "lease = NULL, started_at = NULL, ended_at = NULL, end_reason = NULL",
    }
    moved["interrupted"] = moved["live"]
    stream = scheduled(performer)
    machine = Stream.status_machine
    way = ["scheduled", "starting", "live", "interrupted", "ended", "archived"]
    for status in way:
        if status != "scheduled":
            run(
                f"UPDATE streams_stream SET status = '{status}'{_once(status, moved)} WHERE id = %s",
                [stream.pk],
            )
        for target, changes in moved.items():
            if target != status and not machine.allows(status, target):
                with refused("cannot move from|cannot be changed|Another session"):
                    run(
                        f"UPDATE streams_stream SET status = '{target}', {changes} WHERE id = %s", [stream.pk]
                    )
    with refused("cannot begin as live"):
        run(
            "INSERT INTO streams_stream (performer_id, title, description, language, visibility, status, started_at, "
            "lease, last_heartbeat_at) VALUES (%s, 'x', '', 'en', 'public', 'live', now(), uuidv7(), now())",
            [performer.pk],
        )


def _once(status: str, moved: dict[str, str]) -> str:
    """What changes with a legal move of the owner."""
    return {
        "starting": f", {moved['starting']}",
        "live": ", started_at = now()",
        "ended": ", lease = NULL, ended_at = clock_timestamp(), end_reason = 'performer'",
    }.get(status, "")


def test_only_an_import_takes_in_what_was_over(performer: PerformerProfile) -> None:
    stream = scheduled(performer)
    over = "UPDATE streams_stream SET status = 'ended', started_at = now() - interval '1 day', ended_at = "
    with as_performer(performer):
        with refused("Only an import"):
            run(f"{over} now(), end_reason = 'imported'")
        with refused("Only an import"):
            run(f"{over} now(), end_reason = 'performer'")
    with acting(Role.WORKER):
        with refused("Only an import"):
            run(f"{over} now(), end_reason = 'silence'")
        with refused("Only an import"):
            run(f"{over} now() + interval '1 day', end_reason = 'imported'")
        assert affected(f"{over} now(), end_reason = 'imported'") == 1
    assert moves(stream)[-1] == ("scheduled", "ended")


def test_moderators_end_the_streams_of_others_only() -> None:
    performer = verified()
    stream, _ = live(performer)
    user = User.objects.get(pk=performer.pk)
    with acting(Role.MODERATOR, user_id=user.pk), pytest.raises(NotThere):
        stream_end(stream_id=stream.pk, actor=user, reason="mine")


def test_a_stream_of_somebody_else_is_not_scheduled(performer: PerformerProfile) -> None:
    with acting(Role.PERFORMER, user_id=verified().pk), refused("row-level security"):
        stream_schedule(performer_id=performer.pk, title="Not mine", actor=None)
