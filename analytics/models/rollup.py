"""How far each roll-up has come, what touched it, and which source touches which."""

from typing import Any

from django.db import models
from django.db.models import Q

from analytics.rollup_choices import RollupGrain
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.models import Entity, Fact, Identified, Volume
from core.models.partitioned import Partitioned
from engagement.counter_triggers import StampsMoment

BOOKKEEPING = "Bookkeeping of figures; what they count is held where it stands."
NAME = "^[a-z][a-z0-9_]{1,62}$"
NIL = "00000000-0000-0000-0000-000000000000"


class RollupState(Entity):
    """One row per roll-up: up to which touch everything is computed. Its lock is the one that runs take.

    All touches up to (`until`, `after`), ordered by moment and id, are done. Written by `analytics.services.rollups`.
    """

    volume, retention = Volume.SMALL, "for good: a roll-up goes on where it was"
    held_by = NotHeld(BOOKKEEPING)

    name = models.TextField(db_comment="Name of the roll-up; unique.")
    until = models.BigIntegerField(
        default=0, db_comment="Moment of the ledger's time before which every touch is computed."
    )
    after = models.UUIDField(
        default=NIL,
        db_comment="Last touch of the moment `until` that is computed; nil while none of that moment is.",
    )
    runs = models.BigIntegerField(default=0, db_comment="Number of transactions that computed something.")
    touches = models.BigIntegerField(default=0, db_comment="Number of touches that were taken, since ever.")
    buckets = models.BigIntegerField(
        default=0, db_comment="Number of buckets that were computed, since ever."
    )
    ran_at = models.DateTimeField(null=True, db_comment="When it last ran (UTC); null: never.")
    caught_up_at = models.DateTimeField(
        null=True, db_comment="When it last left nothing behind that was final (UTC); null: never."
    )

    class Meta:
        db_table_comment = (
            "One row per roll-up: up to which touch everything is computed. Written by analytics.services.rollups. "
            "Kept for good."
        )
        constraints = [
            matches("name", NAME, "A roll-up is named in small letters."),
            rule(
                Q(until__gte=0, runs__gte=0, touches__gte=0, buckets__gte=0),
                "counts",
                "A roll-up only goes on.",
            ),
            unique("name", message="There is a state of this roll-up already."),
        ]

    def __str__(self) -> str:
        return self.name


class RollupTouch(Fact, Partitioned):
    """One row per bucket that has to be computed anew; appended, so that nobody who writes waits for a roll-up.

    Written by triggers of the sources, by roll-ups for those that read them, and by rebuilds. `moment` is the ledger's
    own time, by which runs know what is final.
    """

    volume, retention = Volume.FIREHOSE, "7 days"
    held_by = NotHeld(BOOKKEEPING)

    rollup = models.TextField(db_comment="Name of the roll-up.")
    subject = models.UUIDField(db_comment="Of what the bucket is: the id of it, nil for the whole platform.")
    start = models.DateTimeField(db_comment="When the bucket begins (UTC): an hour, day, week or month.")
    moment = models.BigIntegerField(
        db_default=0,
        editable=False,
        db_comment="Number of the writing transaction in the ledger's time; set by trigger.",
    )

    partitions = PartitionPlan(every=Every.DAY, behind=1)

    class Meta:
        db_table_comment = (
            "One row per bucket of a roll-up that has to be computed anew. Written by triggers of the sources, by "
            "roll-ups and by analytics.services.rollups. Kept 7 days."
        )
        constraints = [matches("rollup", NAME, "A roll-up is named in small letters.")]
        indexes = [
            BTree(
                fields=["rollup", "moment", "id"],
                serves="analytics.services.rollups: what touched a roll-up since its last run and is final, in order",
            ),
        ]
        triggers = [StampsMoment()]

    def __str__(self) -> str:
        return f"{self.rollup} {self.start:%Y-%m-%d %H:%M}"


class RollupSource(Fact, Identified):
    """One row per source and roll-up: that a change of the one touches buckets of the other. Written by migrations."""

    volume, retention = Volume.SMALL, "for good: settings that migrations write"
    held_by = NotHeld(BOOKKEEPING)

    source = models.TextField(
        db_comment="Name of the source, as its trigger or the roll-up that it is says it."
    )
    rollup = models.TextField(db_comment="Name of the roll-up that is touched.")
    grain = models.TextField(
        choices=RollupGrain, db_comment="Length of the bucket: hour, day, week or month."
    )
    is_platform = models.BooleanField(
        default=False,
        db_comment="Whether the bucket of the whole platform is touched instead of the subject's.",
    )
    words = models.TextField(db_comment="What the roll-up takes from the source, for people.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per source and roll-up: that a change of the one touches buckets of the other. Written by "
            "migrations. Kept for good."
        )
        constraints = [
            matches("source", NAME, "A source is named in small letters."),
            matches("rollup", NAME, "A roll-up is named in small letters."),
            one_of("grain", RollupGrain),
            length_between("words", 5, 200),
            unique("source", "rollup", "is_platform", message="This source touches the roll-up already."),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.rollup}"
