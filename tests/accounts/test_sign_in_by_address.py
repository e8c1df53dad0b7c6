"""Signing in with a verified e-mail address in place of the handle."""

import pytest
from django.urls import reverse

from accounts.models import LoginEvent, User
from accounts.services.contacts import contact_remove
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.contacts import ADDRESS, add, verified
from tests.accounts.factories import PASSWORD, staff
from tests.browser import Browser
from tests.sql import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(db: None) -> User:
    return staff(Role.SUPPORT)


def signed_in(name: str, password: str = PASSWORD) -> bool:
    browser = Browser()
    browser.sign_in(name, password)
    return browser.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("typed", [ADDRESS, ADDRESS.upper(), f" {ADDRESS.lower()} "])
def test_a_verified_address_signs_in(support: User, typed: str) -> None:
    verified(support)
    assert signed_in(typed)


def test_an_address_that_nobody_verified_does_not(support: User) -> None:
    add(support)
    assert not signed_in(ADDRESS)


def test_the_wrong_password_is_wrong_with_an_address_too(support: User) -> None:
    verified(support)
    assert not signed_in(ADDRESS, "another long and private phrase")
    event = LoginEvent.objects.get()
    assert (event.user, event.failure) == (support, "wrong_password")


def test_a_removed_address_signs_nobody_in_any_more(support: User) -> None:
    contact = verified(support)
    assert signed_in(ADDRESS)
    with acting(Role.VIEWER, user_id=support.pk):
        contact_remove(contact_id=contact.pk, actor=support)
    assert not signed_in(ADDRESS)


@pytest.mark.parametrize("typed", ["nobody@example.org", "@", "a@", "not an @ address", "x" * 254 + "@"])
def test_an_address_that_nobody_has_is_an_unknown_account(typed: str) -> None:
    assert not signed_in(typed)


def test_what_was_typed_is_in_no_record(support: User) -> None:
    assert not signed_in("typed.by.mistake@example.org", "secret typed by mistake")
    rows = run("SELECT t::text FROM axes_accessattempt t") + run("SELECT t::text FROM accounts_loginevent t")
    assert rows
    assert not any("mistake" in row for (row,) in rows)


def test_failures_by_handle_and_by_address_count_together(support: User) -> None:
    verified(support)
    for number in range(4):
        assert not signed_in(ADDRESS if number % 2 else support.handle or "", "another long private phrase")
    assert len(run("SELECT 1 FROM axes_accessattempt")) == 1
