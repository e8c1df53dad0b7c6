"""The ledger, attacked by raw SQL in the role that may insert into all of its tables, and in those that may not."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from accounts.models import User
from billing import chart
from billing.models import JournalEntry, LedgerBalance, Posting
from billing.services.accounting_periods import accounting_period_soft_close
from billing.services.journal import balance_of
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.billing.ledger import assert_books_prove, bought, opened
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

READERS = {
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
}
TABLES = (
    "billing_journalentry",
    "billing_posting",
    "billing_ledgeraccount",
    "billing_ledgerbalance",
    "billing_ledgerepoch",
    "billing_reversal",
    "billing_accountingperiod",
)
VIEWS = (
    "billing_journalline",
    "billing_trialbalanceline",
    "billing_accountstatementline",
    "billing_ledgerproof",
)
HEADER = """
INSERT INTO billing_journalentry (id, kind, period_id, booked_on, occurred_at, description{columns})
VALUES (%s, '{kind}', {period}, {day}, now(), ''{values})
"""
LINES = """
INSERT INTO billing_posting (id, entry_id, position, account_id, amount, currency, moment)
SELECT uuidv7(), {entry}, l.position + {after}, l.account, l.amount, l.currency, {moment}
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) WITH ORDINALITY AS l (account, amount, currency, position)
"""
TODAY = "(now() AT TIME ZONE 'UTC')::date"
Raw = Sequence[tuple[UUID, int] | tuple[UUID, int, str]]


def header(
    *, kind: str = "adjustment", period: str = "", day: str = TODAY, columns: str = "", values: str = ""
) -> str:
    return HEADER.format(
        kind=kind, period=period or f"ledger_period_at({TODAY})", day=day, columns=columns, values=values
    )


def columns_of(lines: Raw) -> list[list[Any]]:
    return [
        [line[0] for line in lines],
        [line[1] for line in lines],
        [line[2] if len(line) == 3 else chart.TOKEN for line in lines],
    ]


def write(*lines: Any, moment: str = "ledger_moment()", **said: str) -> UUID:
    """An entry with its postings, by one statement, as ledger_post writes them."""
    key = uuid7()
    statement = f"WITH e AS ({header(**said)} RETURNING id) " + LINES.format(
        entry="(SELECT id FROM e)", after=0, moment=moment
    )
    run(statement, [key, *columns_of(lines)])
    return key


def add(entry_id: UUID, *lines: Any, after: int = 0) -> None:
    """Postings alone, for an entry that is there."""
    run(LINES.format(entry=f"'{entry_id}'::uuid", after=after, moment="ledger_moment()"), columns_of(lines))


@pytest.fixture
def accounts(ann: User, bob: User) -> tuple[UUID, UUID, UUID, UUID]:
    """A wallet of 100 tokens, a performer's earnings, the platform's share, and cash in euros."""
    wallet = bought(ann.pk, 100)
    earned, share, cash = opened(chart.earnings(bob.pk), chart.platform_share(), chart.cash("test", "EUR"))
    return wallet, earned, share, cash


@pytest.fixture
def as_worker(accounts: Any) -> Iterator[None]:
    with acting(Role.WORKER):
        yield


@pytest.mark.usefixtures("as_worker")
class TestWhatAnEntryMustBe:
    def test_what_is_whole_passes(self, accounts: tuple[UUID, ...]) -> None:
        wallet, earned, share, _ = accounts
        write((wallet, -10), (earned, 7), (share, 3))
        assert balance_of(earned) == 7
        assert_books_prove()

    def test_it_balances(self, accounts: tuple[UUID, ...]) -> None:
        wallet, earned, share, _ = accounts
        with refused("do not balance: -1 minor units of TOKEN"):
            write((wallet, -10), (earned, 6), (share, 3))
        with refused("do not balance"):
            write((earned, 6))
        with refused("do not balance"):
            write((earned, 10**15), (share, 10**15), (wallet, -1))

    def test_it_balances_in_each_currency(self, accounts: tuple[UUID, ...]) -> None:
        wallet, _, _, cash = accounts
        with refused("do not balance"):
            write((wallet, -10), (cash, 10, "EUR"))

    def test_two_entries_do_not_balance_one_another(self, accounts: tuple[UUID, ...]) -> None:
        share = accounts[2]
        keys = [uuid7(), uuid7()]
        headers = (
            header() + f", (%s, 'adjustment', ledger_period_at({TODAY}), {TODAY}, now(), '') RETURNING id"
        )
        statement = f"""
            WITH e AS ({headers}) INSERT INTO billing_posting
            (id, entry_id, position, account_id, amount, currency, moment)
            SELECT uuidv7(), e.id, 1, %s, CASE e.id WHEN %s THEN 5 ELSE -5 END, 'TOKEN', ledger_moment() FROM e
        """
        with refused("do not balance"):
            run(statement, [*keys, share, keys[0]])

    def test_a_posting_is_not_zero_nor_boundless(self, accounts: tuple[UUID, ...]) -> None:
        _, earned, share, _ = accounts
        for amount in (0, 10**15 + 1, 10**18):
            with refused("billing_posting_amount_check"):
                write((earned, amount), (share, -amount))

    def test_accounts_exist(self, accounts: tuple[UUID, ...]) -> None:
        with refused("does not exist or is not in TOKEN"):
            write((accounts[2], 5), (uuid7(), -5))

    def test_accounts_have_one_currency(self, accounts: tuple[UUID, ...]) -> None:
        _, _, share, cash = accounts
        with refused("is not in EUR"):
            write((share, 5, "EUR"), (cash, -5, "EUR"))
        with refused("does not exist or is not in"):
            write((share, 5), (share, -5), (share, 5, "EUR"), (cash, -5, "EUR"))

    def test_a_header_has_postings(self) -> None:
        with refused("has no postings of this very statement"):
            run(header(), [uuid7()])

    def test_header_and_postings_come_together(self, accounts: tuple[UUID, ...]) -> None:
        with refused("is sealed or does not exist"):
            add(uuid7(), (accounts[1], 5), (accounts[2], -5))

    def test_an_entry_is_sealed_with_its_transaction(self, accounts: tuple[UUID, ...]) -> None:
        key = write((accounts[1], 5), (accounts[2], -5))
        for after in (0, 2):
            with refused("billing_posting_entry_position_key|is not whole"):
                add(key, (accounts[1], 5), (accounts[2], -5), after=after)
        assert balance_of(accounts[1]) == 5

    def test_positions_have_no_gaps(self, accounts: tuple[UUID, ...]) -> None:
        statement = f"WITH e AS ({header()} RETURNING id) " + LINES.format(
            entry="(SELECT id FROM e)", after=1, moment="ledger_moment()"
        )
        with refused("is not whole"):
            run(statement, [uuid7(), *columns_of([(accounts[1], 5), (accounts[2], -5)])])

    @pytest.mark.parametrize("moment", ["0", "ledger_moment() - 1", "ledger_moment() + 1"])
    def test_a_posting_is_of_the_present_moment(self, moment: str, accounts: tuple[UUID, ...]) -> None:
        """One that is dated back would be below the horizon of its balance, and never be counted."""
        with refused("is not whole"):
            write((accounts[1], 5), (accounts[2], -5), moment=moment)

    def test_a_header_is_of_its_transaction(self, accounts: tuple[UUID, ...]) -> None:
        with refused("is sealed|of this very statement"):
            write((accounts[1], 5), (accounts[2], -5), columns=", xact", values=", '5'")

    def test_a_key_is_used_once(self, accounts: tuple[UUID, ...]) -> None:
        key = write((accounts[1], 5), (accounts[2], -5))
        with refused("billing_journalentry_pkey"):
            run(header(), [key])

    def test_a_reversal_is_a_mirror_and_of_something(self, accounts: tuple[UUID, ...]) -> None:
        wallet, earned, share, _ = accounts
        key = write((wallet, -10), (earned, 7), (share, 3))
        said = {"kind": "reversal", "columns": ", reverses_id", "values": f", '{key}'"}
        for lines in (
            [(wallet, 10), (earned, -6), (share, -4)],
            [(wallet, 10), (share, -3), (earned, -7)],
            [(wallet, 10), (earned, -10)],
            [(wallet, 10), (earned, -7), (share, -3), (earned, 1), (share, -1)],
        ):
            with refused("is no mirror"):
                write(*lines, **said)
        with refused("no entry"):
            write((wallet, 1), (share, -1), kind="reversal", columns=", reverses_id", values=f", '{uuid7()}'")
        with refused("billing_journalentry_reverses_check"):
            write((wallet, 1), (share, -1), kind="reversal")
        write((wallet, 10), (earned, -7), (share, -3), **said)
        with refused("billing_journalentry_reverses_key"):
            write((wallet, 10), (earned, -7), (share, -3), **said)

    def test_a_reason_belongs_to_a_reversal_that_is_being_posted(self, accounts: tuple[UUID, ...]) -> None:
        key = write((accounts[1], 5), (accounts[2], -5))
        with refused("Only a reversal that is being posted"):
            run("INSERT INTO billing_reversal (id, entry_id, reason) VALUES (uuidv7(), %s, 'because')", [key])


@pytest.mark.usefixtures("as_worker")
class TestGuards:
    def test_a_wallet_is_not_overdrawn(self, accounts: tuple[UUID, ...]) -> None:
        wallet, _, share, _ = accounts
        with refused("does not cover this: it would fall to -1"):
            write((wallet, -101), (share, 101))
        write((wallet, -100), (share, 100))
        with refused("does not cover this"):
            write((wallet, -1), (share, 1))

    def test_a_wallet_is_not_overdrawn_by_two_lines(self, accounts: tuple[UUID, ...]) -> None:
        wallet, _, share, _ = accounts
        with refused("does not cover this: it would fall to -20"):
            write((wallet, -60), (wallet, -60), (share, 120))

    def test_earnings_are_not_overdrawn(self, accounts: tuple[UUID, ...]) -> None:
        _, earned, share, _ = accounts
        write((earned, 5), (share, -5))
        write((earned, 5), (share, -5))
        with refused("does not cover this: it would fall to -1"):
            write((earned, -11), (share, 11))
        write((earned, -4), (share, 4))
        with refused("does not cover this: it would fall to -1"):
            write((earned, -7), (share, 7))
        write((earned, -6), (share, 6))
        assert balance_of(earned) == 0

    def test_a_balance_is_never_written_by_hand(self, accounts: tuple[UUID, ...]) -> None:
        for statement in (
            "UPDATE billing_ledgerbalance SET amount = 10 ^ 6",
            "INSERT INTO billing_ledgerbalance (account_id, amount, settled_until) VALUES (uuidv7(), 1, 0)",
            "UPDATE billing_ledgerepoch SET shift = 0",
        ):
            with refused("permission denied"):
                run(statement)

    def test_no_role_makes_balances_anew(self, accounts: tuple[UUID, ...]) -> None:
        for statement in (
            f"SELECT ledger_rebuild(ARRAY['{accounts[0]}']::uuid[])",
            "SELECT ledger_rebase(true)",
        ):
            with refused("permission denied"):
                run(statement)


@pytest.mark.usefixtures("as_worker")
class TestPeriods:
    def test_the_day_lies_in_the_period(self, accounts: tuple[UUID, ...]) -> None:
        with refused("takes no such entry"):
            write((accounts[1], 5), (accounts[2], -5), day=f"{TODAY} - 40")
        with refused("takes no such entry"):
            write((accounts[1], 5), (accounts[2], -5), period=f"'{uuid7()}'")

    def test_a_soft_closed_period_takes_corrections_only(self, accounts: tuple[UUID, ...]) -> None:
        period = f"(SELECT id FROM billing_accountingperiod WHERE days @> {TODAY})"
        ((period_id,),) = run(f"SELECT {period}")
        accounting_period_soft_close(accountingperiod_id=period_id, actor=None, reason="over")
        with refused("takes no such entry"):
            write((accounts[1], 5), (accounts[2], -5), kind="tip", period=period)
        write((accounts[1], 5), (accounts[2], -5), period=period)

    def test_it_is_not_closed_before_its_end_nor_moved(self) -> None:
        run(f"SELECT ledger_period_at({TODAY})")
        with refused("cannot move from open to closed"):
            run("UPDATE billing_accountingperiod SET status = 'closed'")
        run("UPDATE billing_accountingperiod SET status = 'soft_closed'")
        with refused("is not over yet"):
            run("UPDATE billing_accountingperiod SET status = 'closed'")
        with refused("permission denied"):
            run("UPDATE billing_accountingperiod SET days = '[2020-01-01,2020-02-01)'")


class TestNothingIsTakenBack:
    @pytest.mark.parametrize("table", [name for name in TABLES if name != "billing_accountingperiod"])
    @pytest.mark.parametrize(
        "statement", ["UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
    )
    def test_by_the_worker_and_retention(self, table: str, statement: str, accounts: Any) -> None:
        column = {"billing_ledgerbalance": "account_id"}.get(table, "id")
        for role in (Role.WORKER, Role.RETENTION):
            with refused("permission denied"), acting(role):
                run(statement.format(table, column=column))

    @pytest.mark.parametrize(
        "table", ["billing_journalentry", "billing_posting", "billing_ledgeraccount", "billing_reversal"]
    )
    @pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
    def test_nor_by_the_owner(self, table: str, statement: str, accounts: Any) -> None:
        # TRUNCATE waits for nothing that is still to be checked.
        run("SET CONSTRAINTS ALL IMMEDIATE")
        with refused("is append-only"):
            run(statement.format(table))

    @pytest.mark.parametrize(
        "table", ["billing_ledgerbalance", "billing_ledgerepoch", "billing_accountingperiod"]
    )
    @pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
    def test_nor_what_is_derived(self, table: str, statement: str, accounts: Any) -> None:
        run("SET CONSTRAINTS ALL IMMEDIATE")
        with refused("are kept|append-only"):
            run(statement.format(table))

    @pytest.mark.parametrize("statement", ["DISABLE TRIGGER ALL", "DISABLE ROW LEVEL SECURITY"])
    def test_the_checks_cannot_be_switched_off(self, statement: str, accounts: Any) -> None:
        for table in ("billing_posting", "billing_journalentry", "billing_ledgerbalance"):
            with refused("must be owner"), acting(Role.WORKER):
                run(f"ALTER TABLE {table} {statement}")
        with refused("permission denied"), acting(Role.WORKER):
            run("SET session_replication_role = replica")


class TestWhoReads:
    @pytest.mark.parametrize("role", [Role.APP, *(role for role in ACTING_ROLES if role not in READERS)])
    def test_nobody_else_reads_or_writes(self, role: Role, ann: User, accounts: Any) -> None:
        for table in (*TABLES, *VIEWS):
            with refused("permission denied"), acting(role, user_id=ann.pk):
                run(f"SELECT FROM {table}")
        for table in TABLES:
            with refused("permission denied"), acting(role, user_id=ann.pk):
                run(f"INSERT INTO {table} DEFAULT VALUES")

    @pytest.mark.parametrize("role", sorted(READERS - {Role.WORKER}))
    def test_finance_reads_and_writes_nothing(self, role: Role, ann: User, accounts: Any) -> None:
        with acting(role, user_id=ann.pk):
            assert all(run(f"SELECT count(*) FROM {table}")[0][0] for table in (*TABLES[:4], *VIEWS))
        for table in TABLES:
            with refused("permission denied"), acting(role, user_id=ann.pk):
                run(f"INSERT INTO {table} DEFAULT VALUES")
        with refused("permission denied"), acting(role, user_id=ann.pk):
            run("SELECT ledger_accounts_open('{}', '{}', '{}', '{}', '{}', '{}')")

    def test_every_table_forces_row_security(self) -> None:
        assert {
            name
            for (name,) in run(
                "SELECT relname FROM pg_class WHERE relname = ANY (%s) AND relrowsecurity AND relforcerowsecurity",
                [list(TABLES)],
            )
        } == set(TABLES)

    def test_nothing_was_changed_by_any_of_this(self, accounts: Any) -> None:
        assert JournalEntry.objects.count() == 1
        assert Posting.objects.count() == 2
        assert LedgerBalance.objects.count() == 5
        assert affected("SELECT FROM billing_ledgerproof WHERE difference <> 0") == 0
        assert connection.in_atomic_block
