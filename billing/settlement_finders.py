"""What a line of a settlement file may be: each area registers how its rows are found by the provider's names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from billing.models import Payment, Refund, SettlementFile, SettlementLine
from billing.payment_choices import RefundStatus
from billing.reconciliation_choices import SettlementCategory
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


def remove_finder(category: SettlementCategory, finder: Finder) -> None:
    """Take a finder away again, as tests do."""
    _finders[category].remove(finder)


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


register_finder(SettlementCategory.CHARGE, charges)
register_finder(SettlementCategory.REFUND, refunds)
register_finder(SettlementCategory.TRANSFER, transfers)
