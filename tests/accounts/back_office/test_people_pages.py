"""Finding people, and a person's page, by role."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from accounts.choices import FlagKind, RestrictionKind
from accounts.models import User
from core.db.roles import STAFF_ROLES, Role
from core.models.identity import uuid7
from tests.accounts.back_office.addresses import action_on, list_of, page_of
from tests.accounts.factories import (
    FlagFactory,
    ReservedHandleFactory,
    RestrictionFactory,
    RoleGrantFactory,
    SessionFactory,
    UserFactory,
    ViewerProfileFactory,
)
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
MODELS = ("user", "restriction", "accountflag", "rolegrant", "usersession", "reservedhandle")
READERS = [role for role in STAFF_ROLES if role is not Role.ANALYST]


def surround(user: User) -> None:
    """Something in every panel of the person's page."""
    RestrictionFactory(user=user, kind=RestrictionKind.CHAT)
    FlagFactory(user=user)
    RoleGrantFactory(user=user)
    SessionFactory(user=user)
    ViewerProfileFactory(user=user)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_room_opens_or_is_closed_to_the_role(staff_client: StaffClient, user: User, role: Role) -> None:
    surround(user)
    ReservedHandleFactory()
    browser = staff_client(role)
    home = browser.get("/").content.decode()
    for model in MODELS:
        shown = browser.get(list_of(model))
        linked = f'href="{list_of(model)}"' in home
        assert shown.status_code == (200 if linked else 403), model
        for row in shown.context["cl"].result_list[:2] if linked else ():
            assert browser.get(page_of(row)).status_code == 200


@pytest.mark.parametrize("tail", ["change", "history", "delete"])
def test_a_page_is_closed_to_whom_the_room_is_closed(
    staff_client: StaffClient, user: User, tail: str
) -> None:
    for browser, row in (
        (staff_client(Role.ANALYST), user),
        (staff_client(Role.FINANCE), RestrictionFactory()),
        (staff_client(Role.MODERATOR), RoleGrantFactory()),
    ):
        page = reverse(f"admin:accounts_{row._meta.model_name}_{tail}", args=[row.pk])
        assert browser.get(page, follow=True).status_code == 403
        assert browser.send(page, {"post": "yes"}, follow=True).status_code == 403


@pytest.mark.parametrize("role", READERS)
def test_a_persons_page_shows_what_the_role_may_see(
    staff_client: StaffClient, user: User, role: Role
) -> None:
    surround(user)
    response = staff_client(role).get(page_of(user))
    assert response.status_code == 200
    titles = {filled.panel.title for filled in response.context["panels"]}
    assert ("Staff roles" in titles) == (role in (Role.ADMINISTRATOR, Role.AUDITOR))
    assert ("Restrictions" in titles) == (role not in (Role.FINANCE, Role.FINANCE_APPROVER))
    assert "argon2" not in response.content.decode()


ACTIONS = {
    Role.SUPPORT: {"rename", "flag"},
    Role.MODERATOR: {"restrict", "flag"},
    Role.LEAD_MODERATOR: {"restrict", "suspend", "rename", "flag"},
    Role.FINANCE: set(),
    Role.FINANCE_APPROVER: set(),
    Role.COMPLIANCE: {"restrict", "suspend", "close", "flag"},
    Role.AUDITOR: set(),
    Role.ADMINISTRATOR: {"restrict", "rename", "grant-role", "lift-lock-out", "reset-second-factor"},
}


@pytest.mark.parametrize("role", READERS)
def test_buttons_are_those_of_the_role(staff_client: StaffClient, user: User, role: Role) -> None:
    response = staff_client(role).get(page_of(user))
    assert {action.name for action, _ in response.context["object_actions"]} == ACTIONS[role]


@pytest.mark.parametrize("role", READERS)
def test_what_has_no_button_is_refused_by_address_too(
    staff_client: StaffClient, user: User, role: Role
) -> None:
    browser = staff_client(role)
    every = {
        "restrict",
        "flag",
        "rename",
        "suspend",
        "close",
        "grant-role",
        "lift-lock-out",
        "reset-second-factor",
    }
    answers = {
        "kind": "spam", "handle": "berta", "role": Role.AUDITOR.value, "reason": "because I can", "version": 2
    }  # fmt: skip
    for name in every - ACTIONS[role]:
        assert browser.get(action_on(user, name)).status_code == 403, name
        assert browser.send(action_on(user, name), answers).status_code == 403, name
    user.refresh_from_db()
    assert (user.handle, user.version, user.flags.count(), user.role_grants.count()) == ("anna", 2, 0, 0)


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("model", MODELS)
def test_lists_ask_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, model: str, django_assert_max_num_queries: Any
) -> None:
    browser = staff_client(Role.ADMINISTRATOR if model == "rolegrant" else Role.LEAD_MODERATOR)
    factories: dict[str, Any] = {
        "user": UserFactory,
        "restriction": RestrictionFactory,
        "accountflag": FlagFactory,
        "rolegrant": RoleGrantFactory,
        "usersession": SessionFactory,
        "reservedhandle": ReservedHandleFactory,
    }
    factories[model].create_batch(rows)
    browser.get(list_of(model))
    with django_assert_max_num_queries(13):
        assert browser.get(list_of(model)).status_code == 200


