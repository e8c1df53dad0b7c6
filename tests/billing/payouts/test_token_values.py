"""What an earned token is worth: set from now on, by a finance approver, and first of all by the system."""

from decimal import Decimal

import pytest

from billing.errors import PayoutRefused
from billing.models import TokenValue
from billing.services.token_values import token_value_set
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff

pytestmark = pytest.mark.django_db


def test_the_system_sets_the_first_value_and_no_other() -> None:
    with acting(Role.WORKER):
        token_value_set(currency="EUR", per_token=Decimal("4.5"), actor=None, reason="the first one")
        with pytest.raises(PayoutRefused, match="by a finance approver"):
            token_value_set(currency="EUR", per_token=Decimal("5"), actor=None, reason="another one")
    assert TokenValue.objects.get(currency_id="EUR").per_token == Decimal("4.5")


def test_an_approver_sets_the_next_one_and_there_is_no_gap() -> None:
    approver = staff(Role.FINANCE_APPROVER)
    with acting(Role.WORKER):
        first = token_value_set(currency="EUR", per_token=Decimal("4.5"), actor=None, reason="the first one")
    with acting(Role.FINANCE_APPROVER, user_id=approver.pk):
        second = token_value_set(
            currency="EUR", per_token=Decimal("4.25"), actor=approver, reason="as agreed"
        )
    first.refresh_from_db()
    assert first.valid.upper == second.valid.lower
    assert (second.set_by, second.valid.upper) == (approver, None)
