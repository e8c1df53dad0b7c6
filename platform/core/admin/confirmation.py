"""The confirmation pages of `ConfirmedAction`: ask, carry out once, say what happened, redirect."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.admin import submissions
from core.db.access import history_of
from core.errors import Refused, StaleVersion, explain

if TYPE_CHECKING:
    from core.admin.actions import ConfirmedAction
    from core.admin.models import BackOfficeModelAdmin

TOKEN = "submission"  # noqa: S105  (the name of an input)
VERSION = "version"
CONFIRMED = "confirmed"

BUSY = frozenset({"55P03", "40P01"})
"""SQLSTATEs of a lock that another transaction holds too long: lock_not_available, deadlock_detected."""


def confirm_one(
    action: "ConfirmedAction", admin: "BackOfficeModelAdmin", request: HttpRequest, obj: Model
) -> HttpResponse:
    """GET shows what will happen; POST does it, once, unless the object changed meanwhile."""
    purpose = f"{obj._meta.label_lower}:{action.name}:{obj.pk}"
    form = action.form_class()(request.POST or None)
    version = _posted_version(request) if request.method == "POST" else getattr(obj, VERSION, None)
    if request.method == "POST" and form.is_valid():
        try:
            with all_or_nothing():
                # First the token: a form sent twice finds a changed object, and should hear "done already".
                submissions.spend(request, purpose, request.POST.get(TOKEN, ""))
                if hasattr(obj, VERSION) and version != getattr(obj, VERSION):
                    raise StaleVersion("")
                action.carry_out(request, obj, form.cleaned_data, version)
        except submissions.AlreadyDone as done:
            messages.info(request, str(done))
            return HttpResponseRedirect(_after(admin, request, obj))
        except StaleVersion as stale:
            form.add_error(None, stale_words(admin, request, obj, stale))
        except (Refused, IntegrityError, OperationalError) as refusal:
            form.add_error(None, sentence(refusal))
        else:
            messages.success(request, action.done.format(obj=obj))
            return HttpResponseRedirect(_after(admin, request, obj))
    elif request.method == "GET" and not action.offered(obj):
        messages.warning(request, f"“{action.words}” does not apply to {obj} as it is now.")
        return HttpResponseRedirect(_after(admin, request, obj))
    return confirmation_page(
        action,
        admin,
        request,
        form,
        title=f"{action.words}: {obj}",
        obj=obj,
        objects=[(obj, version)],
        explanation=action.explanation(obj),
        token=request.POST.get(TOKEN) or submissions.issue(request, purpose),
        back=object_url(admin, obj),
    )


def confirm_many(
    action: "ConfirmedAction", admin: "BackOfficeModelAdmin", request: HttpRequest, chosen: QuerySet
) -> HttpResponse:
    """The same for several rows of a list: each is done or refused on its own, and the outcome is told."""
    objects = list(chosen[: admin.list_per_page])
    purpose = f"{admin.opts.label_lower}:{action.name}:many"
    confirmed = CONFIRMED in request.POST
    form = action.form_class()(request.POST if confirmed else None)
    versions = {str(obj.pk): getattr(obj, VERSION, None) for obj in objects}
    if confirmed and form.is_valid():
        try:
            with all_or_nothing():
                submissions.spend(request, purpose, request.POST.get(TOKEN, ""))
                refusals = [_one_of_many(action, admin, request, obj, form) for obj in objects]
        except Refused as refusal:
            messages.info(request, str(refusal))
        else:
            refused = [sentence for sentence in refusals if sentence]
            if len(objects) > len(refused):
                messages.success(request, f"{action.words}: done for {len(objects) - len(refused)}.")
            for sentence in refused:
                messages.error(request, sentence)
        return HttpResponseRedirect(request.get_full_path())
    return confirmation_page(
        action,
        admin,
        request,
        form,
        title=f"{action.words}: {len(objects)} {admin.opts.verbose_name_plural}",
        obj=None,
        objects=[(obj, versions[str(obj.pk)]) for obj in objects],
        explanation=action.explain if isinstance(action.explain, str) else "",
        token=request.POST.get(TOKEN) or submissions.issue(request, purpose),
        back=request.get_full_path(),
    )


def stale_words(admin: "BackOfficeModelAdmin", request: HttpRequest, obj: Model, stale: StaleVersion) -> str:
    """Who changed the object since the form was opened, and when, as far as this role may know."""
    name = obj._meta.verbose_name
    last = _last_state(request, obj)
    if last is not None:
        person = get_user_model()._base_manager.filter(pk=last.history_user_id).first()
        who, at = str(person or "The system"), last.history_date
    elif str(stale):
        return str(stale)
    else:
        who, at = "A colleague", getattr(obj, "updated_at", None)
    when = f" at {at:%H:%M} UTC" if at else ""
    return f"{who} changed this {name}{when}, after you opened the form; nothing was saved."


def _last_state(request: HttpRequest, obj: Model) -> Any:
    """The newest row of the object's history; None without a history, or one that this role may not read."""
    history = history_of(type(obj))
    if history is None:
        return None
    opts = history._meta
    if not request.user.has_perm(f"{opts.app_label}.view_{opts.model_name}"):
        return None
    return history._base_manager.filter(**{obj._meta.pk.name: obj.pk}).order_by("-pk").first()


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """A savepoint in which deferred constraints speak before it is left, not at the end of the request."""
    with transaction.atomic():
        yield
        connection.check_constraints()


