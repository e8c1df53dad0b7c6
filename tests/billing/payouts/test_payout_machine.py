"""Long random lives of payouts: whatever is prepared, decided, answered and reported, the books agree."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Payout, PayoutBatch, PayoutItem, TokenSpend
from billing.payout_choices import PayoutBatchStatus, PayoutStatus
from billing.provider_choices import FactKind, ProviderOutcome
from billing.providers.port import ProviderAnswer
from billing.services.debts import debt_charge
from billing.services.payout_batches import (
    payout_batch_approve,
    payout_batch_cancel,
    payout_batch_refuse,
    payout_batch_submit,
)
from billing.services.payout_facts import payout_settle
from billing.services.payout_sending import payout_send_next
from billing.services.reserve_holds import reserve_hold_place, reserve_hold_release
from billing.services.spend_reversals import spend_reverse
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from tests.billing.payouts_data import (
    EUR,
    REASON,
    approver,
    assert_agree,
    books,
    built,
    destination,
    earned,
    maker,
    open_sum,
    told,
    valued,
)

pytestmark = pytest.mark.django_db

OUTCOMES = [
    ProviderOutcome.SUCCEEDED,
    ProviderOutcome.DECLINED,
    ProviderOutcome.UNKNOWN,
    ProviderOutcome.PENDING,
]
FACTS = [FactKind.PAYOUT_PAID, FactKind.PAYOUT_FAILED, FactKind.PAYOUT_RETURNED]
which = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("earn"), st.sampled_from([700, 1000, 1001])),
    st.tuples(st.just("build")),
    st.tuples(st.just("submit"), which),
    st.tuples(st.just("cancel"), which),
    st.tuples(st.just("approve"), which),
    st.tuples(st.just("refuse"), which),
    st.tuples(st.just("send"), which),
    st.tuples(st.just("answer"), which, st.sampled_from(OUTCOMES)),
    st.tuples(st.just("fact"), which, st.sampled_from(FACTS), st.integers(0, 9)),
    st.tuples(st.just("take_back"), which),
    st.tuples(st.just("charge"), st.sampled_from([1, 500])),
    st.tuples(st.just("reserve"), st.sampled_from([100, 3000])),
    st.tuples(st.just("release")),
)


class Life:
    """Somebody who earns and is paid, and what may happen meanwhile."""

    def __init__(self) -> None:
        valued()
        self.anna = earned(1000)
        destination(self.anna)
        self.maker, self.approver = maker(), approver()

    def step(self, name: str, *told: Any) -> None:
        """One step; what is refused changes nothing."""
        try:
            with transaction.atomic():
                getattr(self, name)(*told)
        except Refused:
            pass
        self.check()

    def earn(self, tokens: int) -> None:
        earned(tokens, self.anna)

    def build(self) -> None:
        built(self.anna, by=self.maker)

    def _batch(self, number: int) -> PayoutBatch:
        found = list(PayoutBatch.objects.order_by("-pk")[: number + 1])
        if not found:
            raise Refused("There is none yet.")
        return found[-1]

    def _payout(self, number: int) -> Payout:
        found = list(Payout.objects.exclude(sent_at=None).order_by("-pk")[: number + 1])
        if not found:
            raise Refused("There is none yet.")
        return found[-1]

    def _decide(self, act: Any, number: int) -> None:
        person = self.approver if act in (payout_batch_approve, payout_batch_refuse) else self.maker
        role = Role.FINANCE_APPROVER if person is self.approver else Role.FINANCE
        with acting(role, user_id=person.pk):
            act(payoutbatch_id=self._batch(number).pk, actor=person, reason=REASON)

    def submit(self, number: int) -> None:
        self._decide(payout_batch_submit, number)

    def cancel(self, number: int) -> None:
        self._decide(payout_batch_cancel, number)

    def approve(self, number: int) -> None:
        self._decide(payout_batch_approve, number)

    def refuse(self, number: int) -> None:
        self._decide(payout_batch_refuse, number)

    def send(self, number: int) -> None:
        batch = self._batch(number)
        with acting(Role.WORKER):
            payout_send_next(batch.pk)

    def answer(self, number: int, outcome: ProviderOutcome) -> None:
        payout_settle(payout_id=self._payout(number).pk, answer=ProviderAnswer(outcome))

    def fact(self, number: int, kind: FactKind, seconds: int) -> None:
        told(self._payout(number), kind, seconds)

    def take_back(self, number: int) -> None:
        found = list(TokenSpend.objects.filter(reversal__isnull=True).order_by("pk")[: number + 1])
        if found:
            spend_reverse(spend_id=found[-1].pk, actor=None, reason="fraud")

    def charge(self, cents: int) -> None:
        with acting(Role.FINANCE_APPROVER, user_id=self.approver.pk):
            debt_charge(
                currency=EUR, amount=cents, actor=self.approver, reason="a fee", performer_id=self.anna.pk
            )

    def reserve(self, cents: int) -> None:
        with acting(Role.FINANCE, user_id=self.maker.pk):
            self.hold = reserve_hold_place(
                currency=EUR, amount=cents, actor=self.maker, reason="disputes", performer_id=self.anna.pk
            )

    def release(self) -> None:
        hold = getattr(self, "hold", None)
        if hold is not None:
            with acting(Role.FINANCE, user_id=self.maker.pk):
                reserve_hold_release(reservehold_id=hold.pk, actor=self.maker, reason=REASON)

    def check(self) -> None:
        """Ledger, batches and items agree; earnings are what is open, debts included, in tokens exactly."""
        assert_agree()
        found = books(self.anna)
        assert found["tokens"] - found["owed_tokens"] == open_sum(self.anna)
        live = PayoutItem.objects.filter(is_live=True).values_list("earning", flat=True)
        assert len(live) == len(set(live))
        done = PayoutBatch.objects.filter(status=PayoutBatchStatus.DONE)
        under_way = (PayoutStatus.PREPARED, PayoutStatus.SENT, PayoutStatus.UNKNOWN)
        assert not Payout.objects.filter(batch__in=done, status__in=under_way).exists()


@settings(max_examples=25, deadline=None)
@given(st.lists(steps, min_size=4, max_size=14))
def test_whatever_happens_the_books_agree(life: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        one = Life()
        for name in ("build", "submit", "approve", "send"):
            one.step(name, *([0] if name != "build" else []))
        for name, *rest in life:
            one.step(name, *rest)
        transaction.set_rollback(True)
