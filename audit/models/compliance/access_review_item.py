"""What an access review decides: one grant of a role, as it was at the cut-off."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.access_review_choices import ReviewVerdict
from audit.access_review_triggers import DecidesOnce
from audit.models.compliance.access_review import REVIEW_READERS
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import GoesWith
from core.db.roles import STAFF_ROLES, Role
from core.db.triggers import Immutable
from core.models import Versioned, Volume

NOT_MINE = f"holder_id <> {ME}"


class AccessReviewItemQuerySet(models.QuerySet):
    """Reads of items."""

    def undecided(self) -> Self:
        """Items that wait for an administrator, the oldest review first."""
        return self.filter(verdict__isnull=True).order_by("pk")

    def undecided_by(self, user_id: Any) -> Self:
        """Undecided items that this person may decide: not about themselves."""
        return self.undecided().exclude(holder_id=user_id)


class AccessReviewItem(Versioned):
    """One row per grant in a review: frozen when the review was opened, decided once.

    Written by the trigger of the review, decided by `audit.services.access_reviews`.
    """

    volume, retention = Volume.SMALL, "7 years, with its review"
    over = GoesWith("review")
    held_by = NotHeld("Nobody deletes a review before its time, and what it froze never changes.")

    review = models.ForeignKey(
        "audit.AccessReview",
        models.PROTECT,
        # The unique rule leads with it.
        db_index=False,
        related_name="items",
        db_comment="The review that froze it.",
    )
    grant = models.ForeignKey(
        "accounts.RoleGrant",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="access_review_items",
        db_comment="The grant that is looked at.",
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="access_review_items",
        db_comment="Who held the role at the cut-off.",
    )
    role = models.TextField(
        choices=[(role.value, role.label) for role in STAFF_ROLES], db_comment="The role, as granted."
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="access_review_items_granted",
        db_comment="Who granted it; null: the system.",
    )
    granted_at = models.DateTimeField(db_comment="When it was granted (UTC).")
    granted_until = models.DateTimeField(
        null=True, blank=True, db_comment="When it ends by itself (UTC), as at the cut-off; null: never."
    )
    last_used_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When the holder last did something in the role that the trail knows (UTC), as at the cut-off; "
        "null: not within a year.",
    )
    verdict = models.TextField(
        choices=ReviewVerdict, null=True, blank=True, db_comment="What was decided; null: nothing yet."
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        # An index leads with it.
        db_index=False,
        related_name="access_review_items_decided",
        db_comment="Who decided: never the holder; null: nobody yet, or the grant had ended.",
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="When it was decided (UTC); null: it is not."
    )
    reason = personal(
        models.TextField(
            blank=True,
            default="",
            db_default="",
            db_comment="Why it is kept or withdrawn, in the words of who decided; empty: undecided, or erased.",
        )
    )

    objects: Any = AccessReviewItemQuerySet.as_manager()

    class Meta:
        verbose_name = "grant under review"
        verbose_name_plural = "grants under review"
        db_table_comment = (
            "One row per grant of a role in an access review, frozen at its cut-off and decided once. Written by a "
            "trigger, decided by audit.services.access_reviews. Kept 7 years, with its review."
        )
        permissions = [("decide_accessreviewitem", "Can keep or withdraw roles in access reviews")]
        constraints = [
            unique("review", "grant", message="The review has this grant already."),
            one_of("role", [role.value for role in STAFF_ROLES]),
            one_of("verdict", ReviewVerdict),
            length_between("reason", 0, 2000),
            rule(
                Q(verdict__isnull=True, decided_by__isnull=True, decided_at__isnull=True, reason="")
                | Q(verdict=ReviewVerdict.ENDED, decided_by__isnull=True, decided_at__isnull=False)
                | Q(
                    verdict__in=[ReviewVerdict.KEEP, ReviewVerdict.WITHDRAW],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                "decided",
                "What was decided says by whom and when, and nothing else does.",
            ),
            rule(
                Q(decided_by__isnull=True) | ~Q(decided_by=models.F("holder")),
                "own",
                "Nobody decides about their own role.",
            ),
            *policies(*REVIEW_READERS, command="select", using=ALL),
            Policy(role=Role.ADMINISTRATOR, command="update", using=NOT_MINE),
        ]
        indexes = [
            BTree(
                fields=["id"],
                condition=Q(verdict__isnull=True),
                name="%(app_label)s_%(class)s_undecided_idx",
                serves="docs/queries/grants_under_review.sql: what waits for an administrator, the oldest first",
            ),
            BTree(
                fields=["holder", "-id"],
                serves="docs/queries/reviews_of_person.sql: a person's page and the search by handle",
            ),
            BTree(fields=["grant", "-id"], serves="The page of a grant: when it was reviewed, newest first"),
            BTree(
                fields=["decided_by", "review"],
                condition=Q(decided_by__isnull=False),
                name="%(app_label)s_%(class)s_decided_by_idx",
                serves="The trigger of reviews: whether who signs off decided something in it",
            ),
        ]
        triggers = [
            Immutable(
                "review",
                "grant",
                "holder",
                "role",
                "granted_by",
                "granted_at",
                "granted_until",
                "last_used_at",
            ),
            DecidesOnce(),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.holder}"

    @property
    def trail_name(self) -> str:
        """What the trail calls it: without the holder's name, which the event's row leads to."""
        return f"grant {self.grant_id}"
