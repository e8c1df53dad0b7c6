"""What people keep to find again."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from engagement.counter_triggers import Counted, counts
from engagement.tie_choices import CounterKind, CounterSubject
from engagement.tie_policies import TIE_READERS, own_rows
from engagement.tie_triggers import RefusesBlocked, RefusesNobody
from streams.triggers import TakesPerformer

OF_PERFORMER = Q(archive__isnull=True, category__isnull=True)


class Favourite(Entity):
    """One row per performer, archive or category that a person keeps to find again; deleted when they do not.

    Written by `engagement.services.favourites`.
    """

    volume, retention = Volume.LARGE, "while the account lives; deleted on erasure"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="favourites",
        db_comment="Whose favourite it is.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kept_by",
        db_comment="The performer who is kept, or whose archive is, taken from it; null: a category.",
    )
    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kept_by",
        db_comment="The archive that is kept; null: something else.",
    )
    category = models.ForeignKey(
        "streams.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kept_by",
        db_comment="The category that is kept; null: something else.",
    )

    class Meta:
        db_table_comment = (
            "One row per performer, archive or category that a person keeps. Written by "
            "engagement.services.favourites. Kept while the account lives."
        )
        constraints = [
            rule(
                Q(category__isnull=True, performer__isnull=False)
                | Q(category__isnull=False, performer__isnull=True, archive__isnull=True),
                "target",
                "A favourite is one performer, one archive, or one category.",
            ),
            rule(~Q(user=F("performer")), "oneself", "Nobody keeps themselves as a favourite."),
            unique(
                "user", "performer", when=OF_PERFORMER, message="This performer is among your favourites."
            ),
            unique(
                "user",
                "archive",
                when=Q(archive__isnull=False),
                message="This recording is among your favourites.",
            ),
            unique(
                "user",
                "category",
                when=Q(category__isnull=False),
                message="This category is among your favourites.",
            ),
            *policies(*TIE_READERS, command="select", using=ALL),
            *own_rows("user_id", "select", "insert", "delete"),
            Policy(role=Role.WORKER, command="insert", check="user_id IS NOT NULL"),
        ]
        indexes = [
            BTree(fields=["user", "-id"], serves="A person's favourites, the latest first"),
        ]
        triggers = [
            Immutable("user", "performer", "archive", "category"),
            TakesPerformer("archive"),
            RefuseErasedPerson("user"),
            RefusesNobody("performer", "archive", "category"),
            RefusesBlocked(),
            *counts(
                CounterKind.FAVOURITES,
                Counted(
                    CounterSubject.PERFORMER,
                    "performer_id",
                    "{row}.performer_id IS NOT NULL AND {row}.archive_id IS NULL",
                ),
                Counted(CounterSubject.ARCHIVE, "archive_id", "{row}.archive_id IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"favourite of {self.user_id}"
