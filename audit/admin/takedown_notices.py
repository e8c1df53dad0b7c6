"""Copyright notices: the queue with its clocks, and what is decided about each."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.profile_media import OldestFirst
from audit.admin.takedown_filters import (
    ClockFilter,
    PerformerFilter,
    SubjectFilter,
    is_queue,
    performers_named,
)
from audit.admin.takedown_forms import NoticeElementsForm, RejectionForm, SubjectForm
from audit.admin.takedown_panels import NOTICE_PANELS
from audit.admin.takedown_words import checklist, clock_words, law_words, notice_url
from audit.models import TakedownClaimant, TakedownNotice, TakedownTarget
from audit.models.compliance.readers import HANDLERS, READERS
from audit.models.compliance.takedown_notice import CARRIED_OUT
from audit.services.takedown_intake import notice_name
from audit.services.takedown_notices import (
    notice_accept,
    notice_act,
    notice_ask,
    notice_complete,
    notice_reject,
    notice_retract,
)
from audit.takedown_choices import NoticeStatus
from audit.takedown_clocks import NOTICE_CLOCKS
from audit.takedown_elements import NOTICE_ELEMENTS, in_words, missing
from audit.takedown_selectors import REPEATS_FROM, standing_notices
from core.admin.actions import ConfirmedAction, stands
from core.admin.filters import TimeFilter
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.context import current_role
from core.db.roles import Role
from performers.models import PerformerProfile

HANDLE = "audit.handle_takedownnotice"
OPEN = (NoticeStatus.RECEIVED, NoticeStatus.INCOMPLETE)
ROOM = "admin:audit_takedownnotice_changelist"
MOST_FOUND = 500
"""So many notices about one performer or archive a search finds; the filters find all."""


def _explain_ask(notice: TakedownNotice) -> str:
    lacking = in_words(missing(notice, NOTICE_ELEMENTS))
    return f"Ask the claimant for {lacking}. The notice lapses if it does not come within ten business days."


NOTICE_ACTIONS = (
    ConfirmedAction(
        "name",
        notice_name,
        HANDLE,
        SubjectForm,
        words="Add what it names",
        explain="Adds an archive or a stream that the addresses in the notice lead to.",
        done="Added to {obj}.",
        available=stands(*OPEN, NoticeStatus.ACCEPTED),
        id_kwarg="notice_id",
    ),
    ConfirmedAction(
        "ask",
        notice_ask,
        HANDLE,
        words="Ask for what is missing",
        explain=_explain_ask,
        done="Asked: {obj}.",
        available=lambda notice: notice.status == NoticeStatus.RECEIVED and not notice.is_complete,
        id_kwarg="notice_id",
    ),
    ConfirmedAction(
        "complete",
        notice_complete,
        HANDLE,
        NoticeElementsForm,
        words="Add what was supplied",
        explain="Choose what the claimant supplied since.",
        done="Completed: {obj}.",
        available=lambda notice: notice.status in OPEN and not notice.is_complete,
        id_kwarg="notice_id",
    ),
    ConfirmedAction(
        "accept",
        notice_accept,
        HANDLE,
        words="Accept",
        explain="It has every element and is well founded. The content has to be disabled within a business day.",
        done="Accepted: {obj}.",
        available=lambda notice: notice.status in OPEN and notice.is_complete,
        id_kwarg="notice_id",
    ),
    ConfirmedAction(
        "act",
        notice_act,
        HANDLE,
        words="Disable the content",
        explain=(
            "Every archive that it names is removed and every stream on air is ended, at once. The performer can read "
            "the notice from then on, with the name of the claimant, and answer it."
        ),
        done="Carried out: {obj}.",
        dangerous=True,
        available=stands(NoticeStatus.ACCEPTED),
        id_kwarg="notice_id",
    ),
    ConfirmedAction(
        "reject",
        notice_reject,
        HANDLE,
        RejectionForm,
        words="Reject",
        explain="Nothing follows from it, and this is final.",
        done="Rejected: {obj}.",
        dangerous=True,
        available=stands(*OPEN, NoticeStatus.ACCEPTED),
        id_kwarg="notice_id",
    ),
    ConfirmedAction(
        "retract",
        notice_retract,
        HANDLE,
        words="Note a retraction",
        explain="The claimant took it back. What it disabled is restored, unless something else keeps it down.",
        done="Withdrawn: {obj}.",
        available=stands(*OPEN, NoticeStatus.ACCEPTED, *CARRIED_OUT),
        id_kwarg="notice_id",
    ),
)


@admin.register(TakedownNotice, site=backoffice)
class TakedownNoticeAdmin(ReadOnlyAdmin):
    """The queue of copyright notices: those whose clock runs, the oldest first."""

    section = Section.COMPLIANCE
    list_display = ("reference", "status", "clock", "who_claims", "is_complete", "source", "received_at")
    list_filter = (
        ClockFilter,
        "status",
        "source",
        "claims_circumvention",
        PerformerFilter,
        SubjectFilter,
        TimeFilter,
    )
    search_fields = ("reference__exact", "claimant_organisation__exact")
    search_help_text = (
        "A reference, an organisation, a performer's stage name or handle, the id of an archive, or a claimant's whole "
        "e-mail address."
    )
    fields = (
        "reference",
        "status",
        "clock",
        "law",
        "elements",
        "who_claims",
        "claimant_organisation",
        "work_described",
        "jurisdiction",
        "repeats",
        "claims_circumvention",
        "claims_copies",
        "urls_named",
        "words_count",
        "rejected_for",
        "source",
        "source_reference",
        "received_at",
        "acted_at",
        "status_since",
        "id",
        "version",
    )
    readonly_fields = ("clock", "law", "elements", "who_claims", "repeats")
    panels = NOTICE_PANELS
    actions = NOTICE_ACTIONS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what waits; the newest first otherwise."""
        return OldestFirst if is_queue(request) else KeysetChangeList

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
            reached = TakedownClaimant.objects.reached_at(term).values("notice_id")
            return queryset.filter(pk__in=reached), False
        try:
            key = UUID(term)
        except ValueError:
            targets = TakedownTarget.objects.filter(performer_id__in=performers_named(term))
            named = Q(reference=term.upper()) | Q(claimant_organisation=term)
        else:
            targets = TakedownTarget.objects.filter(Q(subject_id=key) | Q(performer_id=key))
            named = Q(pk=key)
        newest = targets.order_by("-pk").values_list("notice_id", flat=True)[:MOST_FOUND]
        return queryset.filter(named | Q(pk__in=list(newest))), False

    @admin.display(description="Clock")
    def clock(self, notice: TakedownNotice) -> str:
        return clock_words(notice, NOTICE_CLOCKS)

    @admin.display(description="By law")
    def law(self, notice: TakedownNotice) -> str:
        return law_words(notice, NOTICE_CLOCKS)

    @admin.display(description="Elements")
    def elements(self, notice: TakedownNotice) -> str:
        return checklist(notice, NOTICE_ELEMENTS)

    @admin.display(description="Claimant")
    def who_claims(self, notice: TakedownNotice) -> str:
        return notice.claimant_organisation or notice.claimant_name or "withheld by the source"

    @admin.display(description="Repeat infringers (512(i))")
    def repeats(self, notice: TakedownNotice) -> str:
        """Performers with standing notices within a year, and who of them is to be looked at."""
        figures = standing_notices(notice.performer_ids)
        names = dict(PerformerProfile.objects.filter(pk__in=figures).values_list("pk", "stage_name"))
        return (
            "; ".join(
                f"{names.get(key, key)}: {count} standing"
                + (", a repeat infringer" if count >= REPEATS_FROM else "")
                for key, count in figures.items()
            )
            or "No notice stands."
        )


def find_notices(query: str) -> Iterator[Hit]:
    """A notice by its reference, or those of an organisation."""
    term = query.strip()
    found = TakedownNotice.objects.filter(Q(reference=term.upper()) | Q(claimant_organisation=term))
    for notice in found.order_by("-pk")[:HITS]:
        yield Hit(
            title=notice.reference,
            url=notice_url(notice.pk),
            words=notice.get_status_display(),
            exact=notice.reference == term.upper(),
        )


register_search(
    SearchProvider(
        "Copyright notices",
        tuple(role for role in READERS if role is not Role.WORKER),
        find_notices,
        hint="reference of a notice",
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Copyright notices overdue",
        roles=HANDLERS,
        count=lambda limit: CountUpTo(TakedownNotice.objects.due(), limit),
        url=lambda: f"{reverse(ROOM)}?clock=overdue",
        words="What the law wants done by now.",
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Copyright notices waiting",
        roles=HANDLERS,
        count=lambda limit: CountUpTo(TakedownNotice.objects.waiting(), limit),
        url=lambda: reverse(ROOM),
        words="Assess them, carry them out, or restore.",
    )
)
