"""Filings to authorities: what was reported to whom, by which law, by when, and what came of it."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Now, Right, Upper

from audit.filing_choices import FilingKind, FilingOutcome, FilingStatus
from audit.filing_rules import FILING_RULES
from audit.filing_triggers import BelongsToPerson, FourEyes, RecordsFilingMoves, ReplacesAmended, SetsDeadline
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import VISIBLE_LINE
from core.db.triggers import Immutable
from core.encryption import EncryptedTextField
from core.models import Versioned, Volume

S = FilingStatus
WAITING = (S.DRAFT, S.SUBMITTED, S.APPROVED)
"""States in which the authority has nothing yet, and the clock runs."""

OUT = (S.FILED, S.CLOSED, S.AMENDED)
"""States in which the authority has it."""

NOT_ABOUT_ME = f"person_id IS DISTINCT FROM {ME}"
"""Nobody learns of a filing about themselves: 31 U.S.C. 5318(g)(2) makes it a crime to tell."""

NEED_SOMEBODY = [kind.value for kind, known in FILING_RULES.items() if known.about]

NOT_AMENDED = "NOT EXISTS (SELECT FROM audit_compliancefiling a WHERE a.amends_id = {row}.id)"
"""What an amendment names stays as long as the amendment."""


class ComplianceFilingQuerySet(models.QuerySet):
    """Reads of filings."""

    def waiting(self) -> Self:
        """What the authority has not got yet, the earliest deadline first."""
        return self.filter(status__in=WAITING).order_by("due_at", "pk")

    def overdue(self, within: timedelta = timedelta()) -> Self:
        """What should be with the authority by now, or will have to be within that time, the longest overdue first."""
        return self.waiting().filter(due_at__lte=Now() + within)


class ComplianceFiling(Versioned):
    """One row per version of what is reported to an authority; an amendment is a row of its own.

    Written by `audit.services.filings`. It copies nothing of what it is about; its own words are encrypted. Every move
    of `status` is in `FilingTransition`. Compliance and auditors read it, nobody about themselves.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over(
        since=f"CASE WHEN {NOT_AMENDED} THEN uuid_extract_timestamp({{row}}.id) END",
        found=f"{{row}}.id < {{floor}} AND {NOT_AMENDED}",
    )
    held_by = NotHeld("Nobody deletes a filing before its time, and what was filed never changes.")
    quiet_columns = ("overdue_told_at",)

    reference = models.GeneratedField(
        expression=Concat(Value("CF-"), Upper(Right(Cast("id", models.TextField()), 8))),
        output_field=models.TextField(),
        db_persist=True,
        db_comment="What people quote: CF- and the last eight digits of the id.",
    )
    kind = models.TextField(choices=FilingKind, db_comment="What is filed; law and deadline follow from it.")
    authority = not_personal(models.TextField(db_comment="To which authority, by name."))
    legal_basis = not_personal(models.TextField(db_comment="By which law or order it is filed."))
    reporting_year = models.SmallIntegerField(
        null=True, blank=True, db_comment="Calendar year of a tax report; null: it is none."
    )
    aware_at = models.DateTimeField(
        blank=True, db_comment="When the house became aware (UTC); of a tax report the end of its year."
    )
    due_at = models.DateTimeField(
        blank=True,
        db_comment="By when it has to be filed (UTC), by the law of its kind; computed by trigger.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="compliance_filings",
        db_comment="Whom it is about; null: nobody in particular. Taken from the case by trigger.",
    )
    case = models.ForeignKey(
        "audit.Case",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="compliance_filings",
        db_comment="The case of moderation that led to it; null: none did.",
    )
    takedown = models.ForeignKey(
        "audit.TakedownNotice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="compliance_filings",
        db_comment="The copyright notice that it is about; null: none.",
    )
    hold = models.ForeignKey(
        "audit.LegalHold",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="compliance_filings",
        db_comment="The legal hold that keeps what it is about; null: none was placed with it.",
    )
    amends = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="amendments",
        db_comment="The filing of which this is a new version; null: it is the first.",
    )
    number = models.PositiveSmallIntegerField(
        default=1, editable=False, db_comment="Which version it is, from 1; counted by trigger."
    )
    words = EncryptedTextField(
        null=True,
        blank=True,
        verbose_name="what is reported",
        db_comment="What is reported, in the words of its authors; encrypted; null: not written yet.",
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="filings_prepared",
        db_comment="Who prepared it; taken from whoever acts.",
    )
    writer_ids = ArrayField(
        models.UUIDField(),
        default=list,
        editable=False,
        db_comment="Everybody who wrote a word of it; kept by trigger. None of them approves it.",
    )
    submitted_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was handed over for approval (UTC); null: it is a draft."
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="filings_approved",
        db_comment="Who approved it: none of its authors; null: nobody yet.",
    )
    approved_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was approved (UTC); null: it is not."
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="filings_filed",
        db_comment="Who filed it with the authority; null: nobody yet.",
    )
    filed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the authority got it (UTC); null: it has not."
    )
    authority_reference = not_personal(
        models.TextField(
            null=True,
            blank=True,
            db_comment="What the authority calls it: number of the report or receipt; null: not filed.",
        )
    )
    is_late = models.GeneratedField(
        expression=models.Case(
            models.When(Q(filed_at__gt=F("due_at")), then=models.Value(True)), default=models.Value(False)
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        db_comment="Whether the authority got it after the deadline.",
    )
    outcome = models.TextField(
        choices=FilingOutcome,
        null=True,
        blank=True,
        db_comment="What the authority made of it; null: it has not answered.",
    )
    outcome_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the authority answered (UTC); null: it has not."
    )
    status = models.TextField(
        choices=FilingStatus, default=S.DRAFT, db_comment="Where it stands; moves are enforced."
    )
    status_since = models.DateTimeField(
        editable=False, db_default=Now(), db_comment="Since when it stands there (UTC); kept by trigger."
    )
    overdue_told_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="When a security event last told that it is overdue (UTC); null: never.",
    )

    status_machine = StateMachine(
        FilingStatus,
        initial=[S.DRAFT],
        moves={
            S.DRAFT: [S.SUBMITTED, S.DROPPED],
            S.SUBMITTED: [S.APPROVED, S.DRAFT, S.DROPPED],
            # What turns out to be wrong on the last metre goes back; it is approved again.
            S.APPROVED: [S.FILED, S.DRAFT],
            S.FILED: [S.CLOSED, S.AMENDED],
            S.CLOSED: [S.AMENDED],
        },
    )

    objects: Any = ComplianceFilingQuerySet.as_manager()

    class Meta:
        verbose_name = "filing to an authority"
        verbose_name_plural = "filings to authorities"
        db_table_comment = (
            "One row per version of what is reported to an authority; its words are encrypted. Written by "
            "audit.services.filings. Kept 7 years."
        )
        permissions = [
            ("handle_compliancefiling", "Can prepare, approve, file and amend filings to authorities"),
            ("reveal_compliancefiling", "Can reveal the words of filings to authorities, with a reason"),
        ]
        constraints = [
            unique("reference", message="There is a filing with this reference."),
            unique(
                "amends",
                when=Q(amends__isnull=False) & ~Q(status=S.DROPPED),
                message="An amendment of this filing is under way, or was filed already.",
            ),
            unique(
                "authority",
                "authority_reference",
                when=Q(authority_reference__isnull=False),
                message="A filing with this reference of the authority is on record already.",
            ),
            unique(
                "authority",
                "reporting_year",
                "number",
                when=Q(reporting_year__isnull=False) & ~Q(status=S.DROPPED),
                name="year",
                message="The tax report of this year to this authority is on record already. Amend it.",
            ),
            one_of("kind", FilingKind),
            one_of("outcome", FilingOutcome),
            length_between("authority", 3, 200),
            matches("authority", VISIBLE_LINE, "The name of an authority is plain text on one line."),
            length_between("legal_basis", 3, 300),
            matches("legal_basis", VISIBLE_LINE, "A legal basis is plain text on one line."),
            length_between("authority_reference", 1, 100),
            matches(
                "authority_reference",
                VISIBLE_LINE,
                "The reference of an authority is plain text on one line.",
            ),
            rule(
                Q(kind=FilingKind.TAX_REPORT, reporting_year__gte=2000, reporting_year__lte=2200)
                | Q(~Q(kind=FilingKind.TAX_REPORT), reporting_year__isnull=True),
                "reporting_year",
                "A tax report names its reporting year, and nothing else does.",
            ),
            rule(
                ~Q(kind__in=NEED_SOMEBODY) | Q(person__isnull=False),
                "about",
                "A report of this kind names the person or the case that it is about.",
            ),
            rule(Q(due_at__gt=F("aware_at")), "due_at", "A filing is due after the house became aware."),
            rule(
                Q(status=S.DRAFT, submitted_at__isnull=True)
                | Q(status=S.DROPPED)
                | Q(~Q(status__in=[S.DRAFT, S.DROPPED]), submitted_at__isnull=False, words__isnull=False),
                "submitted",
                "What is handed over for approval says what is reported.",
            ),
            rule(
                Q(status__in=[S.APPROVED, *OUT], approved_by__isnull=False, approved_at__isnull=False)
                | Q(~Q(status__in=[S.APPROVED, *OUT]), approved_by__isnull=True, approved_at__isnull=True),
                "approved",
                "What was approved says by whom and when, and nothing else does.",
            ),
            rule(
                Q(
                    status__in=OUT,
                    filed_by__isnull=False,
                    filed_at__gte=F("aware_at"),
                    authority_reference__isnull=False,
                )
                | Q(
                    ~Q(status__in=OUT),
                    filed_by__isnull=True,
                    filed_at__isnull=True,
                    authority_reference__isnull=True,
                ),
                "filed",
                "What was filed says by whom, when, after the house became aware, and the authority's reference.",
            ),
            rule(
                Q(filed_at__isnull=True) | Q(filed_at__gte=F("approved_at")),
                "filed_after",
                "A filing goes out after it was approved.",
            ),
            rule(
                Q(status=S.CLOSED, outcome__isnull=False, outcome_at__gte=F("filed_at"))
                | Q(status=S.AMENDED)
                | Q(~Q(status__in=[S.CLOSED, S.AMENDED]), outcome__isnull=True, outcome_at__isnull=True),
                "answered",
                "An answer says what the authority made of it and when, after it was filed.",
            ),
            rule(
                Q(person__isnull=True)
                | ~Q(prepared_by=F("person"))
                & (Q(approved_by__isnull=True) | ~Q(approved_by=F("person")))
                & (Q(filed_by__isnull=True) | ~Q(filed_by=F("person"))),
                "own",
                "Nobody works on a filing about themselves.",
            ),
            rule(
                Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")),
                "four_eyes",
                "Who prepared a filing does not approve it.",
            ),
            *policies(Role.COMPLIANCE, Role.AUDITOR, command="select", using=NOT_ABOUT_ME),
            Policy(role=Role.COMPLIANCE, command="insert", check=f"prepared_by_id = {ME} AND {NOT_ABOUT_ME}"),
            Policy(role=Role.COMPLIANCE, command="update", using=NOT_ABOUT_ME),
            Policy(role=Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["due_at", "id"],
                condition=Q(status__in=WAITING),
                name="%(app_label)s_%(class)s_due_idx",
                serves="docs/queries/filings_overdue.sql: the queue by deadline; the cards on the home page; the job",
            ),
            BTree(
                fields=["person", "-id"],
                condition=Q(person__isnull=False),
                name="%(app_label)s_%(class)s_person_idx",
                serves="docs/queries/filings_about_person.sql: a person's page; the search by handle",
            ),
            BTree(
                fields=["authority_reference"],
                condition=Q(authority_reference__isnull=False),
                name="%(app_label)s_%(class)s_receipt_idx",
                serves="docs/queries/filing_by_receipt.sql: the search by what the authority calls it",
            ),
            BTree(
                fields=["kind", "-id"],
                serves="Filings of the back office, filtered by kind, newest first",
            ),
            BTree(
                fields=["-id"],
                condition=Q(is_late=True),
                name="%(app_label)s_%(class)s_late_idx",
                serves="Filings of the back office, filtered by those that came late, newest first",
            ),
        ]
        triggers = [
            SetsDeadline(),
            BelongsToPerson(),
            Immutable(
                "kind",
                "reporting_year",
                "aware_at",
                "due_at",
                "person",
                "case",
                "takedown",
                "amends",
                "number",
                "prepared_by",
            ),
            FourEyes(),
            ReplacesAmended(),
            RecordsFilingMoves(),
        ]

    def __str__(self) -> str:
        return self.reference
