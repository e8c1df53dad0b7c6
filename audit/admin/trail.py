"""The trail: who did what to whom, when, in which role, and why."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from audit.admin import words
from audit.admin.seals import seal_of
from audit.models import Event
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice

PROVEN = "yes: they are those that were written"
ALTERED = "NO: they were changed afterwards"
LONGEST_IN_LIST = 80
"""Characters of a reason in the list; the event's page has all of it."""


@admin.register(Event, site=backoffice)
class TrailAdmin(ReadOnlyAdmin):
    """Every filter, alone or with the time, is one index scan that stops at the end of the page."""

    section = Section.OVERSIGHT
    list_display = ("when", "who_in_role", "did", "whom", "reason_in_short")
    list_display_links = ("did",)
    list_filter = (words.ActorFilter, words.SubjectFilter, words.ActionFilter, TimeFilter)
    list_select_related = ("label", "actor")
    fields = (
        "who",
        "acted_as",
        "did",
        "whom",
        "reason",
        "columns",
        "detail",
        "when",
        "address",
        "subject_kind",
        "subject_id",
        "request_id",
        "proven",
        "sealed",
        "id",
    )
    readonly_fields = (
        "when",
        "who",
        "acted_as",
        "did",
        "whom",
        "reason",
        "columns",
        "address",
        "subject_kind",
        "proven",
        "sealed",
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For those who may read the words too; others see their own acts on the home page."""
        return super().has_view_permission(request, obj) and request.user.has_perm("audit.view_label")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Which seal covers an event is for those who may read seals."""
        fields = super().get_fields(request, obj)
        reads_seals = request.user.has_perm("audit.view_sealleaf")
        return fields if reads_seals else [name for name in fields if name != "sealed"]

    @admin.display(description="When (UTC)")
    def when(self, event: Event) -> str:
        return f"{event.created_at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="Who")
    def who(self, event: Event) -> str:
        return words.who(event)

    @admin.display(description="Who")
    def who_in_role(self, event: Event) -> SafeString:
        return format_html("{}<br><small>{}</small>", words.who(event), words.role(event))

    @admin.display(description="Why")
    def reason_in_short(self, event: Event) -> str | None:
        reason = self.reason(event)
        return Truncator(reason).chars(LONGEST_IN_LIST) if reason else None

    @admin.display(description="Acting as")
    def acted_as(self, event: Event) -> str:
        return words.role(event)

    @admin.display(description="Did")
    def did(self, event: Event) -> str:
        return words.did(event)

    @admin.display(description="To whom or what")
    def whom(self, event: Event) -> Any:
        return words.whom_linked(event)

    @admin.display(description="Why")
    def reason(self, event: Event) -> str | None:
        return event.label.reason if event.label else self._missing(event)

    @admin.display(description="Changed columns")
    def columns(self, event: Event) -> str:
        return ", ".join(event.changed) or "none"

    @admin.display(description="Network address")
    def address(self, event: Event) -> str | None:
        return event.label.address if event.label else self._missing(event)

    @admin.display(description="Kind of subject")
    def subject_kind(self, event: Event) -> str:
        return words.subject_words(event)

    @admin.display(description="Words genuine")
    def proven(self, event: Event) -> str | None:
        if event.label is None:
            return self._missing(event)
        genuine = event.label_digest is not None and event.label.digest == bytes(event.label_digest)
        return PROVEN if genuine else ALTERED

    @admin.display(description="Sealed")
    def sealed(self, event: Event) -> Any:
        return seal_of(event)

    @staticmethod
    def _missing(event: Event) -> str | None:
        return words.ERASED if event.label_digest is not None else None
