"""Settlement files from upload to match: what adds up is reconciled, what does not waits, and no line is left over."""

from collections.abc import Iterator

import pytest

from billing import chart
from billing.errors import MatchRefused, SettlementFileRefused
from billing.models import ReconciliationException, ReconciliationMatch, SettlementFile
from billing.provider_choices import ExceptionKind, ExceptionStatus, FactKind
from billing.reconciliation_choices import QuarantineCause, SettlementFileStatus
from billing.services.journal import balance_of
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.reconciliation import settlement_file_match_again, settlement_line_match
from billing.services.settlement_files import settlement_file_read_again, settlement_file_set_aside
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition
from tests.accounts.factories import staff
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import PRICE, fulfilments, paid, shop, told
from tests.billing.reconciliation_data import entry, report, statement, taken

pytestmark = pytest.mark.django_db

S = SettlementFileStatus


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def balance(*specs: chart.AccountSpec) -> list[int]:
    with acting(Role.WORKER):
        return [balance_of(account) for account in ledger_accounts_open(*specs)]


def kinds(file: SettlementFile) -> list[str]:
    lines = file.lines.values_list("pk", flat=True)
    return list(
        ReconciliationException.objects.filter(subject_id__in=lines)
        .order_by("reported_amount")
        .values_list("kind", flat=True)
    )


def test_charges_and_refunds_are_matched_and_fees_posted() -> None:
    account, _ = shop()
    first, second = paid(), paid()
    told(second, FactKind.REFUND_SETTLED, 5, amount=900, refund_reference="re_1")
    file = taken(
        account,
        report(
            [
                ("charge", str(first.provider_reference), PRICE, 67),
                ("charge", str(second.provider_reference), PRICE, 67),
                ("refund", "re_1", -900, 0),
            ]
        ),
    )
    file.refresh_from_db()
    assert (file.status, file.line_count, file.matched_count, file.exception_count) == (S.RECONCILED, 3, 3, 0)
    assert (file.fees, file.movement, file.closing) == (134, 2 * PRICE - 900 - 134, 2 * PRICE - 900 - 134)
    subjects = set(ReconciliationMatch.objects.values_list("subject_type", "subject_id"))
    assert ("billing.payment", first.pk) in subjects
    fees, cash = balance(chart.provider_fees("EUR"), chart.cash("simulator", "EUR"))
    assert (fees, cash) == (-134, -file.closing)
    assert_books_prove()


def test_fees_of_disputes_and_payouts_are_posted_by_their_facts_and_not_twice() -> None:
    account, _ = shop()
    rows = [
        (name, f"{name}_1", -100, 15) for name in ("dispute", "dispute_reversal", "payout", "payout_return")
    ]
    file = taken(account, report([*rows, ("adjustment", "a_1", 0, 7)], opening=1_000))
    assert file.fees == 67
    assert balance(chart.provider_fees("EUR")) == [-7]


def test_what_does_not_fit_is_an_exception_each_with_its_kind() -> None:
    account, _ = shop()
    payment, other = paid(), paid()
    name = str(payment.provider_reference)
    file = taken(
        account,
        report(
            [
                ("charge", name, PRICE, 0),
                ("charge", name, PRICE, 0),
                ("charge", str(other.provider_reference), PRICE + 1, 0),
                ("charge", "", 5, 0),
                ("charge", "pay_of_nobody", 6, 0),
                ("fee", "fee_1", -7, 0),
                ("transfer", "tr_1", -8, 0),
            ]
        ),
    )
    file.refresh_from_db()
    assert (file.line_count, file.matched_count, file.exception_count) == (7, 1, 6)
    assert kinds(file) == [
        ExceptionKind.NOT_AT_THE_OTHER,
        ExceptionKind.NOTHING_HELD,
        ExceptionKind.WITHOUT_REFERENCE,
        ExceptionKind.NOTHING_HELD,
        ExceptionKind.SETTLED_TWICE,
        ExceptionKind.AMOUNT_DIFFERS,
    ]
    differs = ReconciliationException.objects.get(kind=ExceptionKind.AMOUNT_DIFFERS)
    assert (differs.expected_amount, differs.reported_amount, differs.status) == (PRICE, PRICE + 1, "open")


def test_what_does_not_foot_waits_with_the_difference_and_matches_nothing() -> None:
    account, _ = shop()
    payment = paid()
    file = taken(
        account, report([("charge", str(payment.provider_reference), PRICE, 0)], closing=PRICE + 150)
    )
    file.refresh_from_db()
    assert (file.status, file.quarantine, file.difference) == (
        S.QUARANTINED,
        QuarantineCause.DOES_NOT_FOOT,
        150,
    )
    assert file.lines.count() == 1
    assert not ReconciliationMatch.objects.exists()
    assert not ReconciliationException.objects.exists()
    clerk = staff(Role.FINANCE)
    with pytest.raises(SettlementFileRefused, match="€1.50 less than the closing balance"):
        settlement_file_read_again(settlement_file_id=file.pk, actor=clerk, reason="looked again")


