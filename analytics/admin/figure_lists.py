"""Figures as rows: what streams, performers, categories and the platform came to."""

from typing import Any

from django.contrib import admin

from analytics.models import CategoryDay, PerformerDay, PlatformDay, StreamPerformance
from core.admin.filters import exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.links import PerformerFilter, performer_link
from streams.admin.people_in_streams import stream_link

WATCHED = (
    "unique_viewers",
    "peak_viewers",
    "peak_at",
    "average_viewers",
    "viewer_minutes",
    "watch_seconds",
    "sessions",
    "stalled_seconds",
    "errors",
)
DONE = ("chat_messages", "tips", "tip_tokens")
SHOWN = ("unique_viewers", "peak_viewers", "average_viewers", "tokens_spent")
"""Figures that every list shows."""


class _FiguresAdmin(ReadOnlyAdmin):
    """What lists of figures have in common."""

    section = Section.INSIGHT

    @admin.display(description="Performer")
    def whose(self, row: Any) -> str:
        return performer_link(row.performer)


@admin.register(StreamPerformance, site=backoffice)
class StreamPerformanceAdmin(_FiguresAdmin):
    """A stream, whole; of one that goes on, up to the last minute counted."""

    list_display = ("started_at", "of_stream", "whose", "minutes_on_air", *SHOWN)
    list_select_related = ("stream", "performer")
    list_filter = (PerformerFilter, exact("stream", "stream (id)"))
    fields = (
        "of_stream",
        "whose",
        "started_at",
        "ended_at",
        "minutes_on_air",
        *WATCHED,
        *DONE,
        "tokens_spent",
        "tokens_reversed",
        "new_followers",
        "updated_at",
        "id",
    )
    readonly_fields = ("of_stream", "whose")

    @admin.display(description="Stream")
    def of_stream(self, row: StreamPerformance) -> str:
        return stream_link(row.stream)


@admin.register(PerformerDay, site=backoffice)
class PerformerDayAdmin(_FiguresAdmin):
    """Days of performers (UTC)."""

    list_display = ("day", "whose", "minutes_on_air", *SHOWN, "followers")
    list_select_related = ("performer",)
    list_filter = (PerformerFilter, exact("day", "day (UTC)"))
    fields = (
        "day",
        "whose",
        "streams",
        "minutes_on_air",
        *WATCHED,
        *DONE,
        "tokens_spent",
        "tokens_reversed",
        "new_followers",
        "lost_followers",
        "followers",
        "updated_at",
        "id",
    )
    readonly_fields = ("whose",)


@admin.register(CategoryDay, site=backoffice)
class CategoryDayAdmin(_FiguresAdmin):
    """Days of categories (UTC); what happens counts for the category of that instant."""

    list_display = ("day", "category", "streams", *SHOWN)
    list_select_related = ("category",)
    list_filter = (exact("day", "day (UTC)"), exact("category", "category (id)"))
    fields = (
        "day",
        "category",
        "streams",
        "minutes_on_air",
        *WATCHED,
        *DONE,
        "tokens_spent",
        "updated_at",
        "id",
    )


@admin.register(PlatformDay, site=backoffice)
class PlatformDayAdmin(_FiguresAdmin):
    """Days of the platform (UTC)."""

    list_display = ("day", "performers", "streams", *SHOWN)
    list_filter = (exact("day", "day (UTC)"),)
    fields = (
        "day",
        "performers",
        "streams",
        "minutes_on_air",
        *WATCHED,
        *DONE,
        "tokens_spent",
        "tokens_reversed",
        "new_followers",
        "lost_followers",
        "updated_at",
        "id",
    )
