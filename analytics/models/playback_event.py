"""What players report, by the thousand million."""

from django.db import models
from django.db.models import Q

from analytics.playback_choices import AgeBand, DeviceClass, PlaybackEventKind, ReferrerClass
from analytics.playback_triggers import ChecksPlaybackEvent
from core.db.constraints import matches, one_of, rule
from core.db.holds import NotHeld
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, Policy
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Volume
from core.models.partitioned import Partitioned

DAY_MILLISECONDS = 86_400_000
LARGEST = 2_000_000_000
COUNTRY = "^[A-Z]{2}$"
LANGUAGE = "^[a-z]{2,3}$"
PSEUDONYMOUS = "Pseudonymous measurement: nobody can be named whose rows a hold could keep."


class PlaybackEvent(Partitioned):
    """One row per event that a player reported: start, heartbeat, seek, stop, with the quality of service.

    The id is `uuid7_derived(start of the play, f"{playback}:{sequence}")`, which a trigger checks: a second sending is
    the same row, and all events of a play lie beside each other in the partition of its day. Who watched is said by
    keys whose salts are destroyed; what the play is like, by its start alone. Written by
    `analytics.services.playback_ingestion`. Never changed, but for the keys of somebody who is erased.
    """

    volume, retention = Volume.FIREHOSE, "90 days"
    held_by = NotHeld(PSEUDONYMOUS)

    playback = models.UUIDField(
        db_comment="The play: a UUIDv7 issued when it began, which carries the server's time."
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # Every event would lock its row, all at once. A trigger looks.
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="What was watched; a trigger checks that it is there and had begun.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
        editable=False,
        db_comment="Whose stream it is; set by trigger.",
    )
    sequence = models.IntegerField(db_comment="Number of the event within its play, from 1.")
    offset_milliseconds = models.IntegerField(
        db_comment="Milliseconds since the play began, by the player's monotonic clock; within the UTC day of it."
    )
    kind = models.TextField(choices=PlaybackEventKind, db_comment="What the player did.")
    day_key = personal(
        models.UUIDField(db_comment="The viewer under the salt of the day: 16 bytes of HMAC-SHA-256.")
    )
    stream_key = personal(
        models.UUIDField(db_comment="The viewer under the salt of the stream: 16 bytes of HMAC-SHA-256.")
    )
    is_signed_in = models.BooleanField(db_comment="Whether the viewer has an account; else a device watched.")
    stalled_milliseconds = models.IntegerField(
        default=0, db_comment="Milliseconds for which playing stalled since the event before."
    )
    bitrate = models.IntegerField(null=True, db_comment="Kilobits per second at present; null: not said.")
    errors = models.IntegerField(default=0, db_comment="Errors of playing since the event before.")
    dropped_frames = models.IntegerField(default=0, db_comment="Frames dropped since the event before.")
    country = not_personal(
        models.TextField(
            null=True, db_comment="Country, ISO 3166-1 alpha-2; null: unknown. Of a start alone."
        )
    )
    language = not_personal(
        models.TextField(
            null=True, db_comment="Language of the player, ISO 639; null: unknown. Of a start alone."
        )
    )
    device_class = not_personal(
        models.TextField(
            choices=DeviceClass,
            null=True,
            db_comment="On what it is watched; null: unknown. Of a start alone.",
        )
    )
    referrer_class = models.TextField(
        choices=ReferrerClass,
        null=True,
        db_comment="From where the viewer came; null: unknown. Of a start alone.",
    )
    age_band = not_personal(
        models.TextField(
            choices=AgeBand, null=True, db_comment="Age of the viewer; null: unknown. Of a start alone."
        )
    )

    partitions = PartitionPlan(every=Every.DAY, behind=3)

    class Meta:
        db_table_comment = (
            "One row per event that a player reported, under keys whose salts are destroyed. Written by "
            "analytics.services.playback_ingestion. Kept 90 days."
        )
        constraints = [
            one_of("kind", PlaybackEventKind),
            one_of("device_class", DeviceClass),
            one_of("referrer_class", ReferrerClass),
            one_of("age_band", AgeBand),
            matches("country", COUNTRY, "A country is two capital letters."),
            matches("language", LANGUAGE, "A language is two or three small letters."),
            rule(Q(sequence__gte=1), "sequence", "Events of a play are numbered from 1."),
            rule(
                Q(offset_milliseconds__gte=0, offset_milliseconds__lte=DAY_MILLISECONDS),
                "offset",
                "An event lies within a day of the beginning of its play.",
            ),
            rule(
                Q(stalled_milliseconds__gte=0, errors__gte=0, dropped_frames__gte=0)
                & (Q(bitrate__isnull=True) | Q(bitrate__gte=0)),
                "quality",
                "Durations and numbers are not negative.",
            ),
            rule(
                Q(kind=PlaybackEventKind.START)
                | Q(
                    country__isnull=True,
                    language__isnull=True,
                    device_class__isnull=True,
                    referrer_class__isnull=True,
                    age_band__isnull=True,
                ),
                "start",
                "What a play is like is said by its start alone.",
            ),
            # Raw rows are the worker's alone: everybody else reads sums.
            Policy(role=Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [
            ChecksPlaybackEvent(),
            Immutable(
                "playback",
                "stream",
                "performer",
                "sequence",
                "offset_milliseconds",
                "kind",
                "is_signed_in",
                "stalled_milliseconds",
                "bitrate",
                "errors",
                "dropped_frames",
                "country",
                "language",
                "device_class",
                "referrer_class",
                "age_band",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.sequence})"
