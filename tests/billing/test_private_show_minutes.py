"""Tokens set aside, and minutes of private shows."""

import pytest
from django.db import IntegrityError, transaction

from billing import chart
from billing.errors import HoldRefused, SpendRefused, TokensRefused, TooFewTokens
from billing.models import PrivateShowMinute, TokenHold, TokenSpend
from billing.services.private_show_minutes import private_show_minute_charge, private_shows_charge
from billing.services.spend_reversals import spend_reverse
from billing.services.spends import Wish
from billing.services.token_holds import hold_capture, hold_return, tokens_hold
from billing.wallet_choices import SpendKind
from streams.models import PrivateShow
from streams.services.private_shows import private_show_end
from tests.accounts.factories import RestrictionFactory
from tests.billing.factories_wallets import assert_proven, balance, bought, granted, left, performer
from tests.billing.tickets import running_show

pytestmark = pytest.mark.django_db


def test_a_show_is_paid_by_the_minute_until_the_tokens_are_used_up() -> None:
    to, viewer = performer(), bought(25, cost=250)
    show = running_show(to, viewer, 10)
    first = private_show_minute_charge(private_show_id=show.pk, actor=None)
    assert (first.next_is_held, first.ended) == (True, False)
    assert balance(chart.hold(viewer.pk)) == 10
    assert balance(chart.wallet(viewer.pk)) == 5
    assert balance(chart.earnings(to.pk)) == 7
    second = private_show_minute_charge(private_show_id=show.pk, actor=None)
    assert (second.next_is_held, second.ended) == (False, False)
    third = private_show_minute_charge(private_show_id=show.pk, actor=None)
    assert (third.minute, third.ended) == (None, True)
    assert PrivateShow.objects.get().status == "ended"
    assert PrivateShowMinute.objects.count() == TokenSpend.objects.count() == 2
    assert left(viewer) == [("paid", 5, 50)]
    assert balance(chart.token_revenue("EUR")) == 200
    assert_proven()


def test_a_minute_is_charged_once_and_in_order() -> None:
    show = running_show(performer(), granted(100), 10)
    charge = private_show_minute_charge(private_show_id=show.pk, minute=0, actor=None)
    again = private_show_minute_charge(private_show_id=show.pk, minute=0, actor=None)
    assert again.minute == charge.minute
    assert again.next_is_held
    with pytest.raises(SpendRefused, match="comes first"):
        private_show_minute_charge(private_show_id=show.pk, minute=2, actor=None)
    row = PrivateShowMinute.objects.get()
    other = private_show_minute_charge(private_show_id=show.pk, actor=None).minute
    assert other is not None
    with pytest.raises(IntegrityError, match="billing_privateshowminute"), transaction.atomic():
        PrivateShowMinute.objects.create(
            private_show=show, minute=row.minute, spend=other.spend, charged_at=row.charged_at
        )


def test_what_is_set_aside_goes_back_when_the_show_ends() -> None:
    viewer = granted(100)
    show = running_show(performer(), viewer, 30)
    private_show_minute_charge(private_show_id=show.pk, actor=None)
    assert balance(chart.hold(viewer.pk)) == 30
    private_show_end(private_show_id=show.pk, actor=None)
    assert balance(chart.hold(viewer.pk)) == 0
    assert left(viewer) == [("promotional", 70, 0)]
    with pytest.raises(SpendRefused, match="it is over"):
        private_show_minute_charge(private_show_id=show.pk, actor=None)
    assert_proven()


def test_a_minute_taken_back_returns_into_the_wallet() -> None:
    viewer = bought(20, cost=20)
    show = running_show(performer(), viewer, 10)
    charge = private_show_minute_charge(private_show_id=show.pk, actor=None)
    assert charge.minute is not None
    spend_reverse(spend_id=charge.minute.spend_id, actor=None, reason="nobody was there")
    assert balance(chart.wallet(viewer.pk)) == 10
    assert balance(chart.hold(viewer.pk)) == 10
    assert_proven()


def test_the_job_charges_what_has_begun_and_ends_what_cannot_be_paid() -> None:
    to, viewer = performer(), granted(100)
    show = running_show(to, viewer, 10)
    assert private_shows_charge() == {"charged": 1, "ended": 0}
    assert private_shows_charge()["ended"] == 0
    RestrictionFactory(user=viewer, kind="sign_in")
    PrivateShow.objects.filter(pk=show.pk)
    with pytest.raises(SpendRefused, match="may not spend"):
        private_show_minute_charge(private_show_id=show.pk, actor=None)
    assert PrivateShowMinute.objects.count() == 1


def test_holds_are_captured_and_returned_in_part() -> None:
    to, viewer = performer(), bought(10, cost=101)
    hold = tokens_hold(viewer_id=viewer.pk, tokens=9, idempotency_key="a", actor=None)
    assert tokens_hold(viewer_id=viewer.pk, tokens=9, idempotency_key="a", actor=None) == hold
    with pytest.raises(TokensRefused, match="used before"):
        tokens_hold(viewer_id=viewer.pk, tokens=8, idempotency_key="a", actor=None)
    with pytest.raises(TooFewTokens):
        tokens_hold(viewer_id=viewer.pk, tokens=2, idempotency_key="b", actor=None)

    def capture(tokens: int, key: str) -> TokenSpend:
        wish = Wish(viewer_id=viewer.pk, performer_id=to.pk, kind=SpendKind.TIP, tokens=tokens, key=key)
        return hold_capture(hold_id=hold.pk, wish=wish, actor=None)

    assert capture(4, "x") == capture(4, "x")
    with pytest.raises(HoldRefused, match="Only 5"):
        capture(6, "y")
    hold_return(hold_id=hold.pk, tokens=2, actor=None)
    with pytest.raises(HoldRefused, match="Only 3"):
        hold_return(hold_id=hold.pk, tokens=4, actor=None)
    hold_return(hold_id=hold.pk, actor=None)
    assert TokenHold.objects.open().count() == 0
    assert left(viewer)[0][1] == 6
    assert_proven()
