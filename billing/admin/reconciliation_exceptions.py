"""The queue of exceptions: where what we hold and what is reported differ."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from billing.admin.provider_events import SEEKERS
from billing.models.reconciliation_exception import UNRESOLVED, ReconciliationException
from billing.money import money_text
from billing.provider_choices import ExceptionKind, ExceptionResolution, ExceptionStatus
from billing.services.reconciliation_exceptions import (
    reconciliation_exception_resolve,
    reconciliation_exception_take,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

RESOLVE = "billing.resolve_reconciliationexception"
WAYS = [choice for choice in ExceptionResolution.choices if choice[0] != ExceptionResolution.PROCESSED]


class ResolutionForm(forms.Form):
    """What came of it."""

    resolution = forms.ChoiceField(
        label="What came of it",
        choices=WAYS,
        help_text="Correct first, by an entry of its own; this only says so.",
    )


class WorkFilter(DefaultChoiceFilter):
    """What is unresolved, unless something else is asked for."""

    title = "status"
    parameter_name = "work"
    default_label = "Unresolved"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("open", "Nobody's yet"),
            ("mine", "Mine"),
            ("assigned", "Somebody's"),
            ("resolved", "Resolved"),
            ("all", "All"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "all":
                return queryset
            case "mine":
                return queryset.filter(status=ExceptionStatus.ASSIGNED, owner_id=request.user.pk)
            case "open" | "assigned" | "resolved" as status:
                return queryset.filter(status=status)
        return queryset.filter(status__in=UNRESOLVED)


@admin.register(ReconciliationException, site=backoffice)
class ReconciliationExceptionAdmin(ReadOnlyAdmin):
    """Exceptions of reconciliation: take one, see to it, say what came of it."""

    section = Section.FINANCE
    list_display = (
        "kind",
        "words",
        "expected",
        "reported",
        "provider_account",
        "status",
        "owner",
        "created_at",
    )
    list_filter = (
        WorkFilter,
        "kind",
        exact("account", "account", lookup="provider_account__code", help="The code of an account."),
        exact("about", "about", lookup="subject_id", help="Our id of a payment, refund, call or message."),
        TimeFilter,
    )
    list_select_related = ("provider_account", "owner", "resolved_by")
    search_fields = ("reference__exact", "subject_id__exact")
    search_help_text = "The provider's name of a payment, our id of what it is about, or of an exception."
    fields = (
        "kind",
        "words",
        "about",
        "message",
        "provider_account",
        "reference",
        "expected",
        "reported",
        "status",
        "owner",
        "owned_at",
        "resolution",
        "reason",
        "resolved_by",
        "resolved_at",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("about", "message", "expected", "reported")
    actions = (
        ConfirmedAction(
            "take",
            reconciliation_exception_take,
            RESOLVE,
            words="Take it",
            explain="You look into it; your colleagues see that you do.",
            done="Yours now: {obj}.",
            available=lambda found: found.status == ExceptionStatus.OPEN,
            id_kwarg="reconciliation_exception_id",
        ),
        ConfirmedAction(
            "resolve",
            reconciliation_exception_resolve,
            RESOLVE,
            ResolutionForm,
            words="Resolve",
            explain="It leaves the queue. This corrects nothing by itself.",
            done="Resolved: {obj}.",
            available=lambda found: found.status != ExceptionStatus.RESOLVED,
            id_kwarg="reconciliation_exception_id",
        ),
    )

    @admin.display(description="Expected")
    def expected(self, found: ReconciliationException) -> str:
        return _money(found, found.expected_amount)

    @admin.display(description="Reported")
    def reported(self, found: ReconciliationException) -> str:
        return _money(found, found.reported_amount)

    @admin.display(description="About")
    def about(self, found: ReconciliationException) -> str:
        return _link(found.subject_type, found.subject_id)

    @admin.display(description="Reported by the message")
    def message(self, found: ReconciliationException) -> str:
        if found.provider_event_id is None:
            return "–"
        return _link("billing.providerevent", found.provider_event_id)


def _money(found: ReconciliationException, amount: int | None) -> str:
    return "–" if amount is None or found.currency_id is None else money_text(amount, found.currency_id)


def _link(subject_type: str, subject_id: Any) -> str:
    try:
        url = reverse(f"admin:{subject_type.replace('.', '_')}_change", args=[subject_id])
    except NoReverseMatch:
        return f"{subject_type} {subject_id}"
    return format_html('<a href="{}">{} {}</a>', url, subject_type, subject_id)


def find_exceptions(query: str) -> Iterator[Hit]:
    """Unresolved exceptions by the provider's name of the payment."""
    rows = ReconciliationException.objects.unresolved().filter(reference=query).exclude(reference="")
    for found in rows.order_by("-pk")[:10]:
        yield Hit(
            title=found.get_kind_display(),
            url=reverse("admin:billing_reconciliationexception_change", args=[found.pk]),
            words=ExceptionKind(found.kind).label,
        )


register_search(
    SearchProvider(
        "Exceptions of reconciliation", SEEKERS, find_exceptions, hint="a provider's name of a payment"
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Exceptions unresolved",
        roles=(Role.FINANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(ReconciliationException.objects.unresolved(), limit),
        url=lambda: reverse("admin:billing_reconciliationexception_changelist"),
        words="What we hold and what a provider reports differ: take one.",
    )
)
