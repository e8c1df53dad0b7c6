"""Long random lives of the ledger beside a model of it: what Python adds up is what the books show."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from billing import chart
from billing.chart import AccountSpec
from billing.errors import NotCovered
from billing.ledger_choices import Guard, JournalKind
from billing.models import JournalEntry, LedgerProof
from billing.services.journal import Entry, Line, entries_post, entry_reverse
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.ledger_care import ledger_prove
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory
from tests.billing.ledger import totals

pytestmark = pytest.mark.django_db

VIEWERS, PERFORMERS = range(3), range(2)
CURRENCIES = ("EUR", "JPY", "KWD")
amounts = st.integers(1, 60)

steps = st.one_of(
    st.tuples(
        st.just("purchase"),
        st.sampled_from(VIEWERS),
        amounts,
        st.integers(0, 20),
        st.sampled_from(CURRENCIES),
    ),
    st.tuples(
        st.just("tip"), st.sampled_from(VIEWERS), st.sampled_from(PERFORMERS), amounts, st.integers(0, 100)
    ),
    st.tuples(st.just("hold"), st.sampled_from(VIEWERS), amounts),
    st.tuples(st.just("capture"), st.sampled_from(VIEWERS), st.sampled_from(PERFORMERS), amounts),
    st.tuples(st.just("return"), st.sampled_from(VIEWERS), amounts),
    st.tuples(st.just("refund"), st.sampled_from(VIEWERS), amounts, st.sampled_from(CURRENCIES)),
    st.tuples(st.just("exchange"), st.sampled_from(PERFORMERS), amounts, st.sampled_from(CURRENCIES)),
    st.tuples(st.just("reverse"), st.integers(0, 10**6)),
    st.tuples(st.just("again"), st.integers(0, 10**6)),
    st.tuples(st.just("settle")),
    st.tuples(
        st.just("batch"), st.lists(st.tuples(st.sampled_from(VIEWERS), amounts), min_size=2, max_size=5)
    ),
)


class Books:
    """The ledger, and what it should show."""

    def __init__(self, viewers: list[User], performers: list[User]) -> None:
        self.viewers, self.performers = viewers, performers
        self.balances: Counter[str] = Counter()
        self.guards: dict[str, Guard] = {}
        self.entries: list[tuple[Entry, list[tuple[AccountSpec, int]]]] = []
        self.reversed: set[UUID] = set()

    def lines(self, *legs: tuple[AccountSpec, int]) -> list[tuple[AccountSpec, int]]:
        """Legs that are not zero."""
        return [(spec, amount) for spec, amount in legs if amount]

    def covered(self, legs: list[tuple[AccountSpec, int]]) -> bool:
        """Whether the model says that every guarded account stays at zero or above."""
        after = Counter(self.balances)
        for spec, amount in legs:
            after[spec.code] += amount
        return all(
            after[spec.code] >= 0
            or (spec.guard == Guard.ON_DEBIT and after[spec.code] >= self.balances[spec.code])
            for spec, _ in legs
            if spec.guard != Guard.NONE
        )

    def entry(self, kind: JournalKind, legs: list[tuple[AccountSpec, int]]) -> Entry:
        """An entry of these legs; its accounts are opened."""
        keys = ledger_accounts_open(*(spec for spec, _ in legs))
        lines = tuple(
            Line(key, amount, spec.currency) for key, (spec, amount) in zip(keys, legs, strict=True)
        )
        return Entry(id=uuid7(), kind=kind, lines=lines)

    def happen(self, kind: JournalKind, *legs: tuple[AccountSpec, int]) -> None:
        """Post it: it succeeds exactly where the model says so."""
        made = self.lines(*legs)
        entry = self.entry(kind, made)
        if not self.covered(made):
            with pytest.raises(NotCovered):
                entries_post(entries=[entry], actor=None)
            return
        assert entries_post(entries=[entry], actor=None) == 1
        self.take_in(entry, made)

    def take_in(self, entry: Entry, legs: list[tuple[AccountSpec, int]]) -> None:
        for spec, amount in legs:
            self.balances[spec.code] += amount
        self.entries.append((entry, legs))

    def tip_legs(
        self, viewer: int, performer: int, tokens: int, percent: int
    ) -> list[tuple[AccountSpec, int]]:
        share = tokens * percent // 100
        return [
            (chart.wallet(self.viewers[viewer].pk), -tokens),
            (chart.earnings(self.performers[performer].pk), tokens - share),
            (chart.platform_share(), share),
        ]

    def purchase(self, viewer: int, paid: int, bonus: int, currency: str) -> None:
        tax = paid // 5
        self.happen(
            JournalKind.PURCHASE,
            (chart.cash("test", currency), -(paid + tax)),
            (chart.deferred_revenue(currency), paid),
            (chart.tax_payable("DE", currency), tax),
            (chart.wallet(self.viewers[viewer].pk), paid + bonus),
            (chart.tokens_sold(), -paid),
            (chart.promotion_cost(), -bonus),
        )

    def tip(self, viewer: int, performer: int, tokens: int, percent: int) -> None:
        self.happen(JournalKind.TIP, *self.tip_legs(viewer, performer, tokens, percent))

    def hold(self, viewer: int, tokens: int) -> None:
        user = self.viewers[viewer].pk
        self.happen(JournalKind.HOLD, (chart.wallet(user), -tokens), (chart.hold(user), tokens))

    def capture(self, viewer: int, performer: int, tokens: int) -> None:
        self.happen(
            JournalKind.HOLD_CAPTURE,
            (chart.hold(self.viewers[viewer].pk), -tokens),
            (chart.earnings(self.performers[performer].pk), tokens),
        )

    def give_back(self, viewer: int, tokens: int) -> None:
        user = self.viewers[viewer].pk
        self.happen(JournalKind.HOLD_RETURN, (chart.hold(user), -tokens), (chart.wallet(user), tokens))

    def refund(self, viewer: int, tokens: int, currency: str) -> None:
        self.happen(
            JournalKind.REFUND,
            (chart.cash("test", currency), tokens),
            (chart.deferred_revenue(currency), -tokens),
            (chart.wallet(self.viewers[viewer].pk), -tokens),
            (chart.tokens_sold(), tokens),
        )

    def exchange(self, performer: int, tokens: int, currency: str) -> None:
        person = self.performers[performer].pk
        self.happen(
            JournalKind.EXCHANGE,
            (chart.earnings(person), -tokens),
            (chart.exchange_clearing(), tokens),
            (chart.exchange_clearing(currency), -tokens * 7),
            (chart.earnings(person, currency), tokens * 7),
        )

    def reverse(self, number: int) -> None:
        """An entry that was made before is taken back, if it was not and its accounts cover it."""
        if not self.entries:
            return
        entry, legs = self.entries[number % len(self.entries)]
        if entry.kind == JournalKind.REVERSAL or entry.id in self.reversed:
            return
        mirrored = [(spec, -amount) for spec, amount in legs]
        key = uuid7()
        if not self.covered(mirrored):
            with pytest.raises(NotCovered):
                entry_reverse(entry_id=entry.id, reversal_id=key, actor=None, reason="wrong")
            return
        entry_reverse(entry_id=entry.id, reversal_id=key, actor=None, reason="wrong")
        self.reversed.add(entry.id)
        self.take_in(Entry(id=key, kind=JournalKind.REVERSAL, lines=()), mirrored)

    def again(self, number: int) -> None:
        """A repetition changes nothing."""
        if self.entries:
            entry, _ = self.entries[number % len(self.entries)]
            if entry.lines:
                assert entries_post(entries=[entry], actor=None) == 0

    def settle(self) -> None:
        """As every night, and as after a calamity."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_roll_forward(array_agg(id)) FROM billing_ledgeraccount")

    def batch(self, tips: list[tuple[int, int]]) -> None:
        """Several tips by one call: all, or none where one is not covered in the end."""
        legs = [self.tip_legs(viewer, 0, tokens, 30) for viewer, tokens in tips]
        made = [self.entry(JournalKind.TIP, self.lines(*each)) for each in legs]
        if not self.covered([leg for each in legs for leg in each]):
            with pytest.raises(NotCovered):
                entries_post(entries=made, actor=None)
            return
        assert entries_post(entries=made, actor=None) == len(made)
        for entry, each in zip(made, legs, strict=True):
            self.take_in(entry, self.lines(*each))

    def assert_right(self) -> None:
        """The books show what the model says, and prove."""
        shown = {row.code: row.shown for row in LedgerProof.objects.all()}
        assert {code: shown[code] for code in self.balances} == dict(self.balances)
        assert all(debit == credit for debit, credit in totals().values())
        assert ledger_prove() == []
        assert JournalEntry.objects.count() == len(self.entries)


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def people(db: Any) -> tuple[list[User], list[User]]:
    return [UserFactory() for _ in VIEWERS], [UserFactory() for _ in PERFORMERS]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(steps, min_size=1, max_size=60))
def test_whatever_happens_the_books_are_right(
    people: tuple[list[User], list[User]], happened: list[tuple[Any, ...]]
) -> None:
    with taken_back():
        books = Books(*people)
        for name, *said in happened:
            getattr(books, {"return": "give_back"}.get(name, name))(*said)
        books.assert_right()
