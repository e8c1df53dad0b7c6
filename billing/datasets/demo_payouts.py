"""Performers of the demo who are paid, by every course that a payout can take; a batch that waits, and a draft."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Sum

from accounts.models import User
from billing.chart import TOKEN
from billing.datasets.demo_payments import demo_providers_work
from billing.models import Earning, Payout, PayoutBatch, PayoutDestination, ProviderAccount, TokenValue
from billing.payout_choices import DestinationKind
from billing.services.payout_batches import (
    payout_batch_approve,
    payout_batch_build,
    payout_batch_submit,
)
from billing.services.payout_destinations import NewDestination, payout_destination_add
from billing.services.payout_sending import payout_batch_run
from billing.services.reserve_holds import reserve_hold_place
from billing.services.revenue_share import share_of
from billing.services.spends import Plan, Wish, spends_write, take, wallet_of_spender
from billing.services.token_values import token_value_set
from billing.services.wallets import tokens_grant
from billing.wallet_choices import SpendKind
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from performers.models import PerformerProfile

VALUES = {"EUR": Decimal("4.5"), "USD": Decimal("5")}
"""Minor units that an earned token is worth."""

COURSES = (
    *("sim_ok",) * 4,
    "sim_payout_returned",
    "sim_payout_fails",
    "sim_timeout_charged",
    "sim_payout_late",
    *("sim_ok",) * 4,
)
"""What comes of a payout, by the token of its destination; the last ones wait for an approval or stay in draft."""

SENT, WAITING = 8, 2
MOST_EARNINGS = 5_000
"""Performers with more are left to others: the demo is to begin soon."""

ENOUGH = 1_000
"""Tokens, so that the reserve of the demo leaves more than the least sum that is paid."""

TIPPED, TIPPED_BEFORE = 2_000, dt.timedelta(days=30)
"""Tokens that each performer was tipped, and how long ago: what was earned lately cannot be paid out yet."""

REASON = "the payouts of the demo"


def demo_payouts_load() -> str:
    """Token values, destinations, a reserve, and three batches; run again, it changes nothing."""
    with acting(Role.WORKER):
        if PayoutBatch.objects.exists():
            return "there before"
        account = ProviderAccount.objects.filter(code="simulator").first()
        finance = User.objects.with_handle(f"demo_{Role.FINANCE.short}").first()
        approver = User.objects.with_handle(f"demo_{Role.FINANCE_APPROVER.short}").first()
        viewer = User.objects.filter(wallet__isnull=False).order_by("pk").first()
        if viewer is not None and len(_earners()) < len(COURSES):
            _tip_before(viewer)
        earners = _earners()
    if account is None or finance is None or approver is None or len(earners) < SENT:
        return "nobody to pay"
    _values()
    for number, (performer_id, course) in enumerate(zip(earners, COURSES, strict=False)):
        _destination(number, performer_id, course, account)
    with acting(Role.FINANCE, user_id=finance.pk):
        reserve_hold_place(
            currency="EUR",
            amount=500,
            performer_id=earners[0],
            actor=finance,
            reason="several payers asked their banks for the money back",
        )
    done = _batch(account, finance, earners[:SENT])
    waiting = _batch(account, finance, earners[SENT : SENT + WAITING])
    _batch(account, finance, earners[SENT + WAITING :])
    for batch in (done, waiting):
        if batch is not None:
            with acting(Role.FINANCE, user_id=finance.pk):
                payout_batch_submit(payoutbatch_id=batch.pk, actor=finance, reason=REASON)
    if done is not None:
        with acting(Role.FINANCE_APPROVER, user_id=approver.pk):
            payout_batch_approve(payoutbatch_id=done.pk, actor=approver, reason=REASON)
        _work(done)
    with acting(Role.WORKER):
        paid = Payout.objects.filter(status="paid").count()
        return (
            f"{PayoutDestination.objects.count()} destinations, {PayoutBatch.objects.count()} batches, "
            f"{Payout.objects.count()} payouts, {paid} paid"
        )


@transaction.atomic
def _tip_before(viewer: User) -> None:
    """Tips of a month ago by one viewer, as an import of them would write it: nobody waits a week for the demo."""
    performers = PerformerProfile.objects.public().exclude(pk=viewer.pk).order_by("-pk")[: len(COURSES)]
    ids = list(performers.values_list("pk", flat=True))
    tokens_grant(user_id=viewer.pk, tokens=TIPPED * len(ids), actor=None, reason=REASON)
    wallet, at = wallet_of_spender(viewer.pk), database_now() - TIPPED_BEFORE
    plans = [
        Plan(
            wallet=wallet,
            wish=Wish(
                viewer_id=viewer.pk,
                performer_id=performer_id,
                kind=SpendKind.TIP,
                tokens=TIPPED,
                key=f"demo_payouts:{performer_id}",
            ),
            share=share_of(performer_id=performer_id, kind=SpendKind.TIP, at=at),
            taken=take(wallet, TIPPED, at),
            at=at,
            account_id=wallet.account_id,
        )
        for performer_id in ids
    ]
    spends_write(plans=plans, actor=None, derived=True)


def _earners() -> list[UUID]:
    """Performers who earned enough that can be paid out, in not too many pieces."""
    today = database_now().date()
    found = (
        Earning.objects.filter(performer__isnull=False, currency=TOKEN)
        .values("performer_id")
        .annotate(pieces=Count("pk"), ready=Sum("amount", filter=Q(available_on__lte=today)))
        .filter(ready__gte=ENOUGH, pieces__lte=MOST_EARNINGS)
        .order_by("performer_id")[: len(COURSES)]
    )
    return [row["performer_id"] for row in found]


def _values() -> None:
    with acting(Role.WORKER):
        for currency, per_token in VALUES.items():
            if not TokenValue.objects.filter(currency_id=currency).exists():
                token_value_set(currency=currency, per_token=per_token, actor=None, reason=REASON)


def _destination(number: int, performer_id: UUID, course: str, account: ProviderAccount) -> None:
    payout_destination_add(
        provider_account_id=account.pk,
        performer_id=performer_id,
        new=NewDestination(
            kind=DestinationKind.BANK_ACCOUNT,
            currency="EUR",
            country="DE",
            holder_name=f"Invented Person {number}",
            details=f"DE{number:020d}",
            token=course,
        ),
        actor=None,
    )


def _batch(account: ProviderAccount, finance: User, performer_ids: list[UUID]) -> PayoutBatch | None:
    """A draft for those of them who can be paid; None where nobody can."""
    if not performer_ids:
        return None
    with acting(Role.FINANCE, user_id=finance.pk):
        try:
            return payout_batch_build(
                provider_account_id=account.pk,
                currency="EUR",
                performer_ids=performer_ids,
                actor=finance,
                reason=REASON,
            )
        except Refused:
            return None


def _work(batch: PayoutBatch) -> None:
    """What the workers do; what comes later comes while the demo is served."""
    payout_batch_run(batch_id=batch.pk)
    demo_providers_work()
