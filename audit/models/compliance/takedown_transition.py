"""Every move that copyright notices and counter-notices made."""

from typing import Any

from django.conf import settings
from django.db import models

from audit.models.compliance.readers import READERS
from audit.takedown_choices import CounterNoticeStatus, NoticeStatus
from core.db.constraints import length_between, one_of
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.models import Fact, Identified, Volume


class Move(Fact, Identified):
    """What the moves of both have in common. No row is forged: an imported move says so and keeps both instants."""

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = NotHeld("Nobody deletes a notice before its time; what it names is held by itself.")

    moved_at = models.DateTimeField(db_comment="When it was written, by the clock of the database (UTC).")
    effective_at = models.DateTimeField(
        db_comment="When the move took effect (UTC): an imported one happened elsewhere, before it was written."
    )
    is_imported = models.BooleanField(db_comment="Whether an import wrote it about what happened elsewhere.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss_made",
        db_comment="Who moved it; null: the system.",
    )
    acting_role = models.TextField(db_comment="Role of the database in which it was moved.")
    reason = personal(models.TextField(db_default="", db_comment="Why, in words; may be empty."))

    class Meta:
        abstract = True


def _rules(statuses: Any) -> list[Any]:
    return [
        one_of("from_status", statuses),
        one_of("to_status", statuses),
        length_between("acting_role", 1, 63),
        length_between("reason", 0, 2000),
        *policies(*READERS, command="select", using=ALL),
    ]


class TakedownTransition(Move):
    """One row per move of a notice, the first state included; written by a trigger, whoever makes the move."""

    notice = models.ForeignKey(
        "audit.TakedownNotice",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="transitions",
        db_comment="The copyright notice that moved.",
    )
    from_status = models.TextField(
        choices=NoticeStatus, null=True, blank=True, db_comment="State before; null: it was new."
    )
    to_status = models.TextField(choices=NoticeStatus, db_comment="State after.")

    class Meta:
        db_table_comment = "One row per move of a copyright notice. Written by a trigger. Kept 7 years."
        constraints = _rules(NoticeStatus)
        indexes = [BTree(fields=["notice", "-id"], serves="The page of a notice: its moves, newest first")]

    def __str__(self) -> str:
        return self.get_to_status_display()


class CounterNoticeTransition(Move):
    """One row per move of a counter-notice, the first state included; written by a trigger."""

    counter_notice = models.ForeignKey(
        "audit.CounterNotice",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="transitions",
        db_comment="The counter-notice that moved.",
    )
    from_status = models.TextField(
        choices=CounterNoticeStatus, null=True, blank=True, db_comment="State before; null: it was new."
    )
    to_status = models.TextField(choices=CounterNoticeStatus, db_comment="State after.")

    class Meta:
        db_table_comment = "One row per move of a counter-notice. Written by a trigger. Kept 7 years."
        constraints = _rules(CounterNoticeStatus)
        indexes = [
            BTree(
                fields=["counter_notice", "-id"],
                serves="The page of a counter-notice: its moves, newest first",
            )
        ]

    def __str__(self) -> str:
        return self.get_to_status_display()
