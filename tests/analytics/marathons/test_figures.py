"""The curve that the roll-ups write is the one that was counted: within a hundredth, minute by minute."""

import io
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analytics.datasets.marathons.figures import figures_compared
from analytics.datasets.marathons.generation import whole
from analytics.datasets.marathons.standing import DAY, Standing
from analytics.models import PlaybackEvent, StreamMinute, StreamPerformance
from analytics.services.rollups import rollup_rebuild
from core.db.partitions.manager import ensure_partitions
from tests.analytics.marathons.loading import EVENT, cut, marathon_of
from tests.analytics.playback_data import roll_up

pytestmark = pytest.mark.django_db(transaction=True)

SCALE = Fraction(1, 300)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """More than an hour of the beginning, in which the counter stood at nought for a minute."""
    return cut(tmp_path, datetime(2019, 6, 23, 15, 20, tzinfo=UTC), datetime(2019, 6, 23, 16, 40, tzinfo=UTC))


def generate(folder: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("playbacks_generate", EVENT, "--path", str(folder), *options, stdout=said)
    return said.getvalue()


def curve(standing: Standing) -> dict[datetime, int]:
    rows = StreamMinute.objects.filter(stream=standing.stream, concurrent__gt=0)
    return dict(rows.values_list("minute", "concurrent"))


def test_the_curve_is_the_one_that_was_counted(folder: Path) -> None:
    standing = marathon_of(folder)
    ensure_partitions(PlaybackEvent, standing.stream.started_at, standing.stream.ended_at)
    said = generate(folder, "--scale", "1/300", "--chat-scale", "1")
    assert "plays there before, 0 events not taken" in said
    roll_up()
    assert curve(standing) == {
        minute.at + standing.moved: whole(minute.viewers, SCALE)
        for minute in standing.curve.minutes
        if minute.viewers
    }
    assert any(minute.viewers == 0 for minute in standing.curve.minutes)
    first, end = standing.days
    found = figures_compared(
        standing=standing, path=folder, scale=SCALE, chat_scale=Fraction(1), since=first, until=end
    )
    assert found.viewers.minutes == sum(minute.viewers is not None for minute in standing.curve.minutes)
    assert max(found.viewers.off, found.messages.worst, found.messages.off) < Fraction(1, 100)
    assert found.viewers.worst < Fraction(1, 100)
    nearest = max(
        abs(whole(minute.viewers, SCALE) / (minute.viewers * SCALE) - 1)
        for minute in standing.curve.minutes
        if minute.viewers
    )
    assert found.viewers.worst == nearest, "no whole number of people is nearer"
    said_by_minute = dict(
        StreamMinute.objects.filter(stream=standing.stream).values_list("minute", "chat_messages")
    )
    for minute in standing.curve.minutes:
        assert said_by_minute.get(minute.at + standing.moved, 0) == minute.messages
    performance = StreamPerformance.objects.get(stream=standing.stream)
    busiest = max(minute.viewers or 0 for minute in standing.curve.minutes)
    assert performance.peak_viewers == whole(busiest, SCALE)
    assert performance.chat_messages == sum(minute.messages for minute in standing.curve.minutes)


def test_generated_again_and_computed_anew_it_is_the_same_curve(folder: Path) -> None:
    standing = marathon_of(folder)
    ensure_partitions(PlaybackEvent, standing.stream.started_at, standing.stream.ended_at)
    options = ("--scale", "1/1000", "--chat-scale", "1/100", "--heartbeat", "90")
    generate(folder, *options)
    roll_up()
    before = curve(standing)
    assert generate(folder, *options).startswith("0 plays with 0 events")
    first, end = standing.days
    for name in ("viewer_session", "stream_minute"):
        assert rollup_rebuild(name=name, since=first, until=end, actor=None, reason="To compare.") > 0
    roll_up()
    assert curve(standing) == before
    assert len(before) > 60


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--scale", "0"), "lies not above nought"),
        (("--scale", "3/2"), "lies not above nought"),
        (("--scale", "1/0"), "is no scale"),
        (("--scale", "-0.5"), "expected one argument|lies not above nought"),
        (("--since", "yesterday"), "is no day"),
        (("--since", "2019-06-31"), "is no day"),
        (("--heartbeat", "91"), "is no number of seconds from 1 to 90"),
        (("--heartbeat", "0"), "is no number of seconds from 1 to 90"),
    ],
)
def test_options_that_cannot_be_are_named(folder: Path, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        generate(folder, *options)


def test_a_marathon_that_is_not_there_and_days_that_are_not_its_own(folder: Path) -> None:
    with pytest.raises(CommandError, match="sgdq2019 is not there yet: manage.py import_dataset"):
        generate(folder)
    standing = marathon_of(folder)
    first, end = standing.days
    wrong: list[tuple[Any, Any]] = [
        (first - DAY, end),
        (first, end + DAY),
        (end, end),
        (first, first - timedelta(days=3650)),
        (date(2019, 6, 23), date(2029, 6, 23)),
    ]
    for since, until in wrong:
        with pytest.raises(CommandError, match="is no part of it"):
            generate(folder, "--since", str(since), "--until", str(until))
    with pytest.raises(CommandError, match="has no minutes of agdq2018"):
        call_command("playbacks_generate", "agdq2018", "--path", str(folder), stdout=io.StringIO())
    with pytest.raises(CommandError, match="is not there. Give the folder"):
        generate(folder / "nowhere")
    assert not PlaybackEvent.objects.exists()
