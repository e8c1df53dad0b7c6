"""A published example: 20.00 split 17.12 / 2.00 / 0.88; taking 15.00 back takes 1.50 from the 2.00, whoever takes it.

The rounding of each share by itself would take 12.5 % of everybody (tezgah#144); in proportion to what is left of each
takes 12.84, 1.50 and 0.66.
"""

from decimal import Decimal

import pytest

from billing import chart
from billing.models import Payment, TicketOffer
from billing.provider_choices import FactKind
from billing.services.revenue_share import revenue_share_rule_set
from core.db.context import acting
from core.db.roles import Role
from performers.models import StudioMembership
from tests.accounts.factories import period, staff
from tests.billing.disputes_data import PARTLY, WAITS, assert_disputes_prove, disputed, movement, withdrawn
from tests.billing.factories_wallets import assert_proven, balance, performer
from tests.billing.paying import sent, settled, told
from tests.billing.test_fulfilments import order, ticket
from tests.performers.factories_schedule import StudioFactory

pytestmark = pytest.mark.django_db


def shared() -> tuple[TicketOffer, Payment, chart.AccountSpec]:
    """A ticket for 20.00 net by a performer of a studio, paid."""
    star, studio, clerk = performer(), StudioFactory(), staff(Role.FINANCE)
    StudioMembership.objects.create(
        performer=star, studio=studio, studio_share=Decimal("0.1046"), valid=period()
    )
    with acting(Role.FINANCE, user_id=clerk.pk):
        revenue_share_rule_set(
            performer_points=9_560, performer_id=star.pk, actor=clerk, reason="agreed in the contract"
        )
    offer, product = ticket(owner=star)
    return offer, settled(sent(order(product))), chart.studio_earnings(studio.pk, "EUR")


def shares(offer: TicketOffer, studio: chart.AccountSpec) -> tuple[int, int, int]:
    own = chart.earnings(offer.performer_id, "EUR")
    return balance(own), balance(studio), balance(chart.platform_share("EUR"))


def test_by_a_refund() -> None:
    offer, payment, studio = shared()
    assert shares(offer, studio) == (1_712, 200, 88)
    told(payment, FactKind.REFUND_SETTLED, amount=1_785, refund_reference="re_1", total=1_785)
    assert shares(offer, studio) == (428, 50, 22)
    told(payment, FactKind.REFUND_SETTLED, 9, amount=595, refund_reference="re_2", total=2_380)
    assert shares(offer, studio) == (0, 0, 0)
    assert_proven()


def test_by_a_dispute_that_is_lost_in_part() -> None:
    offer, payment, studio = shared()
    disputed(payment, WAITS, 10, withdrawn(2_380), amount=2_380)
    disputed(payment, PARTLY, 20, movement(595, seconds=20), amount=2_380, lost=1_785)
    assert shares(offer, studio) == (428, 50, 22)
    assert_proven()
    assert_disputes_prove()
