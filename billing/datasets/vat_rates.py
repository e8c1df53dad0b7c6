"""Standard rates of value-added tax (vat-rates).

The source mixes two ways to say when a rate ends: mostly the first day on which it does not hold, sometimes the last
day on which it does. What follows tells which; where nothing follows, the day of the month does. Here every period is
half-open, from midnight to midnight where the tax is.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from billing.catalogue_choices import TaxKind
from billing.datasets.zones import ZONES
from billing.services.tax_rates import KnownTaxRate, tax_rates_record
from core.datasets.files import Row, rows_of
from core.datasets.registry import BrokenRow, Dataset, Note, ReadRow, register

FILE = "vat_rates.csv.gz"
COLUMNS = ("start_date", "stop_date", "territory_codes", "currency_code", "rate", "rate_type", "description")
SOURCE = "vat_rates"
ISO = {"EL": "GR", "UK": "GB"}
"""Codes of the European Union for Greece and the United Kingdom, which the source gives beside those of ISO 3166."""

JURISDICTION = re.compile("[A-Z]{2}(-[A-Z0-9][A-Z0-9 ]{0,9})?")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stated:
    """A rate as the source states it; `stop` is exclusive or inclusive, which this row does not say."""

    start: dt.date
    stop: dt.date | None
    territories: tuple[str, ...]
    rate: Decimal
    kind: TaxKind
    description: str


@dataclass(frozen=True, slots=True)
class Placed:
    """One statement in one jurisdiction, and where it stands."""

    stated: Stated
    line: int


def _day(row: Row, column: str) -> dt.date:
    try:
        return dt.date.fromisoformat(row[column])
    except ValueError:
        raise ValueError(f"{column} {row[column][:40]!r} is no day, as in 2011-01-04") from None


def _territory(text: str) -> str:
    country, dash, part = text.partition("-")
    code = ISO.get(country, country) + dash + part
    if not JURISDICTION.fullmatch(code):
        raise ValueError(f"territory {text[:40]!r} is no country or part of one")
    return code


def stated_of(row: Row) -> Stated:
    """The statement of a row. Raises ValueError with a sentence."""
    start = _day(row, "start_date")
    stop = _day(row, "stop_date") if row["stop_date"] else None
    if stop is not None and stop <= start:
        raise ValueError(f"stop_date {stop} does not lie after start_date {start}")
    try:
        rate = Decimal(row["rate"])
    except InvalidOperation:
        raise ValueError(f"rate {row['rate'][:40]!r} is no number") from None
    if not rate.is_finite() or not 0 <= rate <= 1:
        raise ValueError(f"rate {row['rate'][:40]!r} lies not between 0 and 1")
    if row["rate_type"] not in TaxKind.values:
        raise ValueError(f"rate_type {row['rate_type'][:40]!r} is not known")
    territories = tuple(dict.fromkeys(_territory(code) for code in row["territory_codes"].split("\n")))
    return Stated(start, stop, territories, rate, TaxKind(row["rate_type"]), row["description"].strip())


def _midnight(day: dt.date, jurisdiction: str) -> dt.datetime:
    zone = ZoneInfo(ZONES.get(jurisdiction[:2], "UTC"))
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _end(stated: Stated, following: Stated | None) -> tuple[dt.date | None, str]:
    """The first day on which the rate does not hold, and what is worth a note. Raises ValueError."""
    stop = stated.stop
    if following is None:
        if stop is None:
            return None, ""
        first = stop + DAY if (stop + DAY).day == 1 else stop
        return first, f"no rate is known from {first} on"
    if stop is None:
        return following.start, f"the rate of {stated.start} has no end; it ends where the next one begins"
    if stop > following.start:
        raise ValueError(f"the rate of {stated.start} reaches into that of {following.start}")
    if stop == following.start:
        return stop, ""
    if stop + DAY == following.start:
        return following.start, f"the end {stop} is the last day of the rate, not the first without it"
    return stop, f"no rate is known from {stop} to {following.start}"


def read_vat_rates(path: Path) -> Iterator[ReadRow | BrokenRow | Note]:
    """Every rate of every jurisdiction, oldest first, with notes on ends and gaps. Raises `DatasetRefused`."""
    found: dict[tuple[str, TaxKind], list[Placed]] = defaultdict(list)
    for row in rows_of(path / FILE, COLUMNS, stated_of):
        if isinstance(row, BrokenRow):
            yield row
            continue
        for territory in row.value.territories:
            found[territory, row.value.kind].append(Placed(row.value, row.line))
    for (jurisdiction, kind), rates in sorted(found.items()):
        rates.sort(key=lambda placed: (placed.stated.start, placed.line))
        for placed, following in zip(rates, [*rates[1:], None], strict=True):
            stated = placed.stated
            try:
                if following is not None and following.stated.start == stated.start:
                    raise ValueError(f"two rates begin on {stated.start}")
                end, note = _end(stated, following.stated if following else None)
            except ValueError as error:
                yield BrokenRow(FILE, placed.line, f"{jurisdiction}: {error}")
                continue
            if note:
                yield Note(FILE, placed.line, f"{jurisdiction}: {note}")
            yield ReadRow(
                FILE,
                placed.line,
                KnownTaxRate(
                    jurisdiction=jurisdiction,
                    kind=kind,
                    rate=stated.rate,
                    source=SOURCE,
                    description=stated.description,
                    since=_midnight(stated.start, jurisdiction),
                    until=None if end is None else _midnight(end, jurisdiction),
                ),
            )


def _write(rates: list[KnownTaxRate]) -> int:
    return tax_rates_record(rates=rates)


register(
    Dataset(
        name="vat_rates",
        words="standard rates of value-added tax in the European Union and elsewhere",
        read=read_vat_rates,
        write=_write,
    )
)
