"""How a stream was sent: the settings of encoder and ingest as they were when it started."""

from typing import Any

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact

from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.models import Fact, Volume
from core.models.identity import Identified
from streams.choices import AudioCodec, IngestProtocol, LatencyMode, VideoCodec
from streams.models.stream import READERS
from streams.triggers import TakesPerformer

MOST_KBPS = 100_000
"""Kilobits a second; 4K in every codec in use stays below."""

MOST_SECONDS_BACK = 14 * 86_400
MOST_RUNGS = 12

_LADDER = (
    '$.type() == "array" && !exists($[*] ? (@.type() != "object"'
    ' || !exists(@.height ? (@.type() == "number" && @ >= 1 && @ <= 8640 && @ == @.floor()))'
    f' || !exists(@.kbps ? (@.type() == "number" && @ >= 1 && @ <= {MOST_KBPS} && @ == @.floor()))))'
)
"""SQL/JSON path; `exists` of a filter is false where a comparison is unknown, as of text with a number."""


def _is_ladder() -> models.Expression:
    """Every rung is an object with a height in pixels and a bit rate in kbit/s, within bounds."""
    return Exact(
        Func(
            F("ladder"),
            Value(_LADDER),
            function="jsonb_path_match",
            template="%(function)s(%(expressions)s)",
            output_field=models.BooleanField(),
        ),
        Value(True),
    )


def _between(field: str, least: int, most: int, message: str) -> models.CheckConstraint:
    return rule(Q(**{f"{field}__gte": least, f"{field}__lte": most}), field, message)


class StreamConfiguration(Fact, Identified):
    """One row per stream that was started: a snapshot of how it is sent, never changed.

    Written by `streams.services.broadcasts.stream_start`.
    """

    volume, retention = Volume.LARGE, "7 years after the end of the stream"
    over = Over(
        "(SELECT s.ended_at FROM streams_stream s WHERE s.id = {row}.stream_id)",
        found="{row}.stream_id IN (SELECT s.id FROM streams_stream s WHERE s.ended_at < {cut_off})",
    )
    held_by = HeldBy(person=("performer",), stream=("stream",))

    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="configurations",
        db_comment="The stream that is sent like this.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="stream_configurations",
        db_comment="Whose stream it is; taken from the stream.",
    )
    ingest_protocol = models.TextField(choices=IngestProtocol, db_comment="How the encoder sends.")
    ingest_server = models.TextField(db_comment="Name of the server that takes the stream, without a key.")
    region = models.TextField(db_comment="Region of the ingest server, as the provider names it.")
    encoder = models.TextField(
        blank=True, default="", db_comment="What the encoder calls itself; may be empty."
    )
    video_codec = models.TextField(choices=VideoCodec, db_comment="How pictures are compressed.")
    video_kbps = models.IntegerField(db_comment="Bit rate of the pictures in kbit/s.")
    width = models.IntegerField(db_comment="Width of the pictures in pixels.")
    height = models.IntegerField(db_comment="Height of the pictures in pixels.")
    frames_per_second = models.DecimalField(
        max_digits=6, decimal_places=3, db_comment="Pictures a second, such as 29.970."
    )
    keyframe_interval_ms = models.IntegerField(db_comment="Time between two key frames in milliseconds.")
    ladder = models.JSONField(
        default=list,
        blank=True,
        db_comment="Bit-rate ladder that viewers get: list of {height (pixels), kbps (kbit/s)}, at most 12.",
    )
    audio_codec = models.TextField(choices=AudioCodec, db_comment="How sound is compressed.")
    audio_kbps = models.IntegerField(db_comment="Bit rate of the sound in kbit/s.")
    audio_channels = models.SmallIntegerField(db_comment="Channels of the sound: 1 mono, 2 stereo, up to 8.")
    latency_mode = models.TextField(choices=LatencyMode, db_comment="How far behind viewers are.")
    delay_seconds = models.IntegerField(
        default=0, db_comment="Delay that the performer asked for, in seconds."
    )
    dvr_window_seconds = models.IntegerField(
        default=0, db_comment="How far back viewers may go while it is live, in seconds; 0: not at all."
    )
    is_recorded = models.BooleanField(db_comment="Whether the stream is recorded.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per started stream: how it is sent, as it was at the start. Written by "
            "streams.services.broadcasts. Kept 7 years after the end of the stream."
        )
        constraints = [
            unique("stream", message="This stream was started already; its settings stay as they were."),
            one_of("ingest_protocol", IngestProtocol),
            one_of("video_codec", VideoCodec),
            one_of("audio_codec", AudioCodec),
            one_of("latency_mode", LatencyMode),
            length_between("ingest_server", 1, 253),
            matches(
                "ingest_server",
                "^[A-Za-z0-9.:-]+$",
                "An ingest server is a host name, without address or key.",
            ),
            length_between("region", 2, 40),
            matches("region", "^[a-z0-9-]+$", "A region has small letters, digits and hyphens."),
            length_between("encoder", 0, 120),
            _between("video_kbps", 1, MOST_KBPS, f"A video bit rate is 1 to {MOST_KBPS} kbit/s."),
            _between("audio_kbps", 1, 2_000, "An audio bit rate is 1 to 2000 kbit/s."),
            _between("audio_channels", 1, 8, "Sound has 1 to 8 channels."),
            rule(
                Q(width__gte=1, width__lte=15_360, height__gte=1, height__lte=8_640),
                "pixels",
                "A picture has 1 to 15360 pixels in width and 1 to 8640 in height.",
            ),
            rule(
                Q(frames_per_second__gt=0, frames_per_second__lte=240),
                "frames_per_second",
                "A stream has more than 0 and at most 240 pictures a second.",
            ),
            _between("keyframe_interval_ms", 100, 60_000, "Key frames are 100 to 60000 milliseconds apart."),
            _between("delay_seconds", 0, 900, "A delay is 0 to 900 seconds."),
            _between(
                "dvr_window_seconds",
                0,
                MOST_SECONDS_BACK,
                "Viewers go back 0 seconds to 14 days while it is live.",
            ),
            rule(
                _is_ladder(),
                "ladder",
                "A rung of the ladder has a height in pixels and a bit rate in kbit/s.",
            ),
            rule(
                models.lookups.LessThanOrEqual(
                    Func(F("ladder"), function="jsonb_array_length", output_field=models.IntegerField()),
                    MOST_RUNGS,
                ),
                "ladder_length",
                f"A ladder has at most {MOST_RUNGS} rungs.",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="performer_id IS NOT NULL"),
        ]
        triggers = [TakesPerformer("stream")]

    def __str__(self) -> str:
        return f"{self.width} × {self.height}, {self.video_kbps} kbit/s"  # noqa: RUF001
