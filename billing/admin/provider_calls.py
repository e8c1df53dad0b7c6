"""What was asked of payment providers, and what nobody knows yet."""

import json

from django.contrib import admin
from django.urls import reverse

from billing.admin.provider_panels import exceptions
from billing.models.provider_call import ProviderCall
from billing.money import money_text
from billing.provider_choices import ProviderCallStatus
from billing.services.provider_calls import provider_call_ask_again
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role


@admin.register(ProviderCall, site=backoffice)
class ProviderCallAdmin(ReadOnlyAdmin):
    """Calls to payment providers, newest first."""

    section = Section.FINANCE
    list_display = (
        "operation",
        "money",
        "provider_account",
        "status",
        "outcome",
        "tries",
        "next_try_at",
        "created_at",
    )
    list_filter = (
        "status",
        "operation",
        exact("account", "account", lookup="provider_account__code", help="The code of an account."),
        exact("about", "about", lookup="subject_id", help="Our id of an attempt or a refund."),
        TimeFilter,
    )
    list_select_related = ("provider_account", "currency")
    search_fields = ("subject_id__exact",)
    search_help_text = "Our id of an attempt or a refund, or of a call."
    fields = (
        "operation",
        "money",
        "provider_account",
        "subject_type",
        "subject_id",
        "idempotency_key",
        "reference",
        "status",
        "tries",
        "begun_at",
        "next_try_at",
        "outcome",
        "answered_at",
        "answer_reference",
        "decline_code",
        "answered",
        "created_at",
        "id",
    )
    readonly_fields = ("money", "answered")
    actions = (
        ConfirmedAction(
            "ask-again",
            provider_call_ask_again,
            "billing.ask_again_providercall",
            words="Ask the provider again",
            explain="The provider is asked once more what became of it. Nothing is charged by asking.",
            done="The provider is asked again.",
            available=lambda call: call.status == ProviderCallStatus.GIVEN_UP,
            id_kwarg="provider_call_id",
        ),
    )
    panels = (exceptions(empty="Nothing about it waits for anybody."),)

    @admin.display(description="Amount")
    def money(self, call: ProviderCall) -> str:
        if call.amount is None or call.currency_id is None:
            return "–"
        return money_text(call.amount, call.currency_id)

    @admin.display(description="Answer")
    def answered(self, call: ProviderCall) -> str:
        return json.dumps(call.answer, sort_keys=True)


register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Calls given up",
        roles=(Role.FINANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(ProviderCall.objects.filter(status=ProviderCallStatus.GIVEN_UP), limit),
        url=lambda: f"{reverse('admin:billing_providercall_changelist')}?status__exact=given_up",
        words="A provider never said what became of them: ask again, or ask the provider yourself.",
    )
)
