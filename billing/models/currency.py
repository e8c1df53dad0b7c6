"""Currencies: the units in which amounts of money and tokens are counted."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.lookups import Regex

from core.db.constraints import matches, rule, unique
from core.db.policies import ALL, SOMEBODY, policies
from core.db.privacy import not_personal
from core.db.roles import ACTING_ROLES, Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume

CATALOGUE_MANAGERS = (Role.FINANCE, Role.ADMINISTRATOR)
"""Who keeps currencies, products, prices and promotions."""

TOKEN = "TOKEN"  # noqa: S105  (a currency)
"""The code of the platform's own unit."""

LARGEST_EXPONENT = 4
"""ISO 4217 has no currency with more decimal places (CLF and UYW have four)."""

LARGEST_AMOUNT = 10**15
"""Minor units that no command exceeds; far below what bigint holds, so that sums never overflow."""

AMOUNT_WORDS = "An amount is at least 1 and at most 10^15 minor units."


def within_reason(field: str, least: int = 1) -> Q:
    """The condition that an amount in minor units is at least `least` and at most `LARGEST_AMOUNT`."""
    return Q(**{f"{field}__gte": least, f"{field}__lte": LARGEST_AMOUNT})


class CurrencyQuerySet(models.QuerySet):
    """Reads of currencies."""

    def usable(self, on: dt.date) -> Self:
        """Currencies of states that are legal tender on this day: no tokens, nothing withdrawn."""
        return self.filter(Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=on), is_token=False)


class Currency(Versioned):
    """One row per unit of account: the currencies of ISO 4217, withdrawn ones too, and our tokens.

    Written by a migration and by `billing.services.currencies`. Money rows hold the code. An exponent never changes,
    since it says what every stored amount means.
    """

    volume, retention = Volume.SMALL, "while the platform lives"

    code = models.TextField(db_comment="Code of ISO 4217 (EUR), or TOKEN; unique, never changed.")
    name = models.TextField(db_comment="Name in English.")
    exponent = models.SmallIntegerField(
        db_comment="Decimal places between the unit and its minor unit: EUR 2, JPY 0, KWD 3, TOKEN 0."
    )
    is_token = not_personal(
        models.BooleanField(default=False, db_comment="The platform's own unit, which no provider takes.")
    )
    withdrawn_on = models.DateField(
        null=True, blank=True, db_comment="First day on which it is no legal tender any more; null: it is."
    )

    objects: Any = CurrencyQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name_plural = "currencies"
        db_table_comment = (
            "One row per currency of ISO 4217 and for tokens. Written by a migration and "
            "billing.services.currencies. Kept while the platform lives."
        )
        permissions = [("keep_currency", "Can withdraw currencies and keep the exceptions of providers")]
        constraints = [
            unique("code", message="This currency exists already."),
            matches(
                "code", "^([A-Z]{3}|TOKEN)$", "A currency has a code of three capital letters, such as EUR."
            ),
            *line("name", 80),
            rule(
                Q(exponent__gte=0, exponent__lte=LARGEST_EXPONENT),
                "exponent",
                f"A currency has 0 to {LARGEST_EXPONENT} decimal places.",
            ),
            rule(
                Q(is_token=False) & ~Q(code=TOKEN)
                | Q(is_token=True, code=TOKEN, exponent=0, withdrawn_on__isnull=True),
                "token",
                "Tokens are the currency TOKEN, without decimal places, and no other.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("code", "exponent", "is_token")]

    def __str__(self) -> str:
        return self.code


def is_code(field: str) -> Regex:
    """The condition that a column without a foreign key holds what looks like the code of a currency."""
    return Regex(models.F(field), "^[A-Z]{3,5}$")


def in_currency(
    related_name: str, comment: str, *, db_column: str = "currency", **options: Any
) -> models.ForeignKey:
    """The column `currency` of a row of money: the code, which is what people and providers say."""
    return models.ForeignKey(
        Currency,
        models.PROTECT,
        to_field="code",
        db_column=db_column,
        # There are two hundred currencies, and none is ever deleted: an index would be read by nobody.
        db_index=False,
        related_name=related_name,
        db_comment=comment,
        **options,
    )
