"""What was decided about archives, and every move that they made."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.db.constraints import length_between, one_of, rule
from core.db.fields import CurrentTransaction, TransactionIdField
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.models import Fact, Identified, Volume
from streams.archive_triggers import StampsDecision
from streams.choices import ArchiveDecisionKind, ArchiveStatus
from streams.models.stream import DECIDERS, MODERATORS, NOT_MINE

DECISION_READERS = (
    Role.SUPPORT,
    *MODERATORS,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
)


class ArchiveDecision(Fact, Identified):
    """One row per decision about an archive, with its reason. A removal is undone only by a row that reverses it.

    Written by `streams.services.archive_decisions` in the transaction of the move. `decided_by` is null when a job or
    an import decided.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("performer",), archive=("archive",))

    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="decisions",
        db_comment="What was decided about.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="archive_decisions",
        db_comment="Whose archive it is; taken from the archive.",
    )
    kind = models.TextField(choices=ArchiveDecisionKind, db_comment="What was decided.")
    reason = personal(models.TextField(db_comment="Why, in the words of who decided; without names."))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="archive_decisions",
        db_comment="The member of staff who decided; null: a job or an import.",
    )
    decided_at = models.DateTimeField(db_comment="When, by the clock of the database (UTC).")
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        db_comment="The removal that this reverses; null: it reverses none.",
    )
    xact = TransactionIdField(
        db_default=CurrentTransaction(),
        editable=False,
        db_comment="Number of the transaction that wrote it; a restoration belongs to the same one.",
    )

    class Meta:
        db_table_comment = "One row per decision about an archive. Written by streams.services. Kept 7 years."
        constraints = [
            one_of("kind", ArchiveDecisionKind),
            length_between("reason", 1, 2000),
            rule(
                Q(kind=ArchiveDecisionKind.RESTORE, reverses__isnull=False)
                | ~Q(kind=ArchiveDecisionKind.RESTORE) & Q(reverses__isnull=True),
                "reverses",
                "A restoration names the removal that it reverses, and nothing else does.",
            ),
            rule(
                Q(decided_by__isnull=True) | ~Q(decided_by=models.F("performer")),
                "decided_by",
                "Nobody decides about their own archives.",
            ),
            *policies(*DECISION_READERS, command="select", using=ALL),
            *policies(*DECIDERS, command="insert", check=f"decided_by_id = {ME} AND {NOT_MINE}"),
            Policy(role=Role.WORKER, command="insert", check="decided_by_id IS NULL"),
        ]
        indexes = [
            BTree(
                fields=["archive", "-id"],
                serves="docs/queries/decisions_about_archive.sql: what was decided, newest first",
            )
        ]
        triggers = [StampsDecision()]

    def __str__(self) -> str:
        return self.get_kind_display()


class ArchiveTransition(Fact, Identified):
    """One row per move of an archive, the first state included; written by a trigger, whoever makes the move."""

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("performer",), archive=("archive",))

    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="transitions",
        db_comment="What moved.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="archive_transitions",
        db_comment="Whose archive it is.",
    )
    from_status = models.TextField(
        choices=ArchiveStatus, null=True, blank=True, db_comment="State before; null: it was new."
    )
    to_status = models.TextField(choices=ArchiveStatus, db_comment="State after.")
    moved_at = models.DateTimeField(db_comment="When, by the clock of the database (UTC).")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="archive_transitions",
        db_comment="Who moved it; null: the system.",
    )
    acting_role = models.TextField(db_comment="Role of the database in which it was moved.")
    decision = models.ForeignKey(
        "streams.ArchiveDecision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="transitions",
        db_comment="The decision of the same transaction; null: none was needed.",
    )

    class Meta:
        db_table_comment = "One row per move of an archive. Written by a trigger. Kept 7 years."
        constraints = [
            one_of("from_status", ArchiveStatus),
            one_of("to_status", ArchiveStatus),
            length_between("acting_role", 1, 63),
            *policies(*DECISION_READERS, command="select", using=ALL),
        ]
        indexes = [
            BTree(fields=["archive", "-id"], serves="The page of an archive: its moves, newest first"),
        ]

    def __str__(self) -> str:
        return self.get_to_status_display()
