"""Money of disputes that moved: rows of movements, and the entries that book what a provider took and gave."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from billing import chart
from billing.dispute_choices import OF_PROVIDER, DisputeStatus, MovementKind
from billing.ledger_choices import JournalKind
from billing.models import Dispute, DisputeMovement
from billing.providers.port import MovementFact
from billing.services.journal import Entry
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.settlement_lines import Lines
from core.models.identity import uuid7_derived


def movement_book(dispute: Dispute, told: MovementFact) -> Entry:
    """Write down what a provider moved; returns the entry that books it. As the worker, the payment being locked.

    Cash changes by the net, the account of what is disputed by the amount, and the fee is the platform's.
    """
    account = dispute.provider_account.code
    lines = Lines(told.currency)
    lines.credit(chart.cash(account, told.currency), told.fee - told.amount)
    lines.credit(chart.disputed(account, told.currency), told.amount)
    lines.credit(chart.dispute_fees(told.currency), -told.fee)
    taken = told.amount < 0 or (told.amount == 0 and told.fee > 0)
    kind = MovementKind.WITHDRAWN if taken else MovementKind.REINSTATED
    entry = Entry(
        id=uuid7_derived(told.moved_at, "dispute movement", str(dispute.provider_account_id), told.reference),
        kind=JournalKind.DISPUTE,
        lines=lines.posted(ledger_accounts_open),
        source=("billing_dispute", dispute.pk),
        description=f"{kind.label} {told.reference}",
        occurred_at=told.moved_at,
    )
    DisputeMovement.objects.create(
        dispute=dispute,
        provider_account_id=dispute.provider_account_id,
        kind=kind,
        reference=told.reference,
        amount=told.amount,
        fee=told.fee,
        currency_id=told.currency,
        moved_at=told.moved_at,
        entry_id=entry.id,
    )
    return entry


def movements_write(lost: Iterable[tuple[Dispute, int]], entry_id: UUID, at: datetime) -> None:
    """Write down what was taken back for lost disputes (above zero), or given back into suspense, by an entry."""
    for dispute, amount in lost:
        DisputeMovement.objects.create(
            dispute=dispute,
            provider_account_id=dispute.provider_account_id,
            kind=MovementKind.TAKEN_BACK if amount > 0 else MovementKind.GIVEN_BACK,
            amount=amount,
            currency_id=dispute.currency_id,
            moved_at=at,
            entry_id=entry_id,
        )


def dispute_weigh(dispute: Dispute, payment_currency: str) -> int:
    """Count what a dispute cost, from its movements and its status; returns by how much more was lost than before.

    Whatever stays withdrawn when it is lost is lost. Of a dispute in another currency than its payment nothing is taken
    back: that is for people to settle.
    """
    sums = DisputeMovement.objects.filter(
        dispute=dispute, kind__in=OF_PROVIDER, currency=dispute.currency_id
    ).aggregate(amount=Sum("amount"), fee=Sum("fee"))
    dispute.withdrawn, dispute.fees = -(sums["amount"] or 0), sums["fee"] or 0
    before, lost = dispute.charged_back, max(0, dispute.withdrawn)
    if dispute.status == DisputeStatus.PARTLY and dispute.lost_amount is not None:
        lost = min(lost, dispute.lost_amount)
    if dispute.status not in (DisputeStatus.LOST, DisputeStatus.PARTLY) or (
        dispute.currency_id != payment_currency
    ):
        lost = 0
    dispute.charged_back = lost
    return lost - before
