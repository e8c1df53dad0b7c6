"""What money buys here: packs of tokens, and tickets. Registered with the payments, which call it when it has come."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Sum

from billing import chart
from billing.catalogue_choices import ProductKind
from billing.errors import EntitlementRefused, SoldOut
from billing.fulfilment import register_fulfilment
from billing.models import Entitlement, OrderLine, Payment, RevenueSplit, TicketOffer, TokenLot
from billing.provider_choices import ExceptionKind
from billing.services.dispute_spends import tokens_recover
from billing.services.entitlements import entitlement_end, entitlement_give
from billing.services.journal import Line
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.line_shares import line_share_out, line_suspend, line_take_back
from billing.services.reconciliation_exceptions import reconciliation_exception_raise
from billing.services.tickets import seat_give_back, seat_take
from billing.services.wallets import NewLot, created, lots_add, lots_save, wallets_lock, wallets_open
from billing.wallet_choices import EntitlementSource, LotKind, RevocationCause, SpendKind
from core.db.clock import database_now


def tokens_fulfil(line: OrderLine, payment: Payment) -> Sequence[Line]:
    """Put the tokens of a pack into the wallet of the person, as a paid lot and one of bonus tokens.

    Bonus tokens are those of the pack and those of a promotion that was applied to the line. What the paid
    ones cost is the net of the line, which the payment books as deferred revenue.
    Locks: the wallet. As the worker.
    """
    pack = line.product.token_pack
    wallets_open([line.user_id])
    wallet = wallets_lock([line.user_id])[line.user_id]
    lots = [
        NewLot(kind=LotKind.PAID, tokens=pack.paid * line.quantity, currency=line.currency_id, cost=line.net),
        NewLot(kind=LotKind.BONUS, tokens=pack.bonus * line.quantity + line.bonus_tokens),
    ]
    _, lines = lots_add(wallet=wallet, lots=lots, order_line=line)
    return lines


def tokens_recoverable(line: OrderLine, payment: Payment) -> int:
    """What could be refunded of the line now: the part of its total for which paid tokens are left unspent."""
    found = TokenLot.objects.filter(order_line=line, kind=LotKind.PAID).aggregate(
        left=Sum("cost_remaining"), cost=Sum("cost")
    )
    if not found["cost"]:
        return line.total - line.net_reversed - line.tax_reversed
    return line.total * int(found["left"]) // int(found["cost"])


def tokens_reverse(line: OrderLine, payment: Payment, amount: int) -> Sequence[Line]:
    """Take tokens back for `amount` of the net of a line, bonus tokens in proportion; those spent are a loss.

    The last refund takes every token that is left. What the tokens taken back had cost leaves deferred revenue; the
    rest of the amount is a loss of the platform, with an exception for finance. Locks: the wallet. As the worker.
    """
    wallet = wallets_lock([line.user_id])[line.user_id]
    lots = list(TokenLot.objects.filter(order_line=line).order_by("pk"))
    is_last = line.net_reversed + amount >= line.net
    covered = paid = free = 0
    for lot in lots:
        if lot.kind == LotKind.PAID:
            count, cost = _paid_back(lot, amount - covered)
            paid, covered = paid + count, covered + cost
        else:
            due = lot.remaining if is_last else -(-lot.quantity * amount // line.net)
            count, cost = min(due, lot.remaining), 0
            free += count
        lot.remaining -= count
        lot.withdrawn += count
        lot.cost_remaining -= cost
    lots_save(lots)
    lines = created(wallet.account_id, -paid, -free) if paid or free else []
    currency = line.currency_id
    if covered < amount:
        (loss,) = ledger_accounts_open(chart.refund_loss(currency))
        lines.append(Line(loss, covered - amount, currency))
        reconciliation_exception_raise(
            kind=ExceptionKind.TOKENS_SPENT,
            subject=payment,
            words="Money went back for tokens that were spent already. The difference is a loss.",
            currency=currency,
            expected_amount=covered,
            reported_amount=amount,
        )
    return lines


def _paid_back(lot: TokenLot, amount: int) -> tuple[int, int]:
    """So many tokens of a paid lot, and of what they cost, go back for `amount` of it.

    The cost is taken to the cent, so that what is refunded and what is deferred agree; tokens in proportion, rounded
    up. A token whose cost goes back in part only stays.
    """
    cost = min(amount, lot.cost_remaining)
    if cost == lot.cost_remaining:
        return lot.remaining, cost
    return min(-(-lot.remaining * cost // lot.cost_remaining), lot.remaining - 1), cost


def ticket_fulfil(line: OrderLine, payment: Payment) -> Sequence[Line]:
    """Take a seat, entitle the person, and share the net out between performer, studio and platform.

    Where no seat is left the money waits in suspense, with an exception: finance refunds it. Locks: the offer.
    As the worker.
    """
    offer = TicketOffer.objects.get(product_id=line.product_id)
    now = database_now()
    try:
        with transaction.atomic():
            if line.quantity != 1:
                raise SoldOut("One person needs one ticket.")
            seat_take(offer.pk)
            entitlement_give(
                user_id=line.user_id,
                source=EntitlementSource.PURCHASE,
                since=now,
                performer_id=offer.performer_id,
                stream_id=offer.stream_id,
                order_line=line,
            )
    except (SoldOut, EntitlementRefused) as refusal:
        return line_suspend(
            line, payment, waiting="tickets", words=f"Paid, and the ticket could not be given: {refusal}"
        )
    return line_share_out(line, performer_id=offer.performer_id, kind=SpendKind.TICKET, at=now)


def ticket_reverse(line: OrderLine, payment: Payment, amount: int) -> Sequence[Line]:
    """Take `amount` back from performer, studio and platform in proportion; the ticket ends with the whole of it.

    The last refund takes the remainder of each. What performer or studio no longer have is owed by them. As the worker.
    """
    now = database_now()
    was_given = RevenueSplit.objects.filter(order_line=line, reverses__isnull=True).exists()
    if was_given and line.net_reversed + amount >= line.net:
        _end_ticket(line, now)
    return line_take_back(line, amount, at=now, waiting="tickets")


def _end_ticket(line: OrderLine, now: dt.datetime) -> None:
    ticket = Entitlement.objects.select_for_update().filter(order_line=line).first()
    if ticket is None:
        return
    offer = TicketOffer.objects.filter(product_id=line.product_id).values_list("pk", flat=True).first()
    if offer is not None:
        seat_give_back(offer)
    if ticket.revocation is None:
        entitlement_end(entitlement=ticket, cause=RevocationCause.REFUND, at=now)


register_fulfilment(ProductKind.TOKEN_PACK, tokens_fulfil, tokens_reverse, tokens_recoverable, tokens_recover)
register_fulfilment(ProductKind.PAY_PER_VIEW, ticket_fulfil, ticket_reverse)
