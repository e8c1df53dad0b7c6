"""What stands on the page of a stream."""

from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from accounts.admin.links import colleague, period
from core.admin.panels import Panel
from core.db.roles import Role
from streams.models import Release


def minute(instant: Any) -> str:
    """An instant in UTC, to the minute."""
    return f"{instant:%Y-%m-%d %H:%M}" if instant else "–"


def _role(value: str) -> str:
    return Role(value).label if value in Role.values else value


MOVES = Panel(
    title="What happened",
    columns=(
        ("When (UTC)", lambda row: f"{row.at:%Y-%m-%d %H:%M:%S}"),
        ("From", lambda row: row.get_from_status_display() or "–"),
        ("To", "to_status"),
        ("Who", lambda row: colleague(row.actor)),
        ("As", lambda row: _role(row.acting_role)),
        ("Why", lambda row: row.reason or "–"),
    ),
    rows=lambda stream: stream.transitions.select_related("actor").order_by("-pk"),
    permission="streams.view_streamtransition",
    limit=30,
)
WORDS = Panel(
    title="What it was called",
    columns=(
        ("When (UTC)", lambda row: period(row.valid)),
        ("Title", "title"),
        ("Language", "language"),
        ("Category", lambda row: row.category or "–"),
    ),
    rows=lambda stream: stream.metadata_versions.select_related("category").order_by("-valid"),
    permission="streams.view_streammetadataversion",
    limit=50,
)
SETTINGS = Panel(
    title="How it is sent",
    columns=(
        ("Ingest", lambda row: f"{row.get_ingest_protocol_display()} to {row.ingest_server} ({row.region})"),
        ("Encoder", lambda row: row.encoder or "–"),
        (
            "Pictures",
            lambda row: (
                f"{row.get_video_codec_display()}, {row}, {row.frames_per_second.normalize():f} a second, "
                f"key frame every {row.keyframe_interval_ms} ms"
            ),
        ),
        (
            "Sound",
            lambda row: (
                f"{row.get_audio_codec_display()}, {row.audio_kbps} kbit/s, {row.audio_channels} channel(s)"
            ),
        ),
        ("Ladder", lambda row: ", ".join(f"{rung['height']}p {rung['kbps']} kbit/s" for rung in row.ladder)),
        ("Latency", lambda row: f"{row.get_latency_mode_display()}, delay {row.delay_seconds} s"),
        ("Back", lambda row: f"{row.dvr_window_seconds} s"),
        ("Recorded", lambda row: "yes" if row.is_recorded else "no"),
    ),
    rows=lambda stream: stream.configurations.all(),
    permission="streams.view_streamconfiguration",
    empty="It was never started.",
)
PARTICIPANTS = Panel(
    title="Participants",
    columns=(
        ("Who", "person"),
        ("Joined (UTC)", lambda row: minute(row.joined_at)),
        ("Left (UTC)", lambda row: minute(row.left_at)),
        (
            "Consents to",
            lambda row: (
                ", ".join(
                    release.get_scope_display()
                    for release in row.releases.all()
                    if release.withdrawn_at is None
                )
                or "nothing on record"
            ),
        ),
    ),
    rows=lambda stream: (
        stream.participants.select_related("person")
        .prefetch_related(Prefetch("releases", Release.objects.in_force().defer("document")))
        .order_by("-pk")
    ),
    permission="streams.view_participant",
    limit=30,
    url=lambda row: reverse("admin:streams_participant_change", args=[row.pk]),
    empty="Nobody appears besides the performer.",
)
PANELS = (MOVES, WORDS, SETTINGS, PARTICIPANTS)
