"""How much there is of what people do, by subject: figures for pages, folded from what was appended."""

from typing import Any

from django.db import models
from django.db.models import Q

from core.db.constraints import one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.retention import Over
from core.models import Fact, Identified, Volume
from core.models.partitioned import Partitioned
from engagement.counter_triggers import StampsMoment
from engagement.tie_choices import CounterKind, CounterSubject

LARGEST_DELTA = 1_000_000_000
FIGURES = "Figures; what they count is held where it stands."


class EngagementCounter(Identified):
    """One row per subject and kind: the sum of the deltas folded so far.

    Its present value is that and what was appended since (`engagement.services.counters.counters_of`). Written by
    `engagement_counters_fold` alone. Corrections are deltas too.
    """

    volume, retention = Volume.LARGE, "as long as its subject"
    held_by = NotHeld(FIGURES)

    subject_type = models.TextField(choices=CounterSubject, db_comment="What is counted of: the kind.")
    subject = models.UUIDField(db_comment="Which one: the id of a performer, stream, archive or room.")
    kind = models.TextField(choices=CounterKind, db_comment="What is counted.")
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="engagement_counters",
        db_comment="Whose subject it is.",
    )
    value = models.BigIntegerField(default=0, db_comment="Sum of the deltas folded so far.")
    folded_at = models.DateTimeField(db_comment="When the last delta was added (UTC).")

    class Meta:
        db_table_comment = (
            "One row per subject and kind of engagement: the sum of its folded deltas. Written by "
            "engagement_counters_fold. Kept as long as its subject."
        )
        constraints = [
            one_of("subject_type", CounterSubject),
            one_of("kind", CounterKind),
            unique("subject", "kind", "subject_type", message="This is counted already."),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"


class CounterDelta(Fact, Partitioned):
    """One row per change of a counter, or per statement that changed it; appended, so that nobody waits for anybody.

    Triggers write those of follows, favourites, reactions and shares, `engagement.services.counters` the others.
    `moment` is the ledger's own time, which goes on in another cluster (`ledger_moment`).
    """

    volume, retention = Volume.FIREHOSE, "1 month"
    held_by = NotHeld(FIGURES)

    subject_type = models.TextField(choices=CounterSubject, db_comment="What is counted of: the kind.")
    subject = models.UUIDField(db_comment="Which one: the id of a performer, stream, archive or room.")
    kind = models.TextField(choices=CounterKind, db_comment="What is counted.")
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="counter_deltas",
        db_comment="Whose subject it is.",
    )
    change = models.IntegerField(db_comment="By how much the counter changes; never nil.")
    is_correction = models.BooleanField(
        default=False, db_comment="Whether the reconciliation wrote it, because the figures had drifted."
    )
    moment = models.BigIntegerField(
        db_default=0,
        editable=False,
        db_comment="Number of the writing transaction in the ledger's time; set by trigger.",
    )

    partitions = PartitionPlan(every=Every.MONTH, behind=1)

    class Meta:
        db_table_comment = (
            "One row per change of a counter of engagement. Written by triggers and engagement.services.counters. "
            "Kept 1 month."
        )
        constraints = [
            one_of("subject_type", CounterSubject),
            one_of("kind", CounterKind),
            rule(
                ~Q(change=0) & Q(change__gte=-LARGEST_DELTA, change__lte=LARGEST_DELTA),
                "change",
                "A counter changes by something, and by a thousand million at most.",
            ),
        ]
        indexes = [
            BTree(
                fields=["moment"],
                serves="engagement_counters_fold: what was appended since the last fold and is final",
            ),
            BTree(
                fields=["performer", "-id"],
                serves="List of changes of counters in the back office, of one performer, newest first",
            ),
        ]
        triggers = [StampsMoment()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.change:+d}"


class CounterFold(Fact, Identified):
    """One row per fold that found something: from which moment until before which, and how much.

    The last one says where the next begins. Written by `engagement_counters_fold`.
    """

    volume, retention = Volume.LARGE, "90 days"
    over = Over("{row}.folded_at")

    since = models.BigIntegerField(db_comment="First moment that was folded.")
    until = models.BigIntegerField(
        db_comment="Moment before which everything is folded: no older transaction was running."
    )
    deltas = models.IntegerField(db_comment="How many deltas were added up.")
    counters = models.IntegerField(db_comment="How many counters changed.")
    epoch = models.ForeignKey(
        "billing.LedgerEpoch",
        models.PROTECT,
        related_name="counter_folds",
        db_comment="The epoch of the ledger's time in which it was folded.",
    )
    folded_at = models.DateTimeField(db_comment="When it was folded, by the clock of the database (UTC).")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per fold of the counters that found something. Written by engagement_counters_fold. "
            "Kept 90 days."
        )
        constraints = [
            rule(Q(until__gt=models.F("since"), deltas__gt=0, counters__gt=0), "until", "A fold goes on."),
            unique("until", message="This was folded already."),
        ]

    def __str__(self) -> str:
        return f"{self.deltas} deltas"
