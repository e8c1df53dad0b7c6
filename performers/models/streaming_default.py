"""How a performer wants her streams to begin."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import LessThanOrEqual, Regex

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import one_of, rule
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from performers.choices import ChatMode, DefaultVisibility, LatencyMode, Resolution

LEAST_BIT_RATE, MOST_BIT_RATE = 300, 20_000
"""Kilobits a second of video that the ingest takes."""

MOST_RATE = 1_000_000
"""Tokens a minute."""

MOST_LABELS = 20
LABEL_LIST = "^([a-z0-9]+([_-][a-z0-9]+)*(,|$))*$"
JOINED_LABELS = Func(
    F("label_codes"), Value(","), function="array_to_string", output_field=models.TextField()
)
COUNT_OF_LABELS = Func(F("label_codes"), function="cardinality", output_field=models.IntegerField())


class StreamingDefault(Versioned):
    """One row per performer who set it: what a new stream takes over, unless told otherwise.

    Written by `performers.services.streaming_defaults`. Labels are codes of the vocabulary in streams, a floor above,
    which this table cannot refer to: streams looks them up when a stream is made, and leaves out one that is gone.
    """

    volume, retention = Volume.LARGE, "with the profile"
    held_by = NotHeld("A setting of how things work from now on; it says nothing about what happened.")

    performer = models.OneToOneField(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="streaming_default",
        db_comment="Whose streams.",
    )
    latency_mode = models.TextField(
        choices=LatencyMode, default=LatencyMode.LOW, db_comment="How far the picture may lag behind."
    )
    resolution = models.TextField(
        choices=Resolution, default=Resolution.LINES_1080, db_comment="Lines of the picture sent."
    )
    bit_rate_kbit = models.IntegerField(default=6000, db_comment="Video bit rate sent, in kilobits a second.")
    chat_mode = models.TextField(
        choices=ChatMode, default=ChatMode.EVERYBODY, db_comment="Who may write in the chat."
    )
    visibility = models.TextField(
        choices=DefaultVisibility, default=DefaultVisibility.PUBLIC, db_comment="Who may watch."
    )
    private_show_rate = models.BigIntegerField(
        null=True, blank=True, db_comment="Tokens a minute of a private show; null: none are offered."
    )
    label_codes = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        db_comment="Codes of content labels (streams_contentlabel.code) that a stream begins with; sorted.",
    )

    class Meta:
        verbose_name = "streaming defaults"
        verbose_name_plural = "streaming defaults"
        db_table_comment = (
            "One row per performer who set how streams begin. Written by performers.services.streaming_defaults. "
            "Kept with the profile."
        )
        constraints = [
            one_of("latency_mode", LatencyMode),
            one_of("resolution", Resolution),
            one_of("chat_mode", ChatMode),
            one_of("visibility", DefaultVisibility),
            rule(
                Q(bit_rate_kbit__gte=LEAST_BIT_RATE, bit_rate_kbit__lte=MOST_BIT_RATE),
                "bit_rate_kbit",
                f"The bit rate lies between {LEAST_BIT_RATE} and {MOST_BIT_RATE} kbit/s.",
            ),
            rule(
                Q(private_show_rate__isnull=True)
                | Q(private_show_rate__gte=1, private_show_rate__lte=MOST_RATE),
                "private_show_rate",
                f"A private show costs 1 to {MOST_RATE} tokens a minute.",
            ),
            rule(
                Regex(JOINED_LABELS, Value(LABEL_LIST)),
                "label_codes",
                "A code of a label has small letters, digits, hyphens and underscores.",
            ),
            rule(
                LessThanOrEqual(COUNT_OF_LABELS, Value(MOST_LABELS)),
                "label_count",
                f"A stream begins with {MOST_LABELS} labels at most.",
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            *policies(Role.SUPPORT, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
        ]
        triggers = [Immutable("performer"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return f"Defaults of {self.performer_id}"

    objects: Any = models.Manager()
