"""Broadcasts and marathons come in whole: streams, words, archives, viewers, and a second run changes nothing."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.datasets.offsets import dataset_offset
from core.db.context import acting
from core.db.roles import Role
from core.models import DatasetOffset
from performers.choices import PerformerStatus
from performers.models import PerformerProfile, ScheduleOccurrence
from streams.choices import ArchiveStatus, StreamEnd, StreamStatus
from streams.models import (
    Archive,
    Category,
    Stream,
    StreamMetadataVersion,
    ViewerCountSample,
)
from tests.streams.test_reading_data_sets import DATA

pytestmark = pytest.mark.django_db


def bring_in(name: str, folder: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("import_dataset", name, str(folder), *options, stdout=said, stderr=io.StringIO())
    return said.getvalue()


def cut(folder: Path, name: str, source: str, lines: slice) -> Path:
    """The header and some lines of a real file."""
    text = gzip.decompress((DATA / source / name).read_bytes()).decode().splitlines()
    (folder / name).write_bytes(gzip.compress("\n".join([text[0], *text[1:][lines]]).encode() + b"\n"))
    return folder


@pytest.fixture
def broadcasts(tmp_path: Path) -> Path:
    return cut(tmp_path, "broadcasts.csv.gz", "broadcasts", slice(0, 60))


@pytest.fixture
def marathons(tmp_path: Path) -> Path:
    """The first hours of one marathon: 239 minutes, of which some have no number, and three games."""
    cut(tmp_path, "schedule.csv.gz", "marathon_streams", slice(0, 3))
    return cut(tmp_path, "timeseries_per_minute.csv.gz", "marathon_streams", slice(0, 400))


def test_broadcasts_become_streams_archives_and_categories(broadcasts: Path) -> None:
    assert "60 rows read, 60 new, 0 unchanged, 0 broken" in bring_in("broadcasts", broadcasts)
    streams = Stream.objects.all()
    assert {(stream.status, stream.end_reason) for stream in streams} == {
        (StreamStatus.ARCHIVED, StreamEnd.IMPORTED)
    }
    assert {stream.language for stream in streams} == {"ko"}
    performers = PerformerProfile.objects.filter(pk__in=streams.values("performer"))
    assert {performer.status for performer in performers} == {PerformerStatus.VERIFIED}
    assert Archive.objects.filter(status=ArchiveStatus.PENDING).count() == 40, "the newest wait for a review"
    assert Archive.objects.filter(is_listable=True).count() == 20
    talk = Category.objects.get(slug="talk")
    assert talk.parent_path is None
    assert Category.objects.get(slug="games").get_children_count() >= 1
    assert StreamMetadataVersion.objects.filter(category=talk).exists()


def test_a_second_run_changes_nothing(broadcasts: Path) -> None:
    bring_in("broadcasts", broadcasts)
    before = [list(model.objects.order_by("pk").values()) for model in (Stream, Archive, Category)]
    assert "0 new, 60 unchanged" in bring_in("broadcasts", broadcasts)
    assert [list(model.objects.order_by("pk").values()) for model in (Stream, Archive, Category)] == before


def test_one_row_that_the_database_refuses_stops_all_or_is_left_out(broadcasts: Path) -> None:
    text = gzip.decompress((broadcasts / "broadcasts.csv.gz").read_bytes()).decode()
    blank = 'b999999,performer_01,"\u200b",2025-01-01,10,talk,1,False\n'
    (broadcasts / "broadcasts.csv.gz").write_bytes(gzip.compress((text + blank).encode()))
    with pytest.raises(CommandError, match="1 broken row"):
        bring_in("broadcasts", broadcasts)
    assert not Stream.objects.exists()
    assert "60 new, 0 unchanged, 1 broken" in bring_in("broadcasts", broadcasts, "--skip-broken")


def test_a_marathon_becomes_a_stream_with_its_games_and_minutes(marathons: Path) -> None:
    bring_in("marathon_streams", marathons)
    stream = Stream.objects.get()
    shift = DatasetOffset.objects.get().shift
    assert shift % timedelta(weeks=1) == timedelta(), "days of the week stay"
    assert stream.started_at == datetime(2018, 1, 7, 14, tzinfo=UTC) + shift
    assert timezone.now() - stream.ended_at < timedelta(weeks=26), "within retained time"
    titles = [version.title for version in stream.metadata_versions.order_by("valid")]
    assert titles[:3] == [
        "Awesome Games Done Quick 2018",
        "Awesome Games Done Quick 2018: Crash Bandicoot N. Sane Trilogy",
        "Awesome Games Done Quick 2018: Ratchet & Clank",
    ]
    at = datetime(2018, 1, 7, 18, 30, tzinfo=UTC) + shift
    assert StreamMetadataVersion.objects.of(stream.pk, at).get().category.name == "Ratchet & Clank"
    occurrences = ScheduleOccurrence.objects.order_by("starts_at")
    assert [occurrence.title for occurrence in occurrences][1:2] == ["Ratchet & Clank"]


def test_missing_minutes_stay_missing(marathons: Path) -> None:
    name = "timeseries_per_minute.csv.gz"
    lines = gzip.decompress((marathons / name).read_bytes()).decode().splitlines()
    counted = sum(bool(line.split(",")[2]) for line in lines[1:])
    without = lines[0:5] + lines[6:9] + [lines[9].replace(lines[9].split(",")[2], "", 1)] + lines[10:]
    (marathons / name).write_bytes(gzip.compress("\n".join(without).encode() + b"\n"))
    bring_in("marathon_streams", marathons)
    assert ViewerCountSample.objects.count() == counted - 2, (
        "neither the row that is gone nor the one without a number"
    )
    assert "0 new" in bring_in("marathon_streams", marathons)


def test_an_offset_is_decided_once() -> None:
    latest = datetime(2018, 1, 14, 12, 58, tzinfo=UTC)
    with acting(Role.WORKER):
        first = dataset_offset("marathon_streams/agdq2018", latest=latest)
        assert dataset_offset("marathon_streams/agdq2018", latest=latest - timedelta(weeks=90)) == first
        assert dataset_offset("marathon_streams/other", latest=latest, weeks_ago=10) == first - timedelta(
            weeks=10
        )
        assert (
            dataset_offset("marathon_streams/future", latest=timezone.now() + timedelta(weeks=9))
            == timedelta()
        )
    assert timedelta() <= timezone.now() - (latest + first) < timedelta(weeks=1)
