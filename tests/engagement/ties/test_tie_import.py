"""The follow graph comes in whole, a second run changes nothing, and broken pairs are named."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.demo import DATA
from accounts.models import User
from engagement.models import CounterDelta, Follow
from engagement.services.counters import counters_differences

pytestmark = pytest.mark.django_db

PEOPLE = 60


def bring_in(name: str, folder: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("import_dataset", name, str(folder), *options, stdout=said, stderr=io.StringIO())
    return said.getvalue()


def rows(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(file: Path, found: list[dict[str, str]]) -> None:
    with gzip.open(file, "wt", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(found[0]))
        writer.writeheader()
        writer.writerows(found)


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """The people with the most ties of each language, and the pairs among them."""
    for language in ("ENGB", "PTBR"):
        pairs = rows(DATA / f"{language}_edges.csv.gz")
        ties: dict[str, int] = {}
        for pair in pairs:
            for end in pair.values():
                ties[end] = ties.get(end, 0) + 1
        known = set(sorted(ties, key=lambda end: (-ties[end], end))[:PEOPLE])
        write(
            tmp_path / f"{language}_users.csv.gz",
            [row for row in rows(DATA / f"{language}_users.csv.gz") if row["new_id"] in known],
        )
        write(
            tmp_path / f"{language}_edges.csv.gz",
            [pair for pair in pairs if set(pair.values()) <= known],
        )
    bring_in("performers", tmp_path)
    return tmp_path


def test_the_data_set_has_66_623_pairs() -> None:
    assert [len(rows(DATA / f"{language}_edges.csv.gz")) for language in ("ENGB", "PTBR")] == [35_324, 31_299]


def test_pairs_become_follows_of_whoever_is_better_known(graph: Path) -> None:
    pairs = {language: rows(graph / f"{language}_edges.csv.gz") for language in ("ENGB", "PTBR")}
    total = sum(map(len, pairs.values()))
    assert total > 500
    assert f"{total:,} rows read, {total:,} new, 0 unchanged, 0 broken" in bring_in("follows", graph)
    assert Follow.objects.in_force().count() == total
    views = {row["new_id"]: int(row["views"]) for row in rows(graph / "ENGB_users.csv.gz")}
    pair = pairs["ENGB"][0]
    less, more = sorted(pair.values(), key=lambda end: views[end])
    people = {User.objects.get(handle=f"engb_{end}").pk for end in (less, more)}
    follow = Follow.objects.get(user_id__in=people, performer_id__in=people)
    assert follow.user.handle == f"engb_{less}"
    before = CounterDelta.objects.count()
    assert "0 new" in bring_in("follows", graph)
    assert CounterDelta.objects.count() == before
    assert counters_differences() == []


def test_broken_pairs_are_named_and_the_others_come_in(graph: Path) -> None:
    pairs = rows(graph / "ENGB_edges.csv.gz")
    known = pairs[0]["from"]
    broken = [{"from": known, "to": known}, {"from": known, "to": "999999"}, {"from": "x; DROP", "to": known}]
    write(graph / "ENGB_edges.csv.gz", [*broken, *pairs])
    with pytest.raises(CommandError, match="3 broken"):
        bring_in("follows", graph)
    assert not Follow.objects.exists()
    bring_in("follows", graph, "--skip-broken")
    assert Follow.objects.count() == len(pairs) + len(rows(graph / "PTBR_edges.csv.gz"))
