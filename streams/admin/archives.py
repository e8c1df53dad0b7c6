"""Archives: the queue of those that wait for a moderator, and what was decided about the others."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.links import colleague, person_url
from accounts.admin.profile_media import OldestFirst
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card, up_to
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.choices import ArchiveStatus
from streams.models import Archive, Stream
from streams.services.archive_decisions import (
    archive_approve,
    archive_remove,
    archive_restore,
    archive_restrict,
)

DECIDE = "streams.decide_archive"


def performer_named(text: str) -> Q:
    """The condition for a performer, by slug or id. Raises ValidationError with a sentence."""
    try:
        return Q(performer_id=UUID(text))
    except ValueError:
        pass
    found = PerformerProfile.objects.filter(slug=text.strip().lower()).values_list("pk", flat=True).first()
    if found is None:
        raise ValidationError(f"No performer has the slug {text}.")
    return Q(performer_id=found)


PerformerFilter = exact("performer", "performer", find=performer_named, help="A slug or an id.")


def performer_link(performer: PerformerProfile) -> SafeString:
    """The stage name, leading to the page of the person; a performer's row has the same id."""
    return format_html('<a href="{}">{}</a>', person_url(performer.pk), performer)


def length_words(seconds: int | None) -> str:
    """A length as hours, minutes and seconds: 1:02:03."""
    if seconds is None:
        return "–"
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def instant(value: Any) -> str:
    """An instant in UTC, to the minute."""
    return f"{value:%Y-%m-%d %H:%M}" if value else "–"


