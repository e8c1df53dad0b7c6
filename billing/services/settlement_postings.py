"""What settlement files bring into the ledger: fees of the provider, and money that reached our bank."""

from django.db.models import Sum

from accounts.models import User
from billing import chart
from billing.ledger_choices import JournalKind
from billing.models import SettlementFile, SettlementLine
from billing.reconciliation_choices import SettlementCategory, SettlementFileKind
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from core.models.identity import uuid7_derived, uuid7_instant

C = SettlementCategory
FEES_ELSEWHERE = (C.DISPUTE, C.DISPUTE_REVERSAL, C.PAYOUT, C.PAYOUT_RETURN)
"""Their fees are told with the facts about them, and posted then."""


def fees_post(file: SettlementFile, actor: User | None) -> None:
    """Post the fees that a provider took of charges, refunds and the rest: one entry for each file, once."""
    if file.kind != SettlementFileKind.PROVIDER_CSV:
        return
    lines = SettlementLine.objects.filter(settlement_file=file).exclude(category__in=FEES_ELSEWHERE)
    taken = lines.aggregate(fees=Sum("fee"))["fees"]
    if not taken:
        return
    currency = file.currency_id
    fees, cash = ledger_accounts_open(
        chart.provider_fees(currency), chart.cash(file.provider_account.code, currency)
    )
    entries_post(
        entries=[
            Entry(
                id=uuid7_derived(uuid7_instant(file.pk), "settlement fees", str(file.pk)),
                kind=JournalKind.FEE,
                lines=(Line(fees, -taken, currency), Line(cash, taken, currency)),
                source=("billing_settlementfile", file.pk),
                description="Fees of a settlement report",
            )
        ],
        actor=actor,
    )


def transfers_post(file: SettlementFile, matched: list[SettlementLine], actor: User | None) -> None:
    """Post the transfers among matched lines: money left the provider and is in our bank, or came back."""
    moved = [line for line in matched if line.category == SettlementCategory.TRANSFER]
    if not moved:
        return
    currency, code = file.currency_id, file.provider_account.code
    cash, bank = ledger_accounts_open(chart.cash(code, currency), chart.bank(code, currency))
    is_bank = file.kind == SettlementFileKind.BANK_CAMT053
    entries = []
    for line in moved:
        arrived = line.gross if is_bank else -line.gross
        if not arrived:
            continue
        # Both sides lead to the same key, whichever of them came last.
        first, second = sorted((line.pk, line.match.subject_id))
        entries.append(
            Entry(
                id=uuid7_derived(uuid7_instant(first), "transfer", str(first), str(second)),
                kind=JournalKind.TRANSFER,
                lines=(Line(cash, arrived, currency), Line(bank, -arrived, currency)),
                source=("billing_settlementline", line.pk),
                description="Transfer between the provider and our bank",
            )
        )
    entries_post(entries=entries, actor=actor)
