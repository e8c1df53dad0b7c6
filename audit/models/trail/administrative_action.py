"""What staff did, in words: a view over the trail."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.choices import Area
from core.db.privacy import personal
from core.models.storage import Volume


class AdministrativeAction(models.Model):
    """One row per event of a member of staff: who did what to whom, and why.

    The view `audit_administrativeaction` reads with the rights of whoever asks.
    """

    volume, retention = Volume.FIREHOSE, "that of the trail"

    id = models.UUIDField(primary_key=True, db_comment="The event's id; it carries the instant.")
    acted_at = models.DateTimeField(db_comment="When (UTC); filter by the id instead.")
    area = models.TextField(choices=Area, db_comment="Part of the work it belongs to.")
    actor_id = models.UUIDField(null=True, db_comment="Who acted.")
    who = personal(models.TextField(null=True, db_comment="Handle of the actor, at that time if it is kept."))
    acting_role = models.TextField(db_comment="The role acted in, without its prefix.")
    did = models.TextField(db_comment="What was done, in words.")
    subject_type = models.TextField(db_comment="Which model the subject is of, as app.model.")
    subject_id = models.UUIDField(db_comment="Identity of the row it was done to.")
    whom = personal(models.TextField(db_comment="What the subject was called, or its type and id."))
    reason = personal(
        models.TextField(null=True, db_comment="Why, in the words of the actor; null if erased.")
    )
    changed = ArrayField(models.TextField(), db_comment="Names of the columns that changed.")
    request_id = models.UUIDField(null=True, db_comment="The request in which it was done.")

    objects: Any = models.Manager()

    class Meta:
        managed = False
        db_table = "audit_administrativeaction"
        db_table_comment = "What staff did, in words: events of the trail with their labels."

    def __str__(self) -> str:
        return f"{self.who} {self.did} {self.whom}"
