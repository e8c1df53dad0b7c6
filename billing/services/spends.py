"""Spending tokens: what tips, gifts, tickets and minutes have in common.

A spend locks the wallet of the viewer and nothing of the performer: her earnings are credited without waiting, so that
a popular one is no queue. Rows first, postings last.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Now

from accounts.choices import RestrictionKind
from accounts.models import Restriction, User
from billing import chart
from billing.burning import Taken, burn, costs, whole_tokens
from billing.chart import TOKEN, AccountSpec
from billing.errors import SpendRefused, TokensRefused, TooFewTokens
from billing.ledger_choices import JournalKind
from billing.models import LotConsumption, TokenLot, TokenSpend, Wallet
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.revenue_share import Share, share_of
from billing.services.revenue_splits import Rows, account_of, parts_in_order
from billing.services.wallets import lots_save, wallets_lock
from billing.wallet_choices import SpendKind
from core.db.refusals import refused_as
from core.models.identity import uuid7, uuid7_derived
from performers.models import PerformerProfile
from streams.models import Stream
from streams.watching.decision import WATCHING_STATUSES

BARRED = {
    SpendKind.TIP: (RestrictionKind.TIP, RestrictionKind.SIGN_IN),
    SpendKind.GIFT: (RestrictionKind.TIP, RestrictionKind.SIGN_IN),
    SpendKind.TICKET: (RestrictionKind.SIGN_IN,),
    SpendKind.PRIVATE_SHOW: (RestrictionKind.SIGN_IN,),
    SpendKind.REWARD: (RestrictionKind.TIP, RestrictionKind.SIGN_IN),
    SpendKind.SUBSCRIPTION: (RestrictionKind.SIGN_IN,),
}
"""Limits on people that keep them from spending on this."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a viewer wants to spend tokens on."""

    viewer_id: UUID
    performer_id: UUID
    kind: SpendKind
    tokens: int
    key: str
    stream_id: UUID | None = None
    gift_item_id: UUID | None = None
    quantity: int | None = None
    ticket_offer_id: UUID | None = None
    private_show_id: UUID | None = None

    @property
    def of_row(self) -> dict[str, object]:
        """The columns of the spend that say it."""
        return {
            "viewer_id": self.viewer_id,
            "performer_id": self.performer_id,
            "kind": self.kind,
            "tokens": self.tokens,
            "idempotency_key": self.key,
            "stream_id": self.stream_id,
            "gift_item_id": self.gift_item_id,
            "quantity": self.quantity,
            "ticket_offer_id": self.ticket_offer_id,
            "private_show_id": self.private_show_id,
        }


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A spend that is sure: from which lots, shared out how, and when (UTC)."""

    wallet: Wallet
    wish: Wish
    share: Share
    taken: Sequence[Taken]
    at: dt.datetime
    account_id: UUID
    """The account of the wallet, or that of what it set aside."""


def spend_before(wish: Wish) -> TokenSpend | None:
    """The spend of the same key, if it is the same. Raises TokensRefused for another one."""
    found = TokenSpend.objects.filter(viewer_id=wish.viewer_id, idempotency_key=wish.key).first()
    if found is not None and any(
        getattr(found, name) != value for name, value in wish.of_row.items() if name != "tokens"
    ):
        raise TokensRefused("This key was used before, for another spend. Make a new one.")
    if found is not None and wish.kind == SpendKind.TIP and found.tokens != wish.tokens:
        raise TokensRefused("This key was used before, for another number of tokens. Make a new one.")
    return found


def look(wish: Wish) -> dt.datetime:
    """Whether viewer, performer and stream are such that this can be spent; the instant (UTC). One query.

    Raises SpendRefused with a sentence.
    """
    if str(wish.viewer_id) == str(wish.performer_id):
        raise SpendRefused("Nobody spends tokens on themselves.")
    bars = Restriction.objects.in_force().filter(user_id=wish.viewer_id, kind__in=BARRED[wish.kind])
    stream = Stream.all_objects.filter(Q(pk=wish.stream_id), performer_id=OuterRef("pk"))
    found = (
        PerformerProfile.objects.public()
        .filter(pk=wish.performer_id)
        .annotate(
            viewer_status=Subquery(User.objects.filter(pk=wish.viewer_id).values("status")),
            barred=Exists(bars),
            of_stream=Exists(stream),
            present=Now(),
        )
        .values_list("viewer_status", "barred", "of_stream", "present")
        .first()
    )
    if found is None:
        raise SpendRefused("There is no such performer, or she is not here at the moment.")
    status, barred, of_stream, present = found
    if status not in WATCHING_STATUSES or barred:
        raise SpendRefused("Your account may not spend tokens on this. Ask our support for the reason.")
    if wish.stream_id is not None and not of_stream:
        raise SpendRefused("This performer has no such stream.")
    return present


def wallet_of_spender(viewer_id: UUID) -> Wallet:
    """The wallet, locked. As the worker. Raises TooFewTokens for somebody who never had any."""
    wallet = wallets_lock([viewer_id]).get(viewer_id)
    if wallet is None:
        raise TooFewTokens("There are no tokens in this wallet.")
    return wallet


def take(wallet: Wallet, tokens: int, at: dt.datetime) -> list[Taken]:
    """Take tokens from the lots of a locked wallet, in burn order, and write what remains. Raises TooFewTokens."""
    taken = burn(TokenLot.objects.open().filter(wallet=wallet), tokens, at)
    lots_save([part.lot for part in taken])
    return taken


def spend_tokens(*, wish: Wish, actor: User | None) -> TokenSpend:
    """One spend of what is in the wallet. As the worker, within the transaction of the caller.

    Locks: the wallet. Raises: TokensRefused, TooFewTokens, SpendRefused, RevenueShareRefused.
    """
    whole_tokens(wish.tokens)
    with refused_as(SpendRefused):
        at = look(wish)
    wallet = wallet_of_spender(wish.viewer_id)
    if (before := spend_before(wish)) is not None:
        return before
    share = share_of(performer_id=wish.performer_id, kind=wish.kind, at=at)
    taken = take(wallet, wish.tokens, at)
    plan = Plan(wallet=wallet, wish=wish, share=share, taken=taken, at=at, account_id=wallet.account_id)
    (spend,) = spends_write(plans=[plan], actor=actor)
    return spend


def spends_write(*, plans: Sequence[Plan], actor: User | None, derived: bool = False) -> list[TokenSpend]:
    """Write and post spends that are sure: a statement a table and one to the ledger, however many there are.

    `derived`: their ids follow from viewer, key and instant, as imports want it. Raises: SpendRefused, JournalRefused.
    """
    rows, spends, consumptions, drafts = Rows(), [], [], []
    for plan in plans:
        pk = uuid7_derived(plan.at, "spend", str(plan.wish.viewer_id), plan.wish.key) if derived else uuid7()
        entry_id = uuid7_derived(plan.at, "entry of spend", str(pk))
        spend = TokenSpend(id=pk, wallet=plan.wallet, entry_id=entry_id, spent_at=plan.at, **plan.wish.of_row)
        spends.append(spend)
        consumptions += [
            LotConsumption(spend=spend, lot=part.lot, tokens=part.tokens, cost=part.cost)
            for part in plan.taken
        ]
        parts = rows.add(
            share=plan.share, base=plan.wish.tokens, currency=TOKEN, at=plan.at, spend=spend, key=pk
        )
        legs: list[tuple[AccountSpec | UUID, int, str]] = [(plan.account_id, -plan.wish.tokens, TOKEN)]
        legs += [
            (account_of(party, plan.share.performer_id, plan.share.studio_id, TOKEN), amount, TOKEN)
            for party, amount in parts_in_order(parts)
        ]
        for currency, cost in sorted(costs(plan.taken).items()):
            legs += [
                (chart.deferred_revenue(currency), -cost, currency),
                (chart.token_revenue(currency), cost, currency),
            ]
        drafts.append((entry_id, JournalKind(plan.wish.kind.value), legs, spend))
    with refused_as(SpendRefused):
        TokenSpend.objects.bulk_create(spends, batch_size=500)
        LotConsumption.objects.bulk_create(consumptions, batch_size=1000)
        rows.write()
    accounts = accounts_by_code([leg[0] for _, _, legs, _ in drafts for leg in legs])
    entries_post(
        entries=[
            Entry(
                id=entry_id,
                kind=kind,
                lines=tuple(
                    Line(account if isinstance(account, UUID) else accounts[account.code], amount, currency)
                    for account, amount, currency in legs
                ),
                source=("billing_tokenspend", spend.pk),
                occurred_at=spend.spent_at,
            )
            for entry_id, kind, legs, spend in drafts
        ],
        actor=actor,
    )
    return spends


def accounts_by_code(accounts: Sequence[AccountSpec | UUID]) -> dict[str, UUID]:
    """Keys of the accounts that are only described so far, by code; opened where they are missing."""
    specs = {account.code: account for account in accounts if isinstance(account, AccountSpec)}
    return dict(zip(specs, ledger_accounts_open(*specs.values()), strict=True))