def test_an_opening_that_does_not_follow_waits_until_the_missing_file_has_come() -> None:
    account, _ = shop()
    clerk = staff(Role.FINANCE)
    first = taken(account, report([("fee", "f1", -100, 0)], opening=1000))
    third = taken(account, report([("fee", "f3", -100, 0)], opening=700))
    assert (third.status, third.quarantine, third.gap) == (
        S.QUARANTINED,
        QuarantineCause.DOES_NOT_FOLLOW,
        -200,
    )
    with pytest.raises(SettlementFileRefused, match="-€2.00 more than the last file closed with"):
        settlement_file_read_again(settlement_file_id=third.pk, actor=clerk, reason="looked again")
    second = taken(account, report([("fee", "f2", -200, 0)], opening=900))
    assert second.follows == first
    again = settlement_file_read_again(settlement_file_id=third.pk, actor=clerk, reason="the second one came")
    assert (again.status, again.follows, again.gap, again.quarantine) == (S.RECONCILED, second, 0, None)
    assert again.exception_count == 1


def test_the_same_file_twice_is_refused_and_one_set_aside_may_come_again() -> None:
    account, _ = shop()
    body = report([("fee", "f1", -100, 0)], opening=1000, closing=1)
    file = taken(account, body)
    with pytest.raises(SettlementFileRefused, match="taken already"):
        taken(account, body, name="renamed.csv")
    settlement_file_set_aside(settlement_file_id=file.pk, actor=staff(Role.FINANCE), reason="wrong account")
    assert taken(account, body).status == S.QUARANTINED
    with pytest.raises(IllegalTransition):
        settlement_file_set_aside(settlement_file_id=file.pk, actor=staff(Role.FINANCE), reason="again")


def test_a_transfer_is_matched_when_the_bank_reports_it_and_moves_in_the_ledger() -> None:
    account, _ = shop()
    payment = paid()
    settled = taken(
        account,
        report([("charge", str(payment.provider_reference), PRICE, 0), ("transfer", "tr_1", -2000, 0)]),
    )
    assert settled.exception_count == 1
    bank = taken(
        account,
        statement(
            [entry(2000, "tr_1"), entry(-35, family="MDOP", sub_family="CHRG")], opening=500, closing=2465
        ),
    )
    settled.refresh_from_db()
    assert (settled.matched_count, settled.exception_count) == (2, 0)
    assert (bank.matched_count, bank.exception_count) == (1, 1)
    waited = ReconciliationException.objects.get(kind=ExceptionKind.NOT_AT_THE_OTHER)
    assert (waited.status, waited.resolution) == (ExceptionStatus.RESOLVED, "processed")
    cash, in_bank = balance(chart.cash("simulator", "EUR"), chart.bank("simulator", "EUR"))
    assert (cash, in_bank) == (-(PRICE - 2000), -2000)
    assert_books_prove()


def test_what_came_late_is_matched_later_and_the_counts_follow() -> None:
    account, _ = shop()
    payment = paid()
    file = taken(account, report([("refund", "re_late", -900, 0)]))
    assert (file.matched_count, file.exception_count) == (0, 1)
    told(payment, FactKind.REFUND_SETTLED, 5, amount=900, refund_reference="re_late")
    again = settlement_file_match_again(settlement_file_id=file.pk, actor=None)
    assert (again.matched_count, again.exception_count) == (1, 0)
    assert (
        ReconciliationException.objects.get(reference="re_late", kind="nothing_held").resolution
        == "processed"
    )
    assert settlement_file_match_again(settlement_file_id=file.pk, actor=None).matched_count == 1


def test_a_line_is_matched_by_hand_with_what_is_equal_and_nothing_else() -> None:
    account, _ = shop()
    payment, cheap = paid(), paid()
    told(cheap, FactKind.REFUND_SETTLED, 5, amount=900, refund_reference="re_9")
    file = taken(account, report([("charge", "", PRICE, 0), ("refund", "re_typo", -901, 0)]))
    unnamed, misnamed = file.lines.order_by("position")
    clerk = staff(Role.FINANCE)
    match = settlement_line_match(
        settlement_line_id=unnamed.pk,
        reference=str(payment.provider_reference),
        actor=clerk,
        reason="the provider said so on the phone",
    )
    assert (match.subject_id, match.matched_by) == (payment.pk, clerk)
    file.refresh_from_db()
    assert (file.matched_count, file.exception_count) == (1, 1)
    for line, name, words in (
        (misnamed, "re_9", "we hold"),
        (misnamed, "re_none", "Nothing that we hold"),
        (unnamed, "re_9", "matched already"),
    ):
        with pytest.raises(MatchRefused, match=words):
            settlement_line_match(settlement_line_id=line.pk, reference=name, actor=clerk, reason="a guess")
