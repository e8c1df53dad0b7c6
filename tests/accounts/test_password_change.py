"""Changing one's own password."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.models import UserPassword
from core.db.roles import Role
from tests.accounts.conftest import Announced
from tests.accounts.factories import PASSWORD
from tests.browser import Browser

pytestmark = pytest.mark.django_db

NEW = "a different horse and battery"
StaffClient = Callable[..., Browser]


def change(browser: Browser, old: str = PASSWORD, new: str = NEW, again: str = "") -> object:
    return browser.send(
        reverse("admin:password_change"),
        {"old_password": old, "new_password1": new, "new_password2": again or new},
    )


def test_every_device_is_signed_out_and_only_the_new_password_serves(
    staff_client: StaffClient, announced: Announced
) -> None:
    here = staff_client(Role.MODERATOR)
    there = staff_client(Role.MODERATOR, user=here.user)
    assert change(here).status_code == 302
    assert "password_changed" in announced.actions
    assert here.get("/").status_code == 302
    assert there.get("/").status_code == 302
    assert Browser().sign_in(here.user.handle, PASSWORD).status_code == 200
    assert Browser().sign_in(here.user.handle, NEW).status_code == 302


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"old": "wrong"}, "old password was entered incorrectly"),
        ({"new": "short"}, "at least 12 characters"),
        ({"new": "password1234"}, "too common"),
        ({"again": "something else entirely"}, "password fields didn"),
    ],
)
def test_what_is_refused_is_said_and_not_written(
    staff_client: StaffClient, answers: dict[str, str], words: str
) -> None:
    browser = staff_client(Role.MODERATOR)
    before = UserPassword.objects.get(user=browser.user).password_hash
    response = change(browser, **answers)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert UserPassword.objects.get(user=browser.user).password_hash == before
