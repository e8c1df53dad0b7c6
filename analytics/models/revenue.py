"""What a day brought in, and the proof that the ledger says the same."""

from functools import reduce
from operator import add

from django.db import models
from django.db.models import F, Q

from analytics.revenue_choices import DEBITED, GIVEN_TO, PROVEN, RevenueKind
from billing.models.currency import in_currency
from core.db.constraints import matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.models import Identified, Volume

REVENUE_STAFF = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.ANALYST,
)
"""Who sees what the platform takes in."""

SUMS = NotHeld("Sums of the ledger, which is kept 10 years and never deleted.")


def _sum(comment: str) -> models.BigIntegerField:
    return models.BigIntegerField(default=0, db_default=0, db_comment=comment)


def _rights(change: str = "delete") -> list[Policy]:
    """Staff read, and the worker writes and replaces."""
    return [
        *policies(*REVENUE_STAFF, Role.WORKER, command="select", using=ALL),
        *policies(Role.WORKER, command="insert", check=ALL),
        *policies(Role.WORKER, command=change, using=ALL),
    ]


class RevenueDay(Identified):
    """One row per day of the books, performer, kind, unit and country: sums of postings, made anew day by day.

    All amounts are minor units of the currency, or tokens where that is TOKEN. In every row sales and adjustments, less
    refunds and disputes, are what went to tax, deferred and token revenue, shares and what waits, less losses.
    Written by `analytics_revenue_compute` alone.
    """

    volume, retention = Volume.LARGE, "that of the ledger, whose sums these are"
    held_by = SUMS

    day = models.DateField(db_comment="Day (UTC) on which the entries count: their booked_on.")
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="revenue_days",
        db_comment="By whom it was earned; null: by nobody in particular, such as packs of tokens.",
    )
    kind = models.TextField(choices=RevenueKind, db_comment="What was paid for, or what else it is about.")
    currency = in_currency("revenue_days", "The unit of the amounts: a currency, or TOKEN.")
    country = not_personal(
        models.TextField(
            null=True,
            blank=True,
            db_comment="Country of the order, ISO 3166-1 alpha-2; null: tokens have none, nor have fees.",
        )
    )
    gross = _sum("Sold, tax included: what payers paid for, or tokens spent. Minor units or tokens.")
    refunds = _sum("Given back for refunds and for spends taken back, tax included. Minor units or tokens.")
    disputes = _sum("Taken back for lost disputes, tax included. Minor units.")
    adjustments = _sum("What adjustments changed, and entries of no other kind. Minor units or tokens.")
    tax = _sum("Of it tax: what is owed to jurisdictions more than before. Minor units.")
    deferred = _sum("Of it cost of tokens not spent yet: change of deferred revenue. Minor units.")
    token_revenue = not_personal(
        _sum("Cost of paid tokens that were spent or expired: earned now. Minor units.")
    )
    performer_share = _sum(
        "Of it earned by performers, debts to the platform taken off. Minor units or tokens."
    )
    studio_share = _sum("Of it earned by studios, debts to the platform taken off. Minor units or tokens.")
    platform_share = _sum("Of it kept by the platform. Minor units or tokens.")
    waiting = _sum("Paid for tickets and periods that could not be given; to be refunded. Minor units.")
    losses = _sum("Given back for tokens that were spent already: borne by the platform. Minor units.")
    provider_fees = _sum("What providers took for their work, beside the sums above. Minor units.")
    dispute_fees = _sum("What providers took for disputes, beside the sums above. Minor units.")

    class Meta:
        db_table_comment = (
            "One row per day of the books, performer, kind, unit and country: sums of postings. Written by "
            "analytics_revenue_compute. Kept as long as the ledger."
        )
        constraints = [
            one_of("kind", RevenueKind),
            matches("country", "^[A-Z]{2}$", "A country is written as two capital letters."),
            rule(
                Q(
                    gross=reduce(add, (F(name) for name in (*DEBITED, *GIVEN_TO)))
                    - F("adjustments")
                    - F("losses")
                ),
                "balanced",
                "What was sold, less what was given back, is what went to tax, revenue and shares.",
            ),
            unique(
                "day",
                "currency",
                "kind",
                "performer",
                "country",
                name="bucket",
                message="There are figures of this day, unit, kind, performer and country.",
            ),
            *_rights(),
        ]
        indexes = [
            BTree(
                fields=["performer", "day"],
                condition=Q(performer__isnull=False),
                serves="docs/queries/revenue_of_performer.sql: what a performer brought in, day by day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.day:%Y-%m-%d}"


class RevenueBook(Identified):
    """One row per day that was computed: up to which moment of the ledger it holds everything.

    Every posting of the day before that moment is in it, and no later one: so a day is proven while it goes on.
    Written by `analytics_revenue_compute` alone.
    """

    volume, retention = Volume.SMALL, "that of the ledger, whose sums these are"
    held_by = SUMS

    day = models.DateField(db_comment="Day (UTC) of the books.")
    moment = models.BigIntegerField(
        db_comment="Moment of the ledger's time: all postings of the day before it are in the figures, none after it."
    )
    entries = models.IntegerField(db_comment="Number of entries of the day that bear on revenue.")
    figures = models.IntegerField(db_comment="Number of rows of figures that the day has.")
    took = models.DurationField(db_comment="How long it took; a day that takes long is made anew less often.")
    computed_at = models.DateTimeField(db_comment="When it was computed (UTC), by the clock of the database.")
    proven_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was last compared with the ledger (UTC); null: never."
    )
    differences = models.IntegerField(
        default=0, db_default=0, db_comment="Sums that differed from the ledger when it was last compared."
    )

    class Meta:
        db_table_comment = (
            "One row per day of the books that was computed, and up to which moment of the ledger. Written by "
            "analytics_revenue_compute. Kept as long as the ledger."
        )
        constraints = [
            unique("day", message="This day was computed already."),
            rule(
                Q(moment__gte=0, entries__gte=0, figures__gte=0, differences__gte=0),
                "counts",
                "A day has so many or none.",
            ),
            *_rights("update"),
        ]

    def __str__(self) -> str:
        return f"Books of {self.day:%Y-%m-%d}"


class RevenueCheck(Identified):
    """One row per day, unit and measure as last proven: the figures beside what the ledger says by itself.

    Written by `analytics_revenue_check` alone; a later proof of the day replaces it.
    """

    volume, retention = Volume.LARGE, "that of the ledger, whose sums these are"
    held_by = SUMS

    day = models.DateField(db_comment="Day (UTC) of the books.")
    currency = in_currency("revenue_checks", "The unit of the amounts: a currency, or TOKEN.")
    measure = models.TextField(
        db_comment="What is compared: a column of the figures, or unclassified postings."
    )
    figures = models.BigIntegerField(db_comment="The sum of the figures, in minor units or tokens.")
    ledger = models.BigIntegerField(db_comment="The sum of the postings, in minor units or tokens.")
    difference = models.GeneratedField(
        expression=F("figures") - F("ledger"),
        output_field=models.BigIntegerField(),
        db_persist=True,
        db_comment="What the figures say too much; 0: proven.",
    )
    checked_at = models.DateTimeField(db_comment="When it was compared (UTC), by the clock of the database.")

    class Meta:
        db_table_comment = (
            "One row per day, unit and measure: figures of revenue beside the ledger, as last compared. Written by "
            "analytics_revenue_check. Kept as long as the ledger."
        )
        constraints = [
            one_of("measure", PROVEN),
            unique("day", "currency", "measure", message="This was compared already."),
            *_rights(),
        ]
        indexes = [
            BTree(
                fields=["day"],
                condition=~Q(difference=0),
                name="analytics_revenuecheck_wrong_idx",
                serves="The page of revenue: days of which figures and ledger differ",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.day:%Y-%m-%d}"
