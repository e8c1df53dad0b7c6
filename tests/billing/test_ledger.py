"""The ledger through its services: posting, repeating, reversing, asking."""

from decimal import Decimal

import pytest

from accounts.models import User
from billing import chart
from billing.errors import JournalRefused, NotCovered, OtherBody
from billing.ledger_choices import Guard, JournalKind
from billing.models import JournalEntry, JournalLine, LedgerAccount, LedgerBalance, Posting, Reversal
from billing.services.journal import balance_of, entry_reverse
from billing.services.ledger_accounts import ledger_accounts_open
from core.db.locking import NotThere
from core.models.identity import uuid7
from tests.billing.ledger import assert_books_prove, bought, entry, opened, post

pytestmark = pytest.mark.django_db


class TestAccounts:
    def test_they_come_in_the_order_asked_and_once(
        self, ann: User, django_assert_num_queries: object
    ) -> None:
        specs = (
            chart.wallet(ann.pk),
            chart.hold(ann.pk),
            chart.wallet(ann.pk),
            chart.earnings(ann.pk, "EUR"),
        )
        first = ledger_accounts_open(*specs)
        assert first == ledger_accounts_open(*specs)
        assert first[0] == first[2]
        assert [LedgerAccount.objects.get(pk=pk).code for pk in first] == [spec.code for spec in specs]

    def test_each_has_a_balance_from_the_beginning(self, ann: User) -> None:
        (account,) = opened(chart.wallet(ann.pk))
        assert LedgerBalance.objects.get(pk=account).amount == 0
        assert balance_of(account) == 0

    def test_a_code_stands_for_one_kind_of_account(self, ann: User) -> None:
        opened(chart.wallet(ann.pk))
        other = chart.AccountSpec(f"wallet:{ann.pk}", chart.AccountType.LIABILITY, chart.TOKEN, Guard.NONE)
        with pytest.raises(JournalRefused, match="another type, currency or guard"):
            opened(other)

    @pytest.mark.parametrize("currency", ["eur", "XYZ", "", "EURO"])
    def test_an_unknown_currency_is_refused(self, currency: str) -> None:
        with pytest.raises(JournalRefused):
            opened(chart.cash("simulator", currency))

    def test_an_account_that_does_not_exist_has_no_balance(self) -> None:
        with pytest.raises(NotThere):
            balance_of(uuid7())


class TestPosting:
    def test_an_entry_changes_balances_and_is_read_as_debits_and_credits(self, ann: User) -> None:
        wallet = bought(ann.pk, 100)
        earned, share = opened(chart.earnings(ann.pk), chart.platform_share())
        tip = entry((wallet, -10), (earned, 7), (share, 3), kind=JournalKind.TIP)
        assert post(tip) == 1
        assert [balance_of(account) for account in (wallet, earned, share)] == [90, 7, 3]
        lines = JournalLine.objects.filter(entry_id=tip.id).order_by("position")
        assert [(line.debit, line.credit) for line in lines] == [(10, None), (None, 7), (None, 3)]
        assert_books_prove()

    def test_the_same_entry_again_passes_and_changes_nothing(self, ann: User) -> None:
        wallet, sold = opened(chart.wallet(ann.pk), chart.tokens_sold())
        first = entry((wallet, 5), (sold, -5))
        assert post(first) == 1
        assert post(first) == 0
        assert post(first, entry((wallet, 1), (sold, -1))) == 1
        assert balance_of(wallet) == 6

    @pytest.mark.parametrize(
        "change",
        ["amount", "account", "order", "fewer", "more", "kind", "source", "description", "rate"],
    )
    def test_the_same_key_with_another_body_is_refused(self, change: str, ann: User) -> None:
        wallet, sold, cost = opened(chart.wallet(ann.pk), chart.tokens_sold(), chart.promotion_cost())
        body: dict[str, object] = {"id": uuid7(), "source": ("billing_payment", uuid7())}
        lines = [(wallet, 5), (sold, -3), (cost, -2)]
        post(entry(*lines, **body))
        if change == "amount":
            lines = [(wallet, 6), (sold, -4), (cost, -2)]
        elif change == "account":
            lines = [(wallet, 5), (cost, -3), (sold, -2)]
        elif change == "order":
            lines = [(sold, -3), (wallet, 5), (cost, -2)]
        elif change == "fewer":
            lines = [(wallet, 3), (sold, -3)]
        elif change == "more":
            lines = [*lines, (wallet, 1), (sold, -1)]
        elif change == "kind":
            body["kind"] = JournalKind.PURCHASE
        elif change == "source":
            body["source"] = ("billing_refund", uuid7())
        elif change == "description":
            body["description"] = "something else"
        else:
            body["rate"] = Decimal("1.25")
        with pytest.raises(OtherBody, match="another body"):
            post(entry(*lines, **body))
        assert balance_of(wallet) == 5

    def test_two_entries_of_one_key_in_one_call_are_refused(self, ann: User) -> None:
        wallet, sold = opened(chart.wallet(ann.pk), chart.tokens_sold())
        twice = entry((wallet, 5), (sold, -5))
        with pytest.raises(JournalRefused, match="same key"):
            post(twice, twice)

    def test_what_an_account_does_not_cover_is_refused_whole(self, ann: User, bob: User) -> None:
        wallet, other = bought(ann.pk, 10), bought(bob.pk, 10)
        (share,) = opened(chart.platform_share())
        with pytest.raises(NotCovered, match="does not cover this"):
            post(entry((other, -1), (share, 1)), entry((wallet, -11), (share, 11)))
        assert [balance_of(wallet), balance_of(other), balance_of(share)] == [10, 10, 0]

    def test_earnings_cannot_be_taken_twice(self, ann: User) -> None:
        earned, share = opened(chart.earnings(ann.pk), chart.platform_share())
        post(entry((earned, 5), (share, -5)))
        post(entry((earned, -3), (share, 3)))
        with pytest.raises(NotCovered):
            post(entry((earned, -3), (share, 3)))
        assert balance_of(earned) == 2

    @pytest.mark.parametrize("amount", [0, 10**18, -(10**18), 10**15 + 1, 2**63, 1.5, Decimal("2"), True])
    def test_an_amount_that_nobody_means_is_refused(self, amount: int, ann: User) -> None:
        wallet, sold = opened(chart.cash("a", "EUR"), chart.refund_loss("EUR"))
        with pytest.raises(JournalRefused):
            post(entry((wallet, amount, "EUR"), (sold, -amount, "EUR")))
        assert not Posting.objects.exists()

    def test_the_largest_amount_passes(self) -> None:
        cash, loss = opened(chart.cash("a", "JPY"), chart.refund_loss("JPY"))
        assert post(entry((cash, -(10**15), "JPY"), (loss, 10**15, "JPY"))) == 1

    def test_currencies_are_balanced_each_for_itself(self, ann: User) -> None:
        earned, clearing, euros, paid = opened(
            chart.earnings(ann.pk),
            chart.exchange_clearing(),
            chart.exchange_clearing("EUR"),
            chart.earnings(ann.pk, "EUR"),
        )
        (share,) = opened(chart.platform_share())
        post(entry((earned, 100), (share, -100)))
        exchange = entry(
            (earned, -100),
            (clearing, 100),
            (euros, -500, "EUR"),
            (paid, 500, "EUR"),
            kind=JournalKind.EXCHANGE,
            rate=Decimal("5"),
        )
        assert post(exchange) == 1
        assert balance_of(paid) == 500
        with pytest.raises(JournalRefused, match="do not balance"):
            post(entry((earned, -5), (paid, 5, "EUR")))
        assert_books_prove()


