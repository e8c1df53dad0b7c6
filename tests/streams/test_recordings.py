"""Recordings: callbacks in any order, silence, files, and what the database refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from streams.errors import RecordingRefused, RecordingUnknown, ReportRefused
from streams.models import Recording, RecordingReport
from streams.services.recording_reports import Report, Taken, recording_report_take, without_secrets
from streams.services.recordings import (
    recording_request,
    recordings_give_up,
    recordings_poll,
    rendition_add,
)
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory
from tests.sql import affected, refused, run
from tests.streams.factories_archives import BEGAN, key_of, make_recording, make_rendition, make_stream

pytestmark = pytest.mark.django_db

STATES = ("starting", "active", "ending")
ENDS = ("complete", "failed", "aborted", "limit_reached")


def report(recording: Recording, state: str, second: int = 0, **options: Any) -> Report:
    values: dict[str, Any] = {
        "provider": recording.provider,
        "event": f"EV_{state}_{second}",
        "reference": recording.provider_reference,
        "state": state,
        "reported_at": BEGAN + timedelta(seconds=second),
        **options,
    }
    return Report(**values)


def take(recording: Recording, state: str, second: int = 0, **options: Any) -> Taken:
    with acting(Role.WORKER):
        return recording_report_take(report=report(recording, state, second, **options))


def fresh(recording: Recording) -> Recording:
    return Recording.objects.get(pk=recording.pk)


def test_asked_for_once_however_often(announced: Announced) -> None:
    stream, other = make_stream(), make_stream()
    with acting(Role.WORKER):
        first = recording_request(stream_id=stream.pk, provider_reference="EG_1", actor=None)
        assert recording_request(stream_id=stream.pk, provider_reference="EG_1", actor=None) == first
        with pytest.raises(RecordingRefused, match="another stream"):
            recording_request(stream_id=other.pk, provider_reference="EG_1", actor=None)
        for wrong in ("", "a b", "x" * 201):
            with pytest.raises(RecordingRefused, match=r"characters|printable ASCII"):
                recording_request(stream_id=stream.pk, provider_reference=wrong, actor=None)
        imported = recording_request(
            stream_id=other.pk, provider_reference="EG_1", actor=None, provider="import"
        )
    assert first.performer_id == stream.performer_id
    assert imported != first
    assert announced.actions == ["recording_requested"] * 2


def test_a_recording_follows_its_recorder(announced: Announced) -> None:
    recording = make_recording(status="starting")
    assert take(
        recording, "active", 1, payload={"egressId": "EG", "apiKey": "x", "nested": [{"token": "y"}]}
    ).is_new
    end = BEGAN + timedelta(hours=1)
    take(recording, "complete", 3700, ended_at=end, checksum=b"x" * 32, retry_count=2)
    row = fresh(recording)
    assert (row.status, row.ended_at, row.retry_count, bytes(row.checksum or b"")) == (
        "complete",
        end,
        2,
        b"x" * 32,
    )
    assert [found.outcome for found in RecordingReport.objects.order_by("pk")] == ["applied", "applied"]
    assert RecordingReport.objects.order_by("pk")[0].payload == {"egressId": "EG", "nested": [{}]}
    assert announced.actions == ["recording_reported"] * 2
    assert announced[1][1]["detail"] == {"from": "active", "to": "complete"}


def test_the_same_callback_twice_says_so_and_changes_nothing() -> None:
    recording = make_recording(status="starting")
    first = take(recording, "active", 1)
    version = fresh(recording).version
    again = take(recording, "active", 1)
    assert (again.is_new, again.report, again.words) == (
        False,
        first.report,
        "This report was taken before; nothing was changed.",
    )
    assert fresh(recording).version == version
    with pytest.raises(ReportRefused, match="used for another report"):
        take(recording, "complete", 1, event="EV_active_1")
    third = take(recording, "active", 1, event="another").report
    fourth = take(recording, "active", 1, event="yet_another").report
    assert (third.outcome, third.duplicate_of, fourth.duplicate_of) == (
        "duplicate",
        first.report,
        first.report,
    )
    assert fresh(recording).version == version


def test_out_of_order_is_kept_and_the_later_state_stands() -> None:
    recording = make_recording(status="starting")
    take(recording, "complete", 60)
    before = run("SELECT * FROM streams_recording")
    late = take(recording, "active", 10).report
    assert (late.outcome, fresh(recording).status) == ("stale", "complete")
    later = take(recording, "failed", 90, error_code="x").report
    assert (later.outcome, fresh(recording).status) == ("contradictory", "complete")
    assert run("SELECT * FROM streams_recording") == before
    running = make_recording(status="ending", reported_at=BEGAN + timedelta(seconds=50))
    assert take(running, "active", 70).report.outcome == "contradictory"
    assert take(running, "active", 40, event="early").report.outcome == "stale"
    # The end is said once: a clock behind it that runs late does not make it a lie.
    assert take(running, "complete", 45, event="end").report.outcome == "applied"


@st.composite
def lives(draw: Any) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """What a recorder says in order, and how it arrives: in any order, some of it more than once."""
    said = [state for state in STATES if draw(st.booleans())]
    if draw(st.booleans()) or not said:
        said.append(draw(st.sampled_from(ENDS)))
    steps = draw(st.lists(st.integers(0, 90), min_size=len(said), max_size=len(said)))
    course = [(state, sum(steps[: place + 1])) for place, state in enumerate(said)]
    again = draw(st.lists(st.sampled_from(course), max_size=4))
    return course, draw(st.permutations(course + again))


@pytest.mark.parametrize("given_before", ["starting"])
@settings(max_examples=40)
@given(life=lives())
def test_whatever_the_order_the_latest_report_stands(given_before: str, life: Any) -> None:
    course, arrivals = life
    recording = make_recording(status=given_before)
    for state, second in arrivals:
        take(
            recording,
            state,
            second,
            event=f"{recording.pk}_{state}",
            error_code="x" if state == "failed" else "",
        )
    assert fresh(recording).status == course[-1][0]
    assert recording.reports.count() == len(course)


@pytest.mark.parametrize(
    ("options", "refusal", "words"),
    [
        ({"reference": "EG_nobody"}, RecordingUnknown, "Nobody asked LiveKit egress"),
        ({"state": "EGRESS_BROKEN"}, ReportRefused, "no state of a recording. Known are: starting"),
        ({"provider": "zoom"}, ReportRefused, "no provider 'zoom'"),
        ({"reported_at": datetime(2026, 3, 1)}, ReportRefused, "needs its zone"),  # noqa: DTZ001
        ({"reported_at": datetime(2999, 1, 1, tzinfo=UTC)}, ReportRefused, "lies in the future"),
        ({"payload": ["a list"]}, ReportRefused, "JSON object"),
        ({"payload": {"words": "x" * 70_000}}, ReportRefused, "65536 characters"),
        ({"event": "with space"}, ReportRefused, "printable ASCII"),
        ({"checksum": b"short"}, ReportRefused, "32 bytes"),
        ({"retry_count": -1}, ReportRefused, "counted from 0"),
        ({"error_words": "zero\x00byte"}, ReportRefused, "cannot be stored|NUL"),
        ({"ended_at": BEGAN - timedelta(days=1), "state": "complete"}, ReportRefused, "ends after it began"),
    ],
)
def test_malformed_callbacks_leave_nothing_behind(options: dict[str, Any], refusal: Any, words: str) -> None:
    recording = make_recording(status="starting")
    with pytest.raises(refusal, match=words):
        take(recording, **{"state": "active", **options})
    assert not RecordingReport.objects.exists()
    assert fresh(recording).status == "starting"


def test_secrets_are_left_out_at_any_depth() -> None:
    sent = {"A": [{"Secret": 1, "b": {"stream_key": 2, "c": 3}}], "accessKey": 4, "authorization": "x"}
    assert without_secrets(sent) == {"A": [{"b": {"c": 3}}]}
    recording = make_recording()
    with refused("payload_secrets_check"):
        run(
            "INSERT INTO streams_recordingreport (id, recording_id, provider, provider_event, state, reported_at, "
            "received_at, outcome, payload) VALUES (uuidv7(), %s, 'livekit', 'e', 'active', now(), now(), 'stale', "
            """'{"a": [{"b": {"X-Api-Key": "1", "apiKey": "1"}}]}')""",
            [recording.pk],
        )


def silent(status: str = "active", minutes: int = 20, **fields: Any) -> Recording:
    return make_recording(status=status, heard_at=timezone.now() - timedelta(minutes=minutes), **fields)


def test_what_is_silent_is_asked_about_and_given_up_and_may_come_back(
    announced: Announced, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, running, over = silent(), make_recording(status="active"), silent(status="complete")
    assert list(Recording.objects.overdue(timedelta(minutes=15))) == [lost]
    call_command("recordings_chase")
    assert "1 asked about, 0 given up" in capsys.readouterr().out
    assert list(Recording.objects.to_poll()) == [lost]
    call_command("recordings_chase")
    assert "0 asked about, 0 given up" in capsys.readouterr().out
    take(lost, "active", 30)
    assert not Recording.objects.to_poll().exists()
    hours = timezone.now() - timedelta(hours=7)
    Recording.objects.filter(pk=lost.pk).update(heard_at=hours, poll_requested_at=hours)
    with acting(Role.WORKER):
        assert (recordings_poll(), recordings_give_up()) == (0, 1)
    row = fresh(lost)
    assert (row.status, row.error_code, row.poll_requested_at) == ("failed", "silence", None)
    assert take(lost, "active", 40).report.outcome == "stale"
    assert take(lost, "complete", 50).report.outcome == "applied"
    assert (fresh(lost).status, fresh(lost).error_code) == ("complete", "")
    assert {fresh(running).status, fresh(over).status} == {"active", "complete"}
    assert announced.actions == ["recording_overdue", "recording_given_up", "recording_reported"]


def test_a_stream_on_air_is_asked_about_and_never_given_up() -> None:
    recording = silent(poll_requested_at=timezone.now() - timedelta(days=1))
    run(
        "INSERT INTO streams_stream (id, performer_id, title, description, language, visibility, status) "
        "VALUES (uuidv7(), %s, 'On', '', 'en', 'public', 'scheduled')",
        [recording.performer_id],
    )
    run(
        "UPDATE streams_stream SET status = 'starting', lease = id, last_heartbeat_at = now() WHERE title = 'On'"
    )
    on_air = Recording.objects.create(
        performer_id=recording.performer_id,
        stream_id=run("SELECT id FROM streams_stream WHERE title = 'On'")[0][0],
        provider_reference="EG_on_air",
        poll_requested_at=timezone.now() - timedelta(days=1),
    )
    with acting(Role.WORKER):
        assert recordings_give_up() == 1
    assert (fresh(recording).status, fresh(on_air).status) == ("failed", "starting")


def test_a_file_has_its_place_and_its_performer() -> None:
    recording, other = make_recording(), make_recording()
    good: dict[str, Any] = {
        "recording_id": recording.pk,
        "codec": "h264",
        "height": 720,
        "size_bytes": 5,
        "object_key": key_of(recording.performer_id),
    }
    with acting(Role.WORKER):
        rendition_add(**good)
        for wrong, words in (
            ({}, "codec and height already"),
            ({"height": 480}, "in use already"),
            ({"height": -1, "object_key": key_of(recording.performer_id)}, "pixels high"),
            ({"height": 481, "size_bytes": 0, "object_key": key_of(recording.performer_id)}, "1 byte"),
            ({"height": 482, "object_key": key_of(other.performer_id)}, "folder of its performer"),
            ({"height": 483, "object_key": "https://cdn.example/" + "x" * 40}, "path under people|folder"),
            (
                {"height": 484, "codec": "divx", "object_key": key_of(recording.performer_id)},
                "must be one of",
            ),
        ):
            with pytest.raises(RecordingRefused, match=words):
                rendition_add(**{**good, **wrong})


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE streams_recording SET status = 'starting'", "cannot move from complete"),
        ("UPDATE streams_recording SET status = 'active', ended_at = NULL", "cannot move from complete"),
        ("UPDATE streams_recording SET provider_reference = 'x'", "cannot be changed"),
        ("UPDATE streams_recording SET performer_id = uuidv7()", "cannot be changed"),
        ("UPDATE streams_recording SET ended_at = NULL", "ended_at_check"),
        ("UPDATE streams_recording SET ended_at = started_at - interval '1 s'", "order_check"),
        ("UPDATE streams_recording SET checksum = 'x'", "checksum_check"),
        ("UPDATE streams_recording SET poll_requested_at = now()", "poll_requested_at_check"),
        ("INSERT INTO streams_recording (stream_id, provider_reference, status, ended_at) SELECT stream_id, 'n', "
         "'complete', now() FROM streams_recording", "cannot begin as complete"),
        ("INSERT INTO streams_recording (stream_id, provider_reference, status) SELECT stream_id, provider_reference, "
         "'starting' FROM streams_recording", "reference_key"),
        ("UPDATE streams_recordingreport SET outcome = 'stale'", "append-only"),
        ("UPDATE streams_recordingreport SET payload = NULL", "append-only"),
        ("DELETE FROM streams_recordingreport", "append-only"),
        ("INSERT INTO streams_recordingreport (recording_id, provider, provider_event, state, reported_at, "
         "received_at, outcome, payload) SELECT recording_id, provider, provider_event, state, now(), now(), 'stale', "
         "'{}' FROM streams_recordingreport", "provider_provider_event_key"),
        ("INSERT INTO streams_recordingreport (recording_id, provider, provider_event, state, reported_at, "
         "received_at, outcome, payload) SELECT recording_id, provider, 'n', state, now(), now(), 'duplicate', '{}' "
         "FROM streams_recordingreport", "duplicate_of_check"),
    ],
)  # fmt: skip
def test_rules_attacked_by_the_owner(statement: str, words: str) -> None:
    take(make_recording(status="starting"), "complete", 9)
    with refused(words):
        run(statement)


def test_a_failure_that_was_real_stays() -> None:
    recording = make_recording(status="failed")
    with refused("nothing follows"):
        run("UPDATE streams_recording SET status = 'complete', error_code = '' WHERE id = %s", [recording.pk])
    with acting(Role.WORKER):
        assert affected("UPDATE streams_recording SET status = 'complete'") == 0


def test_who_reads_recordings_and_where_files_lie() -> None:
    recording = make_recording()
    make_rendition(recording)
    make_rendition(make_recording())
    take(recording, "complete", 9)
    owner, stranger = recording.performer_id, UserFactory().pk
    staff = {
        Role.SUPPORT,
        Role.MODERATOR,
        Role.LEAD_MODERATOR,
        Role.COMPLIANCE,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }
    for role in ACTING_ROLES:
        with acting(role, user_id=owner):
            for table, rows in (("streams_rendition", 2), ("streams_recordingreport", 1)):
                if role in staff | {Role.WORKER}:
                    assert len(run(f"SELECT id FROM {table}")) == rows, role
                elif role is Role.PERFORMER:
                    assert len(run(f"SELECT id FROM {table}")) == 1
                else:
                    with refused("permission denied"):
                        run(f"SELECT id FROM {table}")
            if role is Role.VIEWER:
                with refused("permission denied"):
                    run("SELECT id FROM streams_recording")
            else:
                assert len(run("SELECT id FROM streams_recording")) == (1 if role is Role.PERFORMER else 2), (
                    role
                )
            if role is not Role.WORKER:
                for statement in (
                    "UPDATE streams_recording SET status = 'failed'",
                    "DELETE FROM streams_recording",
                    "DELETE FROM streams_rendition",
                    "INSERT INTO streams_rendition (codec) VALUES ('h264')",
                ):
                    with refused("permission denied"):
                        run(statement)
    with acting(Role.PERFORMER, user_id=stranger):
        assert run("SELECT id FROM streams_rendition") == []
