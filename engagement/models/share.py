"""What people pass on, and by what way."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import GoneOnErasure, RefuseErasedPerson
from core.db.constraints import matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.models import Fact, Identified, Volume
from engagement.counter_triggers import Counted, counts
from engagement.tie_choices import CounterKind, CounterSubject, ShareChannel
from engagement.tie_policies import TIE_READERS, own_rows
from engagement.tie_triggers import RefusesBlocked, RefusesNobody
from streams.triggers import TakesPerformer

TOKEN_BYTES = 16


def new_link() -> str:
    """22 signs of an address that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Share(Fact, Identified):
    """One row per time that a person passes on a performer, a stream or an archive; never changed.

    Written by `engagement.services.shares`.
    """

    volume, retention = Volume.LARGE, "13 months; deleted on erasure"
    over = Over()
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="shares",
        db_comment="Who passes it on.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="shares",
        db_comment="The performer who is passed on, or whose stream or archive is, taken from it.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="shares",
        db_comment="The stream that is passed on; null: something else.",
    )
    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="shares",
        db_comment="The archive that is passed on; null: something else.",
    )
    channel = models.TextField(choices=ShareChannel, db_comment="By what way.")
    link = personal(
        models.TextField(
            default=new_link,
            db_comment="Last part of the address that is passed on; leads to the target and says who shared it.",
        )
    )

    class Meta:
        db_table_comment = (
            "One row per time that a person passes something on. Written by engagement.services.shares. "
            "Kept 13 months."
        )
        constraints = [
            one_of("channel", ShareChannel),
            rule(
                Q(stream__isnull=True) | Q(archive__isnull=True),
                "target",
                "One passes on one performer, one stream, or one archive.",
            ),
            matches("link", "^[A-Za-z0-9_-]{22}$", "A link ends in 22 signs."),
            unique("link", message="This link exists already."),
            *policies(*TIE_READERS, command="select", using=ALL),
            *own_rows("user_id", "select", "insert"),
        ]
        indexes = [
            BTree(fields=["user", "-id"], serves="What a person passed on, the latest first"),
        ]
        triggers = [
            GoneOnErasure("user"),
            TakesPerformer("stream"),
            TakesPerformer("archive", name="16_take_performer_of_archive"),
            RefuseErasedPerson("user"),
            RefusesNobody("performer", "stream", "archive"),
            RefusesBlocked(),
            *counts(
                CounterKind.SHARES,
                Counted(
                    CounterSubject.PERFORMER,
                    "performer_id",
                    "{row}.stream_id IS NULL AND {row}.archive_id IS NULL",
                ),
                Counted(CounterSubject.STREAM, "stream_id", "{row}.stream_id IS NOT NULL"),
                Counted(CounterSubject.ARCHIVE, "archive_id", "{row}.archive_id IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} by {self.user_id}"
