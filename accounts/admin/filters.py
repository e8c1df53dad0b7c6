"""Filters shared by the rooms of People."""

from ipaddress import ip_address
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.models import User
from core.admin.filters import exact


def user_named(text: str) -> UUID:
    """The id of the person with this handle or id. Raises ValidationError with a sentence."""
    try:
        return UUID(text)
    except ValueError:
        pass
    found = User.objects.with_handle(text).values_list("pk", flat=True).first()
    if found is None:
        raise ValidationError(f"Nobody has the handle {text}.")
    return found


PersonFilter = exact(
    "user", "person", find=lambda text: Q(user_id=user_named(text)), help="A handle or an id."
)


def address_named(text: str) -> Q:
    """The condition that a row came from this network address. Raises ValidationError with a sentence."""
    try:
        return Q(address=str(ip_address(text)))
    except ValueError:
        raise ValidationError(
            "That is no network address. Write one as 203.0.113.9 or 2001:db8::1."
        ) from None


AddressFilter = exact("address", "network address", find=address_named)


class InForceFilter(admin.SimpleListFilter):
    """Rows that hold now, or that have ended."""

    title = "in force"
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "In force"), ("no", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        from django.db.models.functions import Now

        if self.value() == "yes":
            return queryset.filter(valid__contains=Now())
        if self.value() == "no":
            return queryset.exclude(valid__contains=Now())
        return queryset
