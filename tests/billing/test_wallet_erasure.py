"""Erasing somebody who had tokens: what stays is told, and what is owed objects."""

import pytest

from accounts.models import User
from billing import chart
from billing.services.token_holds import hold_return, tokens_hold
from billing.services.wallet_erasure import survey
from core.db.context import acting
from core.db.roles import Role
from core.vetoes import erasure_requested
from tests.accounts.factories import UserFactory, staff
from tests.billing.factories_wallets import balance, bought, performer, tip

pytestmark = pytest.mark.django_db


def objections(user: User) -> list[str]:
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        return [veto.reason for veto in erasure_requested.ask(sender=User, user=user)]


def test_what_stays_is_counted() -> None:
    to, viewer = performer(), bought(100, bonus=5, cost=100)
    tip(viewer, to, 10)
    with acting(Role.COMPLIANCE, user_id=UserFactory().pk):
        mine = {line.table: line.rows for line in survey(viewer.pk).kept}
        hers = {line.table: line.rows for line in survey(to.pk).kept}
    assert (mine["billing_wallet"], mine["billing_tokenlot"], mine["billing_tokenspend"]) == (1, 2, 1)
    assert (hers["billing_tokenspend"], hers["billing_earning"], hers["billing_wallet"]) == (1, 1, 0)


def test_tokens_set_aside_and_earnings_object() -> None:
    to, viewer = performer(), bought(100, cost=100)
    hold = tokens_hold(viewer_id=viewer.pk, tokens=10, idempotency_key="a", actor=None)
    assert any("set aside" in words for words in objections(viewer))
    hold_return(hold_id=hold.pk, actor=None)
    assert objections(viewer) == []
    tip(viewer, to, 10)
    assert balance(chart.earnings(to.pk)) == 7
    assert any("not paid out" in words for words in objections(to.user))
