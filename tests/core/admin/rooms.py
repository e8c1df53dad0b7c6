"""Rooms for tests: every kind of service that an action can call, on the people of accounts."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.urls import path

from accounts.choices import RestrictionKind, UserStatus
from accounts.models import Restriction, RoleGrant, User
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import BackOffice
from core.db.locking import locked
from core.errors import Refused

site = BackOffice(name="admin")


class KindForm(forms.Form):
    kind = forms.ChoiceField(choices=RestrictionKind.choices)


@transaction.atomic
def bar(*, user_id: UUID, actor: User, reason: str, kind: str, expected_version: int | None = None) -> None:
    """Writes a restriction, and counts the person's version up."""
    user = locked(User, user_id, expected_version=expected_version)
    user.status = UserStatus.RESTRICTED
    user.save(update_fields=["status"])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    Restriction.objects.create(user=user, kind=kind, reason=reason, decided_by=actor, valid=(start, None))


def bar_then_refuse(*, user_id: UUID, actor: User, reason: str) -> None:
    bar(user_id=user_id, actor=actor, reason=reason, kind="chat")
    raise Refused("The moon is in the wrong quarter.")


def break_a_constraint(*, user_id: UUID, actor: User, reason: str) -> None:
    bar(user_id=user_id, actor=actor, reason=reason, kind="chat")
    bar(user_id=user_id, actor=actor, reason=reason, kind="chat")


def break_at_commit(*, user_id: UUID, actor: User, reason: str) -> None:
    """Leaves a foreign key dangling, which PostgreSQL would only notice at the end of the request."""
    bar(user_id=user_id, actor=actor, reason=reason, kind="chat")
    connection.cursor().execute("INSERT INTO dangling VALUES ('00000000-0000-7000-8000-000000000000')")


def crash(*, user_id: UUID, actor: User, reason: str) -> None:
    bar(user_id=user_id, actor=actor, reason=reason, kind="chat")
    raise RuntimeError("a fault, not a refusal")


def handle_to_id(text: str) -> Q:
    if not text.isascii():
        raise ValidationError("No such handle.")
    return Q(handle__iexact=text)


def action(name: str, service: Any, **options: Any) -> ConfirmedAction:
    return ConfirmedAction(name, service, "accounts.restrict_user", **options)


class PeopleRoom(ReadOnlyAdmin):
    section = Section.PEOPLE
    list_display = ("handle", "status", "country")
    list_filter = (
        "status",
        exact("locale", "Locale"),
        exact("name", "Handle", find=handle_to_id),
        TimeFilter,
    )
    search_fields = ("handle__istartswith",)
    list_per_page = 5
    panels = (
        Panel(
            "Limits",
            (("What", "kind"), ("Why", "reason")),
            rows=lambda user: user.restrictions.order_by("-pk"),
            permission="accounts.view_restriction",
            limit=2,
        ),
        Panel("Secrets", (("What", "kind"),), rows=lambda user: [], permission="accounts.view_nothing"),
    )
    actions = (
        action(
            "bar",
            bar,
            form=KindForm,
            bulk=True,
            words="Bar",
            explain=lambda user: f"{user} will be barred.",
            done="{obj} is barred.",
        ),
        action("refuse", bar_then_refuse, bulk=True),
        action("constraint", break_a_constraint),
        action("at-commit", break_at_commit),
        action("crash", crash),
        action("never", bar, form=KindForm, available=lambda user: False),
        ConfirmedAction("forbidden", bar, "accounts.close_user", KindForm, dangerous=True),
    )


class RestrictionRoom(ReadOnlyAdmin):
    section = Section.MODERATION
    list_display = ("user", "kind")
    list_select_related = ("user",)
    list_filter = (exact("user", "Person"),)


class GrantRoom(ReadOnlyAdmin):
    section = Section.OVERSIGHT


site.register(User, PeopleRoom)
site.register(Restriction, RestrictionRoom)
site.register(RoleGrant, GrantRoom)


def broken(request: Any) -> None:
    raise RuntimeError("a view that breaks")


handler400 = "config.errors.bad_request"
urlpatterns = [path("broken/", broken), path("", site.urls)]
