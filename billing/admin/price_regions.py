"""Regions of prices and their countries."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.catalogue_forms import CountryForm
from billing.models import PriceRegion, PriceRegionCountry
from billing.services.price_regions import (
    price_region_add,
    price_region_country_place,
    price_region_country_remove,
)
from core.admin.actions import ConfirmedAction
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

KEEP = "billing.keep_price"


class AddRegionForm(forms.ModelForm):
    """A region, to which countries come afterwards."""

    reason = forms.CharField(min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = PriceRegion
        fields = ("code", "name")


@admin.register(PriceRegion, site=backoffice)
class PriceRegionAdmin(AddedByService):
    """Groups of countries that share prices."""

    section = Section.CATALOGUE
    may_add = KEEP
    add_form = AddRegionForm
    list_display = ("code", "name", "created_at")
    search_fields = ("code__exact",)
    fields = ("code", "name", "created_at", "id", "version")
    panels = (
        Panel(
            title="Countries",
            columns=(("Country", "country"), ("Since (UTC)", lambda row: f"{row.created_at:%Y-%m-%d}")),
            rows=lambda region: PriceRegionCountry.objects.filter(region=region).order_by("country"),
            permission="billing.view_priceregioncountry",
            limit=100,
            empty="None yet.",
        ),
    )
    actions = (
        ConfirmedAction(
            "place",
            price_region_country_place,
            KEEP,
            CountryForm,
            words="Add a country",
            explain="Prices of the region hold there at once. It leaves the region it is in.",
            done="The country is in the region.",
            id_kwarg="price_region_id",
        ),
        ConfirmedAction(
            "remove",
            price_region_country_remove,
            KEEP,
            CountryForm,
            words="Take a country out",
            explain="Prices for everywhere hold there at once, unless it has its own.",
            done="The country is out of the region.",
            id_kwarg="price_region_id",
        ),
    )

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        return price_region_add(**answers, actor=cast(User, request.user))
