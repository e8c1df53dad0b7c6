"""Every move that subject requests made."""

from django.conf import settings
from django.db import models

from audit.models.compliance.request_readers import STAFF_READERS
from audit.request_choices import RequestStatus
from core.db.constraints import length_between, one_of
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.retention import GoesWith
from core.models import Fact, Identified, Volume


class SubjectRequestTransition(Fact, Identified):
    """One row per move of a request, the first state included; written by a trigger, whoever makes the move."""

    volume, retention = Volume.LARGE, "6 years after the end of its request"
    over = GoesWith("request")
    held_by = NotHeld("Nobody deletes a request before its time; no words of the person stand here.")

    request = models.ForeignKey(
        "audit.SubjectRequest",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="transitions",
        db_comment="The request that moved.",
    )
    from_status = models.TextField(
        choices=RequestStatus, null=True, blank=True, db_comment="State before; null: it was new."
    )
    to_status = models.TextField(choices=RequestStatus, db_comment="State after.")
    moved_at = models.DateTimeField(db_comment="When it was written, by the clock of the database (UTC).")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subject_request_moves",
        db_comment="Who moved it; null: the system.",
    )
    acting_role = models.TextField(db_comment="Role of the database in which it was moved.")
    reason = personal(
        models.TextField(
            db_default="", db_comment="Why, in words of staff; empty where the person moved it themselves."
        )
    )

    class Meta:
        verbose_name = "move of a subject request"
        verbose_name_plural = "moves of subject requests"
        db_table_comment = (
            "One row per move of a subject request. Written by a trigger. "
            "Kept 6 years after the end of its request."
        )
        constraints = [
            one_of("from_status", RequestStatus),
            one_of("to_status", RequestStatus),
            length_between("acting_role", 1, 63),
            length_between("reason", 0, 2000),
            *policies(*STAFF_READERS, command="select", using=ALL),
        ]
        indexes = [
            BTree(fields=["request", "-id"], serves="The page of a subject request: its moves, newest first")
        ]

    def __str__(self) -> str:
        return self.get_to_status_display()
