"""What wallets keep when a person is erased, and what they object to; only the id leads to the person."""

from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.dispatch import receiver

from accounts.models import User
from billing.models import (
    DunningAttempt,
    Earning,
    Entitlement,
    LedgerAccount,
    Plan,
    PrivateShowMinute,
    RevenueShareRule,
    RevenueSplit,
    SpendReversal,
    Subscription,
    SubscriptionEvent,
    SubscriptionPeriod,
    TokenHold,
    TokenLot,
    TokenSpend,
    Wallet,
)
from billing.services.journal import balance_of
from core.erasure import Eraser, ErasureReport, Kept, register_eraser
from core.vetoes import Veto, erasure_requested

TAX = "bookkeeping and taxes, a legal obligation (Directive 2006/112/EC, art. 369k; GDPR art. 17(3)(b))"
UNTIL = "10 years"

KEPT: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = (
    (Wallet, "the wallet", ("user",)),
    (TokenLot, "tokens that came, and what they cost", ("wallet__user",)),
    (TokenSpend, "what tokens were spent on, without words", ("viewer", "performer")),
    (TokenHold, "tokens that were set aside", ("wallet__user",)),
    (SpendReversal, "spends that were taken back", ("spend__viewer", "spend__performer")),
    (PrivateShowMinute, "minutes of private shows", ("spend__viewer", "spend__performer")),
    (Entitlement, "what the person was entitled to watch, or others of the person's", ("user", "performer")),
    (RevenueShareRule, "shares agreed", ("performer",)),
    (RevenueSplit, "how what was paid was shared out", ("performer",)),
    (Earning, "what was earned", ("performer",)),
    (Plan, "plans that were offered", ("performer",)),
    (Subscription, "subscriptions, also given ones", ("viewer", "performer", "giver")),
    (SubscriptionPeriod, "periods of subscriptions", ("viewer",)),
    (
        SubscriptionEvent,
        "what happened to subscriptions",
        ("subscription__viewer", "subscription__performer", "subscription__giver", "actor"),
    ),
    (DunningAttempt, "further attempts to collect", ("period__viewer",)),
)
"""Table, what stays, and the fields that lead to the person."""


@receiver(erasure_requested, sender=User)
def refuse_while_tokens_are_owed(sender: Any, user: User, **_: Any) -> list[Veto]:
    """Nobody is erased while tokens are set aside, a subscription goes on, or earnings of theirs are not paid out."""
    vetoes = []
    if TokenHold.objects.open().filter(wallet__user=user).exists():
        vetoes.append(Veto("Tokens of the person are set aside for a private show. End it first."))
    mine = Q(viewer=user) | Q(giver=user) | Q(performer_id=user.pk)
    if Subscription.objects.live().filter(mine).exists():
        vetoes.append(Veto("A subscription of the person, or to the person, goes on. End it first."))
    accounts = LedgerAccount.objects.filter(person=user, code__startswith=f"earnings:{user.pk}:")
    if any(balance_of(account) for account in accounts.values_list("pk", flat=True)):
        vetoes.append(Veto("Earnings of the person are not paid out yet."))
    return vetoes


def survey(person_id: UUID) -> ErasureReport:
    """What stays, and how much of it. Read as compliance, before and after."""
    kept = []
    for model, words, fields in KEPT:
        condition = Q()
        for name in fields:
            condition |= Q(**{name: person_id})
        rows = model._base_manager.filter(condition).count()
        kept.append(Kept(model._meta.db_table, words, rows, TAX, UNTIL))
    return ErasureReport(kept=tuple(kept))


register_eraser(Eraser(41, "wallets", survey=survey, erase=survey))
