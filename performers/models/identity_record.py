"""Who performers are: what they declared, and what examinations came to."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.encryption import SealedDateField, SealedTextField
from core.models import Fact, Volume
from core.models.identity import Identified
from performers.choices import RejectionGround, Verdict
from performers.identity_triggers import ExaminesDeclaration

DECLARED = Q(verdict__isnull=True)
ACCEPTED = Q(verdict=Verdict.ACCEPTED)
READERS = (Role.COMPLIANCE, Role.AUDITOR)


class IdentityRecordQuerySet(models.QuerySet):
    """Reads of identity records."""

    def declared(self) -> Self:
        """What performers declared, the newest first."""
        return self.filter(DECLARED).order_by("-pk")

    def unexamined(self) -> Self:
        """Declarations that nobody has examined, the newest first."""
        examination = IdentityRecord.objects.filter(declaration_id=OuterRef("pk"))
        return self.declared().filter(~Exists(examination))

    def current(self) -> Self:
        """The latest examination of each performer that accepted; looked up row by row, never for the whole table."""
        latest = IdentityRecord.objects.filter(ACCEPTED, performer_id=OuterRef("performer_id")).order_by(
            "-pk"
        )
        return self.filter(ACCEPTED, pk=Subquery(latest.values("pk")[:1]))


RECORDS_FOUND = "{row}.id < {floor} AND performers_records_since({row}.performer_id) < {cut_off}"
"""Each of these rows is an addition itself: what is over was written before the cut-off."""


class IdentityRecord(Fact, Identified):
    """One row per declaration of an identity, and one per examination of a declaration.

    Written by `performers.services.examinations`. Legal name and birth date are sealed: the database cannot compute
    from them, so the examiner, who reveals and reads them, states whether the person was an adult
    (docs/decisions/0019). The latest examination that accepted is the performer's current record.
    """

    volume, retention = Volume.LARGE, "7 years after the last addition to the person's records (28 CFR 75.4)"
    over = Over(
        "performers_records_since({row}.performer_id)", found=RECORDS_FOUND, alone=True, person="performer"
    )
    held_by = HeldBy(person=("performer",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="identity_records",
        db_comment="Whose identity it is.",
    )
    declaration = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique rule leads with it.
        db_index=False,
        related_name="examinations",
        db_comment="The declaration that was examined; null: this row is a declaration.",
    )
    legal_name = SealedTextField(
        verbose_name="legal name", db_comment="Name in the identity documents, as declared; sealed."
    )
    birth_date = SealedDateField(verbose_name="birth date", db_comment="Date of birth, as declared; sealed.")
    verdict = models.TextField(
        null=True,
        blank=True,
        choices=Verdict,
        db_comment="What the examination came to; null: a declaration.",
    )
    ground = models.TextField(
        null=True, blank=True, choices=RejectionGround, db_comment="Why it rejected; null: it did not."
    )
    adult_at_examination = models.BooleanField(
        default=False,
        db_default=False,
        db_comment="Does the examiner state that the person was an adult? No: a declaration, or not so stated; "
        "that somebody was none is a ground of its own.",
    )
    examined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="identities_examined",
        db_comment="Who examined; null: a declaration.",
    )
    examined_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When it was examined (UTC), by the database's clock; null: a declaration.",
    )
    documents_until = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="When the last of the examined documents expires (UTC); set by trigger; null: none does.",
    )

    objects: ClassVar[Any] = IdentityRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "identity record"
        db_table_comment = (
            "One row per declaration of an identity and per examination of one; sealed. Written by "
            "performers.services.examinations. Kept 7 years after the last addition (28 CFR 75.4), erasure or not."
        )
        permissions = [("reveal_identityrecord", "Can reveal legal names and birth dates, with a reason")]
        constraints = [
            one_of("verdict", Verdict),
            one_of("ground", RejectionGround),
            rule(
                Q(
                    verdict__isnull=True,
                    declaration__isnull=True,
                    adult_at_examination=False,
                    examined_by__isnull=True,
                    examined_at__isnull=True,
                    documents_until__isnull=True,
                )
                | Q(
                    verdict__isnull=False,
                    declaration__isnull=False,
                    examined_by__isnull=False,
                    examined_at__isnull=False,
                ),
                "examined",
                "An examination says of what, by whom, when and what it came to; a declaration says none of it.",
            ),
            rule(
                ~ACCEPTED | Q(adult_at_examination=True),
                "adult",
                "Only an adult is accepted: the examiner states it.",
            ),
            rule(
                ~ACCEPTED | Q(documents_until__isnull=False),
                "documents",
                "Nobody is accepted without a document.",
            ),
            rule(
                Q(verdict=Verdict.REJECTED, verdict__isnull=False, ground__isnull=False)
                | (Q(verdict__isnull=True) | Q(verdict=Verdict.ACCEPTED)) & Q(ground__isnull=True),
                "rejection",
                "A rejection says why, and nothing else does.",
            ),
            rule(
                Q(examined_by__isnull=True) | ~Q(examined_by=F("performer")),
                "examined_by",
                "Nobody examines their own identity.",
            ),
            unique(
                "declaration",
                when=Q(declaration__isnull=False),
                message="Somebody else has examined this declaration meanwhile.",
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME} AND verdict IS NULL"),
            *policies(*READERS, command="select", using=ALL),
            Policy(
                role=Role.COMPLIANCE,
                command="insert",
                check=f"performer_id <> {ME} AND examined_by_id = {ME} AND verdict IS NOT NULL",
            ),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                serves="Performer's page: declarations and examinations; performers_obstacles: the current record",
            ),
            BTree(
                fields=["documents_until", "performer"],
                condition=ACCEPTED,
                name="%(app_label)s_%(class)s_until_idx",
                serves="docs/queries/documents_due.sql: whose documents run out, the soonest first",
            ),
        ]
        triggers = [RefuseErasedPerson("performer"), ExaminesDeclaration()]

    def __str__(self) -> str:
        what = f"Examination, {self.get_verdict_display().lower()}" if self.verdict else "Declaration"
        return f"{what}: {self.performer_id}"