class TestReversal:
    def test_it_mirrors_the_original_and_says_why(self, ann: User, bob: User) -> None:
        wallet, sold = opened(chart.wallet(ann.pk), chart.tokens_sold())
        wrong = entry((wallet, 5), (sold, -5), source=("billing_payment", uuid7()))
        post(wrong)
        reversal_id = entry_reverse(entry_id=wrong.id, reversal_id=uuid7(), actor=bob, reason="Posted twice.")
        assert balance_of(wallet) == 0
        made = JournalEntry.objects.get(pk=reversal_id)
        assert (made.kind, made.reverses_id, made.source_id) == ("reversal", wrong.id, wrong.source[1])  # type: ignore[index]
        explained = Reversal.objects.get(entry_id=reversal_id)
        assert (explained.reason, explained.decided_by) == ("Posted twice.", bob)
        assert_books_prove()

    def test_it_happens_once(self, ann: User) -> None:
        wallet, sold = opened(chart.wallet(ann.pk), chart.tokens_sold())
        wrong = entry((wallet, 5), (sold, -5))
        post(wrong)
        key = uuid7()
        for _ in range(2):
            entry_reverse(entry_id=wrong.id, reversal_id=key, actor=None, reason="Wrong.")
        with pytest.raises(JournalRefused, match="reversed already"):
            entry_reverse(entry_id=wrong.id, reversal_id=uuid7(), actor=None, reason="Wrong.")
        with pytest.raises(JournalRefused, match="is a reversal"):
            entry_reverse(entry_id=key, reversal_id=uuid7(), actor=None, reason="Wrong.")
        assert Reversal.objects.count() == 1

    def test_it_needs_a_reason_and_an_entry(self) -> None:
        with pytest.raises(JournalRefused, match="says why"):
            entry_reverse(entry_id=uuid7(), reversal_id=uuid7(), actor=None, reason=" ")
        with pytest.raises(NotThere):
            entry_reverse(entry_id=uuid7(), reversal_id=uuid7(), actor=None, reason="Wrong.")

    def test_what_was_spent_meanwhile_is_not_taken_back(self, ann: User) -> None:
        wallet = bought(ann.pk, 5)
        purchase = JournalEntry.objects.get()
        (share,) = opened(chart.platform_share())
        post(entry((wallet, -5), (share, 5)))
        with pytest.raises(NotCovered):
            entry_reverse(entry_id=purchase.pk, reversal_id=uuid7(), actor=None, reason="Wrong.")
