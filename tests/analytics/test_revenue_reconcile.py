"""Days of revenue are rolled up and proven: late entries open their day alone, and what was tampered with is named."""

import datetime as dt
import random
from io import StringIO
from threading import Event
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from analytics.models import RevenueBook, RevenueCheck, RollupState
from analytics.rollups.engine import NO_SUBJECT
from analytics.rollups.revenue import RevenueDays
from analytics.services.revenue import revenue_catch_up, revenue_reconcile
from analytics.services.rollups import RollupRun, rollup_rebuild, rollup_run
from audit.models import JobRun
from billing import chart
from billing.services.journal import entries_post
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once
from tests.analytics.revenue_data import Market, rows, sums, today
from tests.audit.sealing import settle
from tests.billing.ledger import entry, opened
from tests.billing.paying import PRICE, TAX, paid
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

DAY = dt.timedelta(days=1)
NAME = RevenueDays.name
STEPS = (
    "buy",
    "basket",
    "subscribe",
    "tip",
    "tip",
    "gift",
    "ticket",
    "show",
    "refund",
    "refund",
    "lose",
    "reverse",
    "fee",
    "adjust",
    "pay_out",
)


def caught_up() -> int:
    """Everything that is committed is computed."""
    settle()
    return revenue_catch_up()


def ran() -> RollupRun:
    """One run of the roll-up, over everything that is committed."""
    settle()
    return rollup_run(name=NAME)


def reconciled(*options: str) -> str:
    """What the command says of everything that is committed."""
    settle()
    return told(*options)


def told(*options: str) -> str:
    """What the command says, whatever runs beside it."""
    said = StringIO()
    call_command("revenue_reconcile", *options, stdout=said, stderr=StringIO())
    return said.getvalue()


def fails(*options: str) -> str:
    """The sentence with which the command fails."""
    with pytest.raises(CommandError) as failure:
        reconciled(*options)
    return str(failure.value)


def smuggle(statement: str, *parameters: Any) -> None:
    """As the owner of the tables writes it, past roles and services."""
    run(statement, parameters)


def adjusted(day: dt.date | None = None, cents: int = 100) -> None:
    """An adjustment, today or late into the month of a day."""
    period = None
    if day is not None:
        with acting(Role.WORKER):
            ((period,),) = run("SELECT ledger_period_at(%s)", [day])
    share, cash = opened(chart.platform_share("EUR"), chart.cash("simulator", "EUR"))
    made = entry((share, cents, "EUR"), (cash, -cents, "EUR"))
    entries_post(entries=[made], actor=None, period_id=period)


def last_month() -> dt.date:
    """The last day of the month before: where late entries of it are booked."""
    return today().replace(day=1) - DAY


def books() -> dict[dt.date, Any]:
    return dict(RevenueBook.objects.values_list("day", "computed_at"))


def test_a_day_is_rolled_up_proven_and_on_record() -> None:
    paid()
    said = reconciled()
    assert "proven: 41 days" in said
    assert sums()["gross"] == PRICE
    book = RevenueBook.objects.get(day=today())
    assert (book.entries, book.differences) == (1, 0)
    assert book.proven_at is not None and book.proven_at >= book.computed_at
    proven = RevenueCheck.objects.get(day=today(), currency="EUR", measure="tax")
    assert (proven.figures, proven.ledger, proven.difference) == (TAX, TAX, 0)
    job = JobRun.objects.filter(name="revenue_reconcile").latest("pk")
    assert job.counts["differences"] == 0 and job.counts["compared"] >= 3 and job.counts["days"] == 41


@pytest.mark.parametrize("column", ["tax", "deferred", "platform_share"])
def test_a_figure_that_was_changed_is_named_with_day_unit_and_difference(column: str) -> None:
    paid()
    reconciled()
    smuggle(f"UPDATE analytics_revenueday SET gross = gross + 1, {column} = {column} + 1")
    sentence = fails()
    assert "2 differences" in sentence
    assert f"{today()} EUR gross: figures {PRICE + 1}, ledger {PRICE}, difference +1" in sentence
    assert f"{today()} EUR {column}:" in sentence
    job = JobRun.objects.filter(name="revenue_reconcile").latest("pk")
    assert job.outcome == "failed" and job.counts["differences"] == 2
    assert RevenueBook.objects.get(day=today()).differences == 2
    assert "proven" in mended()


