"""Private messages that were reported, as they were: the words that staff read for a reason, and on record."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.models.moderation.evidence import Evidence
from audit.models.moderation.readers import PEOPLE
from audit.private_copy_triggers import COPIED_AFTER, COPIED_BEFORE, GoesWithEvidence
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ME, policies
from core.db.privacy import personal
from core.models import Identified, Volume
from engagement.message_choices import MessageStatus
from engagement.message_text import LONGEST_BODY


class PrivateCopy(Identified):
    """One row per private message copied with a report: the reported one and those around it.

    Written by a trigger of `audit_evidence`. No role of staff reads it: `moderation_private_words` shows it to whoever
    works the case, after the reading was recorded in the same transaction. Whoever reported sees what they handed over.
    """

    volume, retention = Volume.LARGE, "with its evidence"
    held_by = NotHeld("It goes with its evidence, which a hold keeps.")

    evidence = models.ForeignKey(
        Evidence,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="private_copies",
        db_comment="The evidence to which it belongs.",
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="private_copies_reported",
        db_comment="Who reported, and with it let staff read.",
    )
    sender = personal(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            related_name="private_copies_sent",
            db_comment="Who wrote it.",
        )
    )
    message = models.ForeignKey(
        "engagement.DirectMessage",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="Of which message it is the copy; that may be gone.",
    )
    position = models.SmallIntegerField(
        db_comment="Place from the reported message: 0 is it, negative before, positive after."
    )
    body = personal(models.TextField(blank=True, db_comment="The words as they were."))
    status = models.TextField(choices=MessageStatus, db_comment="Who saw the message when it was copied.")
    files = models.SmallIntegerField(db_comment="How many attachments it had.")
    written_at = models.DateTimeField(db_comment="When the message was written (UTC).")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "copied private message"
        db_table_comment = (
            "One row per private message copied with a report of one. Written by a trigger of audit_evidence; staff "
            "read it by moderation_private_words alone. Kept with its evidence."
        )
        permissions = [("open_privatecopy", "Can open private messages copied with a report, with a reason")]
        constraints = [
            one_of("status", MessageStatus),
            length_between("body", 0, LONGEST_BODY),
            rule(
                Q(position__gte=-COPIED_BEFORE, position__lte=COPIED_AFTER),
                "position",
                f"{COPIED_BEFORE} messages before and {COPIED_AFTER} after are copied.",
            ),
            rule(Q(files__gte=0), "files", "A number of files is not negative."),
            unique("evidence", "position", message="A place is taken once."),
            *policies(*PEOPLE, command="select", using=f"reporter_id = {ME}"),
        ]
        triggers = [GoesWithEvidence()]

    def __str__(self) -> str:
        return f"copy of the private message {self.message_id}"
