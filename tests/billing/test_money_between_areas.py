"""What the areas of money over time hear of one another: disputes, invoices, payouts, files, compliance, the close."""

import datetime as dt

import pytest
from django.utils import timezone

from billing.closing import close_checks
from billing.dispute_choices import DisputeStatus, HoldCause
from billing.errors import PayoutRefused
from billing.invoice_choices import CreditCause
from billing.models import AccountingPeriod, CreditNote, Earning, SettlementLine
from billing.payout_choices import PayoutStatus
from billing.provider_choices import FactKind
from billing.providers.simulator import Simulator
from billing.providers.simulator_files import settlement_report
from billing.reconciliation_choices import SettlementCategory
from billing.services.earning_holds import earning_holds_place
from billing.services.payout_sending import BARRED, payout_batch_run
from billing.services.reconciliation import settlement_file_match_again
from billing.services.sanctions_screenings import sanctions_screening_record
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
from tests.accounts.factories import staff
from tests.billing.disputes_data import disputed, opened
from tests.billing.invoice_data import company, invoice_of
from tests.billing.paying import paid
from tests.billing.payouts_data import again, approved, built, only, payable, provider, sent, work
from tests.billing.providers.house import SECRETS
from tests.billing.reconciliation_data import taken
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"PROVIDER_SECRET_{name.upper()}", value)


def listed(performer: PerformerProfile) -> None:
    """Compliance found the performer on a list of sanctions, perhaps."""
    officer = staff(Role.COMPLIANCE)
    sanctions_screening_record(
        user_id=performer.pk,
        sanctions_list="eu",
        list_version="2026-11-26",
        hit="The same name and year of birth.",
        actor=officer,
    )


def test_a_lost_dispute_is_credited_as_a_refund_is() -> None:
    company()
    payment = paid()
    invoice = invoice_of(payment)
    dispute = opened(payment)
    assert not CreditNote.objects.exists()
    disputed(payment, DisputeStatus.LOST, 20)
    disputed(payment, DisputeStatus.LOST, 30)
    note = CreditNote.objects.get()
    assert (note.invoice_id, note.cause, note.total) == (invoice.pk, CreditCause.DISPUTE, invoice.total)
    assert (note.source_table, note.source_id) == ("billing_dispute", dispute.pk)


def test_nothing_is_prepared_for_whom_compliance_stopped() -> None:
    free, stopped = payable(), payable()
    listed(stopped)
    with pytest.raises(PayoutRefused, match="Compliance knows why"):
        built(stopped)
    batch = built()
    assert list(batch.payouts.values_list("performer_id", flat=True)) == [free.pk]


def test_what_was_approved_is_not_sent_to_whom_compliance_stopped_since() -> None:
    performer = payable()
    batch = approved(performer)
    listed(performer)
    payout_batch_run(batch_id=batch.pk)
    payout = only(batch)
    assert (payout.status, payout.failure_code, payout.sent_at) == (PayoutStatus.FAILED, BARRED, None)


def test_a_report_names_payouts_and_those_that_came_back() -> None:
    batch = sent(payable(), payable())
    work()
    back, stays = batch.payouts.order_by("pk")
    Simulator(provider()).tell(back.provider_reference, FactKind.PAYOUT_RETURNED, back.amount)
    work()
    assert again(back).status == PayoutStatus.RETURNED
    today = timezone.now().astimezone(dt.UTC).date()
    body = settlement_report(
        provider(), back.currency_id, since=today - dt.timedelta(days=1), until=today + dt.timedelta(days=1)
    )
    file = taken(provider(), body)
    settlement_file_match_again(settlement_file_id=file.pk, actor=None)
    lines = SettlementLine.objects.filter(settlement_file=file)
    matched = {
        (line.category, line.match.subject_id)
        for line in lines.select_related("match").filter(match__isnull=False)
    }
    assert matched == {
        (SettlementCategory.PAYOUT, back.pk),
        (SettlementCategory.PAYOUT, stays.pk),
        (SettlementCategory.PAYOUT_RETURN, back.pk),
    }


def test_what_is_held_is_not_paid_out() -> None:
    performer = payable()
    earning = Earning.objects.filter(performer=performer).order_by("pk").first()
    assert earning is not None
    clerk = staff(Role.FINANCE)
    with acting(Role.WORKER, user_id=clerk.pk):
        earning_holds_place(
            earning_ids=[earning.pk], cause=HoldCause.STAFF, actor=clerk, reason="Looks odd to finance."
        )
    with pytest.raises(PayoutRefused):
        built(performer)


def test_the_close_waits_for_payouts_and_tells_of_disputes() -> None:
    payout = only(sent(payable()))
    opened()
    today = timezone.now().astimezone(dt.UTC).date()
    with acting(Role.WORKER):
        period = AccountingPeriod.objects.get(days__contains=today)
        items = {item.name: item for item in close_checks(period)}
    assert (items["payouts"].ok, items["payouts"].count, items["payouts"].blocks) == (False, 1, True)
    assert (items["disputes"].ok, items["disputes"].blocks) == (False, False)
    assert items["settlement_files"].ok
    work()
    assert again(payout).status == PayoutStatus.PAID
    with acting(Role.WORKER):
        items = {item.name: item for item in close_checks(period)}
    assert items["payouts"].ok


def test_a_line_is_matched_with_a_payout_of_its_own_amount_alone() -> None:
    batch = sent(payable(), payable(2000))
    work()
    today = timezone.now().astimezone(dt.UTC).date()
    one, other = batch.payouts.order_by("amount")
    body = settlement_report(provider(), one.currency_id, since=today, until=today + dt.timedelta(days=1))
    file = taken(provider(), body)
    line = SettlementLine.objects.get(settlement_file=file, reference=one.provider_reference)
    with refused("same amount and currency"):
        run(
            "INSERT INTO billing_reconciliationmatch (id, line_id, subject_type, subject_id, category) "
            "VALUES (uuidv7(), %s, 'billing.payout', %s, 'payout')",
            [line.pk, other.pk],
        )
