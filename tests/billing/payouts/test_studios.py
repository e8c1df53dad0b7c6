"""Studios are paid as performers are: from the share of a tip to money that left."""

from decimal import Decimal

import pytest

from billing import chart
from billing.errors import PayoutRefused
from billing.models import Earning, Payout, PayoutItem, PayoutReturn
from billing.payout_choices import PayoutBatchStatus, PayoutStatus
from billing.payout_selectors import Payee
from billing.provider_choices import FactKind
from billing.services.debts import debt_charge
from billing.services.reserve_holds import reserve_hold_place
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile, StudioMembership
from tests.accounts.factories import period
from tests.billing.factories_wallets import balance, performer
from tests.billing.payouts_data import (
    EUR,
    again,
    approved,
    approver,
    assert_agree,
    assert_simulator_agrees,
    built,
    cash,
    destination,
    earned,
    only,
    sent,
    told,
    valued,
    work,
)
from tests.performers.factories_schedule import StudioFactory

pytestmark = pytest.mark.django_db


def of_studio() -> tuple[Payee, Payee]:
    """A performer and her studio, each with half of 1,400 tokens of a tip; the studio has a destination."""
    valued()
    anna, studio = performer(), StudioFactory()
    StudioMembership.objects.create(
        performer=anna, studio=studio, studio_share=Decimal("0.5"), valid=period()
    )
    earned(2000, anna)
    destination(studio_id=studio.pk)
    return Payee(performer_id=anna.pk), Payee(studio_id=studio.pk)


def test_from_its_share_to_money_that_left() -> None:
    anna, studio = of_studio()
    assert (balance(anna.earnings(chart.TOKEN)), balance(studio.earnings(chart.TOKEN))) == (700, 700)
    assert Earning.objects.get(studio_id=studio.id).amount == 700
    batch = approved(studio_ids=[studio.id])
    payout = only(batch)
    assert (payout.performer_id, payout.studio_id) == (None, studio.id)
    # 700 tokens at 5.5 cents.
    assert (payout.tokens, payout.amount) == (700, 3850)
    assert balance(studio.earnings(chart.TOKEN)) == balance(studio.earnings(EUR)) == 0
    assert balance(studio.reserve(EUR)) == 3850
    assert balance(anna.earnings(chart.TOKEN)) == 700
    work()
    assert again(payout).status == PayoutStatus.PAID
    assert again(batch).status == PayoutBatchStatus.DONE
    assert (balance(studio.reserve(EUR)), cash()) == (0, 3850)
    assert not PayoutItem.objects.exclude(earning__studio_id=studio.id).exists()
    assert_simulator_agrees()


def test_what_came_back_is_paid_by_the_next_batch() -> None:
    anna, studio = of_studio()
    payout = told(only(sent(studio_ids=[studio.id])), FactKind.PAYOUT_PAID, 1)
    payout = told(payout, FactKind.PAYOUT_RETURNED, 2)
    assert (payout.status, PayoutReturn.objects.get().payout_id) == (PayoutStatus.RETURNED, payout.pk)
    assert (balance(studio.reserve(EUR)), cash()) == (0, 0)
    assert not PayoutItem.objects.filter(is_live=True).exists()
    assert_agree()
    second = only(built(studio_ids=[studio.id]))
    assert (second.amount, balance(studio.reserve(EUR))) == (3850, 3850)
    assert balance(anna.earnings(chart.TOKEN)) == 700
    assert_agree()


def test_what_it_owes_is_set_off_and_what_is_kept_back_stays() -> None:
    _, studio = of_studio()
    person = approver()
    said = {"currency": EUR, "actor": person, "studio_id": studio.id}
    with acting(Role.FINANCE_APPROVER, user_id=person.pk):
        debt_charge(**said, amount=1700, reason="fee of a dispute")
        reserve_hold_place(**said, amount=200, reason="many disputes")
    with pytest.raises(PayoutRefused, match=r"€19\.50 can be paid, and at least €20\.00"):
        built(studio_ids=[studio.id])
    assert not Payout.objects.exists()
    earned(1000, PerformerProfile.objects.get())
    payout = only(built(studio_ids=[studio.id]))
    # 1050 tokens at 5.5 cents are 57.75.
    assert (payout.set_off, payout.held_back, payout.amount) == (1700, 200, 5775 - 1900)
    assert (balance(studio.owed(EUR)), balance(studio.earnings(EUR))) == (0, 200)
    assert_agree()
