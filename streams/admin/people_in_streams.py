"""Who appears, what they consented to, with which key a performer sends, and private shows."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin.filters import user_named
from accounts.admin.links import person_link
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.reveals import RevealAction
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.links import PerformerFilter, performer_link, performer_named
from streams.admin.stream_panels import minute
from streams.choices import PrivateShowStatus
from streams.models import IngestKey, Participant, PrivateShow, Release
from streams.services.ingest_keys import ingest_key_revoke
from streams.services.private_shows import private_show_end
from streams.services.releases import release_reveal, release_withdraw

WhoAppears = exact(
    "person",
    "who appears",
    find=lambda text: Q(person_id=performer_named(text)),
    help="An address (slug), a handle or an id.",
)
WhoWatches = exact(
    "viewer", "viewer", find=lambda text: Q(viewer_id=user_named(text)), help="A handle or an id."
)


def stream_link(stream: Any) -> str:
    """The title of a stream, leading to its page."""
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:streams_stream_change", args=[stream.pk]), stream
    )


@admin.register(Participant, site=backoffice)
class ParticipantAdmin(ReadOnlyAdmin):
    """Who appears in somebody else's stream, with what they consented to."""

    section = Section.COMPLIANCE
    list_display = ("who", "in_stream", "joined_at", "left_at")
    list_filter = (WhoAppears, PerformerFilter, TimeFilter)
    list_select_related = ("person", "stream")
    fields = ("who", "in_stream", "joined_at", "left_at", "id")
    readonly_fields = ("who", "in_stream")
    panels = (
        Panel(
            title="Releases",
            columns=(
                ("Consents to", "scope"),
                ("Signed (UTC)", lambda row: minute(row.signed_at)),
                ("Withdrawn (UTC)", lambda row: minute(row.withdrawn_at)),
            ),
            rows=lambda participant: participant.releases.defer("document").order_by("-pk"),
            permission="streams.view_release",
            url=lambda row: reverse("admin:streams_release_change", args=[row.pk]),
            words="The document is sealed. Open one and give a reason to read where it lies.",
        ),
    )

    @admin.display(description="Who")
    def who(self, participant: Participant) -> str:
        return performer_link(participant.person)

    @admin.display(description="Stream")
    def in_stream(self, participant: Participant) -> str:
        return stream_link(participant.stream)


@admin.register(Release, site=backoffice)
class ReleaseAdmin(ReadOnlyAdmin):
    """Consents: where the document lies is revealed with a reason."""

    section = Section.COMPLIANCE
    list_display = ("scope", "who", "signed_at", "withdrawn_at")
    list_filter = ("scope", WhoAppears, PerformerFilter, TimeFilter)
    list_select_related = ("person",)
    fields = ("scope", "who", "signed_at", "withdrawn_at", "id", "version")
    readonly_fields = ("who",)
    actions = (
        RevealAction(release_reveal, "streams.reveal_release"),
        ConfirmedAction(
            "withdraw",
            release_withdraw,
            "streams.reveal_release",
            words="Record a withdrawal",
            explain="The stream does not start or resume with this person until they consent again.",
            done="Withdrawn.",
            dangerous=True,
            available=lambda release: release.withdrawn_at is None,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("document")

    @admin.display(description="Who")
    def who(self, release: Release) -> str:
        return performer_link(release.person)


@admin.register(IngestKey, site=backoffice)
class IngestKeyAdmin(ReadOnlyAdmin):
    """Keys by their first characters; one that leaked is revoked."""

    section = Section.MODERATION
    list_display = ("prefix", "of", "created_at", "revoked_at")
    list_filter = (PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    fields = ("prefix", "of", "created_at", "revoked_at", "id", "version")
    readonly_fields = ("of",)
    actions = (
        ConfirmedAction(
            "revoke",
            ingest_key_revoke,
            "streams.revoke_ingestkey",
            words="Revoke the key",
            explain="The performer makes a new one before the next stream. What is on air goes on.",
            done="Revoked: {obj}.",
            dangerous=True,
            available=lambda key: key.revoked_at is None,
            id_kwarg="ingest_key_id",
        ),
    )

    @admin.display(description="Performer")
    def of(self, key: IngestKey) -> str:
        return performer_link(key.performer)


@admin.register(PrivateShow, site=backoffice)
class PrivateShowAdmin(ReadOnlyAdmin):
    """Private shows: who with whom, at which rate, and how they went."""

    section = Section.MODERATION
    list_display = ("status", "of", "watched_by", "tokens_per_minute", "started_at", "ended_at")
    list_filter = ("status", PerformerFilter, WhoWatches, TimeFilter)
    list_select_related = ("performer", "viewer")
    fields = ("status", "of", "watched_by", "tokens_per_minute", "started_at", "ended_at", "id", "version")
    readonly_fields = ("of", "watched_by")
    actions = (
        ConfirmedAction(
            "end",
            private_show_end,
            "streams.end_privateshow",
            words="End the show",
            explain="Both see nothing any more; minutes are charged until now.",
            done="Ended.",
            dangerous=True,
            available=lambda show: show.status == PrivateShowStatus.RUNNING,
            id_kwarg="private_show_id",
        ),
    )

    @admin.display(description="Performer")
    def of(self, show: PrivateShow) -> str:
        return performer_link(show.performer)

    @admin.display(description="Viewer")
    def watched_by(self, show: PrivateShow) -> str:
        return person_link(show.viewer)
