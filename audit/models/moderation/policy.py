"""What is not allowed: a tree of policies, each in published versions that never change."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audit.models.moderation.readers import CASE_STAFF, LEADS, OVERSEERS, PEOPLE
from audit.moderation_choices import PolicyGround, PolicyVersionStatus, ReportCategory, Severity
from audit.policy_triggers import CountsVersions, PolicyIsATree, PublishedForGood
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, SOMEBODY, policies
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume

WRITERS = (*LEADS, Role.COMPLIANCE)
READERS = (*CASE_STAFF, *OVERSEERS, *PEOPLE, Role.SUPPORT, Role.WORKER)


class ModerationPolicy(Versioned):
    """One row per policy, by a code that never changes. What it says is in its versions.

    Written by `audit.services.moderation_policies`.
    """

    volume, retention = Volume.SMALL, "for good: decisions name it"
    held_by = NotHeld("It is about nobody.")

    code = models.TextField(
        db_comment="Name in decisions and addresses, as in harassment.threats; never changed."
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        db_comment="The broader policy that it belongs to; null: it stands at the top.",
    )
    categories = ArrayField(
        models.TextField(choices=ReportCategory),
        default=list,
        blank=True,
        db_comment="Categories of reports for which it is proposed first.",
    )
    retired_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on no decision may rest on it (UTC); null: in use."
    )

    objects: Any = models.Manager()
    history = History()

    class Meta:
        verbose_name = "policy"
        verbose_name_plural = "policies"
        db_table_comment = (
            "One row per policy of moderation, by its code. Written by audit.services.moderation_policies. "
            "Kept for good: decisions name it."
        )
        permissions = [("publish_moderationpolicy", "Can draft, publish and retire policies")]
        constraints = [
            matches(
                "code",
                "^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*){0,3}$",
                "A code is written in small letters, its parts with points between: harassment.threats.",
            ),
            length_between("code", 2, 80),
            unique("code", message="There is a policy of this code."),
            rule(~Q(parent=models.F("id")), "parent", "A policy is not its own parent."),
            *policies(*READERS, command="select", using=ALL),
            *policies(*WRITERS, command="insert", check=SOMEBODY),
            *policies(*WRITERS, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("code", "parent"), PolicyIsATree()]

    def __str__(self) -> str:
        return self.code


class PolicyVersionQuerySet(models.QuerySet):
    """Reads of versions."""

    def published(self) -> Self:
        """Versions that hold or will hold."""
        return self.filter(status=PolicyVersionStatus.PUBLISHED)

    def in_force(self, at: Any = None) -> Self:
        """The version of each policy that holds at `at` (UTC; None: now); of retired policies too."""
        due = self.published().filter(effective_at__lte=Now() if at is None else at)
        return due.order_by("policy_id", "-effective_at").distinct("policy_id")


class PolicyVersion(Versioned):
    """One row per wording of a policy. Published ones never change; the newest whose time has come holds.

    Written by `audit.services.moderation_policies`.
    """

    volume, retention = Volume.SMALL, "for good: decisions name it"
    held_by = NotHeld("It is about nobody.")

    policy = models.ForeignKey(
        ModerationPolicy,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="versions",
        db_comment="The policy that it words.",
    )
    number = models.IntegerField(db_comment="Counts the versions of a policy, from 1.")
    title = models.TextField(db_comment="Title for staff and for statements of reasons.")
    text = models.TextField(db_comment="What is not allowed, in words that people understand.")
    ground = models.TextField(choices=PolicyGround, db_comment="Whether it rests on the terms or on a law.")
    legal_reference = models.TextField(
        blank=True, default="", db_comment="Law and article; empty where it rests on the terms alone."
    )
    transparency_category = models.TextField(
        db_comment="Category of statements of reasons, as the transparency database of the Commission names it."
    )
    severity = models.TextField(choices=Severity, db_comment="How grave a violation is.")
    strike_points = models.IntegerField(
        db_comment="Points of the strike that a violation brings; 0: no strike."
    )
    strike_days = models.IntegerField(db_comment="Days until such a strike expires.")
    status = models.TextField(
        choices=PolicyVersionStatus,
        default=PolicyVersionStatus.DRAFT,
        db_comment="Draft or published; moves are enforced.",
    )
    effective_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on it holds (UTC); null while it is a draft."
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="policy_versions_drafted",
        db_comment="Who wrote it; null: it came with the platform.",
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="policy_versions_published",
        db_comment="Who published it; null: a draft, or it came with the platform.",
    )

    status_machine = StateMachine(
        PolicyVersionStatus,
        initial=[PolicyVersionStatus.DRAFT],
        moves={PolicyVersionStatus.DRAFT: [PolicyVersionStatus.PUBLISHED]},
    )

    objects: Any = PolicyVersionQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per wording of a policy; published ones never change. Written by "
            "audit.services.moderation_policies. Kept for good: decisions name it."
        )
        constraints = [
            unique("policy", "number", message="There is a version of this number."),
            unique(
                "policy",
                "effective_at",
                when=Q(status=PolicyVersionStatus.PUBLISHED),
                name="effective",
                message="Two versions of a policy cannot begin at the same time.",
            ),
            rule(Q(number__gte=1), "number", "Versions are counted from 1."),
            *line("title", 120),
            *paragraphs("text", 10_000),
            rule(~Q(text=""), "text", "A policy says something."),
            one_of("ground", PolicyGround),
            one_of("severity", Severity),
            *line("legal_reference", 300, least=0),
            rule(
                ~Q(ground=PolicyGround.LAW) | ~Q(legal_reference=""),
                "legal_reference",
                "A policy that rests on a law names law and article.",
            ),
            matches(
                "transparency_category",
                "^[A-Z][A-Z_]{2,60}$",
                "A category is written as the transparency database has it: STATEMENT_CATEGORY_OTHER.",
            ),
            rule(Q(strike_points__range=(0, 100)), "strike_points", "A strike has 0 to 100 points."),
            rule(Q(strike_days__range=(1, 1830)), "strike_days", "A strike expires within five years."),
            rule(
                Q(status=PolicyVersionStatus.DRAFT, effective_at__isnull=True, published_by__isnull=True)
                | Q(status=PolicyVersionStatus.PUBLISHED, effective_at__isnull=False),
                "published",
                "A published version says from when on it holds; a draft does not.",
            ),
            rule(
                Q(published_by__isnull=True)
                | Q(drafted_by__isnull=True)
                | ~Q(published_by=models.F("drafted_by")),
                "four_eyes",
                "Somebody else publishes what one has written.",
            ),
            *policies(*CASE_STAFF, *OVERSEERS, Role.SUPPORT, Role.WORKER, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using="status = 'published'"),
            *policies(*WRITERS, command="insert", check=f"drafted_by_id = {ME} AND status = 'draft'"),
            *policies(*WRITERS, command="update", using="status = 'draft'", check=SOMEBODY),
            *policies(*WRITERS, command="delete", using="status = 'draft'"),
        ]
        indexes = [
            BTree(
                fields=["policy", "-effective_at"],
                condition=Q(status=PolicyVersionStatus.PUBLISHED),
                serves="docs/queries/policy_in_force.sql: the wording that holds at an instant",
            )
        ]
        triggers = [PublishedForGood(), CountsVersions()]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"
