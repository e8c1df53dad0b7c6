"""The inbox of providers: what came, what its signature said, what became of it."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import reverse

from billing.admin.provider_messages import shown
from billing.admin.provider_panels import exceptions
from billing.models.provider_account import PROVIDER_READERS
from billing.models.provider_event import ProviderEvent
from billing.provider_choices import ProviderEventStatus
from billing.services.provider_events import provider_event_replay
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

SEEKERS = tuple(role for role in PROVIDER_READERS if role is not Role.WORKER)
REPLAYABLE = (
    ProviderEventStatus.FAILED,
    ProviderEventStatus.IGNORED,
    ProviderEventStatus.QUARANTINED,
)
MESSAGES_FOUND = 10


@admin.register(ProviderEvent, site=backoffice)
class ProviderEventAdmin(ReadOnlyAdmin):
    """Messages of payment providers, newest first; one that failed can be processed again."""

    section = Section.FINANCE
    list_display = (
        "received_at",
        "provider_account",
        "event_type",
        "event_id",
        "verdict",
        "status",
        "reference",
        "deliveries",
    )
    list_filter = (
        "status",
        "verdict",
        exact("account", "account", lookup="provider_account__code", help="The code of an account."),
        exact("type", "type", lookup="event_type", help="In the provider's words: charge.refunded"),
        TimeFilter,
    )
    list_select_related = ("provider_account",)
    search_fields = ("event_id__exact", "reference__exact")
    search_help_text = "The provider's id of an event, its name of a payment, or our id of a message."
    fields = (
        "provider_account",
        "event_type",
        "event_id",
        "fact",
        "reference",
        "occurred_at",
        "received_at",
        "verdict",
        "status",
        "words",
        "deliveries",
        "attempts",
        "processed_at",
        "message",
        "kept_headers",
        "body_bytes",
        "digest",
        "id",
    )
    readonly_fields = ("message", "kept_headers", "digest")
    actions = (
        ConfirmedAction(
            "replay",
            provider_event_replay,
            "billing.replay_providerevent",
            words="Process again",
            explain=(
                "It is read and processed again from its bytes; the signature of a quarantined one is checked anew. "
                "Nothing is recorded twice."
            ),
            done="{obj} waits to be processed again.",
            available=lambda event: event.status in REPLAYABLE,
            id_kwarg="provider_event_id",
        ),
    )
    panels = (exceptions(empty="Nothing about it waits for anybody."),)

    def get_queryset(self, request: Any) -> Any:
        """Lists leave the bodies where they are."""
        rows = super().get_queryset(request)
        return rows if getattr(request.resolver_match, "kwargs", {}).get("object_id") else rows.defer("body")

    @admin.display(description="Message")
    def message(self, event: ProviderEvent) -> str:
        return shown(bytes(event.body))

    @admin.display(description="Headers")
    def kept_headers(self, event: ProviderEvent) -> str:
        return json.dumps(event.headers, sort_keys=True)

    @admin.display(description="SHA-256")
    def digest(self, event: ProviderEvent) -> str:
        return bytes(event.body_sha256).hex()


def find_messages(query: str) -> Iterator[Hit]:
    """Messages by the provider's id of the event, or its name of the payment."""
    by_id = ProviderEvent.objects.filter(event_id=query).defer("body").order_by("-pk")
    by_payment = ProviderEvent.objects.filter(reference=query).exclude(reference="").defer("body")
    for rows, is_exact in ((by_id, True), (by_payment.order_by("-pk"), False)):
        for event in rows[:MESSAGES_FOUND]:
            yield Hit(
                title=f"{event.event_type} {event.event_id}",
                url=reverse("admin:billing_providerevent_change", args=[event.pk]),
                words=event.get_status_display(),
                exact=is_exact,
            )


register_search(
    SearchProvider(
        "Messages of providers", SEEKERS, find_messages, hint="a provider's id of an event or payment"
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Messages of providers unsettled",
        roles=(Role.FINANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(ProviderEvent.objects.unsettled(), limit),
        url=lambda: f"{reverse('admin:billing_providerevent_changelist')}?status__exact=failed",
        words="They wait, have failed, or are in quarantine: see why, and process them again.",
    )
)
