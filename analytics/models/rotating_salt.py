"""Salts of viewers' keys, and who plays what while they live."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from analytics.playback_choices import SaltScope
from analytics.playback_triggers import NoSaltComesBack
from core.db.constraints import has_bytes, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, Policy
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Identified, Volume

SALT_BYTES = 32
SHORT_LIVED = "Destroyed on schedule, two days after its day or stream: what is measured shall name nobody."


class RotatingSalt(Identified):
    """One row per day and per stream that was watched: the secret under which viewers have their keys there.

    Made by the first event, destroyed 48 hours after the day or stream is over (`playback_salts_destroy`): from then on
    nobody can tell whose a key is. Only the worker reads it.
    """

    volume, retention = Volume.LARGE, "until 48 hours after its day or stream is over"
    held_by = NotHeld(SHORT_LIVED)

    scope = models.TextField(choices=SaltScope, db_comment="Whether it is of a day or of a stream.")
    day = models.DateField(null=True, db_comment="The day in UTC; null: it is of a stream.")
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        related_name="rotating_salts",
        db_comment="The stream; null: it is of a day.",
    )
    salt = models.BinaryField(max_length=SALT_BYTES, db_comment="32 random bytes.")

    class Meta:
        db_table_comment = (
            "One row per day and per stream that was watched: the secret behind the keys of viewers. Written by "
            "analytics.services.playback_salts. Destroyed 48 hours after the day or stream is over."
        )
        constraints = [
            one_of("scope", SaltScope),
            rule(has_bytes("salt", SALT_BYTES), "salt", f"A salt has {SALT_BYTES} bytes."),
            rule(
                Q(scope=SaltScope.DAY, day__isnull=False, stream__isnull=True)
                | Q(scope=SaltScope.STREAM, day__isnull=True, stream__isnull=False),
                "of_one",
                "A salt is of a day or of a stream.",
            ),
            unique("day", when=Q(scope=SaltScope.DAY), name="day", message="This day has its salt."),
            unique(
                "stream", when=Q(scope=SaltScope.STREAM), name="stream", message="This stream has its salt."
            ),
            Policy(role=Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="delete", using=ALL),
        ]
        triggers = [NoSaltComesBack(), Immutable("scope", "day", "stream", "salt")]

    def __str__(self) -> str:
        return f"Salt of {self.day or self.stream_id}"


class PlaybackViewer(Identified):
    """One row per play of somebody with an account, while the salts of its keys live. The id is the play's.

    By it the activity of people is counted, and the keys of somebody who is erased are found. Destroyed with the salts.
    """

    volume, retention = Volume.LARGE, "until the salts of its play are destroyed"
    held_by = NotHeld(SHORT_LIVED)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="Who watches.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="What is watched.",
    )

    class Meta:
        db_table_comment = (
            "One row per play of somebody with an account. Written by analytics.services.playback_ingestion. "
            "Destroyed with the salts of the play."
        )
        constraints = [
            Policy(role=Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="delete", using=ALL),
        ]
        indexes = [
            BTree(fields=["user", "id"], serves="analytics_playback_erase: the plays of a person"),
            BTree(fields=["stream"], serves="playback_salts_destroy: links of a stream whose salt has to go"),
        ]
        triggers = [Immutable("user", "stream"), RefuseErasedPerson("user")]

    def __str__(self) -> str:
        return f"Play {self.pk}"
