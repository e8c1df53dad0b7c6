"""Care of the ledger: what is wrong is found and named, balances are made anew, months are opened and closed."""

import datetime as dt
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from billing import chart
from billing.errors import PeriodRefused
from billing.models import AccountingPeriod, LedgerBalance, LedgerEpoch
from billing.services.accounting_periods import (
    accounting_period_close,
    accounting_period_open_next,
    accounting_period_reopen,
    accounting_period_soft_close,
)
from billing.services.journal import balance_of
from billing.services.ledger_care import ledger_prove, ledger_roll_forward
from core.db.roles import Role
from core.errors import IllegalTransition
from tests.accounts.factories import staff
from tests.billing.ledger import assert_books_prove, bought, entry, opened, post
from tests.sql import run

pytestmark = pytest.mark.django_db


def command(name: str, *options: str) -> str:
    said = StringIO()
    call_command(name, *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def wallet(ann: User) -> UUID:
    return bought(ann.pk, 100)


class TestBalances:
    def test_a_wrong_balance_is_named_and_made_anew(self, wallet: UUID, bob: User) -> None:
        earned, share = opened(chart.earnings(bob.pk), chart.platform_share())
        post(entry((earned, 5), (share, -5)))
        run(
            "UPDATE billing_ledgerbalance SET amount = amount + 7 WHERE account_id = ANY (%s)",
            [[wallet, earned]],
        )
        assert sorted(finding.fault for finding in ledger_prove()) == ["balance", "balance"]
        with pytest.raises(CommandError, match="2 findings"):
            command("ledger_prove")
        told = command("ledger_rebuild", "--dry-run")
        assert f"wallet:{bob.pk}" not in told
        assert "shows 107, its postings sum to 100" in told
        assert balance_of(wallet) == 107, "a dry run changes nothing"
        assert "2 balances were wrong" in command("ledger_rebuild")
        assert [balance_of(wallet), balance_of(earned)] == [100, 5]
        assert_books_prove()
        assert "proven" in command("ledger_prove")

    def test_what_was_smuggled_past_the_triggers_is_named(self, wallet: UUID) -> None:
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE billing_posting DISABLE TRIGGER billing_posting_20_append_only")
        run("UPDATE billing_posting SET amount = amount + 1 WHERE account_id = %s", [wallet])
        assert {finding.fault for finding in ledger_prove()} == {"uneven", "entry", "balance"}

    def test_settling_changes_no_balance(self, wallet: UUID, bob: User) -> None:
        earned, share = opened(chart.earnings(bob.pk), chart.platform_share())
        post(*(entry((wallet, -1), (earned, 1)) for _ in range(3)), entry((earned, 2), (share, -2)))
        before = [balance_of(account) for account in (wallet, earned, share)]
        assert ledger_roll_forward() >= 0
        assert "balances settled" in command("ledger_roll_forward")
        assert "would be looked at" in command("ledger_roll_forward", "--dry-run")
        assert [balance_of(account) for account in (wallet, earned, share)] == before
        assert_books_prove()

    def test_at_home_nothing_is_rebased_unless_forced(self, wallet: UUID, bob: User) -> None:
        with pytest.raises(CommandError, match="nothing has to be rebased"):
            command("ledger_rebase")
        assert "Epoch 2 begins" in command("ledger_rebase", "--force")
        assert LedgerEpoch.objects.count() == 2
        (share,) = opened(chart.platform_share())
        post(entry((wallet, -10), (share, 10)))
        assert (balance_of(wallet), LedgerBalance.objects.get(pk=wallet).amount) == (90, 90)
        assert_books_prove()


class TestPeriods:
    def test_the_next_month_follows_the_last_one(self) -> None:
        first, second = accounting_period_open_next(actor=None), accounting_period_open_next(actor=None)
        assert first.days.lower.day == second.days.lower.day == 1
        assert second.days.lower == first.days.upper
        assert second.last_day + dt.timedelta(days=1) == second.days.upper

    def test_a_month_is_closed_in_order_and_for_good(self) -> None:
        run(
            "INSERT INTO billing_accountingperiod (id, days) VALUES (uuidv7(), '[2020-01-01,2020-02-01)'), "
            "(uuidv7(), '[2020-02-01,2020-03-01)')"
        )
        clerk, approver = staff(Role.FINANCE), staff(Role.FINANCE_APPROVER)
        january, february = AccountingPeriod.objects.order_by("days")
        for period in (january, february):
            accounting_period_soft_close(accountingperiod_id=period.pk, actor=clerk, reason="over")
        with pytest.raises(PeriodRefused, match="earlier accounting period is not closed"):
            accounting_period_close(accountingperiod_id=february.pk, actor=approver, reason="proven")
        accounting_period_reopen(accountingperiod_id=january.pk, actor=clerk, reason="forgot something")
        with pytest.raises(IllegalTransition):
            accounting_period_close(accountingperiod_id=january.pk, actor=approver, reason="proven")
        accounting_period_soft_close(accountingperiod_id=january.pk, actor=clerk, reason="over")
        for period in (january, february):
            accounting_period_close(accountingperiod_id=period.pk, actor=approver, reason="proven")
        with pytest.raises(IllegalTransition):
            accounting_period_reopen(accountingperiod_id=january.pk, actor=None, reason="no")
