"""What a provider's report says of payouts: those that we made are no transfers to our own bank."""

import pytest

from billing import chart
from billing.models import JournalEntry, ReconciliationException, ReconciliationMatch
from billing.payout_choices import PayoutStatus
from tests.billing.factories_wallets import balance
from tests.billing.payouts_data import EUR, again, approved, assert_agree, only, payable, provider, work
from tests.billing.reconciliation_data import report, taken

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", ["transfer", "payout"])
def test_a_payout_is_matched_whatever_the_provider_calls_it(word: str) -> None:
    batch = approved(payable())
    work()
    payout = again(only(batch))
    assert payout.status == PayoutStatus.PAID
    entries = JournalEntry.objects.count()
    rows = [(word, payout.provider_reference, -payout.amount, 0), ("transfer", "tr_1", -100, 0)]
    file = taken(provider(), report(rows, opening=payout.amount + 100))
    assert list(file.lines.order_by("position").values_list("category", flat=True)) == ["payout", "transfer"]
    match = ReconciliationMatch.objects.get()
    assert (match.subject_type, match.subject_id) == ("billing.payout", payout.pk)
    assert ReconciliationException.objects.get().kind == "not_at_the_other"
    assert (JournalEntry.objects.count(), balance(chart.bank("simulator", EUR))) == (entries, 0)
    assert_agree()


def test_one_that_came_back_is_matched_both_ways() -> None:
    batch = approved(payable(token="sim_payout_returned"))
    work()
    payout = again(only(batch))
    assert payout.status == PayoutStatus.RETURNED
    rows = [("transfer", payout.provider_reference, amount, 0) for amount in (-payout.amount, payout.amount)]
    file = taken(provider(), report(rows, opening=payout.amount))
    file.refresh_from_db()
    assert (file.matched_count, file.exception_count) == (2, 0)
    assert set(ReconciliationMatch.objects.values_list("category", flat=True)) == {"payout", "payout_return"}
    assert_agree()
