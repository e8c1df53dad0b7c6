"""Archives: the queue of those that wait for a moderator, and what was decided about the others."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.profile_media import OldestFirst
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.admin.archive_panels import ARCHIVE_PANELS, instant, length_words, performer_link
from streams.choices import ArchiveStatus
from streams.models import Archive
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


LabelFilter = exact(
    "label", "label", find=lambda code: Q(stream__labels__label__code=code), help="The code of a label."
)
PerformerFilter = exact("performer", "performer", find=performer_named, help="A slug or an id.")


class StatusFilter(DefaultChoiceFilter):
    """What waits, unless something else is asked for."""

    title = "status"
    parameter_name = "status"
    default_label = ArchiveStatus.PENDING.label

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [(item.value, item.label) for item in ArchiveStatus if item is not ArchiveStatus.PENDING]
        return [*others, ("deleted", "Deleted"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        if self.value() == "deleted":
            return queryset.filter(deleted_at__isnull=False)
        return queryset.filter(status=self.value() or ArchiveStatus.PENDING, deleted_at__isnull=True)


def _lives(archive: Archive, *states: ArchiveStatus) -> bool:
    return archive.deleted_at is None and archive.status in states


@admin.register(Archive, site=backoffice)
class ArchiveAdmin(ReadOnlyAdmin):
    """The queue of archives: approve, restrict, remove, restore; what waits comes first, the oldest first."""

    section = Section.MODERATION
    list_display = ("title", "stage_name", "state", "next_step", "length", "visibility", "created_at")
    list_filter = (StatusFilter, "visibility", LabelFilter, PerformerFilter, TimeFilter)
    list_select_related = ("performer", "stream", "recording")
    search_fields = ("performer__slug__exact",)
    search_help_text = "The slug of a performer, or the id of an archive."
    fields = (
        "title",
        "stage_name",
        "stream",
        "state",
        "next_step",
        "visibility",
        "listed",
        "description",
        "length",
        "poster_key",
        "recording",
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
    readonly_fields = ("stage_name", "state", "next_step", "length", "listed", "purged_at", "deleted_at")
    panels = ARCHIVE_PANELS
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

    @admin.display(description="Listed", boolean=True)
    def listed(self, archive: Archive) -> bool:
        """Whether viewers find it, once its time has come."""
        return bool(archive.is_listable)

    @admin.display(description="Length")
    def length(self, archive: Archive) -> str:
        return length_words(archive.duration_seconds)


register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Archives waiting",
        roles=(Role.MODERATOR, Role.LEAD_MODERATOR),
        count=lambda limit: CountUpTo(Archive.objects.waiting(), limit),
        url=lambda: reverse("admin:streams_archive_changelist"),
        words="Nobody sees them until somebody approves them.",
    )
)