def _one_of_many(
    action: "ConfirmedAction",
    admin: "BackOfficeModelAdmin",
    request: HttpRequest,
    obj: Model,
    form: forms.Form,
) -> str:
    """Carry out on one of several; returns the refusal as a sentence, "" when done."""
    version = _posted_version(request, f"{VERSION}-{obj.pk}")
    try:
        with all_or_nothing():
            if not action.offered(obj):
                raise Refused(f"“{action.words}” does not apply as it is now.")
            if hasattr(obj, VERSION) and version != getattr(obj, VERSION):
                raise StaleVersion("")
            action.carry_out(request, obj, form.cleaned_data, version)
    except StaleVersion as stale:
        return f"{obj}: {stale_words(admin, request, obj, stale)}"
    except (Refused, IntegrityError, OperationalError) as refusal:
        return f"{obj}: {sentence(refusal)}"
    return ""


def sentence(refusal: Refused | IntegrityError | OperationalError) -> str:
    """The refusal in words. Raises it again when it is a fault of the machine and no refusal."""
    if isinstance(refusal, OperationalError):
        if getattr(refusal.__cause__, "sqlstate", None) not in BUSY:
            raise refusal
        return "Somebody else is working on this at this very moment; nothing was saved. Try again."
    return explain(refusal) if isinstance(refusal, IntegrityError) else str(refusal)


def _posted_version(request: HttpRequest, name: str = VERSION) -> int | None:
    try:
        return int(request.POST.get(name, ""))
    except ValueError:
        return None


def object_url(admin: "BackOfficeModelAdmin", obj: Model) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[quote(obj.pk)])


def _after(admin: "BackOfficeModelAdmin", request: HttpRequest, obj: Model) -> str:
    """The object's page; the list, when the object is gone or out of sight for this role."""
    if admin.get_object(request, str(obj.pk)) is not None:
        return object_url(admin, obj)
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_changelist")


def confirmation_page(
    action: "ConfirmedAction",
    admin: "BackOfficeModelAdmin",
    request: HttpRequest,
    form: forms.Form,
    *,
    title: str,
    obj: Model | None,
    objects: list[tuple[Model, int | None]],
    explanation: str,
    token: str,
    back: str,
) -> HttpResponse:
    first = next((name for name in form.fields if name in form.errors), None) or (
        "reason" if "reason" in form.fields else next(iter(form.fields), None)
    )
    if first:
        form.fields[first].widget.attrs["autofocus"] = True
    request.current_app = admin.admin_site.name  # type: ignore[attr-defined]
    return TemplateResponse(
        request,
        "admin/confirm_action.html",
        {
            **admin.admin_site.each_context(request),
            "title": title,
            "opts": admin.opts,
            "action": action,
            "form": form,
            "object": obj,
            "objects": objects,
            "explanation": explanation,
            "token": token,
            "back": back,
            "checkbox_name": ACTION_CHECKBOX_NAME,
        },
    )
