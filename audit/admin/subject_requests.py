"""Subject requests: the queue by deadline, and everything that is done about one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import user_named
from accounts.admin.links import person_link
from accounts.models import User, UserContact
from audit.admin.subject_request_actions import HANDLE, REQUEST_ACTIONS
from audit.admin.subject_request_forms import (
    FileForm,
)
from audit.admin.subject_request_panels import PANELS, page_of
from audit.admin.takedown_words import distance, instant
from audit.models import SubjectRequest
from audit.models.compliance.request_readers import HANDLERS
from audit.request_choices import OPEN
from audit.services.subject_requests import (
    subject_request_file,
)
from core.admin.filters import DefaultChoiceFilter, TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import BackOfficeModelAdmin
from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.context import current_role
from core.db.roles import Role

ROOM = "admin:audit_subjectrequest_changelist"
SOON = timedelta(days=7)


class QueueFilter(DefaultChoiceFilter):
    """What owes an answer, unless something else is asked for."""

    title = "queue"
    parameter_name = "queue"
    default_label = "Open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("soon", "Due within 7 days"), ("mine", "Mine"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        queryset = queryset.filter(status__in=OPEN)
        if self.value() == "overdue":
            return queryset.filter(deadline__lte=Now())
        if self.value() == "soon":
            return queryset.filter(deadline__gt=Now(), deadline__lte=Now() + SOON)
        if self.value() == "mine":
            return queryset.filter(handled_by_id=request.user.pk)
        return queryset


class ByDeadline(KeysetChangeList):
    """A queue: what is due first, is answered first; the overdue lead it."""

    order = ("deadline", "pk")
    order_words = "first deadline first"
    pager_words = ("Most urgent", "More urgent", "Less urgent")


@admin.register(SubjectRequest, site=backoffice)
class SubjectRequestAdmin(BackOfficeModelAdmin):
    """The queue of subject requests: those that owe an answer, the longest overdue first."""

    section = Section.COMPLIANCE
    adds = True
    form = FileForm
    list_display = ("reference", "kind", "status", "clock", "about", "handled_by", "attempt")
    list_filter = (
        QueueFilter,
        "kind",
        "status",
        "attempt",
        exact(
            "person",
            "about",
            find=lambda text: Q(person_id=user_named(text)),
            help="A handle, or the id of a person.",
        ),
        TimeFilter,
    )
    list_select_related = ("person", "handled_by")
    search_fields = ("reference__exact",)
    search_help_text = "A reference, a handle, an id, or a person's whole e-mail address."
    fields = (
        "reference",
        "kind",
        "status",
        "clock",
        "about",
        "asked_by",
        "asker",
        "wish",
        "channel",
        "filed",
        "received_at",
        "due_at",
        "extended_until",
        "extension_reason",
        "identity_method",
        "confirmed",
        "handled_by",
        "run_by",
        "attempt",
        "attempted_at",
        "refusal_ground",
        "refusal_reason",
        "answer",
        "answered_at",
        "answered_by",
        "status_since",
        "id",
        "version",
    )
    readonly_fields = ("clock", "about", "filed", "confirmed")
    panels = PANELS
    actions = REQUEST_ACTIONS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """By deadline while it shows what is open; the newest first otherwise."""
        return KeysetChangeList if request.GET.get("queue") == "all" else ByDeadline

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Everything by an index of its own; nothing is found by a part of a word."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" in term:
            if current_role() not in HANDLERS:
                return queryset.none(), False
            reached = UserContact.objects.reaching(term).values("user_id")
            return queryset.filter(person_id__in=reached), False
        try:
            key = UUID(term)
        except ValueError:
            people = User.objects.with_handle(term).values("pk")
            return queryset.filter(Q(reference=term.upper()) | Q(person_id__in=people)), False
        return queryset.filter(Q(pk=key) | Q(person_id=key)), False

    @admin.display(description="Deadline")
    def clock(self, request: SubjectRequest) -> str:
        """What is left of the month: `in 3 days`, `2 days overdue`."""
        if not request.is_open:
            return "–"
        words = f"{distance(request.deadline)} ({instant(request.deadline)} UTC)"
        return f"{words}, extended" if request.extended_until else words

    @admin.display(description="About")
    def about(self, request: SubjectRequest) -> str:
        return person_link(request.person)

    @admin.display(description="Filed by")
    def filed(self, request: SubjectRequest) -> str:
        return (
            "the person"
            if request.filed_by_id == request.person_id
            else str(request.filed_by or "the system")
        )

    @admin.display(description="Identity confirmed")
    def confirmed(self, request: SubjectRequest) -> str:
        if request.identity_confirmed_at is None:
            return "not yet"
        return f"{instant(request.identity_confirmed_at)} UTC by {request.identity_confirmed_by}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(HANDLE)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj is None:
            return ("whose", "kind", "channel", "received_at", "asked_by", "asker", "wish")
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: SubjectRequest, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        values = {name: form.cleaned_data[name] for name in FileForm.Meta.fields}
        filed = subject_request_file(
            **values,
            person_id=form.cleaned_data["person_id"],
            received_at=form.cleaned_data["received_at"],
            actor=cast(User, request.user),
        )
        obj.__dict__.update(filed.__dict__)


def find_requests(query: str) -> Iterator[Hit]:
    """A request by its reference."""
    term = query.strip().upper()
    for found in SubjectRequest.objects.filter(reference=term)[:HITS]:
        yield Hit(title=found.reference, url=page_of(found.pk), words=found.get_status_display(), exact=True)


READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
register_search(
    SearchProvider("Subject requests", READERS, find_requests, hint="reference of a subject request")
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Subject requests overdue",
        roles=HANDLERS,
        count=lambda limit: CountUpTo(SubjectRequest.objects.due(), limit),
        url=lambda: f"{reverse(ROOM)}?queue=overdue",
        words="The month of GDPR art. 12(3) is over, extensions counted.",
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Subject requests open",
        roles=HANDLERS,
        count=lambda limit: CountUpTo(SubjectRequest.objects.open(), limit),
        url=lambda: reverse(ROOM),
        words="Confirm who asks, carry out, answer.",
    )
)
