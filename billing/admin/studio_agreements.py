"""The page of what was agreed with a studio: its shares, its members, and what each of them comes to."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.admin.links import period
from billing.admin.revenue_share import SET
from billing.allocation import WHOLE
from billing.models.wallet import SHARE_READERS
from billing.services.revenue_share import revenue_share_rule_set
from billing.studio_agreements import MOST_MEMBERS, Terms, studio_agreement
from billing.wallet_choices import SpendKind, SplitParty
from core.admin import submissions
from core.admin.confirmation import TOKEN, all_or_nothing, sentence
from core.admin.object_links import ObjectLink
from core.admin.site import backoffice
from core.db.clock import database_now
from core.errors import Refused
from performers.admin.links import performer_link
from performers.admin.studios import percent
from performers.models import Studio


class StudioShareForm(forms.Form):
    """Another share for the performers of a studio; the parts are said, so that a slip is noticed."""

    kind = forms.ChoiceField(label="For", choices=[("", "Everything"), *SpendKind.choices], required=False)
    performer_points = forms.IntegerField(
        label="Basis points of the performer's side", min_value=0, max_value=WHOLE
    )
    platform_points = forms.IntegerField(label="Basis points of the platform", min_value=0, max_value=WHOLE)
    starts_at = forms.DateTimeField(label="From (UTC)", required=False, help_text="Empty: from now on.")
    reason = forms.CharField(
        label="Reason", min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        """The parts sum to 10,000 basis points."""
        said = super().clean() or {}
        parts = [said.get("performer_points"), said.get("platform_points")]
        if None not in parts and sum(part or 0 for part in parts) != WHOLE:
            raise forms.ValidationError(
                f"The parts sum to {sum(part or 0 for part in parts):,} basis points and not to {WHOLE:,}. "
                "Nothing was changed."
            )
        return said


def _points(points: int) -> str:
    return f"{points / 100:g} %"


def _shown(terms: Terms) -> list[str]:
    return [_points(terms.parts.get(party, 0)) for party in SplitParty]


def agreement_page(request: HttpRequest, studio_id: UUID) -> HttpResponse:
    """What is agreed at present (GET), or set another share (POST)."""
    if request.acting_role not in SHARE_READERS:  # type: ignore[attr-defined]
        raise PermissionDenied
    studio = Studio.objects.filter(pk=studio_id).first()
    if studio is None:
        raise Http404
    may_set = request.user.has_perm(SET)
    form = StudioShareForm(request.POST or None) if may_set else None
    purpose = f"performers.studio:agreement:{studio_id}"
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and _set(request, studio, form, purpose):
            return HttpResponseRedirect(_url(studio))
    agreement = studio_agreement(studio.pk, database_now())
    return TemplateResponse(
        request,
        "admin/studio_agreement.html",
        {
            **backoffice.each_context(request),
            "title": f"Agreement with {studio}",
            "studio": studio,
            "studio_url": reverse("admin:performers_studio_change", args=[studio.pk]),
            "rules": [
                {
                    "what": what,
                    "rule": rule,
                    "url": reverse("admin:billing_revenuesharerule_change", args=[rule.pk]),
                    "whose": "This studio" if rule.studio_id else "Everybody",
                    "performers": _points(rule.performer_points),
                    "platform": _points(rule.platform_points),
                    "holds": period(rule.valid),
                }
                for what, rule in agreement.general
            ],
            "members": [
                {
                    "performer": performer_link(member.membership.performer),
                    "share": percent(member.membership.studio_share),
                    "since": period(member.membership.valid),
                    "what": what,
                    "own": terms.rule.performer_id is not None,
                    "parts": _shown(terms),
                }
                for member in agreement.members
                for what, terms in member.terms
            ],
            "parties": [party.label for party in SplitParty],
            "is_cut": agreement.is_cut,
            "most": MOST_MEMBERS,
            "form": form,
            "token": submissions.issue(request, purpose) if may_set else "",
        },
    )


def _set(request: HttpRequest, studio: Studio, form: StudioShareForm, purpose: str) -> bool:
    """Set the share of the form; whether the page is left."""
    said = form.cleaned_data
    try:
        with all_or_nothing():
            submissions.spend(request, purpose, request.POST.get(TOKEN, ""))
            revenue_share_rule_set(
                performer_points=said["performer_points"],
                platform_points=said["platform_points"],
                studio_id=studio.pk,
                kind=said["kind"] or None,
                starts_at=said["starts_at"],
                actor=request.user,  # type: ignore[arg-type]
                reason=said["reason"],
            )
    except submissions.AlreadyDone as done:
        messages.info(request, str(done))
    except (Refused, IntegrityError, OperationalError) as refusal:
        form.add_error(None, sentence(refusal))
        return False
    else:
        messages.success(request, f"Another share was set for the performers of {studio}.")
    return True


def _url(studio: Studio) -> str:
    return reverse("admin:studio_agreement", args=[studio.pk])


backoffice.add_pages(
    path(
        "studios/<uuid:studio_id>/agreement/", backoffice.admin_view(agreement_page), name="studio_agreement"
    )
)
backoffice.add_object_link(Studio, ObjectLink("Agreement", _url, SHARE_READERS))
