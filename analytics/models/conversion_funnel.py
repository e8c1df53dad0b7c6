"""What becomes of sign-ups: how many came, bought, and bought again."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.lookups import Exact

from accounts.choices import SignUpSource
from analytics.audience_choices import ConversionWindow
from analytics.audience_policies import AUDIENCE_READERS
from core.db.constraints import one_of, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, policies
from core.db.retention import Over
from core.db.roles import Role
from core.models import Entity, Volume


def _begins_on_monday() -> Exact:
    number = Func(
        F("week"), template="extract(isodow FROM %(expressions)s)::integer", output_field=IntegerField()
    )
    return Exact(number, Value(1))


class ConversionFunnelQuerySet(models.QuerySet):
    """Reads of funnels."""

    def within(self, days: int) -> Self:
        """The funnels of one window, week by week."""
        return self.filter(within_days=days).order_by("week", "source")


class ConversionFunnel(Entity):
    """One row per week of sign-up, window and source: how many signed up, and how far they came.

    Each number is of those counted by the one before, so that none is greater. Whoever signed up on a day has that day
    and the next ones of the window to do it. Written once, by `analytics_conversion_compute`, when all days of the
    window are final; the erased since then stay in the numbers, which name nobody.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over(
        "{row}.week::timestamp AT TIME ZONE 'UTC'", found="{row}.week < ({cut_off} AT TIME ZONE 'UTC')"
    )
    held_by = NotHeld("Numbers of people; they name nobody.")

    week = models.DateField(db_comment="Monday (UTC) of the week in which they signed up.")
    within_days = models.IntegerField(
        choices=ConversionWindow,
        db_comment="Days (UTC) that each of them had, that of the sign-up included.",
    )
    source = models.TextField(choices=SignUpSource, db_comment="How their accounts came into being.")
    signed_up = models.BigIntegerField(
        db_comment="How many signed up and were not erased when this was counted."
    )
    here = models.BigIntegerField(
        db_comment="How many of them watched, wrote or gave on some day of the window."
    )
    bought = models.BigIntegerField(db_comment="How many of those here paid an order within the window.")
    bought_again = models.BigIntegerField(
        db_comment="How many of those who bought paid a second order within the window."
    )

    objects: Any = ConversionFunnelQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per week of sign-up, window and source: how many signed up, were here, bought and bought again. "
            "Written once by analytics_conversion_compute. Kept 7 years."
        )
        constraints = [
            rule(Q(within_days__in=ConversionWindow.values), "within_days", "A window has 7 or 28 days."),
            one_of("source", SignUpSource),
            rule(Q(_begins_on_monday()), "week", "Weeks begin on Monday."),
            rule(
                Q(
                    signed_up__gte=F("here"),
                    here__gte=F("bought"),
                    bought__gte=F("bought_again"),
                    bought_again__gte=0,
                ),
                "nested",
                "Of a funnel no number is greater than the one before, and none is negative.",
            ),
            unique("within_days", "week", "source", message="There is a funnel of this week already."),
            *policies(*AUDIENCE_READERS, Role.WORKER, command="select", using=ALL),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()}, week of {self.week:%Y-%m-%d}"