def mended() -> str:
    """Have today computed anew, and prove it."""
    rollup_rebuild(
        name=NAME, since=today(), until=today() + DAY, actor=None, reason="somebody changed a figure"
    )
    return reconciled()


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM analytics_revenueday",
        "UPDATE analytics_revenueday SET currency = 'USD'",
        "UPDATE analytics_revenueday SET day = day - 1",
        "INSERT INTO analytics_revenueday (id, day, kind, currency, gross, tax) "
        "SELECT uuidv7(), day, 'other', 'EUR', 5, 5 FROM analytics_revenuebook",
        "DELETE FROM analytics_revenueday; DELETE FROM analytics_revenuebook",
    ],
)
def test_figures_that_went_came_or_moved_are_named(attack: str) -> None:
    paid()
    reconciled()
    smuggle(attack)
    assert f"{today()} EUR gross" in fails() or f"{today() - DAY} EUR gross" in fails()
    assert "proven" in mended_of_days()


def mended_of_days() -> str:
    rollup_rebuild(
        name=NAME, since=today() - DAY, until=today() + DAY, actor=None, reason="somebody changed figures"
    )
    return reconciled()


def test_an_entry_that_told_nobody_is_named() -> None:
    paid()
    reconciled()
    run("ALTER TABLE billing_journalentry DISABLE TRIGGER billing_journalentry_93_tell_new")
    adjusted(cents=77)
    run("ALTER TABLE billing_journalentry ENABLE TRIGGER billing_journalentry_93_tell_new")
    # What the roll-up has passed must be in the figures, so it has to pass once more.
    sentence = fails()
    assert f"{today()} EUR platform_share: figures 0, ledger 77, difference -77" in sentence
    assert "proven" in mended()


def test_a_late_entry_opens_its_day_alone() -> None:
    adjusted(last_month())
    paid()
    reconciled()
    before = books()
    assert {last_month(), today()} <= set(before)
    adjusted(last_month(), cents=23)
    run_ = ran()
    assert (run_.buckets, run_.is_caught_up) == (1, True)
    after = books()
    assert [day for day in after if after[day] != before.get(day)] == [last_month()]
    assert sums(day=last_month())["platform_share"] == 123
    assert "proven" in reconciled()


def test_a_day_of_long_ago_is_proven_when_it_was_computed_since() -> None:
    long_ago = (today().replace(day=1) - dt.timedelta(days=200)).replace(day=1) - DAY
    adjusted(long_ago)
    reconciled()
    assert RevenueBook.objects.get(day=long_ago).proven_at is not None
    smuggle("UPDATE analytics_revenueday SET gross = gross + 1, adjustments = adjustments - 1")
    assert f"{long_ago} EUR gross" in fails("--since", f"{long_ago}", "--until", f"{long_ago + DAY}")
    # The oldest proofs come round by themselves, and a day that nobody computed is looked for.
    assert f"{long_ago} EUR gross" in fails()
    smuggle("DELETE FROM analytics_revenueday; DELETE FROM analytics_revenuebook")
    assert f"{long_ago} EUR adjustments: figures 0, ledger 100, difference -100" in fails()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--since", "2026-03-02", "--until", "2026-03-02"), "ends"),
        (("--since", "2016-03-02", "--until", "2026-03-02"), "400 days at most"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(options: tuple[str, ...], words: str) -> None:
    assert words in fails(*options)


def test_what_is_not_committed_is_in_neither() -> None:
    paid()
    reconciled()
    posted, checked = Event(), Event()

    def buying() -> None:
        with transaction.atomic():
            adjusted(cents=55)
            posted.set()
            assert checked.wait(30)

    def checking() -> str:
        assert posted.wait(30)
        try:
            return told()
        finally:
            checked.set()

    outcomes = at_once(buying, checking)
    assert "proven" in outcomes[1]
    assert sums()["platform_share"] == 0
    assert "proven" in reconciled()
    assert sums()["platform_share"] == 55


def test_a_day_that_goes_on_is_proven_as_of_its_moment() -> None:
    """Many post while the roll-up runs and the proof is taken, again and again: never a difference, nothing lost."""
    paid()
    over = Event()

    def posting(seed: int) -> int:
        chance, count = random.Random(seed), 0
        while not over.is_set() and count < 60:
            adjusted(cents=chance.randint(1, 9))
            count += 1
        return count

    def proving() -> int:
        try:
            for _ in range(8):
                revenue_catch_up()
                assert revenue_reconcile().differences == []
        finally:
            over.set()
        return 0

    outcomes = at_once(lambda: posting(1), lambda: posting(2), proving, proving)
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)], outcomes
    assert "proven" in reconciled()
    ((booked,),) = run(
        "SELECT sum(p.amount) FROM billing_posting p JOIN billing_ledgeraccount a ON a.id = p.account_id "
        "WHERE a.code = 'platform_share:EUR'"
    )
    assert sums()["platform_share"] == sums()["adjustments"] == booked


