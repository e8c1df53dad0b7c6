"""Wallets: opening and locking them, and what is given into them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from billing import chart
from billing.burning import whole_tokens
from billing.chart import TOKEN
from billing.errors import TokensRefused
from billing.ledger_choices import JournalKind
from billing.models import TokenLot, Wallet
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.wallet_announcements import tokens_granted
from billing.wallet_choices import LotKind
from core.db.clock import database_now
from core.db.context import acting
from core.db.refusals import refused_as
from core.db.roles import Role
from core.models.identity import uuid7, uuid7_derived

MOVING = ("remaining", "withdrawn", "cost_remaining")


def as_worker(actor: User | None) -> AbstractContextManager[Any]:
    """Write as the worker, in the name of whoever asked: nobody else may write money."""
    return acting(Role.WORKER, user_id=actor.pk if actor else None)


def wallets_open(user_ids: Iterable[UUID]) -> dict[UUID, Wallet]:
    """The wallets of these people, opened where there are none. As the worker. Raises TokensRefused (no such person)."""
    wanted = sorted(set(user_ids))
    found = {wallet.user_id: wallet for wallet in Wallet.objects.filter(user_id__in=wanted)}
    missing = [user_id for user_id in wanted if user_id not in found]
    if not missing:
        return found
    with refused_as(TokensRefused):
        accounts = ledger_accounts_open(
            *(spec for user_id in missing for spec in (chart.wallet(user_id), chart.hold(user_id)))
        )
        Wallet.objects.bulk_create(
            [
                Wallet(
                    user_id=user_id, account_id=accounts[2 * place], hold_account_id=accounts[2 * place + 1]
                )
                for place, user_id in enumerate(missing)
            ],
            ignore_conflicts=True,
        )
    return {wallet.user_id: wallet for wallet in Wallet.objects.filter(user_id__in=wanted)}


def wallets_lock(user_ids: Iterable[UUID]) -> dict[UUID, Wallet]:
    """Lock the wallets of these people, in the order of keys, and return those that there are. As the worker."""
    locked = Wallet.objects.select_for_update(no_key=True).filter(user_id__in=set(user_ids))
    return {wallet.user_id: wallet for wallet in locked.order_by("pk")}


def lots_save(lots: Sequence[TokenLot]) -> None:
    """Write what moved in these lots, by one statement."""
    if lots:
        TokenLot.objects.bulk_update(lots, MOVING, batch_size=500)


def tokens_of(*, user_id: UUID) -> int:
    """How many tokens the person can spend now: those expired and those set aside are not among them."""
    open_lots = TokenLot.objects.open().filter(wallet__user_id=user_id)
    now = database_now()
    good = open_lots.exclude(expires_at__lte=now)
    return int(good.aggregate(total=Sum("remaining"))["total"] or 0)


@dataclass(frozen=True, kw_only=True)
class NewLot:
    """Tokens that come into a wallet; `cost` is what all of them cost without tax, in minor units of `currency`."""

    kind: LotKind
    tokens: int
    currency: str | None = None
    cost: int = 0
    expires_at: dt.datetime | None = None


def lots_add(
    *,
    wallet: Wallet,
    lots: Sequence[NewLot],
    at: dt.datetime | None = None,
    granted_by: User | None = None,
    **origin: Any,
) -> tuple[list[TokenLot], list[Line]]:
    """Write new lots, and return them with the postings that bring their tokens into the ledger. As the worker.

    The caller posts those lines within an entry, in the same transaction: it is refused at its end otherwise.
    Raises TokensRefused.
    """
    made = [
        TokenLot(
            id=uuid7_derived(at, "lot", str(wallet.pk), str(place), *map(str, origin.values()))
            if at
            else uuid7(),
            wallet=wallet,
            kind=lot.kind,
            quantity=lot.tokens,
            remaining=lot.tokens,
            currency_id=lot.currency,
            cost=lot.cost,
            cost_remaining=lot.cost,
            expires_at=lot.expires_at,
            granted_by=granted_by,
            **origin,
        )
        for place, lot in enumerate(lots)
        if lot.tokens
    ]
    with refused_as(TokensRefused):
        TokenLot.objects.bulk_create(made)
    return made, token_lines(wallet, made)


def token_lines(wallet: Wallet, lots: Sequence[TokenLot], *, sign: int = 1) -> list[Line]:
    """The postings by which the tokens of lots come into a wallet, or (`sign` -1: their `withdrawn` ones) leave it."""
    paid = sum(lot.quantity for lot in lots if lot.kind == LotKind.PAID)
    free = sum(lot.quantity for lot in lots if lot.kind != LotKind.PAID)
    return created(wallet.account_id, sign * paid, sign * free)


def created(account_id: UUID, paid: int, free: int) -> list[Line]:
    """The postings of tokens that come into the world in a wallet, or (below zero) leave it."""
    sold, given = ledger_accounts_open(chart.tokens_sold(), chart.promotion_cost())
    lines = [(account_id, paid + free), (sold, -paid), (given, -free)]
    return [Line(account, amount, TOKEN) for account, amount in lines if amount]


@transaction.atomic
def tokens_grant(
    *,
    user_id: UUID,
    tokens: int,
    actor: User | None,
    reason: str,
    expires_at: dt.datetime | None = None,
) -> TokenLot:
    """Give a person promotional tokens, at the platform's cost.

    Locks: the wallet. Raises: TokensRefused (a number that makes no sense, an end in the past, oneself, no such person).
    Announces: `tokens_granted`.
    """
    whole_tokens(tokens)
    if actor is not None and str(actor.pk) == str(user_id):
        raise TokensRefused("Nobody grants tokens to themselves. Ask a colleague.")
    if not reason.strip():
        raise TokensRefused("A grant says why. Write a reason.")
    now = database_now()
    if expires_at is not None and expires_at <= now:
        raise TokensRefused("Tokens expire in the future. Leave it empty for no end.")
    with as_worker(actor):
        if not User.objects.filter(pk=user_id, erased_at__isnull=True).exists():
            raise TokensRefused("There is no such person.")
        wallets_open([user_id])
        wallet = wallets_lock([user_id])[user_id]
        new = NewLot(kind=LotKind.PROMOTIONAL, tokens=tokens, expires_at=expires_at)
        (lot,), lines = lots_add(wallet=wallet, lots=[new], granted_by=actor)
        entries_post(
            entries=[
                Entry(
                    id=uuid7_derived(now, "grant", str(lot.pk)),
                    kind=JournalKind.PROMOTION,
                    lines=tuple(lines),
                    source=("billing_tokenlot", lot.pk),
                )
            ],
            actor=actor,
        )
    tokens_granted.send(
        sender=Wallet,
        actor=actor,
        subject=wallet,
        reason=reason,
        detail={"tokens": tokens, "lot": str(lot.pk)},
    )
    return lot
