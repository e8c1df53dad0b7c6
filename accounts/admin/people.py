"""People: found by handle or id, shown with everything that concerns them, changed by named actions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.forms import FlagForm, GrantForm, HandleForm, RestrictForm
from accounts.admin.links import colleague, period
from accounts.admin.records_of_person import erasure_words
from accounts.admin.sign_in_help import ACTIONS as SIGN_IN_HELP
from accounts.admin.sign_in_help import PANELS as SIGN_IN_PANELS
from accounts.choices import UserStatus
from accounts.models import User
from accounts.models.user import LONGEST_HANDLE
from accounts.services.erasure import user_erase
from accounts.services.flags import flag_raise
from accounts.services.handles import handle_change
from accounts.services.restrictions import restriction_place, user_reinstate, user_suspend
from accounts.services.role_grants import role_grant
from accounts.services.users import user_close
from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

OPEN_ACCOUNT = (UserStatus.ACTIVE, UserStatus.RESTRICTED, UserStatus.SUSPENDED)


def _list_of(model: str) -> Any:
    return lambda user: f"{reverse(f'admin:accounts_{model}_changelist')}?user={user.pk}"


RESTRICTIONS = Panel(
    title="Restrictions",
    columns=(
        ("What", "kind"),
        ("Period (UTC)", lambda row: period(row.valid)),
        ("Decided by", lambda row: colleague(row.decided_by)),
        ("Reason", "reason"),
    ),
    rows=lambda user: user.restrictions.select_related("decided_by").order_by("-pk"),
    permission="accounts.view_restriction",
    url=lambda row: reverse("admin:accounts_restriction_change", args=[row.pk]),
    all_url=_list_of("restriction"),
    empty="Never restricted.",
)
FLAGS = Panel(
    title="Flags",
    columns=(
        ("What", "kind"),
        ("Source", "source"),
        ("Confidence", "confidence"),
        ("Raised", lambda row: f"{row.created_at:%Y-%m-%d %H:%M}"),
        ("Outcome", lambda row: row.get_resolution_display() or "open"),
    ),
    rows=lambda user: user.flags.order_by("-pk"),
    permission="accounts.view_accountflag",
    url=lambda row: reverse("admin:accounts_accountflag_change", args=[row.pk]),
    all_url=_list_of("accountflag"),
    empty="No flags.",
)
ROLES = Panel(
    title="Staff roles",
    columns=(
        ("Role", "role"),
        ("Period (UTC)", lambda row: period(row.valid)),
        ("Granted by", lambda row: colleague(row.grantor)),
        ("Reason", "reason"),
    ),
    rows=lambda user: user.role_grants.select_related("grantor").order_by("-pk"),
    permission="accounts.view_rolegrant",
    url=lambda row: reverse("admin:accounts_rolegrant_change", args=[row.pk]),
    all_url=_list_of("rolegrant"),
    empty="Holds no staff role.",
)
SESSIONS = Panel(
    title="Signed-in devices",
    columns=(
        ("Since (UTC)", lambda row: f"{row.created_at:%Y-%m-%d %H:%M}"),
        ("Last used", lambda row: f"{row.last_used_at:%Y-%m-%d %H:%M}"),
        (
            "Second factor",
            lambda row: f"{row.second_factor_at:%Y-%m-%d %H:%M}" if row.second_factor_at else "–",
        ),
        ("Address", "address"),
        ("Browser", "user_agent"),
        ("Ended", lambda row: f"{row.revoked_at:%Y-%m-%d %H:%M}" if row.revoked_at else "–"),
    ),
    rows=lambda user: user.sessions.order_by("-pk"),
    permission="accounts.view_usersession",
    url=lambda row: reverse("admin:accounts_usersession_change", args=[row.pk]),
    all_url=_list_of("usersession"),
    empty="Signed in nowhere.",
)
LOGINS = Panel(
    title="Log-ins",
    columns=(
        ("When (UTC)", lambda row: f"{row.created_at:%Y-%m-%d %H:%M}"),
        ("Outcome", str),
        ("Address", "address"),
        ("Browser", "user_agent"),
    ),
    rows=lambda user: user.login_events.order_by("-pk"),
    permission="accounts.view_loginevent",
    url=lambda row: reverse("admin:accounts_loginevent_change", args=[row.pk]),
    all_url=_list_of("loginevent"),
    empty="Nobody tried to sign in within 90 days.",
)
EARLIER_STATES = Panel(
    title="Earlier states",
    columns=(
        ("When (UTC)", lambda row: f"{row.history_date:%Y-%m-%d %H:%M}"),
        ("Handle", "handle"),
        ("Status", "status"),
        ("Why", lambda row: row.history_change_reason or "–"),
    ),
    rows=lambda user: User.history.filter(id=user.pk).order_by("-history_id"),
    permission="accounts.view_historicaluser",
    empty="Unchanged since the account was made.",
)


@admin.register(User, site=backoffice)
class PeopleAdmin(ReadOnlyAdmin):
    """Everybody with an account."""

    section = Section.PEOPLE
    list_display = ("handle", "status", "country", "signed_up_at", "last_seen_at")
    list_filter = ("status", "sign_up_source")
    search_fields = ("handle__istartswith",)
    search_help_text = "The beginning of a handle, or an id."
    fields = (
        "handle",
        "status",
        "id",
        "locale",
        "time_zone",
        "country",
        "sign_up_source",
        "signed_up_at",
        "last_seen_at",
        "closed_at",
        "version",
    )
    panels = (RESTRICTIONS, FLAGS, ROLES, SESSIONS, LOGINS, *SIGN_IN_PANELS, EARLIER_STATES)
    actions = (
        ConfirmedAction(
            "restrict",
            restriction_place,
            "accounts.restrict_user",
            RestrictForm,
            words="Restrict",
            explain=lambda user: (
                f"{user} will not be able to do what you choose, from now until the end you give. "
                "The restriction can be lifted at any time."
            ),
            done="{obj} is restricted.",
            available=lambda user: user.status in OPEN_ACCOUNT[:2],
            id_kwarg="user_id",
        ),
        ConfirmedAction(
            "flag",
            flag_raise,
            "accounts.flag_user",
            FlagForm,
            words="Flag",
            explain=lambda user: (
                f"Colleagues will see the suspicion on the page of {user}. Nothing is barred by it."
            ),
            done="{obj} is flagged.",
            available=lambda user: user.status != UserStatus.ERASED,
            id_kwarg="user_id",
        ),
        ConfirmedAction(
            "rename",
            handle_change,
            "accounts.rename_user",
            HandleForm,
            words="Change handle",
            explain=lambda user: f"{user.handle} will rest for 180 days before anybody else can take it.",
            done="The handle is {obj} now.",
            available=lambda user: user.status in OPEN_ACCOUNT,
            id_kwarg="user_id",
        ),
        ConfirmedAction(
            "suspend",
            user_suspend,
            "accounts.suspend_user",
            words="Suspend",
            explain=lambda user: f"{user} will be signed out and cannot sign in until reinstated.",
            done="{obj} is suspended.",
            dangerous=True,
            available=lambda user: user.status in OPEN_ACCOUNT[:2],
            id_kwarg="user_id",
        ),
        ConfirmedAction(
            "reinstate",
            user_reinstate,
            "accounts.suspend_user",
            words="Reinstate",
            explain=lambda user: f"{user} can sign in again. Other restrictions stay in force.",
            done="{obj} is reinstated.",
            available=lambda user: user.status == UserStatus.SUSPENDED,
            id_kwarg="user_id",
        ),
        ConfirmedAction(
            "close",
            user_close,
            "accounts.close_user",
            words="Close account",
            explain=lambda user: (
                f"The account of {user} ends. It cannot be opened again; its data is erased later."
            ),
            done="The account of {obj} is closed.",
            dangerous=True,
            available=lambda user: user.status in (UserStatus.ACTIVE, UserStatus.SUSPENDED),
            id_kwarg="user_id",
        ),
        ConfirmedAction(
            "erase",
            user_erase,
            "accounts.erase_user",
            words="Erase",
            explain=erasure_words,
            done="What identified the person is destroyed; the page says what is kept.",
            dangerous=True,
            available=lambda user: user.status == UserStatus.CLOSED,
            id_kwarg="user_id",
        ),
        ConfirmedAction(
            "grant-role",
            role_grant,
            "accounts.grant_role",
            GrantForm,
            words="Grant a role",
            explain=lambda user: f"{user} can act in the role from the next sign-in or switch of role on.",
            done="{obj} holds the role.",
            available=lambda user: user.status == UserStatus.ACTIVE,
            id_kwarg="user_id",
        ),
        *SIGN_IN_HELP,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return User.objects.all()

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        """The beginning of a handle, by its index; what is longer than any handle is an id."""
        if 0 < len(search_term.strip()) <= LONGEST_HANDLE:
            return queryset.handle_starts_with(search_term.strip()), False
        return super().get_search_results(request, queryset, search_term)
