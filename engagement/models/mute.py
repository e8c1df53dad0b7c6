"""What people do not want to hear of for a while."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.retention import Over
from core.db.triggers import Immutable
from core.models import Entity, Volume
from engagement.tie_policies import TIE_READERS, own_rows
from engagement.tie_triggers import RefusesNobody


class MuteQuerySet(models.QuerySet):
    """Reads of mutes."""

    def in_force(self) -> Self:
        """Mutes that have not run out, by the clock of the database."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))


class Mute(Entity):
    """One row per person or category that somebody does not want to hear of; deleted when they do again.

    A muted performer is neither in the feed nor tells of herself; follows and everything else go on, and nobody learns
    of it. Written by `engagement.services.mutes`.
    """

    volume, retention = Volume.LARGE, "90 days after its end; deleted on erasure"
    over = Over("{row}.expires_at")
    held_by = HeldBy(person=("muter",))

    muter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="mutes",
        db_comment="Who mutes.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="muted_by",
        db_comment="The person who is muted, as a performer too; null: a category.",
    )
    category = models.ForeignKey(
        "streams.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="muted_by",
        db_comment="The category that is muted; null: a person.",
    )
    expires_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it runs out (UTC); null: until it is lifted."
    )

    objects = MuteQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per person or category that somebody muted. Written by engagement.services.mutes. "
            "Kept 90 days after its end."
        )
        constraints = [
            rule(
                Q(person__isnull=True, category__isnull=False)
                | Q(person__isnull=False, category__isnull=True),
                "target",
                "One mutes one person or one category.",
            ),
            rule(~Q(muter=F("person")), "oneself", "Nobody mutes themselves."),
            rule(
                Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                "expires_at",
                "A mute runs out after it began.",
            ),
            unique(
                "muter", "person", when=Q(person__isnull=False), message="You have muted this person already."
            ),
            unique(
                "muter",
                "category",
                when=Q(category__isnull=False),
                message="You have muted this category already.",
            ),
            *policies(*TIE_READERS, command="select", using=ALL),
            *own_rows("muter_id", "select", "insert", "update", "delete"),
        ]
        indexes = [
            BTree(fields=["muter", "-id"], serves="Whom and what a person muted, the latest first"),
        ]
        triggers = [
            Immutable("muter", "person", "category"),
            RefuseErasedPerson("muter", "person"),
            RefusesNobody("person", "category"),
        ]

    def __str__(self) -> str:
        return f"mute of {self.muter_id}"
