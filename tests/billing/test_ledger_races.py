"""Many at once, on connections of their own: nothing is spent twice, posted twice, or waited for in a circle."""

from collections.abc import Callable
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from accounts.models import User
from billing import chart
from billing.errors import NotCovered, PeriodRefused
from billing.ledger_choices import JournalKind
from billing.models import AccountingPeriod, JournalEntry, LedgerAccount
from billing.services.accounting_periods import accounting_period_soft_close
from billing.services.journal import Entry, balance_of
from tests.accounts.test_races import at_once, refusals
from tests.billing.ledger import assert_books_prove, bought, entry, opened, post

pytestmark = pytest.mark.django_db(transaction=True)

RACERS = 32


def posting(made: Entry) -> Callable[[], int]:
    return lambda: post(made)


def raced(*acts: Callable[[], Any]) -> list[Any]:
    outcomes = at_once(*acts)
    assert not [kind for kind in refusals(outcomes) if kind is not NotCovered], outcomes
    return outcomes


@pytest.mark.parametrize("affordable", [1, 10, 31])
def test_a_wallet_pays_exactly_what_it_holds(affordable: int, ann: User, bob: User) -> None:
    wallet = bought(ann.pk, affordable * 3 + 2)
    earned, share = opened(chart.earnings(bob.pk), chart.platform_share())
    tips = [entry((wallet, -3), (earned, 2), (share, 1), kind=JournalKind.TIP) for _ in range(RACERS)]
    outcomes = raced(*map(posting, tips))
    assert outcomes.count(1) == affordable
    assert [balance_of(wallet), balance_of(earned), balance_of(share)] == [2, affordable * 2, affordable]
    assert_books_prove()


@pytest.mark.parametrize("affordable", [1, 10, 31])
def test_earnings_pay_exactly_what_they_hold(affordable: int, bob: User) -> None:
    earned, clearing, share = opened(
        chart.earnings(bob.pk), chart.exchange_clearing(), chart.platform_share()
    )
    post(*(entry((earned, 3), (share, -3)) for _ in range(affordable)))
    post(entry((earned, 2), (share, -2)))
    takings = [entry((earned, -3), (clearing, 3)) for _ in range(RACERS)]
    outcomes = raced(*map(posting, takings))
    assert outcomes.count(1) == affordable
    assert balance_of(earned) == 2
    assert_books_prove()


def test_credits_and_debits_of_earnings_meet(bob: User) -> None:
    """Credits come without a lock while debits look: none is lost, and none is counted twice."""
    earned, clearing, share = opened(
        chart.earnings(bob.pk), chart.exchange_clearing(), chart.platform_share()
    )
    post(entry((earned, 16), (share, -16)))
    acts = [
        posting(entry((earned, 1), (share, -1)) if turn % 2 else entry((earned, -1), (clearing, 1)))
        for turn in range(RACERS)
    ]
    assert raced(*acts).count(1) == RACERS
    assert balance_of(earned) == 16
    assert_books_prove()


def test_the_same_entry_is_posted_once(ann: User) -> None:
    wallet, sold = opened(chart.wallet(ann.pk), chart.tokens_sold())
    same = entry((wallet, 5), (sold, -5), kind=JournalKind.PURCHASE)
    outcomes = raced(*[posting(same)] * 8)
    assert sorted(outcomes) == [0] * 7 + [1]
    assert (balance_of(wallet), JournalEntry.objects.count()) == (5, 1)


def test_an_account_is_opened_once(ann: User) -> None:
    specs = (chart.wallet(ann.pk), chart.hold(ann.pk), chart.platform_share())
    turned = tuple(reversed(specs))
    outcomes = at_once(*[lambda: opened(*specs), lambda: opened(*turned)[::-1]] * 4)
    assert len({tuple(outcome) for outcome in outcomes}) == 1, outcomes
    assert LedgerAccount.objects.count() == 3


def test_two_wallets_that_pay_one_another_do_not_wait_in_a_circle(ann: User, bob: User) -> None:
    first, second = bought(ann.pk, 100), bought(bob.pk, 100)
    there = [entry((first, -1), (second, 1)) for _ in range(RACERS // 2)]
    back = [entry((second, -1), (first, 1)) for _ in range(RACERS // 2)]
    outcomes = raced(*[posting(made) for pair in zip(there, back, strict=True) for made in pair])
    assert outcomes == [1] * RACERS
    assert [balance_of(first), balance_of(second)] == [100, 100]
    assert_books_prove()


def test_batches_in_any_order_do_not_wait_in_a_circle(ann: User, bob: User) -> None:
    people: list[UUID] = [bought(ann.pk, 400), bought(bob.pk, 400)]
    (share,) = opened(chart.platform_share())
    batches = [
        [entry((people[(turn + batch) % 2], -1), (share, 1)) for turn in range(20)] for batch in range(16)
    ]
    acts = [lambda batch=batch: post(*batch) for batch in batches]
    assert raced(*acts) == [20] * 16
    assert balance_of(share) == 320
    assert_books_prove()


def test_closing_a_period_waits_for_what_is_being_posted(ann: User) -> None:
    wallet, sold = opened(chart.wallet(ann.pk), chart.tokens_sold())
    post(entry((wallet, 1), (sold, -1)))
    period = AccountingPeriod.objects.get()
    posted, told = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            post(entry((wallet, 2), (sold, -2), kind=JournalKind.PURCHASE))
            posted.set()
            assert told.wait(timeout=20)

    def close() -> str:
        assert posted.wait(timeout=20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        try:
            accounting_period_soft_close(accountingperiod_id=period.pk, actor=None, reason="over")
        except Exception as error:
            return str(error)
        finally:
            told.set()
        return "closed"

    outcomes = at_once(slow, close)
    assert "lock timeout" in outcomes[1]
    accounting_period_soft_close(accountingperiod_id=period.pk, actor=None, reason="over")
    with pytest.raises(PeriodRefused):
        from billing.services.journal import entries_post

        entries_post(
            entries=[entry((wallet, 2), (sold, -2), kind=JournalKind.PURCHASE)],
            actor=None,
            period_id=period.pk,
        )
    # Unless told otherwise it counts in the next one.
    late = entry((wallet, 2), (sold, -2), kind=JournalKind.PURCHASE)
    assert post(late) == 1
    made = JournalEntry.objects.select_related("period").get(pk=late.id)
    assert made.booked_on == made.period.days.lower == period.days.upper
