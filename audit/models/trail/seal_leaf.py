"""The digests that seals were made of, by which a changed event has a name."""

from django.db import models

from audit.models.trail.seal import DIGEST_BYTES, Seal
from core.archive.declaration import Archived
from core.db.constraints import has_bytes, rule
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.models import Fact
from core.models.partitioned import Partitioned
from core.models.storage import Volume


class SealLeaf(Fact, Partitioned):
    """One row per sealed event, with the event's id: which seal covers it, where, and its digest then.

    Its partitions are those of the events and leave with them.
    """

    volume, retention = Volume.FIREHOSE, "7 years"
    to_archive = Archived(online="2 years")
    held_by = NotHeld("Digests, in which nobody can be read.")

    seal = models.ForeignKey(
        Seal,
        models.PROTECT,
        # Half a million rows at once point at a seal that is written after them; verification finds strays.
        db_constraint=False,
        # An index of this model leads with it.
        db_index=False,
        related_name="leaves",
        db_comment="The seal that covers the event.",
    )
    place = models.IntegerField(db_comment="Place among the events of the seal by id, from 0.")
    digest = models.BinaryField(
        db_comment="SHA-256 of the event as it was sealed (see audit_event_digest); 32 bytes."
    )

    partitions = PartitionPlan(every=Every.MONTH)

    class Meta:
        verbose_name = "leaf of a seal"
        verbose_name_plural = "leaves of seals"
        db_table_comment = (
            "One row per sealed event, whose id it has: its seal and its digest. Written by audit.services.seals. "
            "Kept 7 years, of them 2 in the database, as events are."
        )
        constraints = [
            rule(models.Q(place__gte=0), "place", "Places are counted from 0."),
            rule(has_bytes("digest", DIGEST_BYTES), "digest", f"A digest has {DIGEST_BYTES} bytes."),
        ]
        indexes = [
            BTree(fields=["seal"], serves="audit.seals.leaves: what a seal covers, to prove it"),
        ]

    def __str__(self) -> str:
        return f"leaf of event {self.pk}"
