"""Two at once, on connections of their own: an earning is paid once, a batch sent once, a debt written off once."""

from typing import Any

import pytest

from billing.errors import DebtRefused, PayoutRefused
from billing.models import Payout, PayoutBatch, PayoutItem, ProviderCall, TokenSpend
from billing.provider_choices import FactKind
from billing.services.debts import debt_charge, debt_write_off
from billing.services.payout_batches import payout_batch_approve, payout_batch_refuse
from billing.services.payout_sending import payout_batch_run
from billing.services.spend_reversals import spend_reverse
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from tests.accounts.test_races import at_once, refusals
from tests.billing.payouts_data import (
    EUR,
    REASON,
    again,
    approved,
    approver,
    assert_agree,
    assert_simulator_agrees,
    books,
    built,
    cash,
    destination,
    maker,
    only,
    open_sum,
    payable,
    sent,
    submitted,
    told,
    work,
)
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)


def rows(outcomes: list[Any]) -> list[Any]:
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def test_an_earning_is_in_one_of_many_batches() -> None:
    anna = payable()
    people = [maker() for _ in range(6)]
    outcomes = at_once(*(lambda person=person: built(anna, by=person) for person in people))
    assert len(rows(outcomes)) == 1
    assert set(refusals(outcomes)) == {PayoutRefused}
    assert PayoutItem.objects.filter(is_live=True).count() == 1
    assert PayoutBatch.objects.count() == 1
    assert_agree()


def test_everybody_is_paid_once_by_two_who_prepare_everything() -> None:
    payees = [payable() for _ in range(3)]
    people = [maker() for _ in range(3)]
    outcomes = at_once(*(lambda person=person: built(by=person) for person in people))
    assert len(rows(outcomes)) == 1
    assert Payout.objects.count() == len(payees)
    assert_agree()


def test_a_batch_is_sent_once_by_many_workers() -> None:
    batch = approved(payable(), payable(), payable())
    at_once(*[lambda: payout_batch_run(batch_id=batch.pk)] * 4)
    assert ProviderCall.objects.count() == 3
    work()
    assert cash() == batch.total
    assert_simulator_agrees()


def test_approved_or_refused_and_not_both() -> None:
    batch = submitted(payable())
    first, second = approver(), approver()

    def decide(person: Any, act: Any) -> Any:
        with acting(Role.FINANCE_APPROVER, user_id=person.pk):
            return act(payoutbatch_id=batch.pk, actor=person, reason=REASON)

    outcomes = at_once(
        lambda: decide(first, payout_batch_approve), lambda: decide(second, payout_batch_refuse)
    )
    assert len(rows(outcomes)) == 1
    assert again(batch).status in ("approved", "cancelled")
    assert_agree()


@pytest.mark.parametrize(
    "kinds", [("payout_paid",) * 4, ("payout_paid", "payout_returned") * 2, ("payout_failed",) * 4]
)
def test_facts_at_once_are_taken_down_once(kinds: tuple[str, ...]) -> None:
    anna = payable()
    payout = only(sent(anna))
    outcomes = at_once(*(lambda kind=kind: told(payout, FactKind(kind), 1) for kind in kinds))
    assert not refusals(outcomes)
    is_paid = set(kinds) == {"payout_paid"}
    assert again(payout).status == (
        "paid" if is_paid else "returned" if "payout_returned" in kinds else "failed"
    )
    assert cash() == (payout.amount if is_paid else 0)
    assert open_sum(anna) == (0 if is_paid else 700)
    assert_agree()


def test_the_last_two_outcomes_at_once_end_the_batch() -> None:
    batch = sent(payable(), payable())
    payouts = list(Payout.objects.filter(batch=batch))
    at_once(*(lambda payout=payout: told(payout, FactKind.PAYOUT_PAID, 1) for payout in payouts))
    assert again(batch).status == "done"


def test_a_tip_is_taken_back_while_it_is_being_paid_out() -> None:
    anna = payable()
    spend = TokenSpend.objects.get()
    outcomes = at_once(
        lambda: built(anna),
        lambda: spend_reverse(spend_id=spend.pk, actor=None, reason="fraud"),
    )
    assert all(isinstance(outcome, Refused) for outcome in outcomes if isinstance(outcome, Exception))
    found = books(anna)
    assert found["tokens"] - found["owed_tokens"] == open_sum(anna)
    assert_agree()


def test_a_destination_is_changed_while_a_batch_is_prepared() -> None:
    anna = payable()
    at_once(lambda: built(anna), lambda: destination(anna, details="DE02120300000000202051"))
    work()
    assert cash() == 0
    assert_agree()


def test_a_debt_is_written_off_once() -> None:
    anna, person = payable(), approver()
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        debt_charge(currency=EUR, amount=850, actor=person, reason="fee of a dispute", performer_id=anna.pk)

    def write_off(by: Any) -> Any:
        with acting(Role.FINANCE_APPROVER, user_id=by.pk):
            return debt_write_off(currency=EUR, amount=850, actor=by, reason="lost", performer_id=anna.pk)

    people = [approver() for _ in range(4)]
    outcomes = at_once(*(lambda by=by: write_off(by) for by in people))
    assert refusals(outcomes) == [DebtRefused] * 3
    assert books(anna)["owed"] == 0


@pytest.mark.parametrize("turn", range(3))
def test_a_debt_is_set_off_or_written_off_and_not_both(turn: int) -> None:
    anna, person = payable(), approver()
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        debt_charge(currency=EUR, amount=850, actor=person, reason="fee of a dispute", performer_id=anna.pk)

    def write_off() -> Any:
        with acting(Role.FINANCE_APPROVER, user_id=person.pk):
            return debt_write_off(currency=EUR, amount=850, actor=person, reason="lost", performer_id=anna.pk)

    outcomes = at_once(lambda: built(anna), write_off)
    set_off = Payout.objects.get().set_off
    assert (set_off, len(refusals(outcomes))) in ((850, 1), (0, 0))
    assert run(
        "SELECT ledger_balance_of(id) FROM billing_ledgeraccount WHERE code = %s",
        [f"receivable:{anna.pk}:{EUR}"],
    ) == [(0,)]
