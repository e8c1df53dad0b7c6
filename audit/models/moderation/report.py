"""Reports: what people, flaggers, authorities and machines say is wrong."""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.models.moderation.case import Case
from audit.models.moderation.readers import CASE_STAFF, FOR_MODERATORS, NOT_ABOUT_ME, OVERSEERS, PEOPLE
from audit.moderation_choices import ReportCategory, ReportSource, ReportStatus, SubjectKind
from audit.private_copy_triggers import AdmitsPrivateReport
from audit.report_triggers import AdmitsReport, FeedsCase
from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import Entity, Volume

ENTERED = f"entered_by_id = {ME}"
ORGANISED = (ReportSource.TRUSTED_FLAGGER, ReportSource.AUTHORITY)


class ReportQuerySet(models.QuerySet):
    """Reads of reports."""

    def undecided(self) -> Self:
        """Reports on which nobody has decided."""
        return self.filter(status=ReportStatus.RECEIVED)


class Report(Entity):
    """One row per report. Its triggers find the person, join it to the open case of the subject, and triage that.

    Written by `audit.services.reports`, and by whoever else may: the rules are in the database. What was reported is
    copied as evidence in the same transaction.
    """

    volume, retention = Volume.LARGE, "7 years after its case is closed"
    over = Over(
        "(SELECT c.closed_at FROM audit_case c WHERE c.id = {row}.case_id)",
        found="{row}.case_id IN (SELECT c.id FROM audit_case c WHERE c.closed_at < {cut_off})",
    )
    held_by = HeldBy(person=("person", "reporter"))

    case = models.ForeignKey(
        Case,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="reports",
        db_comment="The case that it belongs to; found or opened by trigger.",
    )
    subject_kind = models.TextField(choices=SubjectKind, db_comment="What is reported: the kind.")
    subject_id = models.UUIDField(
        db_comment="What is reported: the key of the row, in the table of the kind."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="reports_about",
        db_comment="Whose subject it is; found by trigger.",
    )
    leads_only = models.BooleanField(default=False, db_comment="Taken from the case: only leads see it.")
    category = models.TextField(choices=ReportCategory, db_comment="What is said to be wrong.")
    source = models.TextField(choices=ReportSource, db_comment="From whom it comes.")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="reports_made",
        db_comment="Who reported; null: an organisation or a machine.",
    )
    organisation = not_personal(
        models.TextField(
            blank=True, default="", db_comment="Name of the trusted flagger or authority; empty for others."
        )
    )
    organisation_reference = models.TextField(
        blank=True, default="", db_comment="Their file number; empty: none was given."
    )
    detector = models.TextField(
        blank=True, default="", db_comment="Name and version of the machine that reported; empty for others."
    )
    confidence = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        null=True,
        blank=True,
        db_comment="How sure the machine was, from 0 to 1; null for others.",
    )
    words = personal(
        models.TextField(
            blank=True, default="", db_comment="What the reporter says; may be empty for machines."
        )
    )
    good_faith = models.BooleanField(
        default=False,
        db_comment="Whether the reporter stated that it is accurate and in good faith (DSA art. 16(2)(d)).",
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="reports_entered",
        db_comment="Who wrote it down, for an organisation or for themselves; null: a machine. Set by trigger.",
    )
    status = models.TextField(
        choices=ReportStatus,
        default=ReportStatus.RECEIVED,
        db_comment="What became of it; moves are enforced.",
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was decided (UTC); null: it waits."
    )

    status_machine = StateMachine(
        ReportStatus,
        initial=[ReportStatus.RECEIVED],
        moves={
            ReportStatus.RECEIVED: [ReportStatus.UPHELD, ReportStatus.REJECTED],
            ReportStatus.UPHELD: [ReportStatus.RECEIVED, ReportStatus.REJECTED],
            ReportStatus.REJECTED: [ReportStatus.RECEIVED, ReportStatus.UPHELD],
        },
    )

    objects: Any = ReportQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per report of something that is said to be wrong. Written by audit.services.reports. "
            "Kept 7 years after its case is closed."
        )
        permissions = [("file_report", "Can report for somebody, for an authority, and on one's own")]
        constraints = [
            one_of("subject_kind", SubjectKind),
            one_of("category", ReportCategory),
            one_of("source", ReportSource),
            *line("organisation", 200, least=0),
            *line("organisation_reference", 100, least=0),
            *line("detector", 100, least=0),
            *paragraphs("words", 4000),
            rule(
                Q(confidence__gte=Decimal(0), confidence__lte=Decimal(1)),
                "confidence",
                "Confidence lies between 0 and 1.",
            ),
            rule(
                Q(source__in=[ReportSource.USER, ReportSource.STAFF], reporter__isnull=False)
                | Q(source__in=[*ORGANISED, ReportSource.AUTOMATIC], reporter__isnull=True),
                "reporter",
                "A report of a user or of staff names them; another one does not.",
            ),
            rule(
                Q(source__in=ORGANISED) & ~Q(organisation="")
                | ~Q(source__in=ORGANISED) & Q(organisation="", organisation_reference=""),
                "organisation_given",
                "A trusted flagger or an authority gives its name.",
            ),
            rule(
                Q(source=ReportSource.AUTOMATIC, confidence__isnull=False) & ~Q(detector="")
                | ~Q(source=ReportSource.AUTOMATIC) & Q(detector="", confidence__isnull=True),
                "detector_given",
                "Automatic detection says which machine it was and how sure.",
            ),
            rule(
                Q(source=ReportSource.AUTOMATIC) | ~Q(words=""),
                "words",
                "Say what is wrong, in your own words.",
            ),
            rule(
                Q(reporter__isnull=True) | ~Q(reporter=F("person")),
                "own",
                "Nobody reports themselves, or what is their own.",
            ),
            rule(
                Q(status=ReportStatus.RECEIVED, decided_at__isnull=True)
                | ~Q(status=ReportStatus.RECEIVED) & Q(decided_at__isnull=False),
                "decided_at",
                "A decided report says since when.",
            ),
            unique(
                "reporter",
                "subject_kind",
                "subject_id",
                when=Q(reporter__isnull=False, status=ReportStatus.RECEIVED),
                name="reporter",
                message="You have reported this already; it is being looked at.",
            ),
            Policy(
                role=Role.MODERATOR,
                command="select",
                using=f"{FOR_MODERATORS} OR {NOT_ABOUT_ME} AND {ENTERED}",
            ),
            Policy(role=Role.LEAD_MODERATOR, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"reporter_id = {ME}"),
            Policy(role=Role.SUPPORT, command="select", using=ENTERED),
            *policies(*PEOPLE, command="insert", check=f"reporter_id = {ME} AND source = 'user'"),
            *policies(
                *CASE_STAFF,
                Role.SUPPORT,
                Role.COMPLIANCE,
                command="insert",
                check=f"(reporter_id = {ME} AND source = 'staff') OR source IN ('authority', 'trusted_flagger')",
            ),
            Policy(role=Role.WORKER, command="insert", check="source <> 'staff'"),
            *policies(*CASE_STAFF, Role.COMPLIANCE, Role.WORKER, command="update", using=NOT_ABOUT_ME),
        ]
        indexes = [
            BTree(fields=["case", "-id"], serves="The page of a case: its reports, newest first"),
            BTree(
                fields=["organisation_reference"],
                condition=~Q(organisation_reference=""),
                name="%(app_label)s_%(class)s_file_idx",
                serves="Search of cases and reports: by the file number of an authority or flagger",
            ),
            BTree(
                fields=["reporter", "-id"],
                serves="docs/queries/reports_of_person.sql: how many reports somebody made lately, and their outcome",
            ),
        ]
        triggers = [
            AdmitsReport(),
            AdmitsPrivateReport(),
            FeedsCase(),
            Immutable(
                "case",
                "subject_kind",
                "subject_id",
                "person",
                "category",
                "source",
                "reporter",
                "organisation",
                "organisation_reference",
                "detector",
                "confidence",
                "words",
                "good_faith",
                "entered_by",
            ),
        ]

    def __str__(self) -> str:
        return self.get_category_display()

    @property
    def trail_name(self) -> str:
        """The trail names the category, never what was said."""
        return str(self.get_category_display())
