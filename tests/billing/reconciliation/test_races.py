"""Two at once, on connections of their own: a file is taken once, and no two follow the same one."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError

from billing.errors import MatchRefused, SettlementFileRefused
from billing.models import ReconciliationException, ReconciliationMatch, SettlementFile, SettlementLine
from billing.reconciliation_choices import SettlementFileStatus
from billing.services.reconciliation import settlement_line_match
from billing.services.settlement_files import settlement_file_read_again
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.accounts.test_races import at_once, refusals
from tests.billing.ledger import assert_books_prove
from tests.billing.paying import PRICE, fulfilments, paid, shop
from tests.billing.providers.house import make_account
from tests.billing.reconciliation_data import entry, report, statement, taken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def test_the_same_file_four_times_at_once_is_taken_once() -> None:
    account, _ = shop()
    payment = paid()
    body = report([("charge", str(payment.provider_reference), PRICE, 67), ("fee", "", -5, 0)])
    outcomes = at_once(*[lambda: taken(account, body)] * 4)
    assert refusals(outcomes) == [SettlementFileRefused] * 3
    assert (SettlementFile.objects.count(), SettlementLine.objects.count()) == (1, 2)
    assert (ReconciliationMatch.objects.count(), ReconciliationException.objects.count()) == (1, 1)
    assert_books_prove()


def test_the_same_bytes_for_two_accounts_at_once_are_taken_once() -> None:
    accounts = [shop()[0], make_account("simulator_two")]
    body = report([("fee", "f", -5, 0)], opening=5)
    outcomes = at_once(*(lambda account=account: taken(account, body) for account in accounts))
    assert refusals(outcomes) == [SettlementFileRefused]
    assert SettlementFile.objects.count() == 1


def test_of_two_that_follow_the_same_file_one_waits() -> None:
    account, _ = shop()
    first = taken(account, report([("fee", "f0", -1, 0)], opening=100))
    bodies = [report([("fee", f"f{n}", -n, 0)], opening=99) for n in (2, 3)]
    outcomes = at_once(*(lambda body=body: taken(account, body) for body in bodies))
    assert refusals(outcomes) == []
    assert sorted(file.status for file in outcomes) == [
        SettlementFileStatus.QUARANTINED,
        SettlementFileStatus.RECONCILED,
    ]
    assert SettlementFile.objects.filter(follows=first).count() == 1


def test_a_quarantined_file_read_again_by_two_is_reconciled_once() -> None:
    account, _ = shop()
    clerks = [staff(Role.FINANCE) for _ in range(2)]
    taken(account, report([("fee", "f0", -1, 0)], opening=100))
    waiting = taken(account, report([("fee", "f2", -1, 3)], opening=98))
    taken(account, report([("fee", "f1", -1, 0)], opening=99))
    outcomes = at_once(
        *(
            lambda clerk=clerk: settlement_file_read_again(
                settlement_file_id=waiting.pk, actor=clerk, reason="the missing one came"
            )
            for clerk in clerks
        )
    )
    assert len(refusals(outcomes)) == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.exception_count) == (SettlementFileStatus.RECONCILED, 1)
    assert_books_prove()


def test_both_sides_of_a_transfer_at_once_meet() -> None:
    account, _ = shop()
    provider = report([("transfer", "tr_1", -500, 0)], opening=500)
    bank = statement([entry(500, "tr_1")], opening=0, closing=500)
    outcomes = at_once(lambda: taken(account, provider), lambda: taken(account, bank))
    assert refusals(outcomes) == []
    for file in SettlementFile.objects.all():
        assert (file.matched_count, file.exception_count) == (1, 0)
    assert ReconciliationMatch.objects.count() == 2
    assert not ReconciliationException.objects.unresolved().exists()
    assert_books_prove()


def test_both_sides_of_a_transfer_matched_by_hand_with_each_other_at_once() -> None:
    account, _ = shop()
    provider = taken(account, report([("transfer", "tr_1", -500, 0)], opening=500))
    bank = taken(account, statement([entry(500, "payout_1")], opening=0, closing=500))
    clerk = staff(Role.FINANCE)
    outcomes = at_once(
        *(
            lambda file=file, name=name: settlement_line_match(
                settlement_line_id=file.lines.get().pk, reference=name, actor=clerk, reason="the same sum"
            )
            for file, name in ((provider, "payout_1"), (bank, "tr_1"))
        )
    )
    assert refusals(outcomes) == [MatchRefused]
    assert ReconciliationMatch.objects.count() == 2
    for file in SettlementFile.objects.all():
        assert (file.matched_count, file.exception_count) == (1, 0)
    assert_books_prove()


def test_two_lines_matched_by_hand_with_one_payment_at_once() -> None:
    account, _ = shop()
    payment = paid()
    file = taken(account, report([("charge", "", PRICE, 0), ("charge", "", PRICE, 0)]))
    clerk = staff(Role.FINANCE)
    outcomes = at_once(
        *(
            lambda line=line: settlement_line_match(
                settlement_line_id=line.pk,
                reference=str(payment.provider_reference),
                actor=clerk,
                reason="both look right",
            )
            for line in file.lines.all()
        )
    )
    assert refusals(outcomes) == [MatchRefused]
    file.refresh_from_db()
    assert (file.matched_count, file.exception_count) == (1, 1)


def test_no_line_is_added_in_a_later_transaction() -> None:
    account, _ = shop()
    file = taken(account, report([("fee", "f", -5, 0)], opening=5))
    late = SettlementLine(
        settlement_file=file,
        position=2,
        category="fee",
        reference="",
        booked_on=file.last_day,
        gross=0,
        fee=0,
        net=0,
    )
    with pytest.raises(IntegrityError, match="are written with it, and none later"):
        late.save(force_insert=True)
