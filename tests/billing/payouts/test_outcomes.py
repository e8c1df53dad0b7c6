"""What providers answer and report about payouts, in any order: paid, failed, returned, twice, late, never."""

from itertools import permutations

import pytest

from billing.errors import PaymentUnknown
from billing.models import (
    Payout,
    PayoutReturn,
    ProviderCall,
    ReconciliationException,
    SimulatedCharge,
)
from billing.payout_choices import DestinationStatus, PayoutBatchStatus, PayoutStatus
from billing.provider_choices import FactKind, ProviderCallStatus, ProviderOutcome
from billing.providers.port import ProviderAnswer
from billing.services.payout_destinations import payout_destination_resume
from billing.services.payout_facts import payout_settle
from core.db.context import acting
from core.db.roles import Role
from tests.billing.payouts_data import (
    REASON,
    again,
    approved,
    assert_agree,
    assert_simulator_agrees,
    books,
    built,
    cash,
    earned,
    maker,
    only,
    open_sum,
    owed,
    payable,
    sent,
    told,
    work,
)

pytestmark = pytest.mark.django_db

NET = 3850
PAID, FAILED, RETURNED = FactKind.PAYOUT_PAID, FactKind.PAYOUT_FAILED, FactKind.PAYOUT_RETURNED
OPEN_AGAIN = {"tokens": 700, "euros": 0, "reserve": 0, "owed": 0, "owed_tokens": 0}
P = PayoutStatus

COURSES = {
    "sim_ok": P.PAID,
    "sim_silent": P.PAID,
    "sim_payout_pending": P.PAID,
    "sim_payout_late": P.PAID,
    "sim_payout_twice": P.PAID,
    "sim_timeout_charged": P.PAID,
    "sim_timeout_lost": P.PAID,
    "sim_timeout_dark_told": P.PAID,
    "sim_decline_account_closed": P.FAILED,
    "sim_payout_fails": P.FAILED,
    "sim_timeout_declined": P.FAILED,
    "sim_payout_returned": P.RETURNED,
    "sim_payout_reordered": P.RETURNED,
    "sim_payout_after_all": P.PAID_AFTER_ALL,
    "sim_no_such_script": P.FAILED,
}
"""What the simulator does by the token of the destination, and what becomes of the payout."""


@pytest.mark.parametrize("token", COURSES)
def test_every_course_of_the_simulator(token: str) -> None:
    anna = payable(token=token)
    batch = approved(anna)
    work(5)
    payout = only(batch)
    assert payout.status == COURSES[token]
    assert again(batch).status == PayoutBatchStatus.DONE
    assert SimulatedCharge.objects.filter(calls__gt=2).count() == 0
    if payout.status in (P.FAILED, P.RETURNED):
        assert books(anna) == OPEN_AGAIN
        assert open_sum(anna) == 700
        assert PayoutReturn.objects.get().was_paid == (token == "sim_payout_returned")
    assert_simulator_agrees()


def test_a_provider_that_never_says_is_asked_and_never_called_again() -> None:
    anna = payable(token="sim_payout_never")
    batch = approved(anna)
    work(5)
    payout, call = only(batch), ProviderCall.objects.get()
    assert (payout.status, call.status) == (P.UNKNOWN, ProviderCallStatus.UNKNOWN)
    assert SimulatedCharge.objects.get().calls == 1
    assert again(batch).status == PayoutBatchStatus.SENDING
    assert books(anna)["reserve"] == NET
    assert_agree()


def test_a_returned_payout_opens_its_earnings_and_the_next_batch_pays_them() -> None:
    anna = payable()
    batch = approved(anna)
    work()
    assert cash() == NET
    payout = told(only(batch), RETURNED, 10**9, decline_code="no_account")
    assert (payout.status, payout.failure_code) == (P.RETURNED, "no_account")
    assert (books(anna), cash()) == (OPEN_AGAIN, 0)
    second = built(anna)
    assert only(second).amount == NET
    assert only(second).provider_key != payout.provider_key
    assert_agree()


@pytest.mark.parametrize("order", sorted({*permutations([(PAID, 1), (RETURNED, 5), (PAID, 1)])}))
def test_paid_and_returned_in_any_order_is_returned(order: tuple) -> None:
    anna = payable()
    payout = only(sent(anna))
    for kind, seconds in order:
        payout = told(payout, kind, seconds)
        assert_agree()
    assert payout.status == P.RETURNED
    assert (books(anna), cash()) == (OPEN_AGAIN, 0)
    assert PayoutReturn.objects.count() == 1


@pytest.mark.parametrize("order", sorted(permutations([(RETURNED, 1), (PAID, 2), (RETURNED, 3)])))
def test_what_came_back_twice_came_back_whatever_is_heard_first(order: tuple) -> None:
    anna = payable()
    payout = only(sent(anna))
    for kind, seconds in order:
        payout = told(payout, kind, seconds)
        assert_agree()
    assert payout.status == P.RETURNED
    assert (books(anna), cash()) == (OPEN_AGAIN, 0)


@pytest.mark.parametrize("kind", [PAID, FAILED, RETURNED])
def test_a_report_about_what_was_never_sent_books_nothing_and_is_put_before_somebody(kind: FactKind) -> None:
    prepared = only(built(payable()))
    assert told(prepared, kind, 1).status == P.PREPARED
    difference = ReconciliationException.objects.get()
    assert (difference.subject_id, difference.reported_amount) == (prepared.pk, prepared.amount)
    assert cash() == 0
    assert_agree()


