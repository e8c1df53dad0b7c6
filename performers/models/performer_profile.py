"""Performers: who goes live, as the public knows them, and where their admission stands."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from accounts.models.erasable_history import HistoryOfPerson
from accounts.models.user import skeleton_of
from core.db.constraints import length_between, matches, rule, unique, unique_without_case, without_case
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from performers.admission_triggers import MovesByRole, PublishWithProfile, RememberName, RestingName
from performers.choices import PerformerStatus
from performers.schedule_triggers import TakesScheduleAlong

READERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.ANALYST,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
)
PUBLIC = Q(status__in=[PerformerStatus.VERIFIED, PerformerStatus.PAUSED])
"""Profiles that anybody may see."""

HERE = ~Q(status=PerformerStatus.OFFBOARDED)
NAMED = Q(slug__isnull=False)
RENEWABLE = Q(status__in=[PerformerStatus.VERIFIED, PerformerStatus.PAUSED])
RENEWING = Q(renewal_submitted_at__isnull=False)
LONGEST_SLUG = 50
SLUG_PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"
NOT_MYSELF = f"id IS DISTINCT FROM {ME}"


class PerformerProfileQuerySet(models.QuerySet):
    """Reads of performers."""

    def public(self) -> Self:
        """Performers whom anybody may see."""
        return self.filter(PUBLIC)

    def submitted(self) -> Self:
        """Applications that wait for an examination, the oldest first."""
        return self.filter(status=PerformerStatus.SUBMITTED).order_by("submitted_at", "pk")

    def renewing(self) -> Self:
        """Performers whose new documents wait for an examination, the oldest first."""
        return self.filter(RENEWING).order_by("renewal_submitted_at", "pk")

    def with_slug(self, slug: str) -> Self:
        """The performer at this address."""
        return self.filter(slug=slug.lower())

    def stage_name_starts_with(self, prefix: str) -> Self:
        """Performers whose stage name begins like this, letter case aside; by the index over `lower(stage_name)`."""
        return self.alias(folded=without_case("stage_name")).filter(folded__startswith=prefix.lower())


class PerformerProfile(Versioned):
    """One row per performer, from the first draft of the application on.

    The row takes the id of its person (docs/decisions/0018): a policy of every lower table says `performer_id = me`
    without asking another one. What identifies a performer is not here but in `IdentityRecord`.
    """

    volume, retention = Volume.LARGE, "while the account lives; emptied on erasure"
    held_by = HeldBy(
        person=("id",),
        keeps=("stage_name", "slug", "headline", "biography", "pronouns", "displayed_location"),
    )

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="performer_profile",
        db_comment="The person who performs; the same value as id.",
    )
    stage_name = personal(
        models.TextField(
            null=True,
            db_comment="Name under which the performer is known, in any script; null once the person is erased.",
        )
    )
    slug = personal(
        models.TextField(
            null=True,
            db_comment="The stage name as part of an address on the web; unique; null once the person is erased.",
        )
    )
    slug_skeleton = personal(
        models.GeneratedField(
            expression=skeleton_of("slug"),
            output_field=models.TextField(),
            db_persist=True,
            db_comment="What the slug looks like (as with handles); unique, against impersonation.",
        )
    )
    headline = models.TextField(blank=True, default="", db_comment="One line about the performer.")
    biography = personal(
        models.TextField(blank=True, default="", db_comment="What the performer tells about herself.")
    )
    pronouns = personal(
        models.TextField(blank=True, default="", db_comment="Pronouns, in the performer's words.")
    )
    displayed_location = personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="Place shown on the profile, in the performer's words; not verified.",
        )
    )
    status = models.TextField(
        choices=PerformerStatus,
        default=PerformerStatus.DRAFT,
        db_comment="Where the admission stands; moves are enforced.",
    )
    submitted_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the application was last submitted (UTC); null: never."
    )
    verified_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When an examination last accepted the performer (UTC); null: never.",
    )
    renewal_submitted_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Since when new documents of a verified performer wait for an examination (UTC); null: none wait.",
    )
    offboarded_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the performer left for good (UTC); null: still here."
    )

    status_machine = StateMachine(
        PerformerStatus,
        initial=[PerformerStatus.DRAFT],
        moves={
            PerformerStatus.DRAFT: [PerformerStatus.SUBMITTED, PerformerStatus.OFFBOARDED],
            PerformerStatus.SUBMITTED: [
                PerformerStatus.VERIFIED,
                PerformerStatus.REJECTED,
                PerformerStatus.OFFBOARDED,
            ],
            PerformerStatus.VERIFIED: [
                PerformerStatus.PAUSED,
                PerformerStatus.EXPIRED,
                PerformerStatus.OFFBOARDED,
            ],
            PerformerStatus.PAUSED: [
                PerformerStatus.VERIFIED,
                PerformerStatus.EXPIRED,
                PerformerStatus.OFFBOARDED,
            ],
            PerformerStatus.EXPIRED: [PerformerStatus.SUBMITTED, PerformerStatus.OFFBOARDED],
            PerformerStatus.REJECTED: [PerformerStatus.SUBMITTED, PerformerStatus.OFFBOARDED],
        },
    )

    objects: ClassVar[Any] = PerformerProfileQuerySet.as_manager()
    history = History(bases=(HistoryOfPerson,))

    class Meta:
        verbose_name = "performer"
        db_table_comment = (
            "One row per performer: public face and state of admission. Written by performers.services.profiles. "
            "Kept while the account lives, emptied on erasure."
        )
        permissions = [
            ("examine_performerprofile", "Can examine applications and decide them"),
            ("offboard_performerprofile", "Can offboard performers"),
            ("correct_performerprofile", "Can take texts off the profiles of performers"),
        ]
        constraints = [
            rule(Q(id=F("user")), "user", "A performer's row has the id of the person."),
            *line("stage_name", 50, least=2),
            unique_without_case("stage_name", when=HERE, message="This stage name is taken."),
            length_between("slug", 2, LONGEST_SLUG),
            matches("slug", SLUG_PATTERN, "A slug has small letters (a to z), digits and single hyphens."),
            unique("slug", when=NAMED, message="The address made of this stage name is taken."),
            unique(
                "slug_skeleton",
                when=HERE & NAMED,
                message="This stage name looks like that of another performer. Choose another one.",
            ),
            rule(
                Q(stage_name__isnull=False, slug__isnull=False)
                | Q(stage_name__isnull=True, slug__isnull=True, status=PerformerStatus.OFFBOARDED),
                "named",
                "A performer has a stage name and a slug; only an erased one has neither.",
            ),
            *line("headline", 120, least=0),
            *paragraphs("biography", 5000),
            *line("pronouns", 40, least=0),
            *line("displayed_location", 80, least=0),
            rule(
                Q(submitted_at__isnull=False)
                | Q(status__in=[PerformerStatus.DRAFT, PerformerStatus.OFFBOARDED]),
                "submitted_at",
                "An application that was submitted says when.",
            ),
            rule(
                Q(verified_at__isnull=False)
                | ~Q(status__in=[PerformerStatus.VERIFIED, PerformerStatus.PAUSED, PerformerStatus.EXPIRED]),
                "verified_at",
                "A performer who was verified has the time of it.",
            ),
            rule(
                Q(renewal_submitted_at__isnull=True) | RENEWABLE,
                "renewal",
                "New documents wait beside an admission that stands; otherwise they are an application.",
            ),
            rule(
                Q(offboarded_at__isnull=False, status=PerformerStatus.OFFBOARDED)
                | Q(offboarded_at__isnull=True) & ~Q(status=PerformerStatus.OFFBOARDED),
                "offboarded_at",
                "A performer has a time of leaving exactly when offboarded.",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(
                role=Role.VIEWER, command="select", using=f"status IN ('verified', 'paused') OR id = {ME}"
            ),
            Policy(
                role=Role.PERFORMER, command="select", using=f"status IN ('verified', 'paused') OR id = {ME}"
            ),
            Policy(role=Role.VIEWER, command="insert", check=f"id = {ME} AND status = 'draft'"),
            Policy(role=Role.WORKER, command="insert", check="status = 'draft'"),
            Policy(role=Role.PERFORMER, command="update", using=f"id = {ME}"),
            *policies(
                Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, command="update", using=NOT_MYSELF
            ),
            Policy(role=Role.WORKER, command="update", using="status <> 'offboarded'", check="user_id = id"),
        ]
        indexes = [
            BTree(
                fields=["status", "-id"],
                serves="Performers of the back office, filtered by status, newest first",
            ),
            BTree(
                fields=["submitted_at", "id"],
                condition=Q(status=PerformerStatus.SUBMITTED),
                name="%(app_label)s_%(class)s_submitted_idx",
                serves="docs/queries/applications_waiting.sql: the queue of compliance, the oldest first",
            ),
            BTree(
                fields=["renewal_submitted_at", "id"],
                condition=RENEWING,
                name="%(app_label)s_%(class)s_renewing_idx",
                serves="docs/queries/renewals_waiting.sql: new documents of verified performers, the oldest first",
            ),
            BTree(
                without_case("stage_name"),
                name="%(app_label)s_%(class)s_stage_name_idx",
                serves="Performers of the back office and its search box: by the beginning of a stage name",
            ),
        ]
        triggers = [
            Immutable("user"),
            RefuseErasedPerson(),
            MovesByRole(),
            RestingName(),
            RememberName(),
            PublishWithProfile(),
            TakesScheduleAlong(),
        ]

    def __str__(self) -> str:
        return self.stage_name or f"erased performer {self.pk}"
