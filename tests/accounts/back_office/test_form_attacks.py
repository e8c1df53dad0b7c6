"""Forms sent twice, by two, in the wrong role, or far too large: a clear answer and nothing half-written."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.models import Restriction, User
from core.db.roles import Role
from tests.accounts.back_office.addresses import action_on, list_of
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


@pytest.fixture
def browser(staff_client: StaffClient) -> Browser:
    return staff_client(Role.MODERATOR, Role.FINANCE)


def untouched(user: User) -> bool:
    return not Restriction.objects.exists() and User.objects.get(pk=user.pk).version == user.version


def test_a_form_sent_twice_is_done_once(browser: Browser, user: User) -> None:
    url = action_on(user, "restrict")
    form = browser.fill_in(url, kind="chat")
    assert browser.send(url, form).status_code == 302
    again = browser.send(url, form, follow=True)
    assert "was done already" in again.content.decode()
    assert Restriction.objects.count() == 1


def test_two_colleagues_and_the_second_hears_who_was_first(
    browser: Browser, staff_client: StaffClient, user: User
) -> None:
    colleague = staff_client(Role.MODERATOR)
    url = action_on(user, "restrict")
    form = browser.fill_in(url, kind="tip")
    colleague.do(url, kind="chat")
    response = browser.send(url, form)
    assert response.status_code == 200
    page = response.content.decode()
    assert f"{colleague.user.handle} changed this person" in page
    assert "nothing was saved" in page
    assert Restriction.objects.get().kind == "chat"


def test_a_refused_form_can_be_mended_and_sent(browser: Browser, user: User) -> None:
    url = action_on(user, "restrict")
    form = browser.fill_in(url, kind="chat", reason="short")
    assert browser.send(url, form).status_code == 200
    assert browser.send(url, {**form, "reason": "a longer reason than before"}).status_code == 302


def test_a_role_switched_in_another_tab(browser: Browser, user: User) -> None:
    url = action_on(user, "restrict")
    form = browser.fill_in(url, kind="chat")
    browser.choose(Role.FINANCE)
    response = browser.send(url, form)
    assert response.status_code == 409
    assert untouched(user)
    browser.role = Role.FINANCE
    assert browser.send(url, form).status_code == 403
    assert untouched(user)


@pytest.mark.parametrize("role", ["", "owner", "vbl_moderator", "administrator", "x" * 500, "\0"])
def test_a_form_with_a_foreign_role(browser: Browser, user: User, role: str) -> None:
    url = action_on(user, "restrict")
    form = {**browser.fill_in(url, kind="chat"), "acting_role": role}
    assert browser.send(url, form).status_code == 409
    assert untouched(user)


@pytest.mark.parametrize(
    "role", [Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.ANALYST, Role.SUPPORT]
)
def test_a_role_without_the_permission_sends_the_form_of_another(
    browser: Browser, staff_client: StaffClient, user: User, role: Role
) -> None:
    url = action_on(user, "restrict")
    form = browser.fill_in(url, kind="chat")
    assert staff_client(role).send(url, form).status_code in (403, 404)
    assert untouched(user)


@pytest.mark.parametrize("change", [{"submission": ""}, {"submission": "made up"}, {"version": ""}, {"version": "x"},
                                    {"version": "9" * 400}, {"version": "1"}])  # fmt: skip
def test_hidden_inputs_that_were_changed(browser: Browser, user: User, change: dict[str, str]) -> None:
    url = action_on(user, "restrict")
    response = browser.send(url, {**browser.fill_in(url, kind="chat"), **change})
    assert response.status_code == 200
    assert "othing was saved" in response.content.decode()
    assert untouched(user)


def test_the_token_of_somebody_else(browser: Browser, staff_client: StaffClient, user: User) -> None:
    url = action_on(user, "restrict")
    response = staff_client(Role.MODERATOR).send(url, browser.fill_in(url, kind="chat"))
    assert "belongs to something else" in response.content.decode()
    assert untouched(user)


def test_a_form_of_ten_megabytes(browser: Browser, user: User) -> None:
    url = action_on(user, "restrict")
    form = browser.fill_in(url, kind="chat", reason="x" * 10_000_000)
    for address in (url, list_of("user"), reverse("admin:role"), reverse("admin:login")):
        response = browser.send(address, form)
        assert response.status_code == 413, address
        assert "more than a form can carry" in response.content.decode()
    assert untouched(user)


def test_a_form_of_many_fields(browser: Browser, user: User) -> None:
    form = {f"field{number}": "x" for number in range(3000)}
    assert browser.send(action_on(user, "restrict"), form).status_code == 413


@pytest.mark.parametrize("name", ["promote", "restrict-all", "x" * 300])
def test_an_action_that_does_not_exist(browser: Browser, user: User, name: str) -> None:
    assert browser.get(action_on(user, name)).status_code == 404
    assert browser.send(action_on(user, name), {"reason": "because I can"}).status_code == 404


def test_nothing_is_edited_added_or_deleted_directly(browser: Browser, user: User) -> None:
    page = reverse("admin:accounts_user_change", args=[user.pk])
    assert browser.send(page, {"handle": "taken_over", "status": "closed"}).status_code == 403
    assert browser.get(reverse("admin:accounts_user_add")).status_code == 403
    assert (
        browser.send(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"}).status_code
        == 403
    )
    response = browser.send(list_of("user"), {"action": "delete_selected", "_selected_action": str(user.pk)})
    assert response.status_code in (200, 302)
    assert untouched(user)
    assert User.objects.get(pk=user.pk).handle == "anna"


def test_without_the_csrf_token(user: User, staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    browser.handler.enforce_csrf_checks = True
    assert browser.send(action_on(user, "restrict"), {"kind": "chat"}).status_code == 403
    assert untouched(user)
