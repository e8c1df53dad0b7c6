"""Plays as they are counted: who watched what, when, and how well."""

from django.db import models
from django.db.models import Q

from analytics.fields import DateTimeMultiRangeField
from analytics.models.playback_event import COUNTRY, LANGUAGE, PSEUDONYMOUS
from analytics.playback_choices import AgeBand, DeviceClass, ReferrerClass
from core.db.constraints import matches, one_of, rule
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, Policy
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.models import Volume
from core.models.partitioned import Partitioned


class ViewerSession(Partitioned):
    """One row per play, computed from its events alone: the same events give the same row. The id is the play's.

    A roll-up of its own (`analytics.rollups.viewer_sessions`), which replaces the row when an event comes in.
    """

    volume, retention = Volume.FIREHOSE, "13 months"
    held_by = NotHeld(PSEUDONYMOUS)

    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="What was watched.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="Whose stream it is.",
    )
    day_key = personal(
        models.UUIDField(db_comment="The viewer under the salt of the day: distinct viewers within a day.")
    )
    stream_key = personal(
        models.UUIDField(db_comment="The viewer under the salt of the stream: distinct viewers of a stream.")
    )
    is_signed_in = models.BooleanField(db_comment="Whether the viewer has an account; else a device watched.")
    started_at = models.DateTimeField(db_comment="When its first event happened (UTC).")
    ended_at = models.DateTimeField(
        db_comment="When its last event happened (UTC): the last proof of watching."
    )
    watched = DateTimeMultiRangeField(
        db_comment="When it was watched (UTC, half-open): between events at most 90 seconds apart; may be empty."
    )
    watched_seconds = models.IntegerField(db_comment="Whole seconds that were watched.")
    stalled_seconds = models.IntegerField(db_comment="Whole seconds for which playing stalled.")
    errors = models.IntegerField(db_comment="Errors of playing.")
    dropped_frames = models.IntegerField(db_comment="Frames that were dropped.")
    bitrate = models.IntegerField(
        null=True, db_comment="Average of the kilobits per second; null: never said."
    )
    events = models.IntegerField(db_comment="Number of events from which it was computed.")
    country = not_personal(
        models.TextField(null=True, db_comment="Country, ISO 3166-1 alpha-2; null: unknown.")
    )
    language = not_personal(models.TextField(null=True, db_comment="Language of the player; null: unknown."))
    device_class = not_personal(
        models.TextField(choices=DeviceClass, null=True, db_comment="On what it was watched; null: unknown.")
    )
    referrer_class = models.TextField(
        choices=ReferrerClass, null=True, db_comment="From where the viewer came; null: unknown."
    )
    age_band = not_personal(
        models.TextField(choices=AgeBand, null=True, db_comment="Age of the viewer; null: unknown.")
    )

    partitions = PartitionPlan(every=Every.MONTH, behind=13)

    class Meta:
        db_table_comment = (
            "One row per play, computed from its events. Written by the roll-up of that name. Kept 13 months."
        )
        constraints = [
            one_of("device_class", DeviceClass),
            one_of("referrer_class", ReferrerClass),
            one_of("age_band", AgeBand),
            matches("country", COUNTRY, "A country is two capital letters."),
            matches("language", LANGUAGE, "A language is two or three small letters."),
            rule(Q(ended_at__gte=models.F("started_at")), "order", "A play ends after it began."),
            rule(
                Q(
                    watched_seconds__gte=0,
                    stalled_seconds__gte=0,
                    errors__gte=0,
                    dropped_frames__gte=0,
                    events__gte=1,
                ),
                "counts",
                "Durations and numbers are not negative.",
            ),
            Policy(role=Role.WORKER, command="all", using=ALL, check=ALL),
        ]
        indexes = [
            BTree(
                fields=["stream", "id"],
                serves="Roll-ups of a stream: its plays of a day, as plays do not go past midnight",
            ),
            BTree(fields=["performer", "id"], serves="Roll-ups of a performer: her plays of a day"),
        ]

    def __str__(self) -> str:
        return f"{self.watched_seconds:,} seconds"
