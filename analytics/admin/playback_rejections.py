"""What players sent that was not taken."""

from django.contrib import admin

from analytics.models import PlaybackRejection
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from streams.admin.people_in_streams import stream_link


@admin.register(PlaybackRejection, site=backoffice)
class PlaybackRejectionAdmin(ReadOnlyAdmin):
    """Numbers by day, stream and reason; nobody can be told from them."""

    section = Section.INSIGHT
    list_display = ("day", "reason", "events", "of_stream")
    list_filter = ("reason", exact("stream", "stream (id)"), TimeFilter)
    list_select_related = ("stream",)
    fields = ("day", "reason", "events", "of_stream", "updated_at", "id")
    readonly_fields = ("of_stream",)

    @admin.display(description="Stream")
    def of_stream(self, row: PlaybackRejection) -> str:
        return stream_link(row.stream) if row.stream else "none that is there"