class StatusFilter(admin.SimpleListFilter):
    """What waits, unless something else is asked for."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [(item.value, item.label) for item in ArchiveStatus if item is not ArchiveStatus.PENDING]
        return [*others, ("deleted", "Deleted"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Django's first choice says All; here it says what waits."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": ArchiveStatus.PENDING.label} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        if self.value() == "deleted":
            return queryset.filter(deleted_at__isnull=False)
        return queryset.filter(status=self.value() or ArchiveStatus.PENDING, deleted_at__isnull=True)


def _lives(archive: Archive, *states: ArchiveStatus) -> bool:
    return archive.deleted_at is None and archive.status in states


def _page_of(model: str) -> Any:
    return lambda row: reverse(f"admin:streams_{model}_change", args=[row.pk])


PANELS = (
    Panel(
        title="Decisions",
        columns=(
            ("What", "kind"),
            ("When (UTC)", lambda row: instant(row.decided_at)),
            ("By", lambda row: colleague(row.decided_by)),
            ("Why", "reason"),
            (
                "Reverses",
                lambda row: f"Removal of {instant(row.reverses.decided_at)}" if row.reverses else "–",
            ),
        ),
        rows=lambda archive: archive.decisions.select_related("decided_by", "reverses").order_by("-pk"),
        permission="streams.view_archivedecision",
        empty="Nobody has decided about it.",
    ),
    Panel(
        title="Moves",
        columns=(
            ("From", lambda row: row.get_from_status_display() or "new"),
            ("To", "to_status"),
            ("When (UTC)", lambda row: instant(row.moved_at)),
            ("By", lambda row: colleague(row.actor)),
            ("Role", lambda row: row.acting_role.removeprefix("vbl_").replace("_", " ")),
        ),
        rows=lambda archive: archive.transitions.select_related("actor").order_by("-pk"),
        permission="streams.view_archivetransition",
    ),
    Panel(
        title="Renditions",
        columns=(
            ("What", str),
            ("Size", lambda row: f"{row.size_bytes / 2**20:,.1f} MiB"),
            ("Object", "object_key"),
        ),
        rows=lambda archive: _renditions(archive),
        permission="streams.view_rendition",
        empty="Its files are gone, or it was imported without any.",
    ),
    Panel(
        title="Chapters",
        columns=(("Begins", lambda row: length_words(row.starts_at_seconds)), ("Title", "title")),
        rows=lambda archive: archive.archivechapters.order_by("starts_at_seconds"),
        permission="streams.view_archivechapter",
        limit=20,
        empty="It has none.",
    ),
    Panel(
        title="Captions",
        columns=(("Language", "language"), ("Kind", "kind"), ("Object", "object_key")),
        rows=lambda archive: archive.captiontracks.order_by("language", "kind"),
        permission="streams.view_captiontrack",
        empty="It has none.",
    ),
    Panel(
        title="Muted parts",
        columns=(
            ("From", lambda row: length_words(row.seconds.lower)),
            ("To", lambda row: length_words(row.seconds.upper)),
            ("Why", "why"),
        ),
        rows=lambda archive: archive.mutedsegments.order_by("seconds"),
        permission="streams.view_mutedsegment",
        empty="All of it has sound.",
    ),
    Panel(
        title="Clips",
        columns=(
            ("Title", "title"),
            ("From", lambda row: length_words(row.seconds.lower)),
            ("To", lambda row: length_words(row.seconds.upper)),
            ("By", lambda row: str(row.author)),
            ("Status", "status"),
        ),
        rows=lambda archive: archive.clips.select_related("author").order_by("-pk"),
        permission="streams.view_clip",
        url=_page_of("clip"),
        all_url=lambda archive: f"{reverse('admin:streams_clip_changelist')}?archive={archive.pk}",
        empty="Nobody has made one.",
    ),
)


def _renditions(archive: Archive) -> QuerySet:
    from streams.models import Rendition

    return Rendition.objects.filter(recording_id=archive.recording_id).order_by("-height", "codec")


@admin.register(Archive, site=backoffice)
class ArchiveAdmin(ReadOnlyAdmin):
    """The queue of archives: approve, restrict, remove, restore; what waits comes first, the oldest first."""

    section = Section.MODERATION
    list_display = ("title", "stage_name", "state", "next_step", "length", "visibility", "created_at")
    list_filter = (StatusFilter, "visibility", PerformerFilter, TimeFilter)
    list_select_related = ("performer", "stream", "recording", "default_rendition")
    search_fields = ("performer__slug__exact",)
    search_help_text = "The slug of a performer, or the id of an archive."
    fields = (
        "title",
        "stage_name",
        "stream",
        "state",
        "next_step",
        "visibility",
        "is_listable",
        "description",
        "length",
        "poster_key",
        "recording",
        "default_rendition",
        "preview_seconds",
        "download_allowed",
        "embed_allowed",
        "link_lifetime_seconds",
        "published_at",
        "retention_class",
        "purge_at",
        "purged_at",
        "deleted_at",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("stage_name", "state", "next_step", "length", "is_listable", "purged_at", "deleted_at")
    panels = PANELS
    actions = (
        ConfirmedAction(
            "approve",
            archive_approve,
            DECIDE,
            words="Approve",
            explain=lambda archive: f"{archive.performer} may publish it, and viewers see it from then on.",
            done="Approved: {obj}.",
            available=lambda archive: _lives(archive, ArchiveStatus.PENDING, ArchiveStatus.RESTRICTED),
            bulk=True,
        ),
        ConfirmedAction(
            "restrict",
            archive_restrict,
            DECIDE,
            words="Restrict",
            explain="Viewers do not see it until somebody approves it again. The performer still does.",
            done="Restricted: {obj}.",
            available=lambda archive: _lives(archive, ArchiveStatus.APPROVED),
            bulk=True,
        ),
        ConfirmedAction(
            "remove",
            archive_remove,
            DECIDE,
            words="Remove",
            explain=(
                "Nobody but the performer sees it any more. Its files stay seven months for a complaint, then they go. "
                "Only a decision that reverses this one brings it back."
            ),
            done="Removed: {obj}.",
            dangerous=True,
            available=lambda archive: archive.deleted_at is None and archive.status != ArchiveStatus.REMOVED,
            bulk=True,
        ),
        ConfirmedAction(
            "restore",
            archive_restore,
            DECIDE,
            words="Restore",
            explain="Reverses the latest removal: viewers see it as they did before.",
            done="Restored: {obj}.",
            available=lambda archive: _lives(archive, ArchiveStatus.REMOVED),
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what waits; the newest first otherwise."""
        return (
            OldestFirst if request.GET.get("status", "") in ("", ArchiveStatus.PENDING) else KeysetChangeList
        )

    @admin.display(description="Performer")
    def stage_name(self, archive: Archive) -> str:
        return performer_link(archive.performer)

    @admin.display(description="Status")
    def state(self, archive: Archive) -> str:
        if archive.purged_at:
            return "Purged"
        return "Deleted" if archive.deleted_at else archive.get_status_display()

    @admin.display(description="Next")
    def next_step(self, archive: Archive) -> str:
        """What can safely be done next, in words."""
        if archive.purged_at:
            return "Nothing: its files are gone"
        if archive.deleted_at:
            return f"Purged from {instant(archive.purge_at)} UTC on"
        return {
            ArchiveStatus.PROCESSING: "Wait for its files",
            ArchiveStatus.PENDING: "Watch it, then approve or remove",
            ArchiveStatus.APPROVED: "Restrict while in doubt"
            if archive.published_at
            else "The performer publishes",
            ArchiveStatus.RESTRICTED: "Approve again, or remove",
            ArchiveStatus.REMOVED: f"Restore on a complaint, until {instant(archive.purge_at)} UTC",
        }[ArchiveStatus(archive.status)]

    @admin.display(description="Length")
    def length(self, archive: Archive) -> str:
        return length_words(archive.duration_seconds)


def _archives_panel(rows: Any, all_url: Any) -> Panel:
    return Panel(
        title="Archives",
        columns=(
            ("Title", "title"),
            ("Status", lambda row: "Deleted" if row.deleted_at else row.get_status_display()),
            ("Length", lambda row: length_words(row.duration_seconds)),
            ("Published (UTC)", lambda row: instant(row.published_at)),
            ("Purged from (UTC)", lambda row: instant(row.purge_at)),
        ),
        rows=rows,
        permission="streams.view_archive",
        url=_page_of("archive"),
        all_url=all_url,
        empty="There is none.",
    )


def _archives_of_performer(performer: PerformerProfile) -> str:
    return f"{reverse('admin:streams_archive_changelist')}?status=all&performer={performer.pk}"


backoffice.add_panel(
    PerformerProfile,
    _archives_panel(
        lambda performer: Archive.all_objects.filter(performer_id=performer.pk).order_by("-pk"),
        _archives_of_performer,
    ),
)
backoffice.add_panel(
    Stream,
    _archives_panel(lambda stream: Archive.all_objects.filter(stream_id=stream.pk).order_by("-pk"), None),
)

register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Archives waiting",
        roles=(Role.MODERATOR, Role.LEAD_MODERATOR),
        count=lambda limit: up_to(Archive.objects.waiting(), limit),
        url=lambda: reverse("admin:streams_archive_changelist"),
        words="Nobody sees them until somebody approves them.",
    )
)
