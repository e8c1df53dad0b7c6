"""Calendars: planned broadcasts, the series that make them, time off."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.admin.links import period
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.admin.of_performer import PerformerFilter, page_of, performer_link
from performers.choices import OccurrenceStatus
from performers.models import ScheduleOccurrence, ScheduleSeries, TimeOff
from performers.models.schedule_series import LONGEST_DURATION
from performers.services.occurrences import occurrence_cancel, occurrence_move
from performers.services.series import series_end
from performers.wall_clock import local_at, zone_named

CHANGEABLE = (OccurrenceStatus.SCHEDULED, OccurrenceStatus.CONFLICTING)


def on_the_clock(occurrence: ScheduleOccurrence) -> str:
    """Start and end on the clock of the zone in which it was planned."""
    zone = zone_named(occurrence.time_zone)
    start, end = local_at(occurrence.during.lower, zone), local_at(occurrence.during.upper, zone)
    return f"{start:%Y-%m-%d %H:%M} – {end:%H:%M} {occurrence.time_zone}"


def _is_ahead(occurrence: ScheduleOccurrence) -> bool:
    return occurrence.status in CHANGEABLE and occurrence.during.lower > timezone.now()


class AheadFilter(admin.SimpleListFilter):
    """What lies ahead, or is past."""

    title = "when"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ahead", "Ahead"), ("past", "Begun or over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "ahead":
            return queryset.filter(starts_at__gt=Now())
        if self.value() == "past":
            return queryset.filter(starts_at__lte=Now())
        return queryset


class MoveForm(forms.Form):
    """When it takes place instead."""

    start = forms.DateTimeField(
        label="New start",
        help_text="UTC.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    duration_minutes = forms.IntegerField(
        label="Length",
        required=False,
        min_value=1,
        max_value=LONGEST_DURATION,
        help_text="Minutes. Leave empty to keep it.",
    )


@admin.register(ScheduleOccurrence, site=backoffice)
class ScheduleOccurrenceAdmin(ReadOnlyAdmin):
    """Planned broadcasts; support moves and cancels them when a performer asks."""

    section = Section.CATALOGUE
    list_display = ("title", "performer_name", "clock", "period", "status")
    list_filter = ("status", AheadFilter, PerformerFilter, TimeFilter)
    list_select_related = ("performer", "series")
    fields = (
        "title",
        "performer_name",
        "series_name",
        "status",
        "clock",
        "period",
        "original_start",
        "moved_at",
        "cancelled_at",
        "reason",
        "is_public",
        "id",
        "version",
    )
    readonly_fields = ("performer_name", "series_name", "clock", "period", "is_public")
    actions = (
        ConfirmedAction(
            "move",
            occurrence_move,
            "performers.manage_schedule",
            form=MoveForm,
            words="Move",
            explain=lambda occurrence: (
                f"Now planned for {on_the_clock(occurrence)}. Its series leaves it where you put it."
            ),
            done="The broadcast is moved.",
            available=_is_ahead,
            id_kwarg="schedule_occurrence_id",
        ),
        ConfirmedAction(
            "cancel",
            occurrence_cancel,
            "performers.manage_schedule",
            words="Cancel",
            explain="The public sees it as cancelled. It cannot be scheduled again; plan another one instead.",
            done="The broadcast is cancelled.",
            dangerous=True,
            available=_is_ahead,
            bulk=True,
            id_kwarg="schedule_occurrence_id",
        ),
    )

    @admin.display(description="Performer")
    def performer_name(self, occurrence: ScheduleOccurrence) -> str:
        return performer_link(occurrence.performer)

    @admin.display(description="Series", empty_value="planned once")
    def series_name(self, occurrence: ScheduleOccurrence) -> str | None:
        return f"{occurrence.series.title}: {occurrence.series.rule}" if occurrence.series else None

    @admin.display(description="On the performer's clock")
    def clock(self, occurrence: ScheduleOccurrence) -> str:
        return on_the_clock(occurrence)

    @admin.display(description="Period (UTC)")
    def period(self, occurrence: ScheduleOccurrence) -> str:
        return period(occurrence.during)


OCCURRENCES_OF_SERIES = Panel(
    title="Occurrences",
    columns=(
        ("When", on_the_clock),
        ("Status", "status"),
        ("Moved", lambda row: "moved" if row.moved_at else ""),
        ("Reason", "reason"),
    ),
    rows=lambda series: series.occurrences.order_by("-original_day"),
    permission="performers.view_scheduleoccurrence",
    url=page_of("scheduleoccurrence"),
    limit=60,
    empty="None made yet.",
)


@admin.register(ScheduleSeries, site=backoffice)
class ScheduleSeriesAdmin(ReadOnlyAdmin):
    """Broadcasts that repeat, and what was made of them."""

    section = Section.CATALOGUE
    list_display = ("title", "performer_name", "rule", "clock", "first_day", "last_day", "ended_at")
    list_filter = (PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    fields = (
        "title",
        "performer_name",
        "rule",
        "clock",
        "duration_minutes",
        "first_day",
        "last_day",
        "ended_at",
        "expanded_until",
        "id",
        "version",
    )
    readonly_fields = ("performer_name", "clock")
    panels = (OCCURRENCES_OF_SERIES,)
    actions = (
        ConfirmedAction(
            "end",
            series_end,
            "performers.manage_schedule",
            words="End the series",
            explain="What lies ahead and was not moved is withdrawn. The performer can publish another series.",
            done="The series is ended.",
            dangerous=True,
            available=lambda series: series.ended_at is None,
            id_kwarg="schedule_series_id",
        ),
    )

    @admin.display(description="Performer")
    def performer_name(self, series: ScheduleSeries) -> str:
        return performer_link(series.performer)

    @admin.display(description="Starts at")
    def clock(self, series: ScheduleSeries) -> str:
        return f"{series.local_time:%H:%M} {series.time_zone}"


@admin.register(TimeOff, site=backoffice)
class TimeOffAdmin(ReadOnlyAdmin):
    """When performers are away; for colleagues who wonder why nothing can be scheduled."""

    section = Section.CATALOGUE
    list_display = ("performer_name", "period", "time_zone", "withdrawn_at")
    list_filter = (PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    fields = ("performer_name", "period", "time_zone", "withdrawn_at", "created_at", "id")
    readonly_fields = ("performer_name", "period")

    @admin.display(description="Performer")
    def performer_name(self, time_off: TimeOff) -> str:
        return performer_link(time_off.performer)

    @admin.display(description="Period (UTC)")
    def period(self, time_off: TimeOff) -> str:
        return period(time_off.during)


register_card(
    HomeCard(
        section=Section.CATALOGUE,
        title="Broadcasts in conflict",
        roles=(Role.SUPPORT,),
        count=lambda limit: CountUpTo(ScheduleOccurrence.objects.conflicting(), limit),
        url=lambda: (
            reverse("admin:performers_scheduleoccurrence_changelist")
            + "?status__exact=conflicting&when=ahead"
        ),
        words="A series made them where something else is planned. The public does not see them: move or cancel them.",
    )
)
