"""Euro foreign exchange reference rates of the European Central Bank.

The bank publishes at about 16:00 in Frankfurt on every working day (ecb.europa.eu, euro foreign exchange reference
rates). A rate holds from then until the next one of its currency, at weekends and on holidays too, and at most a week.
"""

import csv
import datetime as dt
import gzip
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from billing.catalogue_choices import RateSource
from billing.errors import ExchangeRefused
from billing.exchange import EURO, PLACES
from billing.models import Currency
from billing.services.exchange_rates import LONGEST, PublishedRate, exchange_rates_record
from core.datasets.files import Row, rows_of
from core.datasets.registry import BrokenRow, Dataset, DatasetRefused, Note, ReadRow, register

FILE = "ecb_reference_rates.csv.gz"
FRANKFURT = ZoneInfo("Europe/Berlin")
PUBLISHED = dt.time(16)
MISSING = ("N/A", "")
MOST = Decimal(10) ** 9
Publication = tuple[dt.date, dict[str, Decimal | None]]


def published_at(day: dt.date) -> dt.datetime:
    """The instant (UTC) from which the rates of a day hold."""
    return dt.datetime.combine(day, PUBLISHED, FRANKFURT).astimezone(dt.UTC)


def _rate(currency: str, text: str) -> Decimal | None:
    if text in MISSING:
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{currency} {text[:40]!r} is no number") from None
    if not rate.is_finite() or not 0 < rate <= MOST or rate != rate.quantize(PLACES):
        raise ValueError(f"{currency} {text[:40]!r} is no rate above 0 with at most ten decimal places")
    return rate


def _publication(row: Row) -> Publication:
    try:
        day = dt.date.fromisoformat(row["Date"])
    except ValueError:
        raise ValueError(f"Date {row['Date'][:40]!r} is no day, as in 2025-12-31") from None
    return day, {code: _rate(code, row[code]) for code in row if code not in ("Date", "")}


def _columns(file: Path) -> tuple[str, ...]:
    """The first line: Date, codes of currencies, and a last comma. Raises DatasetRefused."""
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            columns = tuple(next(csv.reader(lines), ()))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DatasetRefused(f"{file} cannot be read: {error}.") from error
    codes = columns[1:-1] if columns[-1:] == ("",) else columns[1:]
    if columns[:1] != ("Date",) or not codes or not all(re.fullmatch("[A-Z]{3}", code) for code in codes):
        raise DatasetRefused(f"{file}: the first line is not Date and codes of currencies.")
    return columns


class _Gaps:
    """Days on which a currency has no rate, told as stretches."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[dt.date, dt.date, int, int]] = {}
        self.notes: list[tuple[int, str]] = []

    def missing(self, code: str, day: dt.date, line: int) -> None:
        """There is none on this day, which lies before those seen so far."""
        _, last, count, first_line = self._open.get(code, (day, day, 0, line))
        self._open[code] = (day, last, count + 1, first_line)

    def there(self, code: str) -> None:
        """There is one: the stretch that lies after it ends."""
        if code in self._open:
            first, last, count, line = self._open.pop(code)
            days = "day" if count == 1 else "days"
            self.notes.append((line, f"{code} has no rate on {count:,} {days} from {first} to {last}"))

    def close(self) -> None:
        """The file is over."""
        for code in sorted(self._open):
            self.there(code)


def read_exchange_rates(path: Path) -> Iterator[ReadRow | BrokenRow | Note]:
    """Every rate, the newest first as in the file, then the gaps as notes. Raises `DatasetRefused`."""
    newer: dict[str, dt.datetime] = {}
    gaps = _Gaps()
    before: dt.date | None = None
    for row in rows_of(path / FILE, _columns(path / FILE), _publication):
        if isinstance(row, BrokenRow):
            yield row
            continue
        day, rates = row.value
        if before is not None and day >= before:
            yield BrokenRow(row.file, row.line, f"{day} does not lie before {before}: the newest comes first")
            continue
        before = day
        since = published_at(day)
        for code, rate in rates.items():
            if rate is None:
                gaps.missing(code, day, row.line)
                continue
            gaps.there(code)
            until = newer.get(code, since + LONGEST)
            if until - since > LONGEST:
                last = since + LONGEST
                yield Note(row.file, row.line, f"{code} has no rate from {last:%Y-%m-%d} to {until:%Y-%m-%d}")
                until = last
            newer[code] = since
            yield ReadRow(row.file, row.line, PublishedRate(EURO, code, RateSource.ECB, rate, since, until))
    gaps.close()
    for line, words in gaps.notes:
        yield Note(FILE, line, words)


def _write(rates: list[PublishedRate]) -> int:
    known = set(Currency.objects.values_list("code", flat=True))
    unknown = sorted({rate.quote for rate in rates} - known)
    if unknown:
        raise ExchangeRefused(f"There is no currency {', '.join(unknown)}. Finance adds it first.")
    return exchange_rates_record(rates=rates)


register(
    Dataset(
        name="exchange_rates",
        words="eleven years of euro reference rates of the European Central Bank",
        read=read_exchange_rates,
        write=_write,
        batch=5000,
    )
)
