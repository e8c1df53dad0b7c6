"""Counters while many write: nobody waits for anybody, every fold counts once, and every difference is on record."""

from itertools import cycle, pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit.choices import RunOutcome
from audit.models import JobRun
from engagement.management.commands import counters_reconcile
from engagement.models import CounterDelta as DeltaRow
from engagement.models import CounterFold, EngagementCounter
from engagement.services.counters import counters_differences, counters_fold, counters_record
from engagement.tie_choices import CounterKind
from performers.models import PerformerProfile
from tests.accounts.test_races import at_once, refusals
from tests.core.partitions import Apart
from tests.engagement.ties_data import as_person, fold_all, follow, performer, settle, tips, viewer
from tests.sql import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct("A writer that would wait fails by a time-out of its session"),
]


class TakenBack(Exception):
    """A writer thought better of it."""


def shown(star: PerformerProfile, kind: CounterKind = CounterKind.TIPS) -> int:
    """A counter as folded."""
    return EngagementCounter.objects.get(subject=star.pk, kind=kind).value


def nobody_waits() -> bool:
    """Whether no process of this database waits for a lock."""
    return run(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ) == [(0,)]


def hurry() -> None:
    """From here on this connection fails instead of waiting for somebody, whose transaction lasts longer than this."""
    run("SET lock_timeout = '2s'")


def test_what_was_committed_is_folded_once_and_what_was_taken_back_never() -> None:
    stars, fans = [performer(), performer()], [viewer() for _ in range(3)]

    def write(number: int) -> list[int]:
        """What was committed, by performer; every third transaction is rolled back."""
        told = [0, 0]
        for turn in range(24):
            amount = (number + 1) * (turn + 1)
            try:
                with as_person(fans[number]):
                    counters_record(deltas=[tips(stars[turn % 2], amount), tips(stars[0], 1)])
                    if turn % 3 == 0:
                        raise TakenBack
            except TakenBack:
                continue
            told[turn % 2] += amount
            told[0] += 1
        return told

    def folder() -> int:
        return sum(counters_fold() for _ in range(20))

    outcomes = at_once(*(lambda number=number: write(number) for number in range(3)), folder, folder)
    assert refusals(outcomes) == []
    *written, first, second = outcomes
    last = fold_all()
    assert [shown(star) for star in stars] == [sum(told[place] for told in written) for place in (0, 1)]
    assert first + second + last == DeltaRow.objects.count(), "each delta by one fold"
    assert sum(CounterFold.objects.values_list("deltas", flat=True)) == DeltaRow.objects.count()
    folds = list(CounterFold.objects.order_by("until").values_list("since", "until"))
    assert all(one[1] <= other[0] for one, other in pairwise(folds)), "none twice"


def test_writers_of_one_counter_wait_neither_for_one_another_nor_for_the_fold() -> None:
    star, fans = performer(), [viewer() for _ in range(3)]
    follow(viewer(), star)
    fold_all()
    steps = Barrier(4)

    def hold(fan: Any) -> None:
        """Change the same counters and keep the transaction open until everybody has."""
        hurry()
        with transaction.atomic():
            with as_person(fan):
                counters_record(deltas=[tips(star, 1)])
            follow(fan, star)
            steps.wait(timeout=30)
            steps.wait(timeout=30)
        connection.close()

    holders = [Thread(target=hold, args=[fan], daemon=True) for fan in fans]
    for holder in holders:
        holder.start()
    # All three have written, none has committed; a fold goes by them.
    steps.wait(timeout=30)
    assert nobody_waits()
    hurry()
    assert counters_fold() == 0
    steps.wait(timeout=30)
    for holder in holders:
        holder.join()
    run("RESET lock_timeout")
    fold_all()
    assert (shown(star), shown(star, CounterKind.FOLLOWERS)) == (3, 4)


def test_nobody_who_writes_waits_for_a_fold_that_is_not_over() -> None:
    star, fan = performer(), viewer()
    follow(fan, star)
    folded, go_on = Barrier(2), Barrier(2)

    def fold() -> int:
        with transaction.atomic():
            taken = counters_fold()
            folded.wait(timeout=30)
            go_on.wait(timeout=30)
        return taken

    settle()
    folding = Apart(fold)
    folded.wait(timeout=30)
    hurry()
    other = viewer()
    with as_person(other):
        counters_record(deltas=[tips(star, 5)])
    follow(other, star)
    assert nobody_waits()
    run("RESET lock_timeout")
    # Another fold is the only one that waits, and finds what this one left.
    second = Apart(counters_fold)
    assert second.waits()
    go_on.wait(timeout=30)
    assert folding.end() == 1
    second.end()
    fold_all()
    assert (shown(star), shown(star, CounterKind.FOLLOWERS)) == (5, 2)
    assert counters_differences() == []