def test_of_one_instant_the_failure_counts() -> None:
    for order in ((PAID, RETURNED), (RETURNED, PAID)):
        payout = only(sent(payable()))
        for kind in order:
            payout = told(payout, kind, 3)
        assert payout.status == P.RETURNED


def test_a_failure_that_is_older_than_the_payment_changes_nothing() -> None:
    payout = told(told(only(sent(payable())), PAID, 9), FAILED, 3)
    assert payout.status == P.PAID
    assert_agree()


def test_paid_after_all_is_owed_and_set_off() -> None:
    anna = payable()
    payout = told(told(only(sent(anna)), FAILED, 1), PAID, 5)
    assert payout.status == P.PAID_AFTER_ALL
    assert books(anna) == {**OPEN_AGAIN, "owed": NET}
    assert (owed(anna), cash()) == (NET, NET)
    assert ReconciliationException.objects.get().kind == "contradicts"
    earned(1000, anna)
    second = Payout.objects.get(batch=built(anna))
    assert (second.tokens, second.set_off, second.amount) == (1400, NET, NET)
    assert owed(anna) == 0
    assert_agree()


@pytest.mark.parametrize("is_set_off", [False, True])
def test_what_was_paid_after_all_and_came_back_is_owed_no_more(is_set_off: bool) -> None:
    anna = payable()
    payout = told(told(only(sent(anna)), FAILED, 1), PAID, 5)
    if is_set_off:
        earned(1000, anna)
        built(anna)
    payout = told(payout, RETURNED, 9)
    assert payout.status == P.RETURNED
    assert books(anna)["owed"] == 0
    assert books(anna)["euros"] == (NET if is_set_off else 0)
    assert cash() == 0
    assert_agree()


def test_what_was_held_back_and_paid_since_is_owed_when_the_first_payout_comes_back() -> None:
    from billing.services.reserve_holds import reserve_hold_place, reserve_hold_release

    anna, person = payable(), maker()
    with acting(Role.FINANCE, user_id=person.pk):
        hold = reserve_hold_place(
            currency="EUR", amount=1000, actor=person, reason="many disputes", performer_id=anna.pk
        )
    first = only(sent(anna))
    told(first, PAID, 1)
    with acting(Role.FINANCE, user_id=person.pk):
        reserve_hold_release(reservehold_id=hold.pk, actor=person, reason=REASON)
    earned(1000, anna)
    second = Payout.objects.exclude(pk=first.pk).get(batch=built(anna))
    assert second.amount == NET + 1000
    told(first, RETURNED, 5)
    assert books(anna) == {"tokens": 700, "euros": 0, "reserve": NET + 1000, "owed": 1000, "owed_tokens": 0}
    assert PayoutReturn.objects.get().shortfall == owed(anna) == 1000
    assert_agree()


def test_three_failures_in_a_row_pause_the_destination() -> None:
    anna = payable(token="sim_decline_account_closed")
    for number in range(1, 4):
        approved(anna)
        work()
        place = anna.payoutdestinations.defer("holder_name", "details", "token").get()
        assert (place.failure_streak, place.status == DestinationStatus.PAUSED) == (number, number == 3)
    person = maker()
    with acting(Role.FINANCE, user_id=person.pk):
        payout_destination_resume(payoutdestination_id=place.pk, actor=person, reason=REASON)
    assert again(place).failure_streak == 0
    assert only(built(anna)).amount == NET


def test_a_payment_between_failures_counts_from_nothing() -> None:
    anna = payable()
    for kind in (FAILED, FAILED, PAID, FAILED, FAILED):
        told(only(sent(anna)), kind, 1)
        if kind == PAID:
            earned(1000, anna)
    place = anna.payoutdestinations.defer("holder_name", "details", "token").get()
    assert (place.failure_streak, place.status) == (2, DestinationStatus.ACTIVE)


def test_another_amount_is_an_exception_and_the_payout_stands() -> None:
    payout = told(only(sent(payable())), PAID, 1, amount=NET + 1)
    assert payout.status == P.PAID
    assert ReconciliationException.objects.get().kind == "amount_differs"


def test_a_payout_that_nobody_here_made() -> None:
    payout = only(sent(payable()))
    with pytest.raises(PaymentUnknown):
        told(payout, PAID, 1, idempotency_key="", reference="po_of_somebody_else")


def test_an_answer_that_comes_after_the_return_changes_nothing() -> None:
    payout = told(only(sent(payable())), RETURNED, 5)
    payout_settle(payout_id=payout.pk, answer=ProviderAnswer(ProviderOutcome.SUCCEEDED, reference="po_1"))
    payout = again(payout)
    assert (payout.status, payout.provider_reference) == (P.RETURNED, "po_1")
    assert_agree()


def test_declined_after_it_was_paid_is_an_exception() -> None:
    payout = told(only(sent(payable())), PAID, 5)
    payout_settle(payout_id=payout.pk, answer=ProviderAnswer(ProviderOutcome.DECLINED))
    assert again(payout).status == P.PAID
    assert ReconciliationException.objects.get().kind == "contradicts"
