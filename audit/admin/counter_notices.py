"""Counter-notices: assessed, and restored between the tenth and the fourteenth business day."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import now

from accounts.admin.profile_media import OldestFirst
from audit.admin.takedown_filters import ClockFilter, is_queue
from audit.admin.takedown_forms import CounterElementsForm, CourtForm
from audit.admin.takedown_panels import COUNTER_PANELS
from audit.admin.takedown_words import checklist, clock_words, instant, law_words, notice_url
from audit.models import CounterNotice
from audit.models.compliance.readers import HANDLERS
from audit.services.counter_notice_intake import counter_notice_complete
from audit.services.counter_notices import (
    action_filed_record,
    content_restore,
    counter_notice_accept,
    counter_notice_ask,
    counter_notice_reject,
)
from audit.takedown_choices import CounterNoticeStatus
from audit.takedown_clocks import COUNTER_CLOCKS
from audit.takedown_elements import COUNTER_ELEMENTS, in_words, missing
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo

HANDLE = "audit.handle_takedownnotice"
OPEN = (CounterNoticeStatus.RECEIVED, CounterNoticeStatus.INCOMPLETE)


def _may_restore(counter: CounterNotice) -> bool:
    opens = counter.restore_from
    return counter.status == CounterNoticeStatus.VALID and opens is not None and opens <= now()


COUNTER_ACTIONS = (
    ConfirmedAction(
        "ask",
        counter_notice_ask,
        HANDLE,
        words="Ask for what is missing",
        explain=lambda counter: f"Ask the performer for {in_words(missing(counter, COUNTER_ELEMENTS))}.",
        done="Asked for what is missing.",
        available=lambda counter: counter.status == CounterNoticeStatus.RECEIVED and not counter.is_complete,
        id_kwarg="counter_notice_id",
    ),
    ConfirmedAction(
        "complete",
        counter_notice_complete,
        HANDLE,
        CounterElementsForm,
        words="Add what was supplied",
        explain="Choose what the performer supplied since. With the last element the days begin to count.",
        done="Completed.",
        available=lambda counter: counter.status in OPEN and not counter.is_complete,
        id_kwarg="counter_notice_id",
    ),
    ConfirmedAction(
        "accept",
        counter_notice_accept,
        HANDLE,
        words="Accept",
        explain="Send the claimant a copy. Without an action in court, the content comes back after ten business days.",
        done="Accepted.",
        available=lambda counter: counter.status in OPEN and counter.is_complete,
        id_kwarg="counter_notice_id",
    ),
    ConfirmedAction(
        "reject",
        counter_notice_reject,
        HANDLE,
        words="Reject",
        explain="The content stays disabled. The performer may give another counter-notice.",
        done="Rejected.",
        dangerous=True,
        available=lambda counter: counter.status in OPEN,
        id_kwarg="counter_notice_id",
    ),
    ConfirmedAction(
        "action-filed",
        action_filed_record,
        HANDLE,
        CourtForm,
        words="Note an action in court",
        explain="The claimant told of an action: the content stays disabled.",
        done="Noted.",
        available=lambda counter: counter.status == CounterNoticeStatus.VALID,
        id_kwarg="counter_notice_id",
    ),
    ConfirmedAction(
        "restore",
        content_restore,
        HANDLE,
        words="Restore the content",
        explain="What it answers comes back as it was, unless another notice or a moderator keeps it down.",
        done="Restored.",
        available=_may_restore,
        id_kwarg="counter_notice_id",
    ),
)


@admin.register(CounterNotice, site=backoffice)
class CounterNoticeAdmin(ReadOnlyAdmin):
    """The queue of counter-notices: those whose clock runs, the oldest first."""

    section = Section.COMPLIANCE
    list_display = ("received_at", "answered_notice", "from_whom", "status", "clock", "window")
    list_filter = (ClockFilter, "status", "source", TimeFilter)
    list_select_related = ("notice", "performer")
    search_fields = ("notice__reference__exact",)
    search_help_text = "The reference of the notice that it answers."
    fields = (
        "answered_notice",
        "from_whom",
        "status",
        "clock",
        "law",
        "elements",
        "statement",
        "window",
        "complete_since",
        "court_reference",
        "source",
        "source_reference",
        "received_at",
        "status_since",
        "id",
        "version",
    )
    readonly_fields = ("answered_notice", "from_whom", "clock", "law", "elements", "window")
    panels = COUNTER_PANELS
    actions = COUNTER_ACTIONS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what waits; the newest first otherwise."""
        return OldestFirst if is_queue(request) else KeysetChangeList

    @admin.display(description="Answers")
    def answered_notice(self, counter: CounterNotice) -> str:
        return format_html('<a href="{}">{}</a>', notice_url(counter.notice_id), counter.notice)

    @admin.display(description="From")
    def from_whom(self, counter: CounterNotice) -> str:
        return str(counter.performer) if counter.performer else "withheld by the source"

    @admin.display(description="Clock")
    def clock(self, counter: CounterNotice) -> str:
        return clock_words(counter, COUNTER_CLOCKS)

    @admin.display(description="By law")
    def law(self, counter: CounterNotice) -> str:
        return law_words(counter, COUNTER_CLOCKS)

    @admin.display(description="Elements")
    def elements(self, counter: CounterNotice) -> str:
        return checklist(counter, COUNTER_ELEMENTS)

    @admin.display(description="Restored between (UTC)")
    def window(self, counter: CounterNotice) -> str:
        if counter.restore_from is None:
            return "–"
        return f"{instant(counter.restore_from)} and {instant(counter.restore_by)}"


register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Content to restore",
        roles=HANDLERS,
        count=lambda limit: CountUpTo(CounterNotice.objects.to_restore(), limit),
        url=lambda: f"{reverse('admin:audit_counternotice_changelist')}?status=valid",
        words="The claimant's ten business days are over, and no action was told of.",
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Counter-notices waiting",
        roles=HANDLERS,
        count=lambda limit: CountUpTo(CounterNotice.objects.waiting(), limit),
        url=lambda: reverse("admin:audit_counternotice_changelist"),
        words="Assess them, or wait for their day.",
    )
)
