"""Whatever happens to tokens in whatever order: lots = wallet = ledger, and every unit sums to zero."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from billing.models import SpendReversal, TokenHold, TokenSpend
from billing.services.lots_expiry import lots_expire
from billing.services.spend_reversals import spend_reverse
from billing.services.spends import Wish
from billing.services.token_holds import hold_capture, hold_return, tokens_hold
from billing.wallet_choices import SpendKind
from core.errors import Refused
from performers.models import PerformerProfile
from tests.billing.factories_wallets import assert_proven, bought, granted, outdated, performer, tip

pytestmark = pytest.mark.django_db

NUMBERS = st.integers(1, 60)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["grant", "buy", "buy", "tip", "tip", "hold", "capture", "return", "reverse", "expire"]
        ),
        st.integers(0, 1),
        NUMBERS,
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=25,
)


class Story:
    """Two viewers and a performer, to whom things happen."""

    def __init__(self) -> None:
        self.to: PerformerProfile = performer()
        self.viewers: list[User] = [granted(5), granted(5)]

    def step(self, what: str, viewer: User, number: int, which: int) -> None:
        """Do one thing; what is refused leaves nothing behind."""
        getattr(self, what)(viewer, number, which)

    def grant(self, viewer: User, number: int, which: int) -> None:
        ends: dict[str, Any] = {"expires_at": timezone.now() + timedelta(days=which)} if which else {}
        granted(number, viewer, **ends)

    def buy(self, viewer: User, number: int, which: int) -> None:
        bought(number, bonus=which, cost=number * 7 + which, user=viewer)

    def tip(self, viewer: User, number: int, which: int) -> None:
        tip(viewer, self.to, number)

    def hold(self, viewer: User, number: int, which: int) -> None:
        tokens_hold(viewer_id=viewer.pk, tokens=number, idempotency_key=str(uuid4()), actor=None)

    def capture(self, viewer: User, number: int, which: int) -> None:
        hold = self._open(which)
        if hold is not None:
            wish = Wish(
                viewer_id=hold.wallet.user_id,
                performer_id=self.to.pk,
                kind=SpendKind.TIP,
                tokens=number,
                key=str(uuid4()),
            )
            hold_capture(hold_id=hold.pk, wish=wish, actor=None)

    def __getattr__(self, name: str) -> Any:
        if name == "return":
            return self.give_back
        raise AttributeError(name)

    def give_back(self, viewer: User, number: int, which: int) -> None:
        hold = self._open(which)
        if hold is not None:
            hold_return(hold_id=hold.pk, tokens=None if number % 2 else number, actor=None)

    def reverse(self, viewer: User, number: int, which: int) -> None:
        spends = list(TokenSpend.objects.filter(reversal__isnull=True).order_by("pk"))
        if spends:
            spend_reverse(spend_id=spends[which % len(spends)].pk, actor=None, reason="a mistake")

    def expire(self, viewer: User, number: int, which: int) -> None:
        outdated(which)
        lots_expire()

    def _open(self, which: int) -> TokenHold | None:
        found = list(TokenHold.objects.open().select_related("wallet").order_by("pk"))
        return found[which % len(found)] if found else None


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_tokens_add_up_after_anything(steps: list[tuple[str, int, int, int]]) -> None:
    story = Story()
    for what, whose, number, which in steps:
        try:
            with transaction.atomic():
                story.step(what, story.viewers[whose], number, which)
        except Refused:
            continue
        assert_proven()
    for hold in TokenHold.objects.open():
        hold_return(hold_id=hold.pk, actor=None)
    for spend in TokenSpend.objects.filter(reversal__isnull=True):
        spend_reverse(spend_id=spend.pk, actor=None, reason="a mistake")
    assert_proven()
    # With everything taken back nobody earned anything.
    assert not SpendReversal.objects.filter(shortfall__gt=0).exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(p.amount), 0) FROM billing_posting p JOIN billing_ledgeraccount a "
            "ON a.id = p.account_id WHERE a.code LIKE 'earnings:%' OR a.code LIKE 'platform_share:%'"
        )
        assert cursor.fetchone() == (0,)
