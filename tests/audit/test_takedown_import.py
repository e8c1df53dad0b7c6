"""Real notices come in with their clocks, in event time, marked as imported; a second run changes nothing."""

import gzip
import io
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from audit.datasets.complaints import FILE, QUEUE, read_complaints
from audit.models import (
    CounterNotice,
    CounterNoticeTransition,
    TakedownNotice,
    TakedownTarget,
    TakedownTransition,
)
from core.datasets.registry import BrokenRow
from core.db.context import acting
from core.db.roles import Role
from core.models import DatasetOffset
from streams.models import Archive
from tests.streams.factories_archives import make_archive, make_performer

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[2] / "audit" / "data" / "complaints"
KINDS = {"notice": 14_909, "counter_notice": 319, "retraction": 70}


def bring_in(folder: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("import_dataset", "complaints", str(folder), *options, stdout=said, stderr=io.StringIO())
    return said.getvalue()


def cut(folder: Path, lines: slice, *more: str) -> Path:
    """The header and some lines of the real file, then others."""
    text = gzip.decompress((DATA / FILE).read_bytes()).decode().splitlines()
    (folder / FILE).write_bytes(gzip.compress("\n".join([text[0], *text[1:][lines], *more]).encode() + b"\n"))
    return folder


def everything() -> list[Any]:
    models = (TakedownNotice, TakedownTarget, TakedownTransition, CounterNotice, CounterNoticeTransition)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_a_cutting_comes_in_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    folder = cut(tmp_path, slice(-600, None))
    performer = make_performer()
    archives = [make_archive(performer) for _ in range(3)]
    Archive.objects.update(published_at="2026-03-01T00:00Z")
    # The first answers of the cutting answer notices that were cut off.
    assert "600 rows read, 597 new, 0 unchanged, 3 broken" in bring_in(folder, "--skip-broken")
    before = everything()
    assert "0 new, 597 unchanged" in bring_in(folder, "--skip-broken")
    assert everything() == before
    newest = TakedownNotice.objects.latest("received_at").received_at
    assert timedelta() <= timezone.now() - newest < timedelta(weeks=1)
    assert DatasetOffset.objects.get(dataset="complaints").shift % timedelta(weeks=1) == timedelta()
    assert {
        archive.status for archive in Archive.all_objects.filter(pk__in=[row.pk for row in archives])
    } == {"approved"}, "what was carried out elsewhere disables nothing here"


def test_every_move_is_of_its_time_and_says_that_it_is_imported(tmp_path: Path) -> None:
    bring_in(cut(tmp_path, slice(0, 400)))
    moves = TakedownTransition.objects.all()
    assert moves.filter(is_imported=False).count() == 0
    assert set(moves.values_list("acting_role", "actor")) == {("vbl_worker", None)}
    first = moves.filter(from_status__isnull=True)
    assert (
        first.count()
        == TakedownNotice.objects.count()
        == first.filter(effective_at=F("notice__received_at")).count()
    )
    assert not moves.filter(effective_at__gte=F("moved_at")).exists()
    assert not moves.filter(moved_at__lt=timezone.now() - timedelta(hours=1)).exists()
    counter = CounterNotice.objects.filter(status="restored").earliest("pk")
    assert counter.status_since == counter.restore_by
    assert counter.notice.status == "restored"
    assert counter.notice.received_at + timedelta(days=2) <= counter.received_at


def test_where_the_notices_of_a_cutting_stand(tmp_path: Path) -> None:
    bring_in(cut(tmp_path, slice(-900, None)), "--skip-broken")
    counts = dict(TakedownNotice.objects.values_list("status").annotate(Count("pk")).order_by())
    running = TakedownNotice.objects.filter(due_at__isnull=False)
    assert QUEUE <= running.count() <= QUEUE + 10
    assert {"received", "accepted", "content_disabled", "restored", "lapsed"} <= counts.keys()
    answered = CounterNotice.objects.filter(status="valid").count()
    assert answered == counts.get("counter_noticed", 0)
    assert counts["restored"] == CounterNotice.objects.count() - answered
    incomplete = TakedownNotice.objects.filter(is_complete=False)
    assert not incomplete.exclude(status__in=["lapsed", "incomplete", "received"]).exists()
    assert TakedownNotice.objects.filter(claims_circumvention=True).count() > 200
    assert not TakedownNotice.objects.exclude(claimant_name=None).exists()


def test_the_whole_file_is_read_and_answers_follow_what_they_answer() -> None:
    rows = list(read_complaints(DATA))
    assert not [row for row in rows if isinstance(row, BrokenRow)]
    values = [row.value for row in rows]
    assert Counter(row.kind for row in values) == KINDS
    answers = [row for row in values if row.kind != "notice"]
    assert len({row.answers.key for row in answers}) == len(answers)
    assert all(row.answers.received_at + timedelta(days=2) <= row.received_at for row in answers)
    assert all(row.answers.is_complete for row in answers)
    assert sum(row.waits for row in values) == QUEUE


def test_broken_rows_are_named(tmp_path: Path) -> None:
    broken = (
        "n_1,2020-02-30,notice,1,1,1,1,1,0,0",
        "n_2,2020-02-20,wish,1,1,1,1,1,0,0",
        "n_3,2020-02-20,notice,1,-1,1,1,1,0,0",
        "n_4,2020-02-20,notice,1,1,1,1,1,yes,0",
        "m5,2020-02-20,notice,1,1,1,1,1,0,0",
        "n_6,1990-02-20,notice,1,1,1,1,1,0,0",
        "n_f49f0bb3ba,2011-01-27,notice,1875,242,7,6,6,0,0",
        "n_7,2011-01-01,retraction,1,1,1,1,1,0,0",
    )
    folder = cut(tmp_path, slice(0, 3), *broken)
    found = [row.reason for row in read_complaints(folder) if isinstance(row, BrokenRow)]
    assert len(found) == len(broken)
    for words in ("no day", "none of", "no number", "neither 0 nor 1", "n_0123abcd", "lies before", "twice"):
        assert any(words in reason for reason in found), words
    assert any("answers no notice" in reason for reason in found)
    with pytest.raises(CommandError, match="8 broken row"):
        bring_in(folder)
    assert not TakedownNotice.objects.exists()
    assert "3 new" in bring_in(folder, "--skip-broken")


def test_only_the_worker_says_when_something_happened_elsewhere(tmp_path: Path) -> None:
    bring_in(cut(tmp_path, slice(-100, None)))
    waiting = TakedownNotice.objects.filter(Q(status="received"), is_complete=True).earliest("pk")
    with acting(Role.COMPLIANCE), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.takedowns_imported', 'on', true)")
        cursor.execute(
            "UPDATE audit_takedownnotice SET status = 'withdrawn', due_at = NULL, status_since = '2020-01-01' "
            "WHERE id = %s",
            [waiting.pk],
        )
        cursor.execute("SELECT set_config('app.takedowns_imported', '', true)")
    move = TakedownTransition.objects.get(notice=waiting, to_status="withdrawn")
    assert not move.is_imported
    assert timezone.now() - move.effective_at < timedelta(minutes=5)
