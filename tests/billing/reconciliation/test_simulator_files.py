"""The simulator's own files: they foot, follow one another, and agree with what we hold and with the ledger."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command

from billing import chart
from billing.datasets.demo_settlement import demo_settlement_load
from billing.models import ProviderAccount, SanctionsScreening, SettlementFile, SimulatedCharge
from billing.providers.simulator_files import bank_statement, days_of, movements, settlement_report
from billing.reconciliation_choices import SettlementFileStatus
from billing.services.journal import balance_of
from billing.services.ledger_accounts import ledger_accounts_open
from billing.settlement_files.camt053 import camt053_read
from billing.settlement_files.csv_reports import csv_read
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import PRICE, fulfilments, paid, sent, settled, shop
from tests.billing.reconciliation_data import report, taken

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def charged(account: ProviderAccount, number: int, amount: int = 2999, **said: Any) -> SimulatedCharge:
    """What the simulator holds of a charge, or with `operation` of a refund."""
    reference = said.pop("reference", f"sim_pay_{number}")
    return SimulatedCharge.objects.create(
        provider_account=account,
        idempotency_key=f"key-{number:08}",
        reference=reference,
        payment_reference=said.pop("payment_reference", reference),
        payment_key=f"key-{number:08}",
        currency_id="EUR",
        asked_amount=amount,
        amount=amount,
        script="sim_ok",
        outcome=said.pop("outcome", "succeeded"),
        operation=said.pop("operation", "authorise"),
        **said,
    )


def test_a_report_and_a_statement_foot_and_follow() -> None:
    account, _ = shop()
    charged(account, 1)
    charged(account, 2, outcome="declined")
    charged(account, 3, captures=False)
    charged(account, 4, 500, operation="refund", payment_reference="sim_pay_1", reference="sim_ref_4")
    (day,) = days_of(account, "EUR")
    told = csv_read(settlement_report(account, "EUR", since=day, until=day + DAY), "simulator")
    assert [(line.category, line.gross, line.fee) for line in told.lines] == [
        ("charge", 2999, 67),
        ("refund", -500, 0),
        ("transfer", -2188, 0),
    ]
    assert (told.opening, told.closing) == (0, told.movement)
    bank = camt053_read(bank_statement(account, "EUR", since=day, until=day + DAY))
    assert [(line.category, line.gross, line.reference) for line in bank.lines] == [
        ("transfer", 2188, told.lines[2].reference)
    ]
    assert (bank.opening, bank.closing) == (0, 2188)
    after = csv_read(settlement_report(account, "EUR", since=day + DAY, until=day + 2 * DAY), "simulator")
    assert (after.opening, after.closing, after.lines) == (told.closing, told.closing, ())
    assert movements(account, "GBP") == []


def test_the_demo_is_settled_and_the_ledger_agrees_with_the_provider() -> None:
    staff(Role.COMPLIANCE, handle="demo_compliance")
    with fulfilments():
        account, _ = shop()
        payments = [paid() for _ in range(3)]
    for number, payment in enumerate(payments):
        charged(account, number, reference=str(payment.provider_reference))
    assert demo_settlement_load().startswith("3 files with 8 lines, 4 matched at once")
    assert demo_settlement_load() == "there before"
    first, bank, cut = SettlementFile.objects.order_by("pk")
    assert (first.matched_count, first.exception_count, bank.matched_count) == (4, 0, 1)
    assert (cut.status, cut.quarantine) == (SettlementFileStatus.QUARANTINED, "does_not_foot")
    with acting(Role.WORKER):
        cash, in_bank = (
            balance_of(it)
            for it in ledger_accounts_open(chart.cash("simulator", "EUR"), chart.bank("simulator", "EUR"))
        )
    assert (cash, in_bank) == (-first.closing, -bank.closing)
    assert_books_prove()
    assert SanctionsScreening.objects.count() == 0, "there are no performers"


def test_every_night_what_came_late_is_matched(capsys: pytest.CaptureFixture[str]) -> None:
    with fulfilments():
        account, _ = shop()
        file = taken(account, report([("charge", "pay_late", PRICE, 0)]))
        call_command("settlement_files_match")
        assert "0 lines of 1 files matched" in capsys.readouterr().out
        settled(sent(), reference="pay_late")
    call_command("settlement_files_match")
    assert "1 lines of 1 files matched" in capsys.readouterr().out
    file.refresh_from_db()
    assert (file.matched_count, file.exception_count) == (1, 0)
    call_command("settlement_files_match")
    assert "0 lines of 0 files matched" in capsys.readouterr().out
