"""Spends of tokens whose payment was charged back: the bank took the money, so what it paid for is taken back too."""

import structlog

from billing.errors import ReversalRefused
from billing.models import LotConsumption, OrderLine, Payment, TokenLot
from billing.services.spend_reversals import spend_reverse
from billing.wallet_choices import LotKind

logger = structlog.get_logger(__name__)

REASON = "The payment of these tokens was disputed and lost."
MOST_SPENDS = 500
"""So many spends are taken back in one transaction; what is left after that is a loss of the platform."""


def tokens_recover(line: OrderLine, payment: Payment, amount: int) -> None:
    """Take spends of the tokens of a line back, the newest first, until `amount` of what they cost is there again.

    Performers give back what they earned by them and owe what they no longer have; the tokens return into their lots,
    from which the fulfilment takes them. A spend is taken back whole. Locks: the wallet, the offers of tickets, the
    earnings, in the order of performers. As the worker.
    """
    lots = list(TokenLot.objects.filter(order_line=line, kind=LotKind.PAID))
    missing = amount - sum(lot.cost_remaining for lot in lots)
    chosen = []
    used = (
        LotConsumption.objects.filter(lot__in=lots, cost__gt=0, spend__reversal__isnull=True)
        .select_related("spend")
        .order_by("-spend_id")
    )
    for row in used[:MOST_SPENDS]:
        if missing <= 0:
            break
        missing -= row.cost
        chosen.append(row.spend)
    for spend in sorted({spend.pk: spend for spend in chosen}.values(), key=_in_order):
        try:
            spend_reverse(spend_id=spend.pk, actor=None, reason=REASON)
        except ReversalRefused as refusal:
            logger.warning("a spend was not taken back", spend=str(spend.pk), refusal=str(refusal))


def _in_order(spend: object) -> tuple[str, str]:
    return str(spend.performer_id), str(spend.pk)  # type: ignore[attr-defined]
