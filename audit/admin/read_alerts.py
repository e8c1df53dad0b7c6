"""Alerts on unusual readings: what waits for a review, and what was found."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import user_named
from accounts.admin.links import colleague, person_link
from accounts.models import User
from audit.models import ReadAlert, ReadAlertReading, ReadAlertRule
from audit.models.trail.readers import READ_ALERT_READERS
from audit.read_alert_choices import ReadAlertStatus
from audit.services.read_alerts import read_alert_confirm, read_alert_explain
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

REVIEW = "audit.review_readalert"
ROOM = "admin:audit_readalert_changelist"
MOST_FOUND = 500
"""So many alerts about readings of one person a filter finds, the newest ones."""


def _concerning(text: str) -> Q:
    newest = ReadAlertReading.objects.filter(person_id=user_named(text)).order_by("-pk")
    return Q(pk__in=list(newest.values_list("alert_id", flat=True)[:MOST_FOUND]))


ReaderFilter = exact(
    "reader", "who read", find=lambda text: Q(reader_id=user_named(text)), help="A handle or an id."
)
ReadFilter = exact("person", "whose data", find=_concerning, help="A handle or an id.")


class WaitingFilter(admin.SimpleListFilter):
    """What waits for somebody."""

    title = "waiting"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "To be explained"), ("overdue", "Overdue")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "yes":
            return queryset.filter(status=ReadAlertStatus.OPEN)
        if self.value() == "overdue":
            return queryset.filter(status=ReadAlertStatus.OPEN, due_at__lte=Now())
        return queryset


def _is_open(alert: ReadAlert) -> bool:
    return alert.status == ReadAlertStatus.OPEN


def _event_url(reading: ReadAlertReading) -> str:
    return reverse("admin:audit_event_change", args=[reading.reading_id])


@admin.register(ReadAlert, site=backoffice)
class ReadAlertAdmin(ReadOnlyAdmin):
    """Unusual readings, each with its readings and its review. Nobody finds alerts about themselves here."""

    section = Section.OVERSIGHT
    list_display = ("rule", "who", "measured", "threshold", "last_at", "due_at", "status")
    list_filter = (WaitingFilter, "status", "rule", ReaderFilter, ReadFilter, TimeFilter)
    list_select_related = ("reader", "person", "reviewed_by")
    search_fields = ("reader__handle__exact",)
    search_help_text = (
        "The whole handle of a reader or of a person whose data was read, or the id of an alert."
    )
    fields = (
        "rule",
        "why_this_number",
        "who",
        "acted_as",
        "whose",
        "measured",
        "threshold",
        "first_at",
        "last_at",
        "found_by",
        "due_at",
        "status",
        "reviewed",
        "reviewed_at",
        "review_reason",
        "id",
        "version",
    )
    readonly_fields = ("why_this_number", "who", "acted_as", "whose", "reviewed")
    actions = (
        ConfirmedAction(
            "explain",
            read_alert_explain,
            REVIEW,
            words="There was a good reason",
            explain="Ask the reader and look at their case first. The alert is closed with what you found, for good.",
            done="Explained: {obj}.",
            available=_is_open,
            id_kwarg="read_alert_id",
        ),
        ConfirmedAction(
            "misuse",
            read_alert_confirm,
            REVIEW,
            words="This was misuse",
            explain=(
                "The alert is closed as misuse, for good, and a security event tells of it. Withdrawing the role, "
                "and telling the person whose data was read, are steps of their own."
            ),
            done="Misuse: {obj}.",
            dangerous=True,
            available=_is_open,
            id_kwarg="read_alert_id",
        ),
    )
    panels = (
        Panel(
            "Readings",
            columns=(
                ("When (UTC)", lambda reading: f"{reading.read_at:%Y-%m-%d %H:%M}"),
                ("Whose", lambda reading: str(reading.person)),
                ("What", "subject_type"),
            ),
            rows=lambda alert: alert.readings.select_related("person").order_by("-pk"),
            permission="audit.view_readalertreading",
            url=_event_url,
            empty="There is no reading.",
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By the reader, by whose data was read, by id; each by an index of its own."""
        term = search_term.strip()
        people = list(User.objects.with_handle(term).values_list("pk", flat=True)) if term else []
        if not people:
            return super().get_search_results(request, queryset, search_term)
        newest = ReadAlertReading.objects.filter(person_id__in=people).order_by("-pk")
        concerned = list(newest.values_list("alert_id", flat=True)[:MOST_FOUND])
        return queryset.filter(Q(reader_id__in=people) | Q(pk__in=concerned)), False

    @admin.display(description="Who read")
    def who(self, alert: ReadAlert) -> str:
        return person_link(alert.reader)

    @admin.display(description="Acting as")
    def acted_as(self, alert: ReadAlert) -> str:
        return Role(alert.reader_role).label

    @admin.display(description="Whose data")
    def whose(self, alert: ReadAlert) -> str:
        return person_link(alert.person) if alert.person else "see the readings"

    @admin.display(description="Why this is asked")
    def why_this_number(self, alert: ReadAlert) -> str:
        return ReadAlertRule.objects.filter(rule=alert.rule).values_list("why", flat=True).first() or "–"

    @admin.display(description="Reviewed by")
    def reviewed(self, alert: ReadAlert) -> str:
        return colleague(alert.reviewed_by) if alert.reviewed_by else "nobody yet"


backoffice.add_panel(
    User,
    Panel(
        title="Unusual readings by this person",
        columns=(
            ("When (UTC)", lambda alert: f"{alert.last_at:%Y-%m-%d %H:%M}"),
            ("What", "rule"),
            ("How it stands", "status"),
        ),
        rows=lambda user: user.read_alerts.order_by("-pk"),
        permission="audit.view_readalert",
        url=lambda alert: reverse("admin:audit_readalert_change", args=[alert.pk]),
        all_url=lambda user: f"{reverse(ROOM)}?reader={user.pk}",
        empty="There are none.",
    ),
)

register_card(
    HomeCard(
        section=Section.OVERSIGHT,
        title="Unusual readings",
        roles=READ_ALERT_READERS,
        count=lambda limit: CountUpTo(ReadAlert.objects.open(), limit),
        url=lambda: f"{reverse(ROOM)}?waiting=yes",
        words="Ask the reader why, and say what you found.",
    )
)
register_card(
    HomeCard(
        section=Section.OVERSIGHT,
        title="Unusual readings, overdue",
        roles=READ_ALERT_READERS,
        count=lambda limit: CountUpTo(ReadAlert.objects.overdue(), limit),
        url=lambda: f"{reverse(ROOM)}?waiting=overdue",
        words="Three working days have passed, and nobody has said what it was.",
    )
)
