"""How many watched: taken in by the minute, drawn with its gaps."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from core.db.context import acting
from core.db.partitions.manager import ensure_partitions
from core.db.roles import Role
from core.models.identity import uuid7
from performers.models import PerformerProfile
from streams.admin.curves import curve_svg
from streams.broadcast_selectors import MOST_POINTS, viewer_curve
from streams.errors import ViewerCountRefused
from streams.models import Stream, ViewerCountSample
from streams.services.viewer_counts import ViewerCount, viewer_counts_record
from tests.sql import refused, run
from tests.streams.factories_broadcasting import as_performer, live, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def stream(db: None) -> Stream:
    """On air for half an hour, which lies in one month or the next: partitions are ahead, not behind."""
    made, _ = live(verified(stage_name="Nova"))
    return made


def record(*counts: ViewerCount) -> int:
    with acting(Role.WORKER):
        return viewer_counts_record(counts=counts)


def count(stream: Stream, viewers: int, at: object = None) -> ViewerCount:
    return ViewerCount(stream_id=stream.pk, at=at or timezone.now(), viewers=viewers)  # type: ignore[arg-type]


def test_a_second_count_of_a_minute_is_the_same_row(stream: Stream) -> None:
    now = timezone.now()
    assert record(count(stream, 12, now)) == 1
    assert record(count(stream, 99, now.replace(second=0)), count(stream, 98, now)) == 0
    sample = ViewerCountSample.objects.get()
    assert (sample.viewers, sample.performer_id) == (12, stream.performer_id)
    assert sample.created_at == now.replace(second=0, microsecond=0)


def test_a_batch_of_many_streams(stream: Stream) -> None:
    other, _ = live()
    assert record(count(stream, 1), count(other, 2)) == 2
    assert record() == 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda stream: count(stream, -1), "not negative"),
        (lambda stream: count(stream, 1, timezone.now() + timedelta(minutes=3)), "has not begun"),
        (lambda stream: ViewerCount(stream_id=uuid7(), at=timezone.now(), viewers=1), "There is no stream"),
    ],
)
def test_what_is_refused_is_said(stream: Stream, make: object, words: str) -> None:
    with pytest.raises(ViewerCountRefused, match=words):
        record(count(stream, 5), make(stream))  # type: ignore[operator]
    assert not ViewerCountSample.objects.exists()


def test_the_database_refuses_it_too(stream: Stream) -> None:
    insert = "INSERT INTO streams_viewercountsample (id, stream_id, viewers) VALUES (%s, %s, %s)"
    now = timezone.now()
    good, other = count(stream, 1, now), count(live()[0], 1, now).id
    with acting(Role.WORKER):
        with refused("whole minute"):
            run(insert, [uuid7(), stream.pk, 1])
        with refused("not negative|viewers_check"):
            run(insert, [good.id, stream.pk, -1])
        with refused("has not begun"):
            run(insert, [count(stream, 1, now + timedelta(minutes=2)).id, stream.pk, 1])
        with refused("follows from its minute and its stream"):
            run(insert, [other, stream.pk, 1])
        run(insert, [good.id, stream.pk, 1])
        with refused("duplicate key"):
            run(insert, [good.id, stream.pk, 1])
        with refused("permission denied"):
            run("UPDATE streams_viewercountsample SET viewers = 0")
    with refused("append-only"):
        run("UPDATE streams_viewercountsample SET viewers = 0")


def test_who_sees_it(stream: Stream) -> None:
    record(count(stream, 3))
    with as_performer(stream.performer):
        assert run("SELECT viewers FROM streams_viewercountsample") == [(3,)]
    with as_performer(verified()):
        assert run("SELECT viewers FROM streams_viewercountsample") == []
    with acting(Role.VIEWER, user_id=stream.performer_id), refused("permission denied"):
        run("SELECT viewers FROM streams_viewercountsample")


def begun(stream: Stream, minutes: int) -> Stream:
    """The stream as if it had begun so many minutes before the last whole one."""
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    Stream.objects.filter(pk=stream.pk).update(started_at=start)
    return Stream.objects.get(pk=stream.pk)


def made(stream: Stream, minutes: range) -> None:
    """Samples of these minutes since the beginning, in whatever partition: written as maintenance would."""
    with acting(Role.WORKER):
        viewer_counts_record(
            counts=[
                count(stream, minute, stream.started_at + timedelta(minutes=minute)) for minute in minutes
            ]
        )


@pytest.fixture
def last_month(stream: Stream) -> None:
    """A partition for what lies before this month."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    ensure_partitions(ViewerCountSample, timezone.now() - timedelta(days=2), timezone.now())


def test_missing_minutes_are_gaps(stream: Stream, last_month: None) -> None:
    stream = begun(stream, 20)
    made(stream, range(5))
    made(stream, range(9, 12))
    curve = viewer_curve(stream=stream, until=timezone.now().replace(second=0, microsecond=0))
    assert [viewers for _, viewers in curve.points] == [0, 1, 2, 3, 4, *[None] * 4, 9, 10, 11, *[None] * 8]
    assert [(least, most) for _, _, least, most in curve.runs()] == [(0, 4), (9, 11)]
    assert curve.peak == 11


def test_a_long_stream_is_cut_into_maxima(stream: Stream, last_month: None) -> None:
    stream = begun(stream, 1_201)
    made(stream, range(1_201))
    curve = viewer_curve(stream=stream, until=timezone.now().replace(second=0, microsecond=0))
    assert curve.width == timedelta(minutes=3)
    assert len(curve.points) == 401 <= MOST_POINTS
    assert [viewers for _, viewers in curve.points][:3] == [2, 5, 8]
    assert curve.peak == 1_200


def test_the_picture_runs_nothing_and_loads_nothing(stream: Stream, last_month: None) -> None:
    stream = begun(stream, 20)
    made(stream, range(5))
    made(stream, range(9, 12))
    svg = curve_svg(viewer_curve(stream=stream, until=timezone.now()), "<script>alert(1)</script>")
    root = ElementTree.fromstring(svg)
    names = {element.tag.split("}")[-1] for element in root.iter()}
    assert names.isdisjoint({"script", "image", "use", "a", "foreignObject", "iframe"})
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), name
            assert "://" not in value, (name, value)
    assert "@import" not in svg
    assert "url(" not in svg.replace("url(#", "")
    assert "<script>" not in svg


def test_a_stream_that_nobody_measured(stream: Stream) -> None:
    curve = viewer_curve(stream=stream, until=timezone.now() + timedelta(minutes=5))
    assert curve.peak == 0
    assert list(curve.runs()) == []


def test_performers_of_other_streams_do_not_write(stream: Stream) -> None:
    performer: PerformerProfile = stream.performer
    with as_performer(performer), refused("permission denied"):
        run("INSERT INTO streams_viewercountsample (stream_id, viewers) VALUES (%s, 1)", [stream.pk])
