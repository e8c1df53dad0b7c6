"""Settlement reports of providers as CSV, each in the columns of its provider; read by the standard library."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from billing.errors import MoneyRefused, SettlementFileRefused
from billing.money import exponent_of
from billing.provider_choices import ProviderKind
from billing.reconciliation_choices import SettlementCategory
from billing.settlement_files.statement import (
    Statement,
    StatementLine,
    minor_units,
    plain,
    reference_of,
    refuse_too_many,
    text_of,
)

C = SettlementCategory


@dataclass(frozen=True)
class Report:
    """How a provider writes its report: which column is what, and what its words for movements mean.

    `references` are tried in their order, those of a category before those of all. Without `opening` and `closing`, the
    words for the two rows of balances, the report has none, and whoever uploads it says them.
    """

    category: str
    booked: str
    currency: str
    gross: str
    fee: str
    net: str
    words: str
    categories: Mapping[str, SettlementCategory]
    references: tuple[str, ...]
    references_of: Mapping[SettlementCategory, tuple[str, ...]] = field(default_factory=dict)
    opening: str = ""
    closing: str = ""
    small_codes: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """Columns without which nothing can be read."""
        return (self.category, self.booked, self.currency, self.gross, self.fee, self.net)


REPORTS: dict[str, Report] = {
    ProviderKind.SIMULATOR: Report(
        category="type",
        booked="booked_on",
        currency="currency",
        gross="gross",
        fee="fee",
        net="net",
        words="description",
        references=("reference",),
        categories={category.value: category for category in SettlementCategory},
        opening="opening_balance",
        closing="closing_balance",
    ),
    # "Balance change from activity, itemized" and "Payouts, itemized"; the balances stand in "Balance summary".
    ProviderKind.STRIPE: Report(
        category="reporting_category",
        booked="created",
        currency="currency",
        gross="gross",
        fee="fee",
        net="net",
        words="description",
        references=("source_id",),
        references_of={
            C.CHARGE: ("payment_intent_id", "charge_id", "source_id"),
            # Movements of disputes are told, and kept, by the names of their balance transactions.
            C.DISPUTE: ("balance_transaction_id",),
            C.DISPUTE_REVERSAL: ("balance_transaction_id",),
        },
        small_codes=True,
        categories={
            "charge": C.CHARGE,
            "refund": C.REFUND,
            "refund_failure": C.ADJUSTMENT,
            "dispute": C.DISPUTE,
            "dispute_reversal": C.DISPUTE_REVERSAL,
            "fee": C.FEE,
            "network_cost": C.FEE,
            # To our own bank, or to a performer: whoever takes the file knows which ones we made.
            "payout": C.TRANSFER,
            "payout_reversal": C.TRANSFER,
            "topup": C.TRANSFER,
            "transfer": C.PAYOUT,
            "transfer_reversal": C.PAYOUT_RETURN,
            "other_adjustment": C.ADJUSTMENT,
        },
    ),
}


def report_of(kind: str) -> Report:
    """How a provider of this kind writes. Raises SettlementFileRefused where nobody has said so yet."""
    if kind not in REPORTS:
        raise SettlementFileRefused("Reports of this provider cannot be read yet.")
    return REPORTS[kind]


def csv_read(body: bytes, kind: str, *, opening: int | None = None, closing: int | None = None) -> Statement:
    """Read a report. `opening` and `closing` (minor units) are for reports without balances, and for those alone.

    Raises SettlementFileRefused, with the line and what is wrong in it.
    """
    report = report_of(kind)
    rows = _rows(text_of(body), report)
    currency = ""
    lines: list[StatementLine] = []
    said: dict[str, int] = {}
    for place, row in rows:
        code = row[report.currency].strip()
        code = code.upper() if report.small_codes else code
        currency = currency or _currency(code, place)
        if code != currency:
            raise SettlementFileRefused(
                f"{place}: {code[:10]!r} beside {currency}. One file has one currency: have it exported for each."
            )
        word = row[report.category].strip()
        if report.opening and word in (report.opening, report.closing):
            _balance(said, word, minor_units(row[report.net], currency, place), report, lines, place)
            continue
        if report.closing in said:
            raise SettlementFileRefused(f"{place}: a line stands behind the closing balance.")
        lines.append(_line(report, row, currency, word, place))
        refuse_too_many(len(lines))
    if not currency:
        raise SettlementFileRefused("The file has no line below its header, so it says nothing.")
    begins, ends = _balances(report, said, opening, closing)
    return Statement(currency=currency, opening=begins, closing=ends, lines=tuple(lines))


def _rows(text: str, report: Report) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row by column, with words for where it stands."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in report.required if name not in header]
        if missing:
            raise SettlementFileRefused(
                f"The header has no column {', '.join(missing)}: this is no settlement report of this provider, "
                "or it is separated by another sign than the comma."
            )
        if len(set(header)) != len(header):
            raise SettlementFileRefused("The header names a column twice.")
        for row in reader:
            place = f"Line {reader.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise SettlementFileRefused(
                    f"{place} has {len(row)} cells where the header has {len(header)}. Is the file cut off, or are "
                    "amounts written with a comma?"
                )
            yield place, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise SettlementFileRefused(f"Line {reader.line_num} is no CSV: {error}.") from error


def _currency(code: str, place: str) -> str:
    try:
        exponent_of(code)
    except MoneyRefused as error:
        raise SettlementFileRefused(f"{place}: {error}") from error
    return code


def _balance(
    said: dict[str, int], word: str, amount: int, report: Report, lines: list[StatementLine], place: str
) -> None:
    if word in said:
        raise SettlementFileRefused(f"{place}: the file has this balance already.")
    if word == report.opening and lines:
        raise SettlementFileRefused(f"{place}: the opening balance stands behind lines.")
    said[word] = amount


def _balances(
    report: Report, said: dict[str, int], opening: int | None, closing: int | None
) -> tuple[int, int]:
    if not report.opening:
        if opening is None or closing is None:
            raise SettlementFileRefused(
                "Reports of this provider have no balances. Give the opening and the closing one, from its summary."
            )
        return opening, closing
    if opening is not None or closing is not None:
        raise SettlementFileRefused("The file has balances of its own; leave those of the form empty.")
    missing = [name.replace("_", " ") for name in (report.opening, report.closing) if name not in said]
    if missing:
        raise SettlementFileRefused(f"The file has no {' and no '.join(missing)}. Is it cut off?")
    return said[report.opening], said[report.closing]


def _line(report: Report, row: dict[str, str], currency: str, word: str, place: str) -> StatementLine:
    category = report.categories.get(word, C.OTHER)
    gross, fee, net = (
        minor_units(row[name], currency, place) for name in (report.gross, report.fee, report.net)
    )
    if net != gross - fee:
        raise SettlementFileRefused(f"{place}: the net is not the gross without the fee.")
    try:
        booked_on = dt.date.fromisoformat(row[report.booked].strip()[:10])
    except ValueError as error:
        raise SettlementFileRefused(
            f"{place}: {row[report.booked][:40]!r} is no day. Days are written as 2026-11-30."
        ) from error
    names = (*report.references_of.get(category, ()), *report.references)
    reference = next((found for name in names if (found := reference_of(row.get(name), place))), "")
    words = plain(row.get(report.words), 500)
    if category is C.OTHER and word:
        words = plain(f"{word}: {words}" if words else word, 500)
    return StatementLine(category, reference, booked_on, gross, fee, words)