def drift(stars: list[PerformerProfile]) -> None:
    """What nobody can do from outside: followers that no trigger saw."""
    people = cycle([viewer().pk for _ in range(3)])
    run("ALTER TABLE engagement_follow DISABLE TRIGGER USER")
    for number, star in enumerate(stars, 1):
        for _ in range(number):
            run(
                "INSERT INTO engagement_follow (id, user_id, performer_id, notify) VALUES (uuidv7(), %s, %s, 'all')",
                [next(people), star.pk],
            )
    run("ALTER TABLE engagement_follow ENABLE TRIGGER USER")


def test_a_night_names_each_difference_corrects_it_and_leaves_it_on_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stars = [performer(), performer()]
    drift(stars)
    call_command("counters_reconcile", "--dry-run")
    call_command("counters_reconcile")
    said = capsys.readouterr().out.splitlines()
    for number, star in enumerate(stars, 1):
        assert said.count(f"followers of performer {star.pk}: shown 0, counted {number}") == 2
    assert (said[2], said[-1]) == ("2 differences, 0 corrected", "2 differences, 2 corrected")
    runs = JobRun.objects.filter(name="counters_reconcile").order_by("pk")
    assert [row.counts for row in runs] == [{"differences": 2}, {"differences": 2, "corrected": 2}]
    assert {row.outcome for row in runs} == {RunOutcome.SUCCEEDED}
    corrections = DeltaRow.objects.filter(is_correction=True)
    assert sorted(corrections.values_list("subject", "kind", "change")) == sorted(
        (star.pk, "followers", number) for number, star in enumerate(stars, 1)
    )
    fold_all()
    assert [shown(star, CounterKind.FOLLOWERS) for star in stars] == [1, 2]
    call_command("counters_reconcile")
    assert JobRun.objects.order_by("-pk")[0].counts == {"differences": 0}


def test_two_reconciliations_at_once_correct_once() -> None:
    stars = [performer(), performer()]
    drift(stars)
    outcomes = at_once(*[lambda: call_command("counters_reconcile")] * 2, counters_fold)
    assert refusals(outcomes) == []
    fold_all()
    assert [shown(star, CounterKind.FOLLOWERS) for star in stars] == [1, 2]
    assert DeltaRow.objects.filter(is_correction=True).count() == 2
    assert counters_differences() == []


@pytest.mark.parametrize("excess", [1_000_000_000, -1_000_000_000])
def test_a_figure_that_is_wrong_by_as_much_as_a_delta_may_say_is_corrected(excess: int) -> None:
    star = performer()
    follow(viewer(), star)
    fold_all()
    falsify(excess)
    call_command("counters_reconcile")
    fold_all()
    assert shown(star, CounterKind.FOLLOWERS) == 1
    assert counters_differences() == []


@pytest.mark.parametrize("excess", [1_000_000_001, 5_000_000_000, -5_000_000_000])
def test_a_figure_that_is_wrong_by_more_is_named_and_the_run_fails_in_words(
    excess: int, capsys: pytest.CaptureFixture[str]
) -> None:
    star = performer()
    follow(viewer(), star)
    fold_all()
    falsify(excess)
    with pytest.raises(CommandError, match="wrong by more than a thousand million"):
        call_command("counters_reconcile")
    assert f"shown {excess + 1}, counted 1" in capsys.readouterr().out
    failed = JobRun.objects.get(name="counters_reconcile")
    assert (failed.outcome, failed.counts) == (RunOutcome.FAILED, {"differences": 1})


def test_more_differences_than_are_named_are_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters_reconcile, "MOST_DIFFERENCES", 1)
    monkeypatch.setattr(counters_reconcile, "counters_differences", lambda: counters_differences(limit=1))
    drift([performer(), performer(), performer()])
    call_command("counters_reconcile")
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == ["and 2 more", "3 differences, 3 corrected"]
    assert JobRun.objects.get(name="counters_reconcile").counts == {"differences": 3, "corrected": 3}


def falsify(excess: int) -> None:
    """Change every counter as only a broken fold could."""
    run("UPDATE engagement_engagementcounter SET value = value + %s", [excess])


def test_deltas_of_one_figure_under_two_performers_do_not_stop_the_fold() -> None:
    """As they could be written by hand: they are one figure, of whom the first names."""
    star, other, third = performer(), performer(), performer()
    for named in (star, other):
        DeltaRow.objects.create(
            subject_type="performer", subject=star.pk, kind=CounterKind.TIPS, performer_id=named.pk, change=2
        )
    DeltaRow.objects.create(
        subject_type="performer", subject=third.pk, kind=CounterKind.TIPS, performer_id=third.pk, change=3
    )
    fold_all()
    assert (shown(star), shown(third)) == (4, 3)
    assert EngagementCounter.objects.get(subject=star.pk).performer_id == star.pk
