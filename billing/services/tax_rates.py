"""Rates of tax as laws set them: each holds until the next one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from billing.catalogue_choices import TaxKind
from billing.errors import TaxRefused
from billing.models import TaxRate
from core.db.refusals import refused_as
from core.models.identity import uuid7_derived


@dataclass(frozen=True, slots=True)
class KnownTaxRate:
    """A rate of tax in a jurisdiction from `since` until `until` (UTC, half-open; None: until further notice)."""

    jurisdiction: str
    kind: TaxKind
    rate: Decimal
    source: str
    description: str
    since: dt.datetime
    until: dt.datetime | None

    @property
    def row(self) -> TaxRate:
        """The row of it; the same rate always has the same id. Ids begin in 1970, laws before."""
        instant = max(self.since, dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
        return TaxRate(
            id=uuid7_derived(
                instant, "tax_rate", self.source, self.jurisdiction, self.kind.value, self.since.isoformat()
            ),
            jurisdiction=self.jurisdiction,
            kind=self.kind,
            rate=self.rate,
            source=self.source,
            description=self.description,
            valid=DateTimeTZRange(self.since, self.until, "[)"),
        )


@transaction.atomic
def tax_rates_record(*, rates: Sequence[KnownTaxRate]) -> int:
    """Record rates of tax, as the worker; returns how many were new or now end.

    A rate that is there gets the end that is known now. Where the source now says another rate for the same time,
    everything is refused: a correction of the past is for a person to decide about.

    Locks: the rates that end. Raises: TaxRefused.
    """
    rows = [known.row for known in rates]
    ids = [row.pk for row in rows]
    there = {row.pk: row for row in TaxRate.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    changed = 0
    with refused_as(TaxRefused):
        for row in rows:
            known = there.get(row.pk)
            if known is None:
                continue
            if known.rate != row.rate:
                raise TaxRefused(
                    f"{known} is recorded since {known.valid.lower:%d %B %Y}, and now the source says "
                    f"{row.rate * 100:.2f} %. A rate is never changed."
                )
            if known.valid != row.valid:
                known.valid = row.valid
                known.save(update_fields=["valid"])
                changed += 1
        new = [row for row in rows if row.pk not in there]
        TaxRate.objects.bulk_create(new)
    return len(new) + changed
