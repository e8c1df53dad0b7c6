"""Evidence: what was reported, as it was. A copy, never a pointer to what may change or go."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.evidence_triggers import KeepsEvidence, StampsEvidence
from audit.models.moderation.case import SEES_CASE, Case
from audit.models.moderation.readers import CASE_STAFF, FOR_MODERATORS, NOT_ABOUT_ME, OVERSEERS
from audit.moderation_choices import EvidenceKind, SubjectKind
from audit.private_copy_triggers import CopiesPrivateWords, TakesPrivateWords
from core.db.constraints import has_bytes, is_object, length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume


class Evidence(Entity):
    """One row per thing that was copied for a case; equal copies are kept once.

    Snapshots are taken by a trigger of `audit_report`, in the transaction of the report and by the owner's rights, so
    that nobody forges them. Kept for the time of an appeal and 31 days, or while a hold covers it.
    """

    volume, retention = Volume.LARGE, "until keep_until; six months and 31 days after the decision"
    held_by = HeldBy(person=("person",))

    case = models.ForeignKey(
        Case,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="evidence",
        db_comment="The case that it belongs to.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="evidence_about",
        db_comment="About whom the case is; taken from the case.",
    )
    leads_only = models.BooleanField(default=False, db_comment="Taken from the case: only leads see it.")
    kind = models.TextField(choices=EvidenceKind, db_comment="What it is.")
    subject_kind = models.TextField(choices=SubjectKind, db_comment="Of what it is a copy: the kind.")
    subject_id = models.UUIDField(db_comment="Of what it is a copy: the key of the row.")
    content = personal(
        models.JSONField(
            default=dict, db_comment="The words and facts of the subject at that moment; an object."
        )
    )
    object_key = personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="Where the file lies in object storage; empty for what is words alone.",
        )
    )
    media_type = models.TextField(
        blank=True, default="", db_comment="Type of the file, as in image/webp; else empty."
    )
    sha256 = not_personal(models.BinaryField(db_comment="SHA-256 of the content, or of the file; 32 bytes."))
    captured_at = models.DateTimeField(db_comment="When it was copied (UTC), by the clock of the database.")
    captured_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence_captured",
        db_comment="Who added it; null: copied with a report.",
    )
    keep_until = models.DateTimeField(
        null=True, blank=True, db_comment="When it may be destroyed (UTC); null: its case is not decided."
    )

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "piece of evidence"
        verbose_name_plural = "evidence"
        db_table_comment = (
            "One row per copy of what was reported. Written by a trigger of audit_report and by "
            "audit.services.evidence. Kept until keep_until; a legal hold keeps it longer."
        )
        constraints = [
            one_of("kind", EvidenceKind),
            one_of("subject_kind", SubjectKind),
            rule(is_object("content"), "content", "The content is a JSON object."),
            length_between("object_key", 0, 500),
            length_between("media_type", 0, 100),
            rule(has_bytes("sha256", 32), "sha256", "A digest has 32 bytes."),
            rule(
                Q(kind=EvidenceKind.MEDIA) & ~Q(object_key="") & ~Q(media_type="")
                | ~Q(kind=EvidenceKind.MEDIA) & Q(object_key="", media_type=""),
                "media",
                "A file says where it lies and of what type it is; words have neither.",
            ),
            unique("case", "sha256", message="This is kept with the case already."),
            Policy(role=Role.MODERATOR, command="select", using=FOR_MODERATORS),
            Policy(role=Role.LEAD_MODERATOR, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, Role.RETENTION, command="select", using=ALL),
            *policies(
                *CASE_STAFF,
                command="insert",
                check=f"captured_by_id = {ME} AND kind = 'attachment' AND {SEES_CASE}",
            ),
            *policies(*CASE_STAFF, Role.COMPLIANCE, Role.WORKER, command="update", using=NOT_ABOUT_ME),
            Policy(role=Role.RETENTION, command="delete", using="keep_until < statement_timestamp()"),
        ]
        indexes = [
            BTree(
                fields=["keep_until"],
                condition=Q(keep_until__isnull=False),
                serves="audit.services.evidence: what may be destroyed now",
            )
        ]
        triggers = [
            StampsEvidence(),
            KeepsEvidence(),
            CopiesPrivateWords(),
            TakesPrivateWords(),
            Immutable(
                "case",
                "kind",
                "subject_kind",
                "subject_id",
                "content",
                "object_key",
                "media_type",
                "sha256",
                "captured_at",
                "captured_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.captured_at:%Y-%m-%d %H:%M} UTC"
