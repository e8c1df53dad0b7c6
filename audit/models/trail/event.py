"""Who did what to what, in which role, and which columns it changed."""

from typing import Any, ClassVar, Self
from uuid import UUID

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.choices import Area
from audit.models.trail.label import Label
from audit.models.trail.readers import ACTING_ROLE_CHOICES, AREA_READERS, OVERSEERS, OWN_READERS
from audit.read_alert_triggers import WatchesReadings
from core.archive.declaration import Archived
from core.db.constraints import is_object, matches, one_of, rule
from core.db.fields import CurrentTransaction, TransactionIdField
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.models import Fact
from core.models.partitioned import Partitioned, PartitionedQuerySet
from core.models.storage import Volume

NAME_PATTERN = "^[a-z][a-z0-9_]{0,62}$"
SUBJECT_PATTERN = "^[a-z][a-z0-9_]{0,62}[.][a-z][a-z0-9_]{0,62}$"


class EventQuerySet(PartitionedQuerySet):
    """Reads of the trail; each is an index scan in the order of `-id`."""

    def of_actor(self, user_id: UUID) -> Self:
        """What a person did."""
        return self.filter(actor_id=user_id)

    def about(self, subject: models.Model) -> Self:
        """What was done to a row."""
        return self.filter(subject_id=subject.pk, subject_type=subject._meta.label_lower)


class Event(Fact, Partitioned):
    """One row per thing that somebody did.

    Written only by the function `audit_record`, in the transaction of the change: it takes actor and role from the
    transaction, never from its caller. Holds no words that may have to be erased; those are the `Label`.
    """

    volume, retention = Volume.FIREHOSE, "7 years"
    to_archive = Archived(online="2 years", before=("audit.SealLeaf",))
    held_by = HeldBy(
        person=(
            "actor",
            "CASE WHEN {row}.subject_type IN ('accounts.user', 'performers.performerprofile') "
            "THEN {row}.subject_id END",
        ),
        stream=("CASE {row}.subject_type WHEN 'streams.stream' THEN {row}.subject_id END",),
        archive=("CASE {row}.subject_type WHEN 'streams.archive' THEN {row}.subject_id END",),
        recording=("CASE {row}.subject_type WHEN 'streams.recording' THEN {row}.subject_id END",),
    )

    area = models.TextField(choices=Area, db_comment="Part of the work it belongs to; decides who reads it.")
    action = models.TextField(
        db_comment="What was done: the name of an announcement, in words in audit_action."
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        # An index leads with it.
        db_index=False,
        related_name="events_caused",
        db_comment="Who did it; null: the system.",
    )
    acting_role = models.TextField(
        choices=ACTING_ROLE_CHOICES, db_comment="The database role in which it was done."
    )
    subject_type = models.TextField(
        db_comment="Which model the subject is of, as app.model: accounts.user. The subject may be gone."
    )
    subject_id = models.UUIDField(db_comment="Identity of the row it was done to.")
    changed = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_comment="Names of the columns that changed, never their values.",
    )
    detail = models.JSONField(
        default=dict, blank=True, db_comment="What else is to be known; no personal data."
    )
    request_id = models.UUIDField(
        null=True, db_comment="The request or job run to which everything with this number belongs."
    )
    label_digest = not_personal(
        models.BinaryField(
            null=True,
            db_comment="Salted SHA-256 of the words in audit_label (see audit_label_digest); null: it has none.",
        )
    )
    xact = TransactionIdField(
        db_default=CurrentTransaction(),
        editable=False,
        db_comment="The transaction that wrote it: the seal takes what lies below the oldest running one.",
    )
    label = models.ForeignObject(
        Label,
        models.DO_NOTHING,
        from_fields=["id"],
        to_fields=["id"],
        null=True,
        related_name="+",
    )

    partitions = PartitionPlan(every=Every.MONTH)

    objects: ClassVar[Any] = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "event of the trail"
        verbose_name_plural = "events of the trail"
        db_table_comment = (
            "One row per thing that somebody did, without words that may have to be erased. "
            "Written by audit_record in the transaction of the change. Kept 7 years, of them 2 in the database."
        )
        constraints = [
            one_of("area", Area),
            one_of("acting_role", [value for value, _ in ACTING_ROLE_CHOICES]),
            matches("action", NAME_PATTERN, "An action is named in lower case: restriction_placed."),
            matches("subject_type", SUBJECT_PATTERN, "A subject's type is written as app.model."),
            rule(is_object("detail"), "detail", "The detail is a JSON object."),
            *policies(*OVERSEERS, command="select", using=ALL),
            *(
                Policy(
                    role=role, command="select", using=" OR ".join(f"area = '{area.value}'" for area in areas)
                )
                for role, areas in AREA_READERS.items()
            ),
            *policies(*OWN_READERS, command="select", using=f"actor_id = {ME}"),
        ]
        indexes = [
            BTree(fields=["actor", "-id"], serves="audit.admin.trail: what a person did, newest first"),
            BTree(
                fields=["subject_id", "-id"],
                serves="audit.admin.trail and a person's page: what was done to a row, newest first",
            ),
            BTree(fields=["action", "-id"], serves="audit.admin.trail: one kind of action, newest first"),
            BTree(
                fields=["area", "-id"],
                serves="audit.admin.trail: the newest events of the area that a role may read",
            ),
            BTree(
                fields=["xact"],
                serves="audit.services.seals and audit_seal_lag: what was written since the last horizon",
            ),
        ]
        # Files of evidence are read without anything being decrypted: their event alone tells of it.
        triggers = [WatchesReadings(condition=pgtrigger.Condition("NEW.action = 'evidence_viewed'"))]

    def __str__(self) -> str:
        return f"{self.action.replace('_', ' ')}, {self.created_at:%Y-%m-%d %H:%M:%S} UTC"
