"""Exchange rates and tax rates as they were published; nobody changes them here."""

from django.contrib import admin

from accounts.admin.filters import InForceFilter
from accounts.admin.links import period
from billing.models import ExchangeRate, TaxRate
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


@admin.register(ExchangeRate, site=backoffice)
class ExchangeRateAdmin(ReadOnlyAdmin):
    """What currencies are worth."""

    section = Section.FINANCE
    list_display = ("base_id", "quote_id", "rate", "source", "period")
    list_filter = (InForceFilter, "source", exact("quote", "Currency (code)", lookup="quote_id"), TimeFilter)
    fields = ("base", "quote", "rate", "source", "period", "created_at", "id", "version")
    readonly_fields = ("period",)

    @admin.display(description="Period (UTC)")
    def period(self, rate: ExchangeRate) -> str:
        return period(rate.valid)


@admin.register(TaxRate, site=backoffice)
class TaxRateAdmin(ReadOnlyAdmin):
    """Which tax is where."""

    section = Section.FINANCE
    list_display = ("jurisdiction", "kind", "percent", "period")
    list_filter = (InForceFilter, "kind", exact("jurisdiction", "Jurisdiction"))
    search_fields = ("jurisdiction__exact",)
    search_help_text = "A country, such as PT, or a part of one, such as PT-20; or an id."
    fields = (
        "jurisdiction",
        "kind",
        "percent",
        "period",
        "source",
        "description",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("percent", "period")

    @admin.display(description="Rate")
    def percent(self, rate: TaxRate) -> str:
        return f"{(rate.rate * 100).normalize():f} %"

    @admin.display(description="Period (UTC)")
    def period(self, rate: TaxRate) -> str:
        return period(rate.valid)
