"""Statements of reasons: what a person is told of a decision, by law (Regulation (EU) 2022/2065, article 17)."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from audit.decision_triggers import StampsStatement
from audit.models.moderation.decision import DECISION_WRITERS, Decision
from audit.models.moderation.readers import CASE_STAFF, NOT_ABOUT_ME, OVERSEERS, PEOPLE
from audit.moderation_choices import AutomationDegree, EffectAxis, PolicyGround, ReportSource, SubjectKind
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import Entity, Volume

RESTRICTIONS = [axis.value for axis in EffectAxis if axis is not EffectAxis.NONE]


class StatementOfReasons(Entity):
    """One row per decision that restricts somebody, with everything that article 17(3) asks for.

    Composed by `audit.services.statements` with the decision; what is missing refuses the decision. The person reads it
    from the moment of the decision on. Only `submitted_at` changes, when it was handed to the transparency database.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("person",))

    decision = models.OneToOneField(
        Decision,
        models.PROTECT,
        related_name="statement",
        db_comment="The decision that it explains.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="statements_of_reasons",
        db_comment="To whom it is addressed.",
    )
    platform_identifier = models.TextField(
        db_comment="Unique identifier of the statement on this platform (puid of the transparency database)."
    )
    language = models.TextField(
        db_comment="Language of the statement, ISO 639-1: that of the person where we have it."
    )
    restrictions = ArrayField(
        models.TextField(choices=EffectAxis),
        db_comment="Which restrictions were imposed (art. 17(3)(a)); at least one.",
    )
    restriction_words = models.TextField(
        db_comment="What was done, and until when, in words (art. 17(3)(a)); one line per effect."
    )
    territories = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_comment="Countries where it holds, ISO 3166-1; empty: everywhere (art. 17(3)(a)).",
    )
    starts_at = models.DateTimeField(db_comment="From when on the restrictions hold (UTC).")
    ends_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When the last of them ends (UTC); null: not by itself (art. 17(3)(a)).",
    )
    facts = personal(
        models.TextField(
            db_comment="Facts and circumstances relied on (art. 17(3)(b)); names nobody who reported."
        )
    )
    source = models.TextField(
        choices=ReportSource,
        null=True,
        blank=True,
        db_comment="Whether a notice led to it, and whose (art. 17(3)(b)); null: own initiative.",
    )
    automated_detection = models.BooleanField(db_comment="Whether a machine found it (art. 17(3)(c)).")
    automated_decision = models.TextField(
        choices=AutomationDegree, db_comment="How far a machine decided it (art. 17(3)(c))."
    )
    ground = models.TextField(
        choices=PolicyGround, db_comment="Illegal content, or against the terms (art. 17(3)(d), (e))."
    )
    ground_reference = models.TextField(
        db_comment="Law and article, or policy and version (art. 17(3)(d), (e))."
    )
    ground_explanation = models.TextField(
        db_comment="Why it is considered illegal or against the terms on that ground (art. 17(3)(d), (e))."
    )
    category = models.TextField(db_comment="Category, as the transparency database names it.")
    content_kind = models.TextField(choices=SubjectKind, db_comment="What kind of content it is about.")
    content_date = models.DateTimeField(
        null=True, blank=True, db_comment="When the content was put up (UTC); null: not known."
    )
    redress = models.TextField(
        db_comment="How the person can object (art. 17(3)(f)): complaint, settlement body, court."
    )
    issued_at = models.DateTimeField(db_comment="When it was handed to the person (UTC).")
    submitted_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When it was handed to the transparency database (UTC); null: not yet.",
    )

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "statement of reasons"
        verbose_name_plural = "statements of reasons"
        db_table_comment = (
            "One row per decision that restricts somebody: what they are told, by DSA art. 17. Written by "
            "audit.services.statements. Kept 7 years."
        )
        constraints = [
            unique("platform_identifier", message="There is a statement of this identifier."),
            matches(
                "platform_identifier", "^[A-Z0-9-]{8,60}$", "An identifier has capitals, digits and hyphens."
            ),
            matches("language", "^[a-z]{2}$", "A language is an ISO 639-1 code."),
            rule(
                Q(restrictions__contained_by=RESTRICTIONS, restrictions__len__gte=1),
                "restrictions",
                "A statement names at least one restriction.",
            ),
            *paragraphs("restriction_words", 2000),
            rule(~Q(restriction_words=""), "restriction_words", "A statement says what was done."),
            *paragraphs("facts", 5000),
            rule(~Q(facts=""), "facts", "A statement gives the facts and circumstances."),
            one_of("source", ReportSource),
            one_of("automated_decision", AutomationDegree),
            one_of("ground", PolicyGround),
            *line("ground_reference", 400),
            *paragraphs("ground_explanation", 2000),
            rule(~Q(ground_explanation=""), "ground_explanation", "A statement explains its ground."),
            matches(
                "category",
                "^[A-Z][A-Z_]{2,60}$",
                "A category is written as the transparency database has it.",
            ),
            one_of("content_kind", SubjectKind),
            length_between("redress", 20, 2000),
            rule(
                Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                "ends_at",
                "A restriction ends after it began.",
            ),
            *policies(*CASE_STAFF, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"person_id = {ME}"),
            *policies(*DECISION_WRITERS, command="insert", check=NOT_ABOUT_ME),
            *policies(Role.WORKER, command="update", using="submitted_at IS NULL", check=ALL),
        ]
        indexes = [
            BTree(fields=["person", "-id"], serves="A person's own statements, newest first"),
            BTree(
                fields=["id"],
                condition=Q(submitted_at__isnull=True),
                name="%(app_label)s_%(class)s_unsent_idx",
                serves="docs/queries/unsubmitted_statements.sql: what the transparency database does not know yet",
            ),
        ]
        triggers = [
            StampsStatement(),
            Immutable(
                "decision",
                "person",
                "platform_identifier",
                "language",
                "restrictions",
                "restriction_words",
                "territories",
                "starts_at",
                "ends_at",
                "facts",
                "source",
                "automated_detection",
                "automated_decision",
                "ground",
                "ground_reference",
                "ground_explanation",
                "category",
                "content_kind",
                "content_date",
                "redress",
                "issued_at",
            ),
        ]

    def __str__(self) -> str:
        return self.platform_identifier
