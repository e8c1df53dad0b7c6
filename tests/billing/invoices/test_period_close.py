"""Closing a month: the check-list, four eyes in the database, statements that are the ledger, late facts."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from accounts.models import User
from billing import chart
from billing.closing import Finding, register_close_check, remove_close_check
from billing.errors import CloseRefused, PeriodRefused, StatementRefused
from billing.ledger_choices import JournalKind
from billing.models import AccountingPeriod, JournalEntry, PeriodClosing, TaxStatement
from billing.provider_choices import ExceptionKind
from billing.services.accounting_periods import (
    accounting_period_close,
    accounting_period_reopen,
    period_close_checklist,
)
from billing.services.reconciliation_exceptions import (
    reconciliation_exception_raise,
    reconciliation_exception_resolve,
)
from billing.services.tax_statements import (
    statements_that_differ,
    tax_statements_freeze,
    tax_statements_freeze_long,
)
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff
from tests.billing.factories_wallets import performer, settled
from tests.billing.invoice_data import (
    FEBRUARY,
    JANUARY,
    closed,
    closed_softly,
    earned,
    month,
    posted,
    two_people,
)
from tests.sql import run

pytestmark = pytest.mark.django_db


def made(period: AccountingPeriod, **said: object) -> dict[str, int]:
    return tax_statements_freeze(accountingperiod_id=period.pk, actor=None, **said)  # type: ignore[arg-type]


class TestStatements:
    def test_all_statements_together_are_the_ledger_and_it_closes(self) -> None:
        january, (clerk, approver) = month(), two_people()
        anna, berta = performer(), performer()
        earned(january, anna.pk, 70)
        earned(january, anna.pk, 30, kind=JournalKind.GIFT)
        earned(january, berta.pk, 11)
        earned(january, anna.pk, -20, kind=JournalKind.SPEND_REFUND)
        posted(
            january,
            (chart.earnings(anna.pk), -50),
            (chart.exchange_clearing(), 50),
            (chart.exchange_clearing("EUR"), -400),
            (chart.earnings(anna.pk, "EUR"), 400),
            kind=JournalKind.EXCHANGE,
        )
        posted(
            january,
            (chart.earnings(anna.pk, "EUR"), -300),
            (chart.cash("tests", "EUR"), 300),
            kind=JournalKind.PAYOUT,
        )
        with pytest.raises(StatementRefused, match="still open"):
            made(january)
        closed_softly(january, clerk)
        with pytest.raises(CloseRefused, match="say what the ledger says"):
            closed(january, approver)
        assert made(january) == {"made": 3, "amended": 0, "unchanged": 0}
        assert made(january) == {"made": 0, "amended": 0, "unchanged": 3}
        tokens = TaxStatement.objects.get(performer=anna, currency="TOKEN")
        assert (tokens.earned, tokens.taken_back, tokens.exchanged, tokens.closing) == (100, -20, -50, 30)
        assert tokens.activities == 2
        euros = TaxStatement.objects.get(performer=anna, currency="EUR")
        assert (euros.exchanged, euros.paid_out, euros.closing, euros.consideration) == (400, -300, 100, 400)
        assert closed(january, approver).status == "closed"
        kept = PeriodClosing.objects.get()
        assert kept.closed_by == approver
        assert all(item["ok"] for item in kept.checks)
        assert set(kept.trial_balance) == {"TOKEN", "EUR"}
        for sums in kept.trial_balance.values():
            assert sums["debit"] == sums["credit"]

    def test_a_correction_is_another_version_and_nothing_else(self) -> None:
        january, (clerk, approver), anna = month(), two_people(), performer()
        earned(january, anna.pk, 70)
        closed_softly(january, clerk)
        made(january)
        earned(january, anna.pk, 5, kind=JournalKind.ADJUSTMENT)
        with pytest.raises(CloseRefused):
            closed(january, approver)
        assert made(january, reason="A bonus was forgotten") == {"made": 0, "amended": 1, "unchanged": 0}
        first, second = TaxStatement.objects.order_by("version")
        assert (second.amends, second.adjusted, second.reason) == (first, 5, "A bonus was forgotten")
        assert list(TaxStatement.objects.current()) == [second]
        closed(january, approver)

    def test_the_next_month_opens_with_what_was_owed_and_late_facts_go_there(self) -> None:
        january, february, (clerk, approver) = month(), month(FEBRUARY), two_people()
        anna = performer()
        earned(january, anna.pk, 70)
        closed_softly(january, clerk)
        made(january)
        closed(january, approver)
        with pytest.raises(PeriodRefused):
            earned(january, anna.pk, 10)
        ((late,),) = run("SELECT ledger_period_at(%s)", [JANUARY])
        assert late == february.pk
        earned(AccountingPeriod.objects.get(pk=late), anna.pk, 10)
        closed_softly(february, clerk)
        made(february)
        statement = TaxStatement.objects.get(days=february.days)
        assert (statement.opening, statement.earned, statement.closing) == (70, 10, 80)
        closed(february, approver)

    def test_what_a_correction_of_the_month_before_left_nothing_of_is_amended_to_nothing(self) -> None:
        january, february, (clerk, approver) = month(), month(FEBRUARY), two_people()
        anna = performer()
        earned(january, anna.pk, 70)
        for period in (january, february):
            closed_softly(period, clerk)
            made(period)
        earned(january, anna.pk, -70, kind=JournalKind.ADJUSTMENT)
        assert made(january)["amended"] == 1
        with acting(Role.WORKER):
            assert statements_that_differ(february) == [(anna.pk, None, chart.TOKEN)]
        assert made(february) == {"made": 0, "amended": 1, "unchanged": 0}
        assert made(february) == {"made": 0, "amended": 0, "unchanged": 1}
        statement = TaxStatement.objects.current().get(days=february.days)
        assert (statement.version, statement.opening, statement.closing) == (2, 0, 0)
        closed(january, approver)
        closed(february, approver)

    def test_a_quarter_needs_every_month_closed(self) -> None:
        january, (clerk, approver), anna = month(), two_people(), performer()
        earned(january, anna.pk, 70)
        with pytest.raises(StatementRefused, match="0 of 3 months"):
            tax_statements_freeze_long(kind="quarter", first=JANUARY, actor=None)
        with pytest.raises(StatementRefused, match="begins on"):
            tax_statements_freeze_long(kind="quarter", first=FEBRUARY, actor=None)
        with pytest.raises(CommandError, match="0 of 12 months"):
            call_command("tax_statements_freeze", kind="year", first=JANUARY, verbosity=0)
        with pytest.raises(CommandError, match="or neither"):
            call_command("tax_statements_freeze", kind="year", verbosity=0)
        for period in (january, month(FEBRUARY), month(FEBRUARY.replace(month=3))):
            closed_softly(period, clerk)
            made(period)
            closed(period, approver)
        call_command("tax_statements_freeze", kind="quarter", first=JANUARY, verbosity=0)
        quarter = TaxStatement.objects.get(kind="quarter")
        assert (quarter.opening, quarter.earned, quarter.closing) == (0, 70, 70)

    def test_fees_are_the_platforms_part_of_what_was_paid_for_her(self) -> None:
        from tests.billing.factories_wallets import granted, tip

        anna = performer()
        tip(granted(100), anna, 100)
        period = AccountingPeriod.objects.get()
        clerk = staff(Role.FINANCE)
        closed_softly(period, clerk)
        made(period)
        statement = TaxStatement.objects.get()
        assert (statement.earned, statement.fees) == (70, 30)

    @pytest.mark.parametrize("column", ["earned", "fees", "closing", "activities", "version"])
    def test_a_frozen_statement_is_never_changed(self, column: str) -> None:
        january, (clerk, _), anna = month(), two_people(), performer()
        earned(january, anna.pk, 70)
        closed_softly(january, clerk)
        made(january)
        for statement in (
            f"UPDATE billing_taxstatement SET {column} = 1",
            "DELETE FROM billing_taxstatement",
        ):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                run(statement)

    def test_versions_follow_one_another(self) -> None:
        january, (clerk, _), anna = month(), two_people(), performer()
        earned(january, anna.pk, 70)
        closed_softly(january, clerk)
        made(january)
        copy = (
            "INSERT INTO billing_taxstatement (id, performer_id, studio_id, kind, days, currency, version, amends_id, "
            "opening, earned, taken_back, exchanged, paid_out, adjusted, closing, fees, activities, content_hash, "
            "reason, frozen_at) SELECT uuidv7(), performer_id, studio_id, kind, days, currency, {version}, {amends}, "
            "opening, earned, 0, 0, 0, 0, {closing}, 0, 1, content_hash, {reason}, now() FROM billing_taxstatement"
        )
        good = {"version": "2", "amends": "id", "closing": "closing", "reason": "'late'"}
        for said in ({"version": "3"}, {"amends": "NULL"}, {"closing": "closing + 1"}, {"reason": "''"}):
            with pytest.raises(DatabaseError), transaction.atomic(), acting(Role.WORKER):
                run(copy.format(**{**good, **said}))
        with acting(Role.WORKER):
            run(copy.format(**good))
        with pytest.raises(DatabaseError), transaction.atomic(), acting(Role.WORKER):
            run(copy.format(**{**good, "version": "version + 1"}))

    def test_she_sees_her_own_and_nobody_elses(self) -> None:
        january, (clerk, _) = month(), two_people()
        anna, berta = performer(), performer()
        for who in (anna, berta):
            earned(january, who.pk, 70)
        closed_softly(january, clerk)
        made(january)
        with acting(Role.PERFORMER, user_id=anna.pk):
            assert [row.performer_id for row in TaxStatement.objects.all()] == [anna.pk]


class TestFourEyes:
    def test_one_person_does_not_close_alone_whatever_roles_they_hold(self) -> None:
        january, both = month(), staff(Role.FINANCE, Role.FINANCE_APPROVER)
        closed_softly(january, both)
        with pytest.raises(PeriodRefused, match="Two people"):
            closed(january, both)
        self._by_hand(january, both, "Two people")

    def test_a_job_does_not_close_and_what_a_job_closed_softly_no_single_person_does(self) -> None:
        january, (_, approver) = month(), two_people()
        run("UPDATE billing_accountingperiod SET status = 'soft_closed'")
        assert AccountingPeriod.objects.get().soft_closed_by is None
        with pytest.raises(PeriodRefused, match="Two people"):
            closed(january, approver)
        self._by_hand(january, approver, "Two people")
        with pytest.raises(PeriodRefused):
            accounting_period_close(accountingperiod_id=january.pk, actor=None, reason="a job")

    def test_who_closes_holds_the_role_that_approves(self) -> None:
        january, (clerk, _) = month(), two_people()
        closed_softly(january, clerk)
        for other in (staff(Role.FINANCE), UserFactory()):
            with pytest.raises(PeriodRefused, match="Finance approver"):
                closed(january, other)

    def test_without_a_check_list_the_database_closes_nothing(self) -> None:
        january, (clerk, approver) = month(), two_people()
        closed_softly(january, clerk)
        self._by_hand(january, approver, "check-list")
        for checks in ("[]", '[{"ok": false, "blocks": true}]', '[{"blocks": true}]', '[{"ok": "no"}]'):
            with pytest.raises(DatabaseError), transaction.atomic(), acting(Role.WORKER, user_id=approver.pk):
                run(
                    "INSERT INTO billing_periodclosing (id, period_id, checks, trial_balance, reason, closed_by_id, "
                    "closed_at) VALUES (uuidv7(), %s, %s::text::jsonb, '{}', 'x', %s, now())",
                    [january.pk, checks, approver.pk],
                )

    def test_nobody_says_that_somebody_else_closed_it_softly(self) -> None:
        january, (clerk, approver) = month(), two_people()
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            acting(Role.WORKER, user_id=approver.pk),
        ):
            run("UPDATE billing_accountingperiod SET soft_closed_by_id = %s", [clerk.pk])
        with acting(Role.WORKER, user_id=approver.pk):
            run("UPDATE billing_accountingperiod SET status = 'soft_closed'")
        assert AccountingPeriod.objects.get().soft_closed_by == approver
        accounting_period_reopen(accountingperiod_id=january.pk, actor=clerk, reason="forgot something")
        assert AccountingPeriod.objects.get().soft_closed_by is None

    @staticmethod
    def _by_hand(period: AccountingPeriod, actor: User, match: str) -> None:
        with (
            pytest.raises(DatabaseError, match=match),
            transaction.atomic(),
            acting(Role.WORKER, user_id=actor.pk),
        ):
            run("UPDATE billing_accountingperiod SET status = 'closed' WHERE id = %s", [period.pk])


class TestCheckList:
    def test_an_open_exception_is_in_the_way_until_it_is_resolved(self) -> None:
        january, (clerk, approver) = month(), two_people()
        closed_softly(january, clerk)
        with acting(Role.WORKER):
            found = reconciliation_exception_raise(
                kind=ExceptionKind.CONTRADICTS, subject=january, words="Something differs."
            )
        settled()
        run("ALTER TABLE billing_reconciliationexception DISABLE TRIGGER USER")
        run("UPDATE billing_reconciliationexception SET created_at = '2020-01-15'")
        run("ALTER TABLE billing_reconciliationexception ENABLE TRIGGER USER")
        with pytest.raises(CloseRefused, match="exception of reconciliation is resolved"):
            closed(january, approver)
        assert not PeriodClosing.objects.exists()
        assert AccountingPeriod.objects.get().status == "soft_closed"
        # A check-list that lies does not help either.
        lie = (
            "INSERT INTO billing_periodclosing (id, period_id, checks, trial_balance, reason, closed_by_id, closed_at) "
            "VALUES (uuidv7(), %s, '[{\"ok\": true, \"blocks\": true}]', '{}', 'x', %s, now())"
        )
        with (
            pytest.raises(DatabaseError, match="not resolved"),
            transaction.atomic(),
            acting(Role.WORKER, user_id=approver.pk),
        ):
            run(lie, [january.pk, approver.pk])
            run("UPDATE billing_accountingperiod SET status = 'closed'")
        reconciliation_exception_resolve(
            reconciliation_exception_id=found.pk,
            resolution="accepted",
            actor=clerk,
            reason="looked into it",
        )
        closed(january, approver)

    def test_every_area_adds_its_own_and_what_does_not_block_is_kept(self) -> None:
        january, (clerk, approver) = month(), two_people()
        closed_softly(january, clerk)
        register_close_check("of_tests", "Nothing of the tests waits", lambda period: Finding(3, "refund"))
        try:
            with pytest.raises(ValueError, match="already"):
                register_close_check("of_tests", "x", lambda period: Finding())
            with pytest.raises(CloseRefused, match=r"nothing of the tests waits \(3\)"):
                closed(january, approver)
        finally:
            remove_close_check("of_tests")
        register_close_check(
            "of_tests", "Nothing waits", lambda period: Finding(3, detail="three"), blocks=False
        )
        try:
            closed(january, approver)
        finally:
            remove_close_check("of_tests")
        (item,) = [item for item in PeriodClosing.objects.get().checks if item["name"] == "of_tests"]
        assert (item["ok"], item["count"], item["detail"]) == (False, 3, "three")

    def test_names_what_is_looked_at(self) -> None:
        names = [item.name for item in period_close_checklist(month().pk)]
        assert {"trial_balance", "approvals", "exceptions", "provider_events", "provider_calls"} <= set(names)
        assert {"refunds", "uninvoiced", "unnumbered", "gaps", "statements", "evidence"} <= set(names)
        assert not JournalEntry.objects.exists()