@pytest.mark.parametrize("seed", range(3))
def test_rebuilt_figures_are_those_that_came_bit_by_bit(seed: int) -> None:
    chance = random.Random(seed)
    with transaction.atomic():
        market = Market()
        market.step("buy", 0, 0, 1)
        market.step("buy", 1, 0, 1)
    for _ in range(12):
        what = chance.choice(STEPS)
        try:
            with transaction.atomic():
                market.step(what, chance.randint(0, 1), chance.randint(0, 9), chance.choice([7, 333, PRICE]))
        except Refused:
            continue
        if chance.random() < 0.4:
            adjusted(last_month(), cents=chance.randint(1, 99))
        if chance.random() < 0.5:
            killed_or_run(chance.random() < 0.4)
    reconciled()
    bit_by_bit = rows()
    assert len(bit_by_bit) > 3
    smuggle("UPDATE analytics_revenueday SET gross = gross + 9, tax = tax + 9")
    count = rollup_rebuild(
        name=NAME, since=last_month(), until=today() + DAY, actor=None, reason="to see that it is the same"
    )
    assert count == len(books())
    caught_up()
    assert rows() == bit_by_bit
    assert revenue_reconcile().differences == []


def killed_or_run(is_killed: bool) -> None:
    """A run, or one whose transaction is lost after everything was computed."""
    settle()
    if not is_killed:
        rollup_run(name=NAME)
        return
    with pytest.raises(RuntimeError), transaction.atomic():
        rollup_run(name=NAME)
        raise RuntimeError


def test_a_day_that_takes_long_is_left_alone_for_a_while() -> None:
    paid()
    caught_up()
    run("UPDATE analytics_revenuebook SET took = '30 s'")
    before = books()
    adjusted()
    done = ran()
    assert (done.buckets, done.touched) == (1, 1)
    assert books() == before
    # What waits is no difference: the day is proven as of the moment up to which it was computed.
    assert revenue_reconcile().differences == []
    assert sums()["platform_share"] == 0
    run("UPDATE analytics_revenuebook SET computed_at = computed_at - interval '11 min'")
    assert ran().touched == 0
    assert sums()["platform_share"] == 100
    assert "proven" in reconciled()


def test_a_rebuild_names_days_with_entries_or_figures() -> None:
    paid()
    reconciled()
    smuggle(
        "INSERT INTO analytics_revenueday (id, day, kind, currency, gross, tax) "
        "SELECT uuidv7(), day - 3, 'other', 'EUR', 5, 5 FROM analytics_revenuebook"
    )
    since = dt.datetime.combine(today() - 10 * DAY, dt.time(), dt.UTC)
    found = list(RevenueDays().standing(since, since + 11 * DAY))
    assert [bucket.start.date() for bucket in found] == [today() - 3 * DAY, today()]
    assert {bucket.subject for bucket in found} == {NO_SUBJECT}
    assert list(RevenueDays().standing(since, since + 11 * DAY, UserFactory().pk)) == []
    assert RollupState.objects.get(name=NAME).buckets >= 1


def test_the_figures_of_a_day_are_asked_of_its_pages_alone() -> None:
    adjusted()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT j.id FROM billing_journalentry j WHERE j.booked_on = ANY (ARRAY[current_date])"
        )
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "billing_journalentry_booked_on_idx" in plan
