"""Showing what is encrypted, once: a reason first, then a page that goes away by itself."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.text import capfirst

from core.admin import submissions
from core.admin.actions import ConfirmedAction
from core.admin.confirmation import TOKEN, confirmation_page, object_url, sentence
from core.encryption.reveal import SHOWN_SECONDS, Revealed
from core.errors import Refused

if TYPE_CHECKING:
    from core.admin.models import BackOfficeModelAdmin


class CaseForm(forms.Form):
    """For which case something is revealed."""

    case_reference = forms.CharField(
        label="Ticket or case",
        max_length=100,
        required=False,
        help_text="Its number or address, if there is one. Kept with the record of the reading.",
    )


class RevealAction(ConfirmedAction):
    """A confirmed action that shows what its service reveals, on one page that is never sent again.

    The service returns `Revealed`. It opens its own savepoint, so that the record of a refusal outlives the refusal.
    """

    def __init__(self, service: Any, permission: str, **options: Any) -> None:
        super().__init__(
            "reveal",
            service,
            permission,
            CaseForm,
            **{
                "words": "Reveal",
                "explain": (
                    f"What is encrypted is shown once, for {SHOWN_SECONDS} seconds. That you looked, and why, is kept "
                    "and read by compliance and auditors."
                ),
                **options,
            },
        )

    def view(self, admin: "BackOfficeModelAdmin", request: HttpRequest, obj: Model) -> HttpResponse:
        """Ask for the reason (GET), then show (POST)."""
        if not (self.permitted(request) and admin.has_view_permission(request, obj)):
            raise PermissionDenied
        purpose = f"{obj._meta.label_lower}:{self.name}:{obj.pk}"
        form = self.form_class()(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                submissions.spend(request, purpose, request.POST.get(TOKEN, ""))
                revealed = self.carry_out(request, obj, form.cleaned_data, None)
            except submissions.AlreadyDone:
                messages.info(request, "This was shown already. Give a reason again to see it once more.")
                return HttpResponseRedirect(object_url(admin, obj))
            except (Refused, IntegrityError, OperationalError) as refusal:
                form.add_error(None, sentence(refusal))
            else:
                return self._shown(admin, request, obj, revealed)
        return confirmation_page(
            self,
            admin,
            request,
            form,
            title=f"{self.words}: {obj}",
            obj=obj,
            objects=[(obj, None)],
            explanation=self.explanation(obj),
            token=submissions.issue(request, purpose),
            back=object_url(admin, obj),
        )

    def _shown(
        self, admin: "BackOfficeModelAdmin", request: HttpRequest, obj: Model, revealed: Revealed
    ) -> HttpResponse:
        back = object_url(admin, obj)
        response = TemplateResponse(
            request,
            "admin/revealed.html",
            {
                **admin.admin_site.each_context(request),
                "title": str(obj),
                "opts": admin.opts,
                "object": obj,
                "back": back,
                "seconds": SHOWN_SECONDS,
                "values": [
                    (capfirst(obj._meta.get_field(name).verbose_name), value)  # type: ignore[union-attr]
                    for name, value in revealed.values.items()
                ],
            },
        )
        add_never_cache_headers(response)
        response["Refresh"] = f"{SHOWN_SECONDS}; url={back}"
        return response
