"""From earnings to money that left: batches are prepared, submitted, approved by somebody else, sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from billing.errors import ApprovalRefused, PayoutRefused
from billing.models import ApprovalRequest, Payout, PayoutBatch, PayoutItem, TokenSpend
from billing.payment_choices import ApprovalStatus
from billing.payout_choices import PayoutBatchStatus, PayoutStatus
from billing.services.debts import debt_charge, debt_write_off
from billing.services.payout_batches import (
    payout_batch_approve,
    payout_batch_cancel,
    payout_batch_refuse,
    payout_batch_submit,
)
from billing.services.reserve_holds import reserve_hold_place, reserve_hold_release
from billing.services.spend_reversals import spend_reverse
from core.db.context import acting
from core.db.roles import Role
from performers.choices import PayoutSchedule
from performers.models import PayoutPreference
from tests.accounts.factories import RoleGrantFactory
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
    earned,
    earned_money,
    maker,
    matured,
    only,
    open_sum,
    payable,
    submitted,
    valued,
    work,
)

pytestmark = pytest.mark.django_db

NET = 3850
"""700 tokens at 5.5 cents."""


def prefer(performer: object, minimum: int, currency: str = EUR) -> None:
    PayoutPreference.objects.create(
        performer=performer, schedule=PayoutSchedule.MONTHLY, minimum=minimum, currency=currency
    )


def test_a_draft_puts_the_money_into_the_reserve() -> None:
    anna = payable()
    batch = built()
    payout = only(batch)
    assert (batch.payout_count, batch.total, payout.amount, payout.tokens) == (1, NET, NET, 700)
    assert books(anna) == {"tokens": 0, "euros": 0, "reserve": NET, "owed": 0, "owed_tokens": 0}
    assert PayoutItem.objects.filter(payout=payout, is_live=True).count() == 1
    assert open_sum(anna) == 0
    assert_agree()


def test_who_cannot_be_paid_takes_nobodys_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.services.payout_batches.MOST_PAYOUTS", 1)
    poor, anna, berta = payable(), payable(), payable()
    prefer(poor, 10**6)
    first, second = built(), built()
    assert [only(first).performer_id, only(second).performer_id] == [anna.pk, berta.pk]
    with pytest.raises(PayoutRefused, match="Nobody can be paid"):
        built()
    with pytest.raises(PayoutRefused, match="At most 1 are paid in one batch"):
        built(anna, berta)


def test_approved_by_somebody_else_sent_and_paid() -> None:
    anna = payable()
    batch = approved(anna)
    assert batch.status == PayoutBatchStatus.APPROVED
    work()
    batch, payout = again(batch), only(batch)
    assert (batch.status, payout.status) == (PayoutBatchStatus.DONE, PayoutStatus.PAID)
    assert payout.provider_reference is not None and payout.provider_reference.startswith("sim_out_")
    assert cash() == NET
    assert [str(event.to_status) for event in payout.events.order_by("pk")] == ["prepared", "sent", "paid"]
    assert_simulator_agrees()


def test_half_a_cent_is_rounded_up_once() -> None:
    valued()
    anna = earned(1001)
    destination(anna)
    payout = only(built(anna))
    assert (payout.tokens, payout.amount) == (701, 3856)


def test_what_is_not_available_yet_stays() -> None:
    anna = payable()
    from tests.billing.factories_wallets import granted, tip

    tip(granted(500), anna, 500)
    payout = only(built(anna))
    assert payout.tokens == 700
    assert open_sum(anna) == 350
    assert books(anna)["tokens"] == 350


def test_below_the_minimum_nobody_is_paid() -> None:
    anna = payable()
    prefer(anna, NET + 1)
    with pytest.raises(PayoutRefused, match=r"€38\.50 can be paid, and at least €38\.51 is paid at once"):
        built(anna)
    with pytest.raises(PayoutRefused, match="Nobody can be paid"):
        built()
    assert not PayoutBatch.objects.exists()
    assert books(anna)["tokens"] == 700


def test_exactly_the_minimum_is_paid() -> None:
    anna = payable()
    prefer(anna, NET)
    assert only(built(anna)).amount == NET


def test_another_currency_is_wanted() -> None:
    anna = payable()
    prefer(anna, 1, "USD")
    with pytest.raises(PayoutRefused, match="another currency"):
        built(anna)


def test_a_destination_changed_an_hour_ago_gets_nothing() -> None:
    anna = payable()
    destination(anna, details="DE02 1203 0000 0000 2020 51")
    with pytest.raises(PayoutRefused, match="changed lately"):
        built(anna)
    with pytest.raises(PayoutRefused, match="Nobody can be paid"):
        built()


def test_a_destination_changed_after_the_approval_is_not_paid() -> None:
    anna = payable()
    batch = approved(anna)
    destination(anna, details="DE02 1203 0000 0000 2020 51")
    work()
    payout = only(batch)
    assert (payout.status, payout.failure_code) == (PayoutStatus.FAILED, "destination_not_usable")
    assert again(batch).status == PayoutBatchStatus.DONE
    assert books(anna)["tokens"] == 700
    assert open_sum(anna) == 700
    assert_simulator_agrees()


def test_nobody_approves_what_they_submitted_or_made() -> None:
    anna, person, other = payable(), maker(), approver()
    RoleGrantFactory(user=person, role=Role.FINANCE_APPROVER)
    batch = submitted(anna, by=person)
    with (
        acting(Role.FINANCE_APPROVER, user_id=person.pk),
        pytest.raises(ApprovalRefused, match="Ask a colleague"),
    ):
        payout_batch_approve(payoutbatch_id=batch.pk, actor=person, reason=REASON)
    with acting(Role.FINANCE_APPROVER, user_id=other.pk):
        assert payout_batch_approve(payoutbatch_id=batch.pk, actor=other, reason=REASON).status == "approved"


def test_the_maker_does_not_approve_what_a_colleague_submitted() -> None:
    anna, person, colleague = payable(), maker(), maker()
    RoleGrantFactory(user=person, role=Role.FINANCE_APPROVER)
    batch = built(anna, by=person)
    with acting(Role.FINANCE, user_id=colleague.pk):
        payout_batch_submit(payoutbatch_id=batch.pk, actor=colleague, reason=REASON)
    with acting(Role.FINANCE_APPROVER, user_id=person.pk), pytest.raises(PayoutRefused, match="prepared"):
        payout_batch_approve(payoutbatch_id=batch.pk, actor=person, reason=REASON)
    assert ApprovalRequest.objects.get().status == ApprovalStatus.PENDING


def test_nobody_approves_a_batch_that_pays_them() -> None:
    anna = payable()
    anna_user = User.objects.get(pk=anna.pk)
    RoleGrantFactory(user=anna_user, role=Role.FINANCE_APPROVER)
    batch = submitted(anna)
    with acting(Role.FINANCE_APPROVER, user_id=anna.pk), pytest.raises(PayoutRefused, match="pays them"):
        payout_batch_approve(payoutbatch_id=batch.pk, actor=anna_user, reason=REASON)


def test_refused_and_open_again() -> None:
    anna, person = payable(), approver()
    batch = submitted(anna)
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        payout_batch_refuse(payoutbatch_id=batch.pk, actor=person, reason=REASON)
    assert (again(batch).status, only(batch).status) == ("cancelled", "cancelled")
    assert books(anna) == {"tokens": 700, "euros": 0, "reserve": 0, "owed": 0, "owed_tokens": 0}
    assert open_sum(anna) == 700
    assert_agree()


def test_a_draft_is_cancelled_and_its_earnings_are_paid_by_another_one() -> None:
    anna, person = payable(), maker()
    batch = built(anna, by=person)
    with acting(Role.FINANCE, user_id=person.pk):
        payout_batch_cancel(payoutbatch_id=batch.pk, actor=person, reason=REASON)
    assert only(built(anna)).amount == NET
    assert_agree()


def test_what_was_submitted_is_not_cancelled_by_its_maker() -> None:
    person = maker()
    batch = submitted(payable(), by=person)
    with (
        acting(Role.FINANCE, user_id=person.pk),
        pytest.raises(PayoutRefused, match="refused by a colleague"),
    ):
        payout_batch_cancel(payoutbatch_id=batch.pk, actor=person, reason=REASON)


def test_the_hash_is_of_the_documented_content() -> None:
    from hashlib import sha256

    anna = payable()
    batch = submitted(anna)
    payout = only(batch)
    item = payout.items.get()
    lines = [
        f"batch|{batch.pk}|{batch.provider_account_id}|EUR|{batch.as_of:%Y-%m-%dT%H:%M:%S.%fZ}",
        f"payout|{payout.pk}|performer|{anna.pk}|{payout.destination_id}|3850|700|{payout.token_value_id}|3850|0|0|0|0|"
        f"{payout.reference}",
        f"item|{item.earning_id}|700|TOKEN",
    ]
    content = "".join(f"{line}\n" for line in lines)
    assert batch.hash_words == sha256(content.encode()).hexdigest()


def test_a_reserve_stays_and_is_paid_when_it_is_released() -> None:
    anna, person = payable(), maker()
    with acting(Role.FINANCE, user_id=person.pk):
        hold = reserve_hold_place(
            currency=EUR, amount=1000, actor=person, reason="many disputes", performer_id=anna.pk
        )
    payout = only(built(anna))
    assert (payout.amount, payout.held_back) == (NET - 1000, 1000)
    assert books(anna)["euros"] == 1000
    earned(1000, anna)
    with acting(Role.FINANCE, user_id=person.pk):
        reserve_hold_release(reservehold_id=hold.pk, actor=person, reason=REASON)
    second = Payout.objects.exclude(pk=payout.pk).get(batch=built(anna))
    assert (second.amount, second.earned) == (NET + 1000, 1000)
    assert_agree()


def test_a_reserve_of_more_than_there_is_leaves_nothing_to_pay() -> None:
    anna, person = payable(), maker()
    with acting(Role.FINANCE, user_id=person.pk):
        reserve_hold_place(
            currency=EUR, amount=10**6, actor=person, reason="many disputes", performer_id=anna.pk
        )
    with pytest.raises(PayoutRefused, match=r"€0\.00 can be paid"):
        built(anna)


def test_what_was_taken_back_after_a_payout_is_set_off_once() -> None:
    anna = payable()
    work_batch = approved(anna)
    work()
    assert only(work_batch).status == PayoutStatus.PAID
    spend_reverse(spend_id=TokenSpend.objects.get().pk, actor=None, reason="fraud")
    assert (books(anna)["owed_tokens"], open_sum(anna)) == (700, -700)
    earned(2000, anna)
    payout = Payout.objects.get(batch=built(anna))
    assert (payout.tokens, payout.set_off_tokens, payout.amount) == (700, 700, NET)
    assert books(anna) == {"tokens": 0, "euros": 0, "reserve": NET, "owed": 0, "owed_tokens": 0}
    assert_agree()


def test_what_was_charged_is_set_off_against_the_next_payout() -> None:
    anna, person = payable(), approver()
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        debt_charge(currency=EUR, amount=850, actor=person, reason="fee of a dispute", performer_id=anna.pk)
    payout = only(built(anna))
    assert (payout.amount, payout.set_off) == (3000, 850)
    assert books(anna)["owed"] == 0
    assert_agree()


def test_no_more_is_written_off_than_is_owed() -> None:
    from billing.errors import DebtRefused

    anna, person = payable(), approver()
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        debt_charge(currency=EUR, amount=850, actor=person, reason="fee of a dispute", performer_id=anna.pk)
        with pytest.raises(DebtRefused, match=r"At most €8\.50 is owed"):
            debt_write_off(currency=EUR, amount=851, actor=person, reason="lost", performer_id=anna.pk)
        debt_write_off(currency=EUR, amount=850, actor=person, reason="lost", performer_id=anna.pk)
    assert books(anna)["owed"] == 0


def test_earnings_in_the_currency_itself_are_paid_too() -> None:
    anna = payable()
    earned_money(500, anna)
    payout = only(built(anna))
    assert (payout.amount, payout.exchanged, payout.earned) == (NET + 500, NET, 500)


def test_without_a_value_of_tokens_nothing_is_prepared() -> None:
    anna = earned(1000)
    destination(anna)
    with pytest.raises(PayoutRefused, match="what a token is worth"):
        built(anna)


def test_nobody_prepares_as_of_tomorrow() -> None:
    anna = payable()
    with pytest.raises(PayoutRefused, match="as of now"):
        built(anna, at=timezone.now() + timedelta(days=1))


def test_somebody_without_a_destination() -> None:
    valued()
    with pytest.raises(PayoutRefused, match="no destination"):
        built(earned(1000))


def test_matured_is_what_makes_it_payable() -> None:
    from tests.billing.factories_wallets import granted, performer, tip

    valued()
    anna = performer()
    tip(granted(1000), anna, 1000)
    destination(anna)
    with pytest.raises(PayoutRefused, match=r"€0\.00 can be paid"):
        built(anna)
    matured()
    assert only(built(anna)).amount == NET
