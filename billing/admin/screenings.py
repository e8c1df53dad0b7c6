"""Screenings against lists of sanctions: for compliance alone."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.filters import PersonFilter, user_named
from accounts.admin.links import colleague, person_link
from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.token_words import EMPTY, link, page
from billing.errors import ScreeningRefused
from billing.models import SanctionsScreening
from billing.reconciliation_choices import SanctionsList, ScreeningOutcome
from billing.services.sanctions_screenings import (
    sanctions_hit_reveal,
    sanctions_match_decide,
    sanctions_screening_record,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.panels import Panel
from core.admin.reveals import RevealAction
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.models import Studio


def whom(row: Any) -> str:
    """Whom a screening or a case is about."""
    return person_link(row.user) if row.user_id else str(row.studio)


def whom_asked(answers: dict[str, Any], refusal: type[Exception]) -> dict[str, Any]:
    """The person or studio that a form names, by handle or id. Raises `refusal` for nobody."""
    person, studio = answers["person_text"].strip(), answers["studio_text"].strip()
    try:
        found: dict[str, Any] = {"user_id": user_named(person) if person else None}
    except ValidationError as error:
        raise refusal(str(error.message)) from error
    rows = Studio.objects.filter(name=studio) if studio else Studio.objects.none()
    ids = list(rows.values_list("pk", flat=True)[:2])
    if studio and len(ids) != 1:
        raise refusal(f"{len(ids) or 'No'} studio has exactly this name.")
    return {**found, "studio_id": ids[0] if ids else None}


class WhomForm(forms.ModelForm):
    """A person or a studio."""

    person_text = forms.CharField(
        label="Person", max_length=60, required=False, help_text="A handle or an id."
    )
    studio_text = forms.CharField(
        label="Or studio", max_length=100, required=False, help_text="Its whole name."
    )

    def _post_clean(self) -> None:
        """The service checks the row."""


class ScreeningForm(WhomForm):
    """A screening as the tool reports it."""

    sanctions_list = forms.ChoiceField(label="List", choices=SanctionsList.choices)
    list_version = forms.CharField(
        label="Version of the list", max_length=60, help_text="A date or a number."
    )
    hit_text = forms.CharField(
        label="What the list says",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Empty: nobody was found. Sealed at once; a possible match bars payouts until it is decided.",
    )

    class Meta:
        model = SanctionsScreening
        fields: tuple[str, ...] = ()


class DecisionForm(forms.Form):
    """Whether it is the listed person."""

    is_the_listed = forms.TypedChoiceField(
        label="Is it the listed person or company?",
        choices=[
            ("", "Choose"),
            ("yes", "Yes: payouts stay barred"),
            ("no", "No: somebody else of a similar name"),
        ],
        coerce=lambda value: value == "yes",
    )


@admin.register(SanctionsScreening, site=backoffice)
class SanctionsScreeningAdmin(AddedByService):
    """Screenings and decisions, newest first."""

    section = Section.COMPLIANCE
    may_add = "billing.screen_sanctionsscreening"
    add_form = ScreeningForm
    list_display = ("screened_at", "about", "list", "list_version", "outcome", "officer")
    list_filter = (
        "outcome",
        "list",
        PersonFilter,
        exact("studio", "studio (id)", lookup="studio_id"),
        TimeFilter,
    )
    list_select_related = ("user", "studio", "screened_by")
    search_fields = ("id__exact",)
    search_help_text = "Our id of a screening."
    fields = ("about", "list", "list_version", "outcome", "decided", "reason", "officer", "screened_at", "id")
    readonly_fields = ("about", "decided", "officer")
    panels = (
        Panel(
            "Decisions",
            columns=(
                ("When (UTC)", lambda row: f"{row.screened_at:%Y-%m-%d %H:%M}"),
                ("What", lambda row: row.get_outcome_display()),
                ("Why", "reason"),
            ),
            rows=lambda row: row.decisions.defer("hit").order_by("-pk"),
            permission="billing.view_sanctionsscreening",
            url=page("sanctionsscreening"),
            empty="Nothing was decided about it.",
        ),
    )
    actions = (
        ConfirmedAction(
            "decide",
            sanctions_match_decide,
            "billing.screen_sanctionsscreening",
            DecisionForm,
            words="Decide",
            explain="Reveal what the list says first, and compare. A decision is made once.",
            done="Decided: {obj}.",
            available=lambda row: row.outcome == ScreeningOutcome.POSSIBLE,
            id_kwarg="sanctions_screening_id",
        ),
        RevealAction(
            sanctions_hit_reveal,
            "billing.reveal_sanctionsscreening",
            available=lambda row: row.outcome == ScreeningOutcome.POSSIBLE,
            id_kwarg="sanctions_screening_id",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the sealed column: a list does not carry what it never shows."""
        return super().get_queryset(request).defer("hit")

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        return sanctions_screening_record(
            **whom_asked(answers, ScreeningRefused),
            sanctions_list=answers["sanctions_list"],
            list_version=answers["list_version"],
            hit=answers["hit_text"],
            actor=cast(User, request.user),
        )

    @admin.display(description="About")
    def about(self, row: SanctionsScreening) -> str:
        return whom(row)

    @admin.display(description="Decides")
    def decided(self, row: SanctionsScreening) -> str:
        return link("sanctionsscreening", row.decides_id, "the possible match") if row.decides_id else EMPTY

    @admin.display(description="Officer")
    def officer(self, row: SanctionsScreening) -> str:
        return colleague(row.screened_by)


register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Possible matches of sanctions",
        roles=(Role.COMPLIANCE,),
        count=lambda limit: CountUpTo(SanctionsScreening.objects.undecided(), limit),
        url=lambda: reverse("admin:billing_sanctionsscreening_changelist") + "?outcome__exact=possible",
        words="Payouts are barred until you decide.",
    )
)
