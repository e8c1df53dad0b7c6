"""Named actions: the only way in which staff change something. Each calls a service, after a confirmation."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core.admin import confirmation

if TYPE_CHECKING:
    from core.admin.models import BackOfficeModelAdmin

REASON_AT_LEAST = 10
"""Characters of a reason; fewer say nothing to the colleague who reads the trail."""

REASON_AT_MOST = 2000


def _always(obj: Any) -> bool:
    return True


def stands(*states: str) -> Callable[[Any], bool]:
    """For `available`: whether the object's `status` is one of these."""
    return lambda obj: obj.status in states


class ConfirmedAction:
    """One thing that staff may do to an object, by name.

    name        slug in the address, and the name for colleagues: "restrict"
    service     keyword-only function that does it: `service(*, <model>_id, actor, reason, ...)`; it gets
                `expected_version` if it takes one, and every field of `form` by its name
    permission  Django permission of the acting role: "accounts.restrict_user"
    form        extra fields asked for on the confirmation page
    words       label of the button; default: the name, capitalised
    explain     what will happen, a sentence or a function of the object that returns one
    done        the message afterwards; "{obj}" stands for the object
    dangerous   the button is red, and the page says that this is hard to undo
    available   whether it makes sense for this object now (`lambda user: user.is_active`)
    bulk        also offered in the list for several objects; each is done on its own
    reason      False where the service takes no reason (rare)
    id_kwarg    name of the service's id argument; default "<model name>_id"

    Whoever may do it sees a button on the object's page; the button leads to the confirmation page.
    """

    do_not_call_in_templates = True

    def __init__(
        self,
        name: str,
        service: Callable[..., Any],
        permission: str,
        form: type[forms.Form] | None = None,
        *,
        words: str = "",
        explain: str | Callable[[Any], str] = "",
        done: str = "Done: {obj}.",
        dangerous: bool = False,
        available: Callable[[Any], bool] = _always,
        bulk: bool = False,
        reason: bool = True,
        id_kwarg: str = "",
    ) -> None:
        self.name = name
        self.service = service
        self.permission = permission
        self.form = form
        self.words = words or name.replace("_", " ").replace("-", " ").capitalize()
        self.explain = explain
        self.done = done
        self.dangerous = dangerous
        self.available = available
        self.bulk = bulk
        self.reason = reason
        self.id_kwarg = id_kwarg
        # Django calls list actions by these names.
        self.__name__ = name
        self.short_description = self.words

    def __repr__(self) -> str:
        return f"<ConfirmedAction {self.name}>"

    def __call__(self, admin: "BackOfficeModelAdmin", request: HttpRequest, chosen: QuerySet) -> HttpResponse:
        """As a list action: confirm, then carry out on each of the chosen."""
        if not self.permitted(request):
            raise PermissionDenied
        return confirmation.confirm_many(self, admin, request, chosen)

    def view(self, admin: "BackOfficeModelAdmin", request: HttpRequest, obj: Model) -> HttpResponse:
        """On one object: confirm (GET), then carry out (POST)."""
        if not (self.permitted(request) and admin.has_view_permission(request, obj)):
            raise PermissionDenied
        return confirmation.confirm_one(self, admin, request, obj)

    def permitted(self, request: HttpRequest) -> bool:
        """Whether the acting role may do this at all."""
        return request.user.has_perm(self.permission)

    def offered(self, obj: Model) -> bool:
        """Whether it makes sense for this object now."""
        return bool(self.available(obj))

    def url(self, admin: "BackOfficeModelAdmin", obj: Model) -> str:
        """Address of the confirmation page for one object."""
        opts = admin.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_action", args=[quote(obj.pk), self.name])

    def explanation(self, obj: Any) -> str:
        """What will happen, for the confirmation page."""
        return self.explain(obj) if callable(self.explain) else self.explain

    def form_class(self) -> type[forms.Form]:
        """The confirmation form: the action's own fields, then the reason."""
        fields: dict[str, forms.Field] = {}
        if self.reason:
            fields["reason"] = forms.CharField(
                label="Reason",
                min_length=REASON_AT_LEAST,
                max_length=REASON_AT_MOST,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text="Your colleagues read this in the trail. At least "
                f"{REASON_AT_LEAST} characters; say what you saw and why it calls for this.",
                error_messages={
                    "required": "Give a reason.",
                    "min_length": f"Give a reason of at least {REASON_AT_LEAST} characters.",
                },
            )
        return type("ConfirmationForm", (self.form or forms.Form,), fields)

    def carry_out(self, request: HttpRequest, obj: Model, values: dict[str, Any], version: int | None) -> Any:
        """Call the service for one object."""
        arguments = {
            self._id_kwarg(type(obj)): obj.pk,
            "actor": request.user,
            **values,
        }
        if version is not None and self._takes("expected_version"):
            arguments["expected_version"] = version
        return self.service(**arguments)

    def problems(self, model: type[Model]) -> list[str]:
        """What keeps this action from working on a model, for `manage.py check`."""
        asked = {self._id_kwarg(model), "actor", *(["reason"] if self.reason else [])}
        asked |= set(self.form.base_fields) if self.form else set()  # type: ignore[attr-defined]
        found = [f"the service takes no {name!r}." for name in sorted(asked) if not self._takes(name)]
        if self.permission.count(".") != 1:
            found.append(f"{self.permission!r} is no permission; write app_label.codename.")
        return found

    def _id_kwarg(self, model: type[Model]) -> str:
        return self.id_kwarg or f"{model._meta.model_name}_id"

    def _takes(self, name: str) -> bool:
        parameters = inspect.signature(self.service).parameters
        return name in parameters or any(
            parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()
        )
