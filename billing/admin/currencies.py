"""Currencies, what providers make of them, and their decline codes."""

from django.contrib import admin

from billing.admin.catalogue_forms import DeclineForm, ProviderBoundsForm, WithdrawCurrencyForm
from billing.admin.shown import history_of
from billing.models import Currency, DeclineCode, ProviderCurrency
from billing.services.currencies import currency_withdraw, decline_code_map, provider_currency_bound
from core.admin.actions import ConfirmedAction
from core.admin.filters import exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

KEEP = "billing.keep_currency"


@admin.register(Currency, site=backoffice)
class CurrencyAdmin(ReadOnlyAdmin):
    """Currencies of ISO 4217, withdrawn ones too, and tokens."""

    section = Section.FINANCE
    list_display = ("code", "name", "exponent", "withdrawn_on")
    list_filter = (("withdrawn_on", admin.EmptyFieldListFilter),)
    search_fields = ("code__exact",)
    search_help_text = "A whole code, such as EUR, or an id."
    fields = ("code", "name", "exponent", "is_token", "withdrawn_on", "id", "version")
    panels = (
        Panel(
            title="At providers",
            columns=(
                ("Provider", "provider"),
                ("Decimal places", "exponent"),
                ("Multiples of", "step"),
                ("Smallest charge", "minimum"),
                ("Largest charge", "maximum"),
            ),
            rows=lambda currency: currency.at_providers.order_by("provider"),
            permission="billing.view_providercurrency",
            empty="As in ISO 4217, without bounds.",
        ),
        history_of(Currency, ("Withdrawn on", "withdrawn_on")),
    )
    actions = (
        ConfirmedAction(
            "withdraw",
            currency_withdraw,
            KEEP,
            WithdrawCurrencyForm,
            words="Withdraw",
            explain="No new price is set in it from that day on. Prices that hold are ended one by one.",
            done="The currency is withdrawn.",
            available=lambda currency: not currency.is_token,
        ),
    )


@admin.register(ProviderCurrency, site=backoffice)
class ProviderCurrencyAdmin(ReadOnlyAdmin):
    """How providers count, and which amounts they take."""

    section = Section.FINANCE
    list_display = ("provider", "currency_id", "exponent", "step", "minimum", "maximum")
    list_filter = (exact("provider", "Provider"), exact("currency", "Currency", lookup="currency_id"))
    fields = ("provider", "currency", "exponent", "step", "minimum", "maximum", "id", "version")
    panels = (
        history_of(ProviderCurrency, ("Step", "step"), ("Smallest", "minimum"), ("Largest", "maximum")),
    )
    actions = (
        ConfirmedAction(
            "bound",
            provider_currency_bound,
            KEEP,
            ProviderBoundsForm,
            words="Change the bounds",
            explain="In the provider's own minor units, as its documentation says.",
            done="The bounds are changed.",
            id_kwarg="provider_currency_id",
        ),
    )


@admin.register(DeclineCode, site=backoffice)
class DeclineCodeAdmin(ReadOnlyAdmin):
    """Why providers decline, in their words and in ours."""

    section = Section.FINANCE
    list_display = ("provider", "code", "unified")
    list_filter = ("unified", exact("provider", "Provider"), exact("code", "Code"))
    fields = ("provider", "code", "unified", "words", "id", "version")
    panels = (history_of(DeclineCode, ("Means", "unified"), ("Words", "words")),)
    actions = (
        ConfirmedAction(
            "map",
            decline_code_map,
            KEEP,
            DeclineForm,
            words="Say what it means",
            explain="Payments declined from now on show this.",
            done="The code means something else now.",
            id_kwarg="decline_code_id",
        ),
    )
