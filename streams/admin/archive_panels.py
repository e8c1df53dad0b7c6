"""Panels of archives: what stands on the page of one, and on those of its performer and its stream."""

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.links import colleague, person_url
from core.admin.panels import Panel
from core.admin.site import backoffice
from performers.models import PerformerProfile
from streams.models import Archive, Rendition, Stream


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


def _page_of(model: str) -> Any:
    return lambda row: reverse(f"admin:streams_{model}_change", args=[row.pk])


ARCHIVE_PANELS = (
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
            ("Plays first", "plays_first"),
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
    found = Rendition.objects.filter(recording__archives=archive.pk).order_by("-height", "codec")
    return found.annotate(plays_first=ExpressionWrapper(Q(pk=archive.default_rendition_id), BooleanField()))


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
