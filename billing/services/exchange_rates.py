"""Exchange rates as they are published: each holds until the next one, and at most a week."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from billing.catalogue_choices import RateSource
from billing.errors import ExchangeRefused
from billing.models import ExchangeRate
from core.db.refusals import refused_as
from core.models.identity import uuid7_derived

LONGEST = dt.timedelta(days=7)
"""A rate holds no longer, whatever comes after: the longest time without a publication is Easter, five days."""

SHORTEN = """
UPDATE billing_exchangerate r
SET valid = tstzrange(lower(r.valid), n.since, '[)')
FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[]) AS n (base, quote, source, since)
WHERE r.base = n.base AND r.quote = n.quote AND r.source = n.source
  AND r.valid @> n.since AND lower(r.valid) < n.since
"""


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """One unit of `base` is worth `rate` units of `quote`, from `since` until `until` (both UTC, half-open)."""

    base: str
    quote: str
    source: RateSource
    rate: Decimal
    since: dt.datetime
    until: dt.datetime

    @property
    def row(self) -> ExchangeRate:
        """The row of it; the same publication always has the same id."""
        return ExchangeRate(
            id=uuid7_derived(self.since, "exchange_rate", self.source.value, self.base, self.quote),
            base_id=self.base,
            quote_id=self.quote,
            source=self.source,
            rate=self.rate,
            valid=DateTimeTZRange(self.since, self.until, "[)"),
        )


@transaction.atomic
def exchange_rates_record(*, rates: Sequence[PublishedRate]) -> int:
    """Record published rates, as the worker; returns how many were new. A rate that is there is left as it is.

    A rate that was thought to hold ends where a newer one begins. Each is the same row whenever it is recorded; where
    the source now says something else about the same publication, everything is refused.

    Locks: the rates that end. Raises: ExchangeRefused.
    """
    rows = [published.row for published in rates]
    there = {row.pk: row for row in ExchangeRate.objects.filter(pk__in=[row.pk for row in rows])}
    for row in rows:
        known = there.get(row.pk)
        if known is not None and known.rate != row.rate:
            raise ExchangeRefused(
                f"{known} is recorded since {known.valid.lower:%d %B %Y}, and now the source says "
                f"{row.rate.normalize():f}. A published rate is never changed."
            )
    new = [row for row in rows if row.pk not in there]
    if not new:
        return 0
    with refused_as(ExchangeRefused):
        with connection.cursor() as cursor:
            cursor.execute(
                SHORTEN,
                [
                    [row.base_id for row in new],
                    [row.quote_id for row in new],
                    [str(row.source) for row in new],
                    [row.valid.lower for row in new],
                ],
            )
        ExchangeRate.objects.bulk_create(new, batch_size=1000)
    return len(new)
