"""Counters of engagement: rooms, and a panel on the page of a performer."""

from django.contrib import admin

from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.admin.tie_words import page_of, subject_link, when
from engagement.models import CounterDelta, CounterFold, EngagementCounter
from engagement.tie_choices import CounterSubject
from performers.admin.links import PerformerFilter, performer_link
from performers.models import PerformerProfile


class _CounterAdmin(ReadOnlyAdmin):
    """What counters and their changes have in common."""

    section = Section.INSIGHT
    list_select_related = ("performer",)

    @admin.display(description="Of")
    def of_what(self, row: EngagementCounter | CounterDelta) -> str:
        return subject_link(row.subject_type, row.subject)

    @admin.display(description="Performer")
    def whose(self, row: EngagementCounter | CounterDelta) -> str:
        return performer_link(row.performer)


@admin.register(EngagementCounter, site=backoffice)
class EngagementCounterAdmin(_CounterAdmin):
    """Figures as folded; a minute old at most."""

    list_display = ("kind", "value", "of_what", "whose", "folded_at")
    list_filter = (exact("subject", "subject (id)"), PerformerFilter)
    fields = ("kind", "value", "of_what", "whose", "folded_at", "id")
    readonly_fields = ("of_what", "whose")


@admin.register(CounterDelta, site=backoffice)
class CounterDeltaAdmin(_CounterAdmin):
    """What changed a counter; corrections say that they are some."""

    list_display = ("kind", "change", "of_what", "is_correction", "created_at")
    list_filter = (PerformerFilter, TimeFilter)
    fields = ("kind", "change", "of_what", "whose", "is_correction", "moment", "created_at", "id")
    readonly_fields = ("of_what", "whose")


@admin.register(CounterFold, site=backoffice)
class CounterFoldAdmin(ReadOnlyAdmin):
    """When counters were folded, and how much."""

    section = Section.OVERSIGHT
    list_display = ("folded_at", "deltas", "counters", "since", "until")
    fields = ("folded_at", "deltas", "counters", "since", "until", "id")
    list_filter = (TimeFilter,)


backoffice.add_panel(
    PerformerProfile,
    Panel(
        title="Engagement",
        columns=(
            ("What", "kind"),
            ("How many", lambda row: f"{max(row.value, 0):,}"),
            ("As of (UTC)", lambda row: when(row.folded_at)),
        ),
        rows=lambda performer: EngagementCounter.objects.filter(
            subject=performer.pk, subject_type=CounterSubject.PERFORMER
        ).order_by("kind"),
        permission="engagement.view_engagementcounter",
        url=page_of("engagementcounter"),
        empty="Nothing was counted yet.",
    ),
)
