"""Pictures of profiles, and what moderators decided about them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat

from accounts.choices import MediaKind, MediaStatus, MediaType
from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import has_bytes, length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

LARGEST = 20 * 1024 * 1024
"""Bytes of a picture."""

WIDEST = 12_000
"""Pixels of a side of a picture."""

GALLERY_PLACES = 60
"""Pictures that a gallery holds."""

SHOWN = Q(status=MediaStatus.APPROVED)
WAITING = Q(status=MediaStatus.PENDING)
SINGLE = Q(kind__in=[MediaKind.AVATAR, MediaKind.COVER])
MODERATORS = (Role.MODERATOR, Role.LEAD_MODERATOR)
OWN_FOLDER = Func(
    F("object_key"),
    Concat(
        Value("people/"), Cast(F("user_id"), models.TextField()), Value("/"), output_field=models.TextField()
    ),
    function="starts_with",
    output_field=models.BooleanField(),
)


class ProfileMediaQuerySet(models.QuerySet):
    """Reads of pictures."""

    def shown(self) -> Self:
        """Pictures that others may see."""
        return self.filter(SHOWN)

    def waiting(self) -> Self:
        """Pictures that wait for a moderator, the oldest first."""
        return self.filter(WAITING).order_by("pk")


class ProfileMedia(Versioned):
    """One row per picture of a profile: where it lies in object storage, and what a moderator said.

    Written by `accounts.services.profile_media`. No address on the web is kept: pages sign one for the few who may see
    the picture. Keys begin with `people/<id of the person>/`, so that erasing a person is erasing a folder.
    """

    volume, retention = Volume.LARGE, "with the account; what was not approved 180 days after the decision"
    held_by = HeldBy(person=("user",), keeps=("object_key", "sha256"))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="profile_media",
        db_comment="Whose profile it belongs to.",
    )
    kind = models.TextField(choices=MediaKind, db_comment="What the picture is for.")
    object_key = personal(
        models.TextField(
            db_comment="Key in object storage: people/<user id>/<name>. Never an address on the web."
        )
    )
    sha256 = not_personal(
        models.BinaryField(
            max_length=32, db_comment="SHA-256 of the stored bytes, to notice another content."
        )
    )
    size_bytes = models.BigIntegerField(db_comment="Size in bytes.")
    media_type = models.TextField(choices=MediaType, db_comment="Format, IANA media type.")
    width = models.IntegerField(db_comment="Width in pixels.")
    height = models.IntegerField(db_comment="Height in pixels.")
    position = models.IntegerField(
        null=True, blank=True, db_comment="Place in the gallery, from 0; null for avatar and cover."
    )
    status = models.TextField(
        choices=MediaStatus, default=MediaStatus.PENDING, db_comment="Where it stands; moves are enforced."
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="profile_media_decided",
        db_comment="The moderator who decided; null: nobody did.",
    )
    decided_at = models.DateTimeField(null=True, blank=True, db_comment="When (UTC); null: undecided.")
    decision_reason = personal(
        models.TextField(
            blank=True, default="", db_comment="Why, in the moderator's words; empty: undecided."
        )
    )

    status_machine = StateMachine(
        MediaStatus,
        initial=[MediaStatus.PENDING],
        moves={
            MediaStatus.PENDING: [MediaStatus.APPROVED, MediaStatus.REJECTED, MediaStatus.WITHDRAWN],
            MediaStatus.APPROVED: [MediaStatus.REJECTED, MediaStatus.REPLACED, MediaStatus.WITHDRAWN],
        },
    )

    objects: Any = ProfileMediaQuerySet.as_manager()

    class Meta:
        verbose_name = "profile picture"
        db_table_comment = (
            "One row per picture of a profile. Written by accounts.services.profile_media. Kept with the account; "
            "what is not shown any more 180 days."
        )
        permissions = [("decide_profilemedia", "Can approve and reject pictures of profiles")]
        constraints = [
            one_of("kind", MediaKind),
            one_of("media_type", MediaType),
            length_between("object_key", 50, 300),
            matches("object_key", "^people/[A-Za-z0-9/_.-]+$", "An object key is a path under people/."),
            rule(OWN_FOLDER, "own_folder", "A picture lies in the folder of its person."),
            rule(has_bytes("sha256", 32), "sha256", "A digest has 32 bytes."),
            rule(
                Q(size_bytes__gte=1, size_bytes__lte=LARGEST), "size_bytes", "A picture has 1 byte to 20 MiB."
            ),
            rule(
                Q(width__gte=1, width__lte=WIDEST, height__gte=1, height__lte=WIDEST),
                "pixels",
                f"A picture has 1 to {WIDEST} pixels a side.",
            ),
            rule(
                Q(
                    kind=MediaKind.GALLERY,
                    position__isnull=False,
                    position__gte=0,
                    position__lt=2 * GALLERY_PLACES,
                )
                | ~Q(kind=MediaKind.GALLERY) & Q(position__isnull=True),
                "position",
                "Pictures of the gallery have a place in it, others have none.",
            ),
            length_between("decision_reason", 0, 2000),
            rule(
                Q(status__in=[MediaStatus.PENDING, MediaStatus.WITHDRAWN])
                | Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision_reason=""),
                "decided",
                "A decision says who made it, when and why.",
            ),
            rule(
                ~Q(status=MediaStatus.PENDING) | Q(decided_at__isnull=True, decided_by__isnull=True),
                "undecided",
                "What waits is undecided.",
            ),
            rule(
                Q(decided_by__isnull=True) | ~Q(decided_by=F("user")),
                "decided_by",
                "Nobody decides about their own pictures.",
            ),
            unique("object_key", message="This object is in use already."),
            unique(
                "user",
                "kind",
                when=SHOWN & SINGLE,
                name="shown",
                message="There is one avatar and one cover at a time.",
            ),
            unique(
                "user",
                "kind",
                when=WAITING & SINGLE,
                name="waiting",
                message="A picture of this kind waits for a decision already.",
            ),
            unique(
                "user",
                "position",
                when=Q(kind=MediaKind.GALLERY, status__in=[MediaStatus.PENDING, MediaStatus.APPROVED]),
                name="place",
                message="This place in the gallery is taken.",
            ),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"user_id = {ME}"),
            *policies(*MODERATORS, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
            *policies(
                *MODERATORS,
                command="update",
                using=f"user_id <> {ME}",
                check=f"user_id <> {ME} AND (decided_by_id = {ME} OR status = 'replaced')",
            ),
        ]
        indexes = [
            BTree(
                fields=["id"],
                condition=WAITING,
                name="%(app_label)s_%(class)s_waiting_idx",
                serves="docs/queries/pictures_waiting.sql: the queue of moderators, the oldest first",
            ),
            BTree(fields=["user", "-id"], serves="A person's page and profile: pictures, newest first"),
        ]
        triggers = [
            Immutable("user", "kind", "object_key", "sha256", "size_bytes", "media_type", "width", "height"),
            RefuseErasedPerson(),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user_id}"
