"""By how much the events of an imported data set were moved in time."""

from django.db import models

from core.db.constraints import matches, unique
from core.models.fact import Fact
from core.models.identity import Identified
from core.models.storage import Volume


class DatasetOffset(Fact, Identified):
    """One row per part of a data set whose events were moved into retained time; written once, by the first import.

    Later imports read it, so that a second run meets the rows of the first. Written by `core.datasets.offsets`.
    """

    volume, retention = Volume.SMALL, "while the imported rows are there"

    dataset = models.TextField(db_comment="Data set and part of it, as in marathon_streams/agdq2018; unique.")
    shift = models.DurationField(db_comment="Added to every instant of the source; whole weeks.")

    class Meta:
        db_table_comment = (
            "One row per part of a data set whose events were moved into retained time. Written by "
            "core.datasets.offsets, never changed. Kept while the imported rows are there."
        )
        constraints = [
            matches(
                "dataset", "^[a-z0-9_]+(/[a-z0-9_]+)?$", "A data set is named in small letters: set/part."
            ),
            unique("dataset", message="The offset of this data set is recorded already."),
        ]
