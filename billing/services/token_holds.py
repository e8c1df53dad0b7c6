"""Tokens set aside, spent later or given back."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.burning import Taken, cost_of, put_back, whole_tokens
from billing.chart import TOKEN
from billing.errors import HoldRefused, TokensRefused
from billing.ledger_choices import JournalKind
from billing.models import HoldLot, TokenHold, TokenSpend, Wallet
from billing.services.journal import Entry, Line, entries_post
from billing.services.revenue_share import share_of
from billing.services.spends import (
    Plan,
    Wish,
    look,
    spend_before,
    spends_write,
    take,
    wallet_of_spender,
)
from billing.services.wallets import as_worker, lots_save
from core.db.clock import database_now
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.models.identity import uuid7, uuid7_derived


@transaction.atomic
def tokens_hold(
    *,
    viewer_id: UUID,
    tokens: int,
    idempotency_key: str,
    actor: User | None,
    private_show_id: UUID | None = None,
) -> TokenHold:
    """Set tokens of a wallet aside. The same key again is the same hold.

    Locks: the wallet. Raises: TokensRefused, TooFewTokens, HoldRefused.
    """
    whole_tokens(tokens)
    with as_worker(actor):
        wallet = wallet_of_spender(viewer_id)
        before = TokenHold.objects.filter(wallet=wallet, idempotency_key=idempotency_key).first()
        if before is not None:
            if (before.tokens, before.private_show_id) != (tokens, private_show_id):
                raise TokensRefused("This key was used before, for other tokens. Make a new one.")
            return before
        now = database_now()
        taken = take(wallet, tokens, now)
        pk = uuid7()
        hold = TokenHold(
            id=pk,
            wallet=wallet,
            private_show_id=private_show_id,
            tokens=tokens,
            idempotency_key=idempotency_key,
            entry_id=uuid7_derived(now, "hold", str(pk)),
        )
        with refused_as(HoldRefused):
            hold.save(force_insert=True)
            HoldLot.objects.bulk_create(
                [HoldLot(hold=hold, lot=part.lot, tokens=part.tokens, cost=part.cost) for part in taken]
            )
        _move(wallet, hold, hold.entry_id, JournalKind.HOLD, tokens, actor)
    return hold


@transaction.atomic
def hold_capture(*, hold_id: UUID, wish: Wish, actor: User | None) -> TokenSpend:
    """Spend `wish.tokens` of what was set aside; what is left stays so. The same key again is the same spend.

    Locks: the wallet, then the hold. Raises: HoldRefused (more than is left, of somebody else), TokensRefused,
    SpendRefused, RevenueShareRefused, NotThere.
    """
    whole_tokens(wish.tokens)
    with as_worker(actor):
        wallet, hold = _locked(hold_id)
        if wish.viewer_id != wallet.user_id:
            raise HoldRefused("These tokens are somebody else's.")
        if (before := spend_before(wish)) is not None:
            return before
        if wish.tokens > hold.open_tokens:
            raise HoldRefused(f"Only {hold.open_tokens:,} tokens are set aside.")
        with refused_as(HoldRefused):
            at = look(wish)
        share = share_of(performer_id=wish.performer_id, kind=wish.kind, at=at)
        taken = _take(list(hold.lots.select_related("lot").order_by("pk")), wish.tokens)
        hold.captured += wish.tokens
        with refused_as(HoldRefused):
            hold.save(update_fields=["captured"])
        plan = Plan(
            wallet=wallet, wish=wish, share=share, taken=taken, at=at, account_id=wallet.hold_account_id
        )
        (spend,) = spends_write(plans=[plan], actor=actor)
    return spend


@transaction.atomic
def hold_return(*, hold_id: UUID, actor: User | None, tokens: int | None = None) -> TokenHold:
    """Give back what was set aside, or so many tokens of it, to the lots from which it came; the last taken first.

    Nothing is left: nothing happens. Locks: the wallet, then the hold. Raises: HoldRefused, TokensRefused, NotThere.
    """
    with as_worker(actor):
        wallet, hold = _locked(hold_id)
        count = hold.open_tokens if tokens is None else whole_tokens(tokens)
        if not count:
            return hold
        if count > hold.open_tokens:
            raise HoldRefused(f"Only {hold.open_tokens:,} tokens are set aside.")
        taken = _take(list(hold.lots.select_related("lot").order_by("-pk")), count)
        lots_save(put_back(taken))
        hold.returned += count
        with refused_as(HoldRefused):
            hold.save(update_fields=["returned"])
        entry_id = uuid7_derived(database_now(), "return", str(hold.pk), str(hold.returned))
        _move(wallet, hold, entry_id, JournalKind.HOLD_RETURN, -count, actor)
    return hold


def holds_return(*, private_show_id: UUID, actor: User | None) -> int:
    """Give back whatever is set aside for a show; how many tokens. Locks and raises as `hold_return`."""
    with transaction.atomic(), as_worker(actor):
        holds = TokenHold.objects.open().filter(private_show_id=private_show_id).order_by("pk")
        found = [(hold.pk, hold.open_tokens) for hold in holds]
        for pk, _ in found:
            hold_return(hold_id=pk, actor=actor)
    return sum(tokens for _, tokens in found)


def _locked(hold_id: UUID) -> tuple[Wallet, TokenHold]:
    """The wallet, then the hold: in the order in which everybody locks them."""
    user_id = TokenHold.objects.filter(pk=hold_id).values_list("wallet__user_id", flat=True).first()
    if user_id is None:
        raise NotThere("There are no such tokens set aside.")
    wallet = wallet_of_spender(user_id)
    return wallet, TokenHold.objects.select_for_update(no_key=True).get(pk=hold_id)


def _take(lots: list[HoldLot], tokens: int) -> list[Taken]:
    """Take tokens from what a hold took of lots, and write what remains of it."""
    taken = []
    for row in lots:
        count = min(tokens, row.tokens)
        if not count:
            continue
        cost = cost_of(count, row.tokens, row.cost)
        row.tokens -= count
        row.cost -= cost
        tokens -= count
        taken.append(Taken(row.lot, count, cost))
    HoldLot.objects.bulk_update(lots, ["tokens", "cost"])
    return taken


def _move(
    wallet: Wallet, hold: TokenHold, entry_id: UUID, kind: JournalKind, tokens: int, actor: User | None
) -> None:
    """Post that tokens were set aside, or (below zero) went back."""
    entries_post(
        entries=[
            Entry(
                id=entry_id,
                kind=kind,
                lines=(
                    Line(wallet.account_id, -tokens, TOKEN),
                    Line(wallet.hold_account_id, tokens, TOKEN),
                ),
                source=("billing_tokenhold", hold.pk),
            )
        ],
        actor=actor,
    )
