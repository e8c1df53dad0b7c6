"""The files of broadcasts and marathons are read as they are, and every broken row is named by file and line."""

import gzip
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from core.datasets.registry import BrokenRow, DatasetRefused, ReadRow
from streams.datasets.broadcasts import COLUMNS, Broadcast, read_broadcasts
from streams.datasets.marathon_streams import (
    MINUTE_COLUMNS,
    RUN_COLUMNS,
    Marathon,
    Minute,
    Part,
    read_marathons,
)

DATA = Path(__file__).parents[2] / "streams" / "data"
GOOD_BROADCAST = "b000001,performer_01,야호,2025-12-30,36.3,talk,3251,False"
GOOD_RUN = "agdq2018,14701,Crash Bandicoot,Any% — PS4,2018-01-07T17:02:00,00:59:15"
GOOD_MINUTE = "agdq2018,2018-01-07T14:00:00+00:00,17661,11,70,35,6,50.0"
LAST_MINUTE = "agdq2018,2018-01-14T12:57:00+00:00,,11,70,35,6,50.0"


def write(folder: Path, name: str, *lines: str) -> Path:
    (folder / name).write_bytes(gzip.compress("\n".join(lines).encode() + b"\n"))
    return folder


def broadcasts(folder: Path, *lines: str) -> list[ReadRow | BrokenRow]:
    return list(read_broadcasts(write(folder, "broadcasts.csv.gz", ",".join(COLUMNS), *lines)))


def marathons(folder: Path, *, runs: tuple[str, ...], minutes: tuple[str, ...]) -> list[ReadRow | BrokenRow]:
    write(folder, "schedule.csv.gz", ",".join(RUN_COLUMNS), *runs)
    return list(
        read_marathons(write(folder, "timeseries_per_minute.csv.gz", ",".join(MINUTE_COLUMNS), *minutes))
    )


class TestBroadcasts:
    def test_every_row_of_the_source_is_good(self) -> None:
        rows = list(read_broadcasts(DATA / "broadcasts"))
        assert len(rows) == 4375
        assert not [row for row in rows if isinstance(row, BrokenRow)]

    def test_nobody_is_on_air_twice_at_once(self) -> None:
        found: dict[str, list[Broadcast]] = {}
        for row in read_broadcasts(DATA / "broadcasts"):
            assert isinstance(row, ReadRow)
            found.setdefault(row.value.performer, []).append(row.value)
        for rows in found.values():
            ordered = sorted(rows, key=lambda row: row.started_at)
            for before, after in pairwise(ordered):
                assert before.started_at + before.duration <= after.started_at
            assert all(timedelta() <= row.started_at.date() - row.day <= timedelta(days=1) for row in rows)

    def test_a_row_says_what_the_source_says(self, tmp_path: Path) -> None:
        (row,) = broadcasts(tmp_path, GOOD_BROADCAST)
        assert isinstance(row, ReadRow)
        assert row.value.title == "야호"
        assert row.value.duration == timedelta(minutes=36, seconds=18)
        assert row.value.started_at == datetime(2025, 12, 30, 10, tzinfo=UTC), "seven in the evening in Seoul"

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("x1,performer_01,야호,2025-12-30,36.3,talk,3251,False", "broadcast 'x1'"),
            ("b1,performer_x,야호,2025-12-30,36.3,talk,3251,False", "performer 'performer_x'"),
            ("b1,performer_01,야호,2025-02-30,36.3,talk,3251,False", "date '2025-02-30' is no day"),
            ("b1,performer_01,야호,1999-02-03,36.3,talk,3251,False", "lies before 2007-01-01"),
            ("b1,performer_01,야호,2025-12-30,-1,talk,3251,False", "duration_min '-1'"),
            ("b1,performer_01,야호,2025-12-30,NaN,talk,3251,False", "duration_min 'NaN'"),
            ("b1,performer_01,야호,2025-12-30,a while,talk,3251,False", "is no number of minutes"),
            ("b1,performer_01,야호,2025-12-30,36.3,talk,-3,False", "view_count '-3'"),
            ("b1,performer_01,야호,2025-12-30,36.3,talk,3251,perhaps", "neither True nor False"),
            ("b1,performer_01,야호,2025-12-30,36.3,talk", "expected 8 columns"),
        ],
    )
    def test_a_broken_row_is_named(self, tmp_path: Path, line: str, words: str) -> None:
        good, broken = broadcasts(tmp_path, GOOD_BROADCAST, line)
        assert isinstance(good, ReadRow)
        assert isinstance(broken, BrokenRow)
        assert (broken.file, broken.line) == ("broadcasts.csv.gz", 3)
        assert words in broken.reason

    def test_one_that_stands_twice_is_broken(self, tmp_path: Path) -> None:
        _, again = broadcasts(tmp_path, GOOD_BROADCAST, GOOD_BROADCAST)
        assert isinstance(again, BrokenRow)
        assert "stands in the file twice" in again.reason


