"""What copyright notices name, and what was done to it."""

from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from audit.models.compliance.readers import HANDLERS, MINE, NOT_MINE, READERS
from audit.takedown_choices import TargetEffect, TargetKind
from audit.takedown_triggers import DisabledOnce, ListsPerformer, NamedWhileOpen, TakesSubject
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume

UNTOUCHED = "disabled_at IS NULL AND restored_at IS NULL"


class TakedownTarget(Entity):
    """One row per archive or stream that a notice names.

    Written by `audit.services.takedown_notices`; what disabling did, by `audit.services.takedown_effects`. No foreign
    key to what is named, since more kinds will come; a trigger refuses what does not exist and takes its performer.
    """

    volume, retention = Volume.LARGE, "7 years, with its notice"
    over = Over()
    held_by = HeldBy(person=("performer",))

    notice = models.ForeignKey(
        "audit.TakedownNotice",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="targets",
        db_comment="The notice that names it.",
    )
    subject_kind = models.TextField(choices=TargetKind, db_comment="Of which kind it is.")
    subject_id = models.UUIDField(db_comment="Identity of the archive or stream; it exists, by trigger.")
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="takedown_targets",
        db_comment="Whose it is; taken from the archive or stream.",
    )
    disabled_at = models.DateTimeField(
        null=True, blank=True, db_comment="When nobody could see it any more (UTC); null: not carried out."
    )
    effect = models.TextField(
        choices=TargetEffect, null=True, blank=True, db_comment="What disabling did; null: not carried out."
    )
    status_before = models.TextField(
        null=True,
        blank=True,
        db_comment="Status of the archive before it was removed; its restoration leads back there.",
    )
    decision = models.ForeignKey(
        "streams.ArchiveDecision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="takedown_targets",
        db_comment="The removal under which the archive is out of sight; null: there is none.",
    )
    restored_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When this notice ceased to keep it out of sight (UTC); null: it still does, or never did.",
    )

    class Meta:
        verbose_name = "target of a take-down notice"
        verbose_name_plural = "targets of take-down notices"
        db_table_comment = (
            "One row per archive or stream that a copyright notice names. Written by "
            "audit.services.takedown_notices. Kept 7 years, with its notice."
        )
        constraints = [
            unique("notice", "subject_kind", "subject_id", message="The notice names this already."),
            one_of("subject_kind", TargetKind),
            one_of("effect", TargetEffect),
            length_between("status_before", 1, 20),
            rule(
                Q(
                    disabled_at__isnull=True,
                    effect__isnull=True,
                    decision__isnull=True,
                    restored_at__isnull=True,
                )
                | Q(disabled_at__isnull=False, effect__isnull=False),
                "disabled_at",
                "What was disabled says when and how.",
            ),
            rule(
                Q(restored_at__isnull=True) | Q(restored_at__gte=F("disabled_at")),
                "restored_at",
                "Content is restored after it was disabled.",
            ),
            rule(
                Q(decision__isnull=True) | Q(subject_kind=TargetKind.ARCHIVE),
                "decision",
                "Only an archive is removed by a decision.",
            ),
            rule(
                ~Q(effect=TargetEffect.REMOVED) | Q(decision__isnull=False, status_before__isnull=False),
                "removal",
                "A removal names its decision and what was before.",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"disabled_at IS NOT NULL AND {MINE}"),
            *policies(*HANDLERS, command="insert", check=f"{NOT_MINE} AND {UNTOUCHED}"),
            *policies(*HANDLERS, command="update", using=NOT_MINE),
            Policy(role=Role.WORKER, command="insert", check=UNTOUCHED),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                serves="docs/queries/takedowns_of_performer.sql: notices about a performer, newest first; 512(i)",
            ),
            BTree(
                fields=["subject_id", "-id"],
                serves="The page of an archive or stream, and the search by its id: notices that name it",
            ),
        ]
        triggers = [
            Immutable("notice", "subject_kind", "subject_id", "performer"),
            TakesSubject(),
            NamedWhileOpen(),
            RefuseErasedPerson("performer"),
            DisabledOnce(),
            ListsPerformer(),
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_kind_display()} {self.subject_id}"
