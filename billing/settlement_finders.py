"""What a line of a settlement file may be: each area registers how its rows are found by the provider's names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from billing.models import DisputeMovement, Payment, Payout, Refund, SettlementFile, SettlementLine
from billing.payment_choices import RefundStatus
from billing.payout_choices import PayoutStatus
from billing.reconciliation_choices import SettlementCategory, SettlementFileKind
from billing.settlement_file_triggers import LIVE


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of our rows: what it moved as seen from our side, and in words why it cannot be settled (empty: it can)."""

    subject_type: str
    subject_id: UUID
    amount: int
    currency: str
    objection: str = ""


Finder = Callable[[SettlementFile, Sequence[str]], Mapping[str, Candidate]]
"""`find(file, references)`: our rows by reference, in as many queries for a thousand as for one. Runs as the worker."""

_finders: dict[SettlementCategory, list[Finder]] = {}


def register_finder(category: SettlementCategory, finder: Finder) -> Finder:
    """Let lines of a category be found by `finder`. Call it once, when the app is ready; the first that finds, wins."""
    if finder not in _finders.setdefault(category, []):
        _finders[category].append(finder)
    return finder


def is_found(category: SettlementCategory) -> bool:
    """Whether anybody looks for lines of this category."""
    return bool(_finders.get(category))


def candidates(
    file: SettlementFile, category: SettlementCategory, references: Sequence[str]
) -> dict[str, Candidate]:
    """Our rows by reference."""
    found: dict[str, Candidate] = {}
    for finder in _finders.get(category, ()):
        missing = [reference for reference in references if reference not in found]
        if missing:
            found.update(finder(file, missing))
    return found


def charges(file: SettlementFile, references: Sequence[str]) -> Mapping[str, Candidate]:
    """Payments of the account by the provider's name: what the provider reported as captured, altogether."""
    rows = Payment.objects.filter(
        provider_account_id=file.provider_account_id, provider_reference__in=references
    ).values_list("provider_reference", "pk", "captured_settled", "currency_id")
    return {
        str(name): Candidate("billing.payment", pk, amount, currency) for name, pk, amount, currency in rows
    }


def refunds(file: SettlementFile, references: Sequence[str]) -> Mapping[str, Candidate]:
    """Refunds of the account by the provider's name."""
    rows = Refund.objects.filter(
        provider_account_id=file.provider_account_id, provider_reference__in=references
    ).values_list("provider_reference", "pk", "amount", "currency_id", "status")
    return {
        str(name): Candidate(
            "billing.refund",
            pk,
            -amount,
            currency,
            ""
            if status == RefundStatus.SUCCEEDED
            else f"The refund is {RefundStatus(status).label.lower()} here.",
        )
        for name, pk, amount, currency, status in rows
    }


def transfers(file: SettlementFile, references: Sequence[str]) -> Mapping[str, Candidate]:
    """The other side of a transfer: the line of the bank for one of the provider, and the other way round."""
    rows = (
        SettlementLine.objects.filter(
            reference__in=references,
            category=SettlementCategory.TRANSFER,
            settlement_file__status__in=LIVE,
            settlement_file__provider_account_id=file.provider_account_id,
            match__isnull=True,
        )
        .exclude(settlement_file__kind=file.kind)
        .order_by("-pk")
        .values_list("reference", "pk", "gross", "settlement_file__currency_id")
    )
    return {
        name: Candidate("billing.settlementline", pk, -amount, currency)
        for name, pk, amount, currency in rows
    }


def disputed(file: SettlementFile, references: Sequence[str]) -> Mapping[str, Candidate]:
    """Movements of disputes by the provider's name of the movement."""
    rows = DisputeMovement.objects.filter(
        provider_account_id=file.provider_account_id, reference__in=references
    ).values_list("reference", "pk", "amount", "currency_id")
    return {
        str(name): Candidate("billing.disputemovement", pk, amount, currency)
        for name, pk, amount, currency in rows
    }


def _payouts(
    file: SettlementFile, references: Sequence[str], sign: int, statuses: Sequence[PayoutStatus]
) -> Mapping[str, Candidate]:
    """A provider names a payout as it does; a bank shows the reference that we gave it."""
    field = "reference" if file.kind == SettlementFileKind.BANK_CAMT053 else "provider_reference"
    rows = Payout.objects.filter(
        provider_account_id=file.provider_account_id, **{f"{field}__in": references}
    ).values_list(field, "pk", "amount", "currency_id", "status")
    return {
        str(name): Candidate(
            "billing.payout",
            pk,
            sign * amount,
            currency,
            "" if status in statuses else f"The payout is {PayoutStatus(status).label.lower()} here.",
        )
        for name, pk, amount, currency, status in rows
    }


def payouts(file: SettlementFile, references: Sequence[str]) -> Mapping[str, Candidate]:
    """Payouts that left, those that came back later included."""
    left = (PayoutStatus.PAID, PayoutStatus.RETURNED, PayoutStatus.PAID_AFTER_ALL)
    return _payouts(file, references, -1, left)


def payouts_back(file: SettlementFile, references: Sequence[str]) -> Mapping[str, Candidate]:
    """Payouts that came back."""
    return _payouts(file, references, 1, (PayoutStatus.RETURNED,))


register_finder(SettlementCategory.CHARGE, charges)
register_finder(SettlementCategory.REFUND, refunds)
register_finder(SettlementCategory.TRANSFER, transfers)
register_finder(SettlementCategory.DISPUTE, disputed)
register_finder(SettlementCategory.DISPUTE_REVERSAL, disputed)
register_finder(SettlementCategory.PAYOUT, payouts)
register_finder(SettlementCategory.PAYOUT_RETURN, payouts_back)