class TestMarathons:
    def test_every_row_of_the_source_is_good(self) -> None:
        rows = list(read_marathons(DATA / "marathon_streams"))
        assert not [row for row in rows if isinstance(row, BrokenRow)]
        values = [row.value for row in rows if isinstance(row, ReadRow)]
        minutes = [value.row for value in values if isinstance(value, Part) and isinstance(value.row, Minute)]
        assert len(minutes) == 19_877
        assert sum(minute.viewers is None for minute in minutes) == 651
        found = [value for value in values if isinstance(value, Marathon)]
        assert [len(marathon.runs) for marathon in found] == [153, 139]
        assert len(values) == 19_877 + 292 + 2

    def test_a_game_is_on_until_the_next_and_the_last_until_the_end(self, tmp_path: Path) -> None:
        second = GOOD_RUN.replace("14701", "14702").replace("T17:02", "T18:26")
        rows = marathons(tmp_path, runs=(GOOD_RUN, second), minutes=(GOOD_MINUTE, LAST_MINUTE))
        (marathon,) = [row.value for row in rows if isinstance(row.value, Marathon)]
        first, last = marathon.runs
        assert first.ends_at == datetime(2018, 1, 7, 18, 1, 15, tzinfo=UTC), "as planned"
        assert first.until == last.starts_at == datetime(2018, 1, 7, 18, 26, tzinfo=UTC)
        assert last.until == datetime(2018, 1, 14, 12, 58, tzinfo=UTC), "the end of the last minute"

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("other2018,14702,Portal,Any%,2018-01-07T17:02:00,00:10:00", "event 'other2018' is none of"),
            ("agdq2018,x,Portal,Any%,2018-01-07T17:02:00,00:10:00", "id 'x'"),
            ("agdq2018,14702, ,Any%,2018-01-07T17:02:00,00:10:00", "the game has no name"),
            ("agdq2018,14702,Portal,Any%,yesterday,00:10:00", "start_time 'yesterday' is no time"),
            ("agdq2018,14702,Portal,Any%,2018-01-07T17:02:00,10:00", "is not written hh:mm:ss"),
            ("agdq2018,14702,Portal,Any%,2018-01-07T17:02:00,00:61:00", "lies not between"),
            ("agdq2018,14702,Portal,Any%,2018-03-07T17:02:00,00:10:00", "outside of the minutes"),
        ],
    )
    def test_a_broken_game_is_named(self, tmp_path: Path, line: str, words: str) -> None:
        rows = marathons(tmp_path, runs=(GOOD_RUN, line), minutes=(GOOD_MINUTE, LAST_MINUTE))
        (broken,) = [row for row in rows if isinstance(row, BrokenRow)]
        assert (broken.file, broken.line) == ("schedule.csv.gz", 3)
        assert words in broken.reason

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("agdq2018,2018-01-07T14:00:30+00:00,1,0,0,0,0,0", "is no whole minute"),
            ("agdq2018,2018-01-07T14:01:00+00:00,-1,0,0,0,0,0", "viewers '-1'"),
            ("agdq2018,2018-01-07T14:01:00+00:00,many,0,0,0,0,0", "viewers 'many'"),
            (GOOD_MINUTE, "stands in the file twice"),
        ],
    )
    def test_a_broken_minute_is_named(self, tmp_path: Path, line: str, words: str) -> None:
        rows = marathons(tmp_path, runs=(), minutes=(GOOD_MINUTE, line))
        (broken,) = [row for row in rows if isinstance(row, BrokenRow)]
        assert (broken.file, broken.line) == ("timeseries_per_minute.csv.gz", 3)
        assert words in broken.reason

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetRefused, match="is not there"):
            list(read_marathons(tmp_path))