@pytest.mark.parametrize("rows", [1, 6])
def test_a_persons_page_asks_the_same_number_of_queries(
    staff_client: StaffClient, user: User, rows: int, django_assert_max_num_queries: Any
) -> None:
    browser = staff_client(Role.COMPLIANCE)
    for number in range(rows):
        RestrictionFactory(user=user, kind=list(RestrictionKind)[number], decided_by=UserFactory())
        FlagFactory(user=user, kind=list(FlagKind)[number], raised_by=UserFactory())
        SessionFactory(user=user)
    browser.get(page_of(user))
    with django_assert_max_num_queries(24):
        assert browser.get(page_of(user)).status_code == 200


class TestSearch:
    """By handle, its beginning, and id; whatever is typed gets an answer."""

    @pytest.fixture
    def browser(self, staff_client: StaffClient) -> Browser:
        return staff_client(Role.SUPPORT)

    def found(self, browser: Browser, query: str) -> list[str]:
        response = browser.get(list_of("user"), {"q": query})
        assert response.status_code == 200
        return [person.handle for person in response.context["cl"].result_list]

    def test_the_list(self, browser: Browser, user: User) -> None:
        UserFactory(handle="annabel")
        UserFactory(handle="johanna")
        assert self.found(browser, "ANNA") == ["annabel", "anna"]
        assert self.found(browser, str(user.pk)) == ["anna"]
        assert self.found(browser, str(uuid7())) == []

    def test_an_underscore_is_an_underscore(self, browser: Browser) -> None:
        UserFactory(handle="a_b")
        UserFactory(handle="axb")
        assert self.found(browser, "a_b") == ["a_b"]
        assert self.found(browser, "%") == []

    @pytest.mark.parametrize(
        "query", ["anna", "ANNA", "{pk}", "  anna  "], ids=["handle", "case", "id", "spaces"]
    )
    def test_the_header_opens_the_only_one(self, browser: Browser, user: User, query: str) -> None:
        UserFactory(handle="annabel")
        response = browser.get(reverse("admin:search"), {"q": query.format(pk=user.pk)})
        assert response.status_code == 302
        assert response["Location"] == page_of(user)

    def test_the_header_lists_several(self, browser: Browser, user: User) -> None:
        UserFactory(handle="annabel")
        response = browser.get(reverse("admin:search"), {"q": "ann"})
        assert response.status_code == 200
        assert "annabel" in response.content.decode()

    @pytest.mark.parametrize(
        "query",
        [
            "👩‍🚀",
            "\u202eanna",
            "a\0b",
            "' OR 1=1 --",
            "x" * 5000,
            "%",
            "_",
            "\\",
            "{",
            "O'Brien",
            "=1+1",
            "\ud83d",
        ],
    )
    def test_whatever_is_typed(self, browser: Browser, user: User, query: str) -> None:
        query = query.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        for address in (list_of("user"), reverse("admin:search")):
            assert browser.get(address, {"q": query}, follow=True).status_code == 200
        assert browser.get(list_of("restriction"), {"user": query}, follow=True).status_code in (200, 403)


@pytest.mark.parametrize(
    "identity",
    ["not-a-uuid", "0", "%00", "..%2F..%2Fetc", "' OR 1=1", "0" * 5000, "👩", str(UUID(int=7 << 76))],
)
@pytest.mark.parametrize("tail", ["change/", "do/restrict/", "history/", "delete/"])
def test_a_malformed_id_is_not_found(staff_client: StaffClient, identity: str, tail: str) -> None:
    browser = staff_client(Role.MODERATOR)
    response = browser.get(f"{list_of('user')}{identity}/{tail}")
    assert response.status_code in (302, 400, 403, 404)
    if tail == "change/":
        assert response.status_code == 404


@pytest.mark.parametrize(
    "query", ["?after=x", "?before=%00", "?status__exact=zzz", "?password=x", "?o=1.2", "?p=99"]
)
def test_addresses_nobody_wrote(staff_client: StaffClient, user: User, query: str) -> None:
    assert staff_client(Role.MODERATOR).get(list_of("user") + query, follow=True).status_code in (200, 400)
