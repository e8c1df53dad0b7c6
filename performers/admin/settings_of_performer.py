"""What performers set for themselves, and their figures: read only."""

from typing import Any, ClassVar

from django.contrib import admin

from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.of_performer import PerformerFilter, performer_link
from performers.models import GeoBlock, PayoutPreference, PerformerMetric, StreamingDefault


class OfPerformer(ReadOnlyAdmin):
    """A room whose rows each belong to one performer."""

    list_filter: ClassVar[Any] = (PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    readonly_fields = ("performer_name",)

    @admin.display(description="Performer")
    def performer_name(self, row: GeoBlock | PayoutPreference | PerformerMetric | StreamingDefault) -> str:
        return performer_link(row.performer)


@admin.register(GeoBlock, site=backoffice)
class GeoBlockAdmin(OfPerformer):
    """Where performers do not want to be seen. Theirs alone: a block may keep away somebody who knows them."""

    section = Section.CATALOGUE
    list_display = ("performer_name", "country", "subdivision", "created_at")
    list_filter = (PerformerFilter, exact("country", "country (two letters)"), TimeFilter)
    fields = ("performer_name", "country", "subdivision", "created_at", "id")


@admin.register(StreamingDefault, site=backoffice)
class StreamingDefaultAdmin(OfPerformer):
    """How streams begin."""

    section = Section.CATALOGUE
    list_display = ("performer_name", "latency_mode", "resolution", "bit_rate_kbit", "visibility")
    fields = (
        "performer_name",
        "latency_mode",
        "resolution",
        "bit_rate_kbit",
        "chat_mode",
        "visibility",
        "private_show_rate",
        "label_codes",
        "updated_at",
        "id",
    )


@admin.register(PayoutPreference, site=backoffice)
class PayoutPreferenceAdmin(OfPerformer):
    """How performers want to be paid."""

    section = Section.FINANCE
    list_display = ("performer_name", "schedule", "minimum", "currency")
    list_filter = ("schedule", PerformerFilter, TimeFilter)
    fields = ("performer_name", "schedule", "minimum", "currency", "updated_at", "id")


@admin.register(PerformerMetric, site=backoffice)
class PerformerMetricAdmin(OfPerformer):
    """Figures of performers by day."""

    section = Section.INSIGHT
    list_display = ("day", "performer_name", "followers", "minutes_live", "average_viewers", "peak_viewers")
    fields = (
        "day",
        "performer_name",
        "followers",
        "minutes_live",
        "average_viewers",
        "peak_viewers",
        "earned_tokens",
        "id",
    )
