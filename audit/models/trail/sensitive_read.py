"""Who read what is encrypted."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.models.trail.event import SUBJECT_PATTERN
from audit.models.trail.label import Label
from audit.models.trail.readers import ACTING_ROLE_CHOICES, OVERSEERS
from audit.read_alert_triggers import WatchesReadings
from core.archive.declaration import Archived
from core.db.constraints import length_between, matches, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, policies
from core.models import Fact
from core.models.partitioned import Partitioned, PartitionedQuerySet
from core.models.storage import Volume


class SensitiveRead(Fact, Partitioned):
    """One row per reading of encrypted or sealed data: who, whose, which columns, for which case.

    Written only by the function `sensitive_read_record`, before anything is decrypted. Its id is that of the event
    `data_revealed` of the trail, whose erasable words hold the reason.
    """

    volume, retention = Volume.LARGE, "7 years"
    to_archive = Archived(online="2 years")
    held_by = HeldBy(person=("actor", "person"))

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="sensitive_reads",
        db_comment="The member of staff who read.",
    )
    acting_role = models.TextField(
        choices=ACTING_ROLE_CHOICES, db_comment="The database role in which they read."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="readings",
        db_comment="Whose data was read.",
    )
    subject_type = models.TextField(
        db_comment="Which model the row is of, as app.model: accounts.usercontact. The row may be gone."
    )
    subject_id = models.UUIDField(db_comment="Identity of the row that was read.")
    fields = ArrayField(models.TextField(), db_comment="Names of the columns that were decrypted.")
    case_reference = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="Ticket or case for which it was read; empty: none was named.",
    )
    request_id = models.UUIDField(null=True, db_comment="The request in which it was read.")
    label = models.ForeignObject(
        Label,
        models.DO_NOTHING,
        from_fields=["id"],
        to_fields=["id"],
        null=True,
        related_name="+",
    )

    partitions = PartitionPlan(every=Every.MONTH)

    objects: ClassVar[Any] = PartitionedQuerySet.as_manager()

    class Meta:
        verbose_name = "reading of encrypted data"
        verbose_name_plural = "readings of encrypted data"
        db_table_comment = (
            "One row per reading of encrypted or sealed data; its id is that of the event in the trail, whose words "
            "hold the reason. Written by sensitive_read_record before anything is decrypted. Kept 7 years, of them "
            "2 in the database."
        )
        constraints = [
            one_of("acting_role", [value for value, _ in ACTING_ROLE_CHOICES]),
            matches("subject_type", SUBJECT_PATTERN, "A subject's type is written as app.model."),
            rule(models.Q(fields__len__gt=0), "fields", "A reading names the columns that were read."),
            length_between("case_reference", 0, 100),
            rule(~models.Q(actor=models.F("person")), "actor", "Nobody reveals their own data."),
            *policies(*OVERSEERS, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["actor", "-id"],
                serves="sensitive_read_record: how much somebody read lately; audit.admin.sensitive_reads",
            ),
            BTree(
                fields=["person", "-id"],
                serves="audit.admin.sensitive_reads and a person's page: who read their data, newest first",
            ),
        ]
        triggers = [WatchesReadings()]

    def __str__(self) -> str:
        return f"reading of {', '.join(self.fields)}, {self.created_at:%Y-%m-%d %H:%M:%S} UTC"
