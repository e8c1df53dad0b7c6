"""The delivery log: what went to whom, by which way, and what came of it."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.filters import user_named
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from engagement.models import DeliveryAttempt, NotificationEvent
from engagement.models.delivery_attempt import PROBLEMS
from engagement.notification_choices import DeliveryStatus
from engagement.notification_policies import DELIVERY_KEEPERS
from engagement.services.deliveries import delivery_retry

RecipientFilter = exact(
    "recipient", "person", find=lambda text: Q(recipient_id=user_named(text)), help="A handle or an id."
)


@admin.register(DeliveryAttempt, site=backoffice)
class DeliveryAttemptAdmin(ReadOnlyAdmin):
    """Deliveries, newest first; one that did not arrive is tried again. What people read in the app is theirs."""

    section = Section.PEOPLE
    list_display = ("created_at", "recipient", "what", "channel", "status", "tries", "next_try_at", "words")
    list_filter = ("status", "channel", "frequency", RecipientFilter, TimeFilter)
    list_select_related = ("recipient", "happening__trigger")
    search_fields = ("provider_id__exact",)
    search_help_text = "A Message-ID with its brackets, or the id of a delivery."
    fields = (
        "recipient",
        "what",
        "channel",
        "frequency",
        "status",
        "words",
        "tries",
        "next_try_at",
        "created_at",
        "sent_at",
        "settled_at",
        "provider_id",
        "wording",
        "id",
    )
    readonly_fields = ("what", "wording")
    actions = (
        ConfirmedAction(
            "retry",
            delivery_retry,
            "engagement.retry_deliveryattempt",
            words="Try again",
            explain="It is tried again at once, as if for the first time. A suppressed address stays suppressed.",
            done="{obj} is tried again.",
            available=lambda delivery: delivery.status in PROBLEMS,
            bulk=True,
            id_kwarg="delivery_id",
        ),
    )

    @admin.display(description="What")
    def what(self, delivery: DeliveryAttempt) -> str:
        return delivery.happening.trigger.code

    @admin.display(description="Wording")
    def wording(self, delivery: DeliveryAttempt) -> SafeString:
        address = reverse("admin:engagement_templateversion_change", args=[delivery.template_version_id])
        return format_html('<a href="{}">version {}</a>', address, delivery.template_version.number)


@admin.register(NotificationEvent, site=backoffice)
class NotificationEventAdmin(ReadOnlyAdmin):
    """What happened, and how far it has spread; the words that it carries are those of people."""

    section = Section.PEOPLE
    list_display = ("created_at", "trigger", "status", "notified", "followers_of", "spread_at")
    list_filter = (
        "status",
        exact("trigger", "trigger", lookup="trigger__code", help="The code of a trigger."),
        TimeFilter,
    )
    list_select_related = ("trigger", "followers_of")
    search_fields = ()
    fields = (
        "trigger",
        "idempotency_key",
        "status",
        "notified",
        "followers_of",
        "actor",
        "deep_link",
        "created_at",
        "spread_at",
        "id",
    )

    def get_queryset(self, request: Any) -> Any:
        """Lists and pages leave what people said where it is."""
        return super().get_queryset(request).defer("variables", "recipients")


register_card(
    HomeCard(
        section=Section.PEOPLE,
        title="Deliveries that failed",
        roles=DELIVERY_KEEPERS,
        count=lambda limit: CountUpTo(DeliveryAttempt.objects.filter(status=DeliveryStatus.FAILED), limit),
        url=lambda: f"{reverse('admin:engagement_deliveryattempt_changelist')}?status__exact=failed",
        words="See why, and have them tried again.",
    )
)
