"""Exchange rates: what a unit of one currency is worth in another, as a source published it."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from billing.catalogue_choices import RateSource
from billing.catalogue_triggers import OnlyEnds
from billing.models.currency import in_currency
from core.db.constraints import no_overlap, one_of, rule
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.roles import ACTING_ROLES, Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume


class ExchangeRateQuerySet(EffectiveDatedQuerySet):
    """Reads of rates."""

    def between(self, base: str, quotes: list[str], at: dt.datetime, source: str) -> Self:
        """Rates of this source from `base` to each of `quotes` that hold at `at`."""
        return self.at(at).filter(base=base, quote__in=quotes, source=source)


class ExchangeRate(EffectiveDated):
    """One row per published rate: `rate` units of `quote` are worth one unit of `base`, during `valid`.

    Written by `billing.services.exchange_rates`, as the worker. A rate is never changed; its end moves when the next
    one is published.
    """

    volume, retention = Volume.LARGE, "10 years after its end"

    base = models.ForeignKey(
        "billing.Currency",
        models.PROTECT,
        to_field="code",
        db_column="base",
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="rates_from",
        db_comment="Currency of which one unit is priced, such as EUR.",
    )
    quote = in_currency("rates_to", "Currency in which it is priced.", db_column="quote")
    source = models.TextField(choices=RateSource, db_comment="Who published it.")
    rate = models.DecimalField(
        max_digits=20, decimal_places=10, db_comment="Units of quote for one unit of base; above zero."
    )

    objects: ClassVar[Any] = ExchangeRateQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per published exchange rate; dated. Written by billing.services.exchange_rates. "
            "Kept 10 years after its end."
        )
        constraints = [
            one_of("source", RateSource),
            rule(Q(rate__gt=0), "rate", "A rate is above zero."),
            rule(~Q(base=F("quote")), "pair", "A rate is between two currencies."),
            rule(
                Q(valid__startswith__isnull=False),
                "valid_from",
                "A rate says from when it holds.",
            ),
            no_overlap(
                "base",
                "quote",
                "source",
                during="valid",
                message="A rate of this source for this pair already covers part of that period.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
            *policies(Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["quote", "id"],
                serves="Exchange rates of the back office, filtered by currency, the newest first",
            )
        ]
        triggers = [Immutable("base", "quote", "source", "rate"), OnlyEnds()]

    def __str__(self) -> str:
        return f"1 {self.base_id} = {self.rate.normalize():f} {self.quote_id}"
