"""Recordings and what their recorders said; clips."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.admin.links import colleague, person_link
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from core.models.identity import uuid7_floor
from streams.admin.archives import PerformerFilter, instant, length_words, performer_link
from streams.choices import ClipStatus, RecordingStatus
from streams.models import Clip, Recording, Stream
from streams.services.clips import clip_remove
from streams.services.recordings import SILENCE_UNTIL_POLL

READERS = (Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.AUDITOR, Role.ADMINISTRATOR)
RECENT = timedelta(days=7)
"""Failures that the home page still shows."""


class AttentionFilter(admin.SimpleListFilter):
    """What somebody should look at."""

    title = "attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("failed", "Failed"),
            ("overdue", "Overdue: nothing is heard"),
            ("polled", "Being asked about"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "failed":
                return queryset.filter(status=RecordingStatus.FAILED)
            case "overdue":
                return queryset.overdue(SILENCE_UNTIL_POLL)  # type: ignore[attr-defined]
            case "polled":
                return queryset.to_poll()  # type: ignore[attr-defined]
        return queryset


@admin.register(Recording, site=backoffice)
class RecordingAdmin(ReadOnlyAdmin):
    """Recordings as their recorders report them."""

    section = Section.CATALOGUE
    list_display = (
        "provider_reference",
        "stage_name",
        "status",
        "heard",
        "error_code",
        "retry_count",
        "created_at",
    )
    list_filter = (AttentionFilter, "status", "provider", PerformerFilter, TimeFilter)
    list_select_related = ("performer", "stream")
    search_fields = ("provider_reference__exact",)
    search_help_text = "The provider's id of a recording, or ours."
    fields = (
        "provider",
        "provider_reference",
        "stage_name",
        "stream",
        "status",
        "started_at",
        "ended_at",
        "reported_at",
        "heard_at",
        "poll_requested_at",
        "error_code",
        "error_words",
        "retry_count",
        "fingerprint",
        "id",
        "version",
    )
    readonly_fields = ("stage_name", "fingerprint")
    panels = (
        Panel(
            title="Reports",
            columns=(
                ("State", "state"),
                ("Done with it", "outcome"),
                ("Provider's time (UTC)", lambda row: f"{row.reported_at:%Y-%m-%d %H:%M:%S}"),
                ("Received (UTC)", lambda row: f"{row.received_at:%Y-%m-%d %H:%M:%S}"),
                ("Provider's id", "provider_event"),
            ),
            rows=lambda recording: recording.reports.order_by("-pk"),
            permission="streams.view_recordingreport",
            limit=25,
            empty="Nothing was heard yet.",
        ),
        Panel(
            title="Renditions",
            columns=(
                ("What", str),
                ("Size", lambda row: f"{row.size_bytes / 2**20:,.1f} MiB"),
                ("Object", "object_key"),
            ),
            rows=lambda recording: recording.renditions.order_by("-height", "codec"),
            permission="streams.view_rendition",
        ),
        Panel(
            title="Archive",
            columns=(("Title", "title"), ("Status", "status")),
            rows=lambda recording: recording.archives(manager="all_objects").order_by("-pk"),
            permission="streams.view_archive",
            url=lambda row: reverse("admin:streams_archive_change", args=[row.pk]),
        ),
    )

    @admin.display(description="Performer")
    def stage_name(self, recording: Recording) -> str:
        return performer_link(recording.performer)

    @admin.display(description="Last heard (UTC)")
    def heard(self, recording: Recording) -> str:
        return f"{instant(recording.heard_at)}{', being asked about' if recording.poll_requested_at else ''}"

    @admin.display(description="SHA-256")
    def fingerprint(self, recording: Recording) -> str:
        return bytes(recording.checksum).hex() if recording.checksum else "–"


@admin.register(Clip, site=backoffice)
class ClipAdmin(ReadOnlyAdmin):
    """Clips that viewers made."""

    section = Section.MODERATION
    list_display = ("title", "made_by", "stage_name", "status", "part", "created_at")
    list_filter = (
        "status",
        PerformerFilter,
        exact("archive", "archive (id)", lookup="archive_id"),
        TimeFilter,
    )
    list_select_related = ("performer", "author", "archive", "removed_by")
    fields = (
        "title",
        "made_by",
        "stage_name",
        "archive",
        "part",
        "status",
        "remover",
        "removed_at",
        "removal_reason",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("made_by", "stage_name", "part", "remover")
    actions = (
        ConfirmedAction(
            "remove",
            clip_remove,
            "streams.remove_clip",
            words="Remove",
            explain=lambda clip: f"Nobody but {clip.author} and {clip.performer} sees it any more, for good.",
            done="Removed: {obj}.",
            dangerous=True,
            available=lambda clip: clip.status == ClipStatus.ACTIVE,
            bulk=True,
        ),
    )

    @admin.display(description="Author")
    def made_by(self, clip: Clip) -> str:
        return person_link(clip.author)

    @admin.display(description="Performer")
    def stage_name(self, clip: Clip) -> str:
        return performer_link(clip.performer)

    @admin.display(description="Part")
    def part(self, clip: Clip) -> str:
        return f"{length_words(clip.seconds.lower)} – {length_words(clip.seconds.upper)}"

    @admin.display(description="Removed by")
    def remover(self, clip: Clip) -> str:
        return colleague(clip.removed_by) if clip.removed_at else "–"


backoffice.add_panel(
    Stream,
    Panel(
        title="Recordings",
        columns=(
            ("Provider's id", "provider_reference"),
            ("Status", "status"),
            ("Last heard (UTC)", lambda row: instant(row.heard_at)),
            ("Error", "error_code"),
        ),
        rows=lambda stream: Recording.objects.filter(stream_id=stream.pk).order_by("-pk"),
        permission="streams.view_recording",
        url=lambda row: reverse("admin:streams_recording_change", args=[row.pk]),
        empty="It was not recorded.",
    ),
)


def _recordings_named(query: str) -> list[Hit]:
    return [
        Hit(
            title=row.provider_reference,
            url=reverse("admin:streams_recording_change", args=[row.pk]),
            words=f"{row.get_provider_display()}: {row.get_status_display().lower()}",
            exact=True,
        )
        for row in Recording.objects.filter(provider_reference=query.strip())[:5]
    ]


register_search(SearchProvider("Recordings", roles=READERS, find=_recordings_named, hint="a provider's id"))
register_card(
    HomeCard(
        section=Section.CATALOGUE,
        title="Recordings that failed this week",
        roles=(Role.SUPPORT, Role.ADMINISTRATOR),
        count=lambda limit: CountUpTo(
            Recording.objects.failed().filter(pk__gte=uuid7_floor(timezone.now() - RECENT)), limit
        ),
        url=lambda: f"{reverse('admin:streams_recording_changelist')}?attention=failed",
        words="See why, and tell the performer.",
    )
)
