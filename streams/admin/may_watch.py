"""May this viewer watch? For support and moderators: the decision with every ground and its answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.models import User
from core.admin.object_links import ObjectLink
from core.admin.site import backoffice
from core.db.roles import Role
from core.errors import Refused
from streams.models import Archive, Stream
from streams.watching import WatchDecision, watch_decision

ASKERS = (Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR)


class WatchForm(forms.Form):
    """Who, what, from where."""

    viewer = forms.CharField(
        required=False,
        max_length=40,
        label="Viewer (handle)",
        help_text="Empty: somebody who is not signed in.",
    )
    stream = forms.UUIDField(required=False, label="Stream (id)")
    archive = forms.UUIDField(required=False, label="or archive (id)")
    country = forms.CharField(
        required=False, max_length=2, label="Country", help_text="Two letters of ISO 3166-1; empty: unknown."
    )
    subdivision = forms.CharField(
        required=False,
        max_length=6,
        label="Part of it",
        help_text="ISO 3166-2, such as DE-BY; empty: unknown.",
    )

    def clean_viewer(self) -> UUID | None:
        """The person with this handle."""
        handle = self.cleaned_data["viewer"].strip()
        if not handle:
            return None
        person = User.objects.with_handle(handle).first()
        if person is None:
            raise ValidationError(f"Nobody has the handle {handle}.")
        return person.pk


def _decided(form: WatchForm) -> WatchDecision | None:
    """The decision; None where the form or the question makes no sense, which the form then says."""
    asked: dict[str, Any] = form.cleaned_data
    try:
        return watch_decision(
            viewer_id=asked["viewer"],
            stream_id=asked["stream"],
            archive_id=asked["archive"],
            country=asked["country"].upper() or None,
            subdivision=asked["subdivision"].upper() or None,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None


def may_watch(request: HttpRequest) -> HttpResponse:
    """A form, and below it the answer: reading alone, so that an address can be passed to a colleague."""
    if request.acting_role not in ASKERS:  # type: ignore[attr-defined]
        raise PermissionDenied
    is_asked = any(request.GET.get(name) for name in ("viewer", "country", "ask"))
    form = WatchForm(request.GET) if is_asked else WatchForm(initial=request.GET.dict())
    decision = _decided(form) if is_asked and form.is_valid() else None
    target = None
    if decision is not None:
        about = form.cleaned_data
        rows = Stream.all_objects.filter(pk=about["stream"]) if about["stream"] else None
        target = (rows or Archive.all_objects.filter(pk=about["archive"])).select_related("performer").first()
    return TemplateResponse(
        request,
        "admin/may_watch.html",
        {
            **backoffice.each_context(request),
            "title": "May this viewer watch?",
            "form": form,
            "decision": decision,
            "target": target,
        },
    )


def _asked_of(target: str) -> Callable[[Any], str]:
    return lambda row: f"{reverse('admin:may_watch')}?{target}={row.pk}"


for _model, _target in ((Stream, "stream"), (Archive, "archive")):
    backoffice.add_object_link(
        _model, ObjectLink("May somebody watch this?", _asked_of(_target), roles=ASKERS)
    )

backoffice.add_pages(path("may-watch/", backoffice.admin_view(may_watch), name="may_watch"))
