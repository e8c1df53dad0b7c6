"""Taking a spend back: opposite postings, lots restored, and what the performer no longer has is owed."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.burning import Taken, put_back
from billing.chart import TOKEN
from billing.errors import NotCovered, ReversalRefused
from billing.ledger_choices import JournalKind
from billing.models import Entitlement, LotConsumption, Posting, RevenueSplit, SpendReversal, TokenSpend
from billing.services.entitlements import entitlement_end
from billing.services.journal import Entry, Line, balance_of, entries_post, entry_reverse
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.revenue_splits import Rows, account_of, lines_of, owed_by
from billing.services.spends import wallet_of_spender
from billing.services.tickets import seat_give_back
from billing.services.wallets import as_worker, lots_save
from billing.wallet_announcements import spend_reversed
from billing.wallet_choices import RevocationCause, SplitParty
from core.db.clock import database_now
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.models.identity import uuid7, uuid7_derived

ATTEMPTS = 5
"""So often is looked anew at what a performer has while others take from it, before it is given up."""


@transaction.atomic
def spend_reverse(*, spend_id: UUID, actor: User | None, reason: str) -> SpendReversal:
    """Take back what a viewer spent: the tokens return to their lots, a ticket ends, performer and platform give back.

    What the performer or her studio was paid out already is owed by them from then on. Tokens that return to an expired
    lot expire again. Locks: the viewer's wallet, the offer of a ticket, the earnings. Raises: ReversalRefused (taken
    back already, one's own, no reason), NotThere. Announces: `spend_reversed`.
    """
    if not reason.strip():
        raise ReversalRefused("Say why it is taken back. Write a reason.")
    with as_worker(actor):
        spend = TokenSpend.objects.filter(pk=spend_id).first()
        if spend is None:
            raise NotThere("There is no such spend.")
        if actor is not None and actor.pk in (spend.viewer_id, spend.performer_id):
            raise ReversalRefused(
                "Nobody takes back their own spends, or spends on themselves. Ask a colleague."
            )
        wallet_of_spender(spend.viewer_id)
        if SpendReversal.objects.filter(spend=spend).exists():
            raise ReversalRefused("This was taken back already.")
        now = database_now()
        pk = uuid7()
        taken = LotConsumption.objects.filter(spend=spend).select_related("lot")
        lots_save(put_back([Taken(row.lot, row.tokens, row.cost) for row in taken]))
        split = RevenueSplit.objects.get(spend=spend, reverses__isnull=True)
        parts = lines_of(split)
        with refused_as(ReversalRefused):
            _write_split(split, parts, now, pk)
        entry_id = uuid7_derived(now, "reversal", str(spend.pk))
        shortfall = _post(spend, split, parts, entry_id, now, actor, reason)
        row = SpendReversal(
            id=pk,
            spend=spend,
            reason=reason.strip(),
            reversed_by=actor,
            shortfall=shortfall,
            entry_id=entry_id,
            reversed_at=now,
        )
        with refused_as(ReversalRefused):
            row.save(force_insert=True)
        _end_ticket(spend, now)
    spend_reversed.send(
        sender=TokenSpend,
        actor=actor,
        subject=spend,
        reason=reason,
        detail={"tokens": spend.tokens, "shortfall": shortfall},
    )
    return row


def _write_split(split: RevenueSplit, parts: Mapping[SplitParty, int], now: dt.datetime, pk: UUID) -> None:
    """The opposite split; what was earned by it is available no earlier than what it takes back."""
    first = split.lines.filter(earning__isnull=False).values_list("earning__available_on", flat=True).first()
    rows = Rows()
    rows.take_back(
        split=split,
        parts={party: -amount for party, amount in parts.items()},
        at=now,
        available_on=first or now.date(),
        key=pk,
    )
    rows.write()


def _post(
    spend: TokenSpend,
    split: RevenueSplit,
    parts: Mapping[SplitParty, int],
    entry_id: UUID,
    now: dt.datetime,
    actor: User | None,
    reason: str,
) -> int:
    """Post the mirror of the entry; before it, what performer and studio owe from now on. Returns the shortfall."""
    earners = [
        (
            account_of(party, split.performer_id, split.studio_id, TOKEN),
            owed_by(party, split.performer_id, split.studio_id, TOKEN),
            parts[party],
        )
        for party in (SplitParty.PERFORMER, SplitParty.STUDIO)
        if parts.get(party)
    ]
    accounts = ledger_accounts_open(*(spec for earned, owed, _ in earners for spec in (earned, owed)))
    for _ in range(ATTEMPTS):
        lines, shortfall = [], 0
        for place, (_, _, amount) in enumerate(earners):
            earned, owed = accounts[2 * place], accounts[2 * place + 1]
            if (short := amount - balance_of(earned)) > 0:
                lines += [Line(owed, -short, TOKEN), Line(earned, short, TOKEN)]
                shortfall += short
        try:
            with transaction.atomic():
                if lines:
                    entries_post(
                        entries=[
                            Entry(
                                id=uuid7_derived(now, "shortfall", str(spend.pk)),
                                kind=JournalKind.ADJUSTMENT,
                                lines=tuple(lines),
                                source=("billing_tokenspend", spend.pk),
                                description="Paid out before it was taken back; owed from now on.",
                            )
                        ],
                        actor=actor,
                    )
                entry_reverse(entry_id=spend.entry_id, reversal_id=entry_id, actor=actor, reason=reason)
                _out_of_hold(spend, now, actor)
            return shortfall
        except NotCovered:
            continue
    raise ReversalRefused("The performer's earnings are being moved right now. Try again in a moment.")


def _out_of_hold(spend: TokenSpend, now: dt.datetime, actor: User | None) -> None:
    """What was spent out of a hold comes back there; it belongs into the wallet."""
    wallet = spend.wallet
    if not Posting.objects.filter(entry_id=spend.entry_id, account_id=wallet.hold_account_id).exists():
        return
    entries_post(
        entries=[
            Entry(
                id=uuid7_derived(now, "out of hold", str(spend.pk)),
                kind=JournalKind.HOLD_RETURN,
                lines=(
                    Line(wallet.hold_account_id, -spend.tokens, TOKEN),
                    Line(wallet.account_id, spend.tokens, TOKEN),
                ),
                source=("billing_tokenspend", spend.pk),
            )
        ],
        actor=actor,
    )


def _end_ticket(spend: TokenSpend, now: dt.datetime) -> None:
    """The ticket ends, and somebody else can buy it."""
    if spend.ticket_offer_id is None:
        return
    seat_give_back(spend.ticket_offer_id)
    ticket = Entitlement.objects.select_for_update().filter(spend=spend).first()
    if ticket is not None and ticket.revocation is None and ticket.is_in_force(now):
        entitlement_end(entitlement=ticket, cause=RevocationCause.REVERSAL, at=now)
