"""Live now, and the page of a stream."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.admin.links import PerformerFilter, performer_link
from performers.models import PerformerProfile
from streams.admin.content_labels import STREAM_LABEL_ACTIONS
from streams.admin.curves import curve_svg
from streams.admin.stream_panels import PANELS, minute
from streams.broadcast_selectors import MINUTE, viewer_curve, with_viewers_now
from streams.choices import StreamStatus
from streams.models import Stream
from streams.models.stream import ON_AIR
from streams.services.broadcasts import stream_end

MOST_NAMESAKES = 50


class StatusFilter(DefaultChoiceFilter):
    """What is on air, unless something else is asked for or searched."""

    title = "status"
    parameter_name = "status"
    default_label = "On air"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*StreamStatus.choices, ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in StreamStatus.values:
            return queryset.filter(status=self.value())
        if self.value() == "all" or request.GET.get("q"):
            return queryset
        return queryset.filter(status__in=ON_AIR)


def streams_named(queryset: QuerySet, text: str) -> QuerySet:
    """Streams whose title, or whose performer's stage name, begins like this."""
    performers = PerformerProfile.objects.stage_name_starts_with(text).values_list("pk", flat=True)
    titles = Stream.all_objects.title_starts_with(text).order_by("-pk").values_list("pk", flat=True)
    return queryset.filter(
        Q(pk__in=list(titles[:MOST_NAMESAKES])) | Q(performer_id__in=list(performers[:MOST_NAMESAKES]))
    )


@admin.register(Stream, site=backoffice)
class StreamAdmin(ReadOnlyAdmin):
    """What is on air, since when and how it fares; other streams by filter and search."""

    section = Section.MODERATION
    list_display = ("title", "performed_by", "status", "on_air_since", "last_sign", "viewers", "language")
    list_filter = (
        StatusFilter,
        "visibility",
        exact("language", "Language (code)"),
        PerformerFilter,
        TimeFilter,
    )
    list_select_related = ("performer",)
    search_fields = ("title__startswith",)
    search_help_text = "The beginning of a title or stage name, or an id."
    fields = (
        "title",
        "performed_by",
        "status",
        "visibility",
        "language",
        "description",
        "scheduled_start_at",
        "started_at",
        "ended_at",
        "end_reason",
        "last_heartbeat_at",
        "thumbnail_key",
        "deleted_at",
        "id",
        "version",
    )
    readonly_fields = ("performed_by",)
    panels = PANELS
    actions = (
        ConfirmedAction(
            "end",
            stream_end,
            "streams.end_stream",
            words="End the stream",
            explain=lambda stream: (
                f"Viewers of {stream.performer} see nothing any more. It cannot be resumed."
            ),
            done="Ended: {obj}.",
            dangerous=True,
            available=lambda stream: stream.status in ON_AIR,
            bulk=True,
        ),
        *STREAM_LABEL_ACTIONS,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_viewers_now(super().get_queryset(request), timezone.now())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """An id by the primary key; beginnings by the indexes of titles and stage names."""
        text = search_term.strip()
        try:
            return queryset.filter(pk=UUID(text)), False
        except ValueError:
            return (streams_named(queryset, text) if text else queryset), False

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        if isinstance(obj, Stream) and request.user.has_perm("streams.view_viewercountsample"):
            curve = viewer_curve(stream=obj, until=timezone.now())
            runs = list(curve.runs())
            context |= {
                "curve": curve,
                "curve_runs": runs,
                "curve_width": curve.width // MINUTE,
                "curve_svg": curve_svg(curve, f"Viewers of {obj} over time") if runs else "",
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="Performer")
    def performed_by(self, stream: Stream) -> str:
        return performer_link(stream.performer)

    @admin.display(description="On air since (UTC)")
    def on_air_since(self, stream: Stream) -> str:
        return minute(stream.started_at)

    @admin.display(description="Last sign of life")
    def last_sign(self, stream: Stream) -> str:
        last = stream.last_heartbeat_at
        if last is None or stream.status not in ON_AIR:
            return "–"
        return f"{max(0, int((timezone.now() - last).total_seconds()))} s ago"

    @admin.display(description="Viewers now")
    def viewers(self, stream: Any) -> Any:
        return "–" if stream.viewers_now is None or stream.status not in ON_AIR else stream.viewers_now


register_card(
    HomeCard(
        section=Section.MODERATION,
        title="On air",
        roles=(Role.MODERATOR, Role.LEAD_MODERATOR, Role.SUPPORT),
        count=lambda limit: CountUpTo(Stream.objects.on_air(), limit),
        url=lambda: reverse("admin:streams_stream_changelist"),
        words="What viewers can watch now.",
    )
)
