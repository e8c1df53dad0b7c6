"""Agencies and memberships: finance keeps them, others look."""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin.filters import InForceFilter
from accounts.admin.links import period
from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import BackOfficeModelAdmin, ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.of_performer import PerformerFilter, page_of, performer_link, performer_named
from performers.models import Studio, StudioMembership
from performers.services.studios import studio_join, studio_leave, studio_register

REGISTERED = ("name", "legal_name", "country", "registration_number")


def percent(share: Decimal) -> str:
    """A share as people read it: 0.2 is 20 %."""
    return f"{(share * 100).normalize():f} %"


class PerformerField(forms.CharField):
    """A performer, by slug or id; the id when it is clean."""

    def clean(self, value: Any) -> UUID:  # type: ignore[override]
        return performer_named(super().clean(value))


class JoinForm(forms.Form):
    """Who joins, and at which share."""

    performer_id = PerformerField(
        label="Performer", max_length=100, help_text="The name in the address of the profile, or an id."
    )
    studio_share = forms.DecimalField(
        label="Share of the studio",
        min_value=0,
        max_value=1,
        decimal_places=10,
        help_text="Of the performer's side, between 0 and 1: 0.2 is 20 %.",
    )


MEMBERSHIPS = Panel(
    title="Memberships",
    columns=(
        ("Performer", lambda row: performer_link(row.performer)),
        ("Studio's share", lambda row: percent(row.studio_share)),
        ("Period (UTC)", lambda row: period(row.valid)),
    ),
    rows=lambda studio: studio.memberships.select_related("performer").order_by("-pk"),
    permission="performers.view_studiomembership",
    url=page_of("studiomembership"),
    limit=50,
    empty="Nobody belongs to it.",
)


@admin.register(Studio, site=backoffice)
class StudioAdmin(BackOfficeModelAdmin):
    """Agencies whose performers share with them what they earn."""

    section = Section.FINANCE
    adds = True
    list_display = ("name", "legal_name", "country", "registration_number")
    list_filter = (exact("country", "country (two letters)"), TimeFilter)
    search_fields = ("name__startswith",)
    search_help_text = "The beginning of a name as it is written, or an id."
    fields = (*REGISTERED, "created_at", "id", "version")
    panels = (MEMBERSHIPS,)
    actions = (
        ConfirmedAction(
            "join",
            studio_join,
            "performers.add_studiomembership",
            form=JoinForm,
            words="Let a performer join",
            explain=lambda studio: f"From now on {studio} gets its share of what the performer earns.",
            done="The performer belongs to the studio.",
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else REGISTERED

    def save_model(self, request: HttpRequest, obj: Studio, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        studio = studio_register(
            **{name: getattr(obj, name) for name in REGISTERED}, actor=cast(User, request.user)
        )
        obj.pk = studio.pk


@admin.register(StudioMembership, site=backoffice)
class StudioMembershipAdmin(ReadOnlyAdmin):
    """Who belongs to which studio, since when and at which share."""

    section = Section.FINANCE
    list_display = ("studio", "performer_name", "share", "period")
    list_filter = (
        InForceFilter,
        PerformerFilter,
        exact("studio", "studio (id)", lookup="studio_id"),
        TimeFilter,
    )
    list_select_related = ("studio", "performer")
    fields = ("studio", "performer_name", "share", "studio_share", "period", "id", "version")
    readonly_fields = ("performer_name", "share", "period")
    actions = (
        ConfirmedAction(
            "leave",
            studio_leave,
            "performers.change_studiomembership",
            words="End the membership",
            explain="The studio gets its share of what was earned until now, and of nothing after.",
            done="The membership is ended.",
            dangerous=True,
            available=lambda membership: membership.is_in_force(timezone.now()),
            id_kwarg="studio_membership_id",
        ),
    )

    @admin.display(description="Performer")
    def performer_name(self, membership: StudioMembership) -> str:
        return performer_link(membership.performer)

    @admin.display(description="Studio's share")
    def share(self, membership: StudioMembership) -> str:
        return percent(membership.studio_share)

    @admin.display(description="Period (UTC)")
    def period(self, membership: StudioMembership) -> str:
        return period(membership.valid)
