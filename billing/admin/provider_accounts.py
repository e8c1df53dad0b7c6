"""Our accounts at payment providers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse

from billing.models.provider_account import ProviderAccount
from billing.services.provider_accounts import provider_account_change, provider_account_close
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


class SecretsForm(forms.Form):
    """The names of secrets; the secrets themselves are files."""

    webhook_secrets = forms.CharField(
        label="Secrets of messages, by name",
        help_text="The newest first, with a space between them. While one is rolled over: both.",
        max_length=200,
    )
    api_credentials = forms.CharField(
        label="Secret of calls, by name", required=False, max_length=61, help_text="Empty: it takes none."
    )

    def clean_webhook_secrets(self) -> list[str]:
        return [*self.cleaned_data["webhook_secrets"].split()]


@admin.register(ProviderAccount, site=backoffice)
class ProviderAccountAdmin(ReadOnlyAdmin):
    """Accounts at payment providers."""

    section = Section.FINANCE
    list_display = ("code", "kind", "legal_entity", "currency", "is_live", "closed_at")
    list_filter = ("kind", "is_live")
    search_fields = ("code__exact",)
    search_help_text = "The code of an account, or its id."
    fields = (
        "code",
        "kind",
        "legal_entity",
        "currency",
        "is_live",
        "address",
        "webhook_secrets",
        "api_credentials",
        "closed_at",
        "created_at",
        "updated_at",
        "id",
    )
    readonly_fields = ("address",)
    actions = (
        ConfirmedAction(
            "secrets",
            provider_account_change,
            "billing.keep_provideraccount",
            SecretsForm,
            words="Name other secrets",
            explain="Messages signed with a secret that is not named any more are quarantined.",
            done="{obj} has other secrets.",
            id_kwarg="provider_account_id",
        ),
        ConfirmedAction(
            "close",
            provider_account_close,
            "billing.keep_provideraccount",
            words="Close",
            explain="No new payment goes through it. Messages about old ones are still taken in.",
            done="Closed: {obj}.",
            dangerous=True,
            available=lambda account: account.closed_at is None,
            id_kwarg="provider_account_id",
        ),
    )

    @admin.display(description="Address for messages")
    def address(self, account: Any) -> str:
        return reverse("provider_message", args=[account.code])
