"""How many watched, minute by minute."""

from django.db import models
from django.db.models import Q

from core.db.constraints import rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.models import Fact
from core.models.partitioned import Partitioned
from core.models.storage import Volume
from streams.models.stream import READERS
from streams.sample_triggers import IdentityOfMinute
from streams.triggers import TakesPerformer


class ViewerCountSample(Fact, Partitioned):
    """One row per stream and minute that was measured. A minute that was not measured has no row: it is no zero.

    The id is `uuid7_derived(minute, stream id)`, which a trigger checks: a second sample of a minute is the same row.
    Written by `streams.services.viewer_counts`.
    """

    volume, retention = Volume.FIREHOSE, "13 months"
    held_by = HeldBy(person=("performer",), stream=("stream",))

    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="viewer_count_samples",
        db_comment="The stream that was watched.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="viewer_count_samples",
        db_comment="Whose stream it is; taken from the stream.",
    )
    viewers = models.IntegerField(db_comment="Viewers at the same time in this minute.")

    partitions = PartitionPlan(every=Every.MONTH, behind=13)

    class Meta:
        db_table_comment = (
            "One row per stream and measured minute: viewers at the same time. Written by "
            "streams.services.viewer_counts. Kept 13 months."
        )
        constraints = [
            rule(Q(viewers__gte=0), "viewers", "A number of viewers is not negative."),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="performer_id IS NOT NULL"),
        ]
        indexes = [
            BTree(
                fields=["stream", "id"],
                serves="docs/queries/viewer_curve.sql: the curve of a stream on its page, in order of time",
            ),
            BTree(fields=["performer", "id"], serves="A performer's viewers in a period: average and peak"),
        ]
        triggers = [IdentityOfMinute(), TakesPerformer("stream")]

    def __str__(self) -> str:
        return f"{self.viewers} viewers"
