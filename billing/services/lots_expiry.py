"""Tokens whose time is over leave their wallets; what they had cost is earned."""

from uuid import UUID

from django.db.models import Count, Sum

from billing import chart
from billing.burning import Taken, costs
from billing.ledger_choices import JournalKind
from billing.models import TokenLot, Wallet
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.wallets import as_worker, created, lots_save
from billing.wallet_choices import LotKind
from core.db.clock import database_now
from core.models.identity import uuid7_derived


def lots_expired() -> dict[str, int]:
    """How many lots, and tokens in them, are over and not withdrawn yet. As the worker; changes nothing."""
    found = TokenLot.objects.expired().order_by().aggregate(lots=Count("pk"), tokens=Sum("remaining"))
    return {"lots": found["lots"], "tokens": int(found["tokens"] or 0)}


def lots_expire(*, batch: int = 500) -> dict[str, int]:
    """Withdraw the tokens of up to `batch` expired lots, the longest ago first; counts. Again until it finds none.

    A wallet is a transaction; one that somebody else holds is left for the next run. Runs as the worker.
    Locks: the wallet.
    """
    with as_worker(None):
        owners: list[UUID] = list(TokenLot.objects.expired().values_list("wallet_id", flat=True)[:batch])
    counts = {"wallets": 0, "lots": 0, "tokens": 0}
    for wallet_id in sorted(set(owners)):
        with as_worker(None):
            lots, tokens = _expire_in(wallet_id)
            counts["wallets"] += bool(lots)
            counts["lots"] += lots
            counts["tokens"] += tokens
    return counts


def _expire_in(wallet_id: UUID) -> tuple[int, int]:
    wallet = Wallet.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=wallet_id).first()
    lots = list(TokenLot.objects.expired().filter(wallet_id=wallet_id)) if wallet else []
    if wallet is None or not lots:
        return 0, 0
    taken = [Taken(lot, lot.remaining, lot.cost_remaining) for lot in lots]
    paid = sum(part.tokens for part in taken if part.lot.kind == LotKind.PAID)
    free = sum(part.tokens for part in taken if part.lot.kind != LotKind.PAID)
    lines = created(wallet.account_id, -paid, -free)
    for currency, cost in sorted(costs(taken).items()):
        deferred, earned = ledger_accounts_open(
            chart.deferred_revenue(currency), chart.token_revenue(currency)
        )
        lines += [Line(deferred, -cost, currency), Line(earned, cost, currency)]
    for part in taken:
        part.lot.withdrawn += part.tokens
        part.lot.remaining = part.lot.cost_remaining = 0
    lots_save(lots)
    entries_post(
        entries=[
            Entry(
                id=uuid7_derived(database_now(), "expiry", str(wallet.pk), *(str(lot.pk) for lot in lots)),
                kind=JournalKind.EXPIRY,
                lines=tuple(lines),
                source=("billing_wallet", wallet.pk),
            )
        ],
        actor=None,
    )
    return len(lots), paid + free
