"""Signing in and out through the page, as the login role."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.choices import RestrictionKind, UserStatus
from accounts.models import User, UserSession
from accounts.services.sessions import session_digest
from core.db.roles import Role
from tests.accounts.conftest import Announced
from tests.accounts.factories import (
    PASSWORD,
    RestrictionFactory,
    RoleGrantFactory,
    UserFactory,
    UserPasswordFactory,
    period,
    staff,
)
from tests.browser import Browser

pytestmark = pytest.mark.django_db

HOME = "/"
StaffClient = Callable[..., Browser]


def refusal(response: object) -> str:
    """The sentence on the sign-in page."""
    assert response.status_code == 200
    return " ".join(response.context["form"].non_field_errors())


def test_with_one_role_one_is_at_work_at_once(staff_client: StaffClient) -> None:
    response = staff_client(Role.MODERATOR).get(HOME)
    assert response.status_code == 200
    assert "Moderator" in response.content.decode()


def test_with_several_roles_one_is_chosen(db: None) -> None:
    browser = Browser()
    user = staff(Role.MODERATOR, Role.AUDITOR)
    response = browser.sign_in(user.handle, PASSWORD)
    assert response["Location"] == reverse("admin:role")
    assert browser.get(HOME).status_code == 302
    assert browser.choose(Role.AUDITOR).status_code == 302
    assert "Auditor" in browser.get(HOME).content.decode()


def test_a_role_that_was_not_granted_cannot_be_chosen(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    response = browser.choose(Role.ADMINISTRATOR)
    assert response.status_code == 200
    assert "not yours to take" in response.content.decode()
    assert browser.session["acting_role"] == Role.MODERATOR.value


@pytest.mark.parametrize("written", ["moda", "MODA", "mOdA"])
def test_letter_case_of_the_handle_does_not_matter(moderator: User, written: str) -> None:
    assert Browser().sign_in(written, PASSWORD).status_code == 302


def test_every_failure_reads_the_same(moderator: User) -> None:
    suspended = staff(Role.MODERATOR)
    User.objects.filter(pk=suspended.pk).update(status=UserStatus.RESTRICTED)
    User.objects.filter(pk=suspended.pk).update(status=UserStatus.SUSPENDED)
    barred = staff(Role.MODERATOR)
    RestrictionFactory(user=barred, kind=RestrictionKind.SIGN_IN)
    without_password = UserFactory()
    RoleGrantFactory(user=without_password)
    attempts = [
        ("moda", "wrong"),
        ("nobody_here", PASSWORD),
        (suspended.handle, PASSWORD),
        (barred.handle, PASSWORD),
        (without_password.handle, ""),
        (without_password.handle, PASSWORD),
        ("👩‍🚀", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("a" * 5000, PASSWORD),
    ]
    words = {refusal(Browser().sign_in(*attempt)) for attempt in attempts if attempt[1]}
    assert len(words) == 1
    assert "does not sign you in" in words.pop()
    assert not UserSession.objects.exists()


@pytest.mark.parametrize("status", [UserStatus.PENDING, UserStatus.CLOSED])
def test_an_account_that_is_not_open_does_not_sign_in(status: str) -> None:
    user = UserFactory(status=status)
    UserPasswordFactory(user=user)
    RoleGrantFactory(user=user)
    assert "does not sign you in" in refusal(Browser().sign_in(user.handle, PASSWORD))


def test_nul_in_a_field_is_refused_in_words() -> None:
    response = Browser().sign_in("mo\0da", PASSWORD)
    assert response.status_code == 200
    assert "Null characters are not allowed" in response.content.decode()


def test_without_a_role_there_is_nothing_to_sign_in_to(user: User) -> None:
    UserPasswordFactory(user=user)
    assert "no staff role" in refusal(Browser().sign_in("anna", PASSWORD))
    assert not UserSession.objects.exists()


def test_a_grant_that_ran_out_gives_no_role() -> None:
    user = UserFactory()
    UserPasswordFactory(user=user)
    RoleGrantFactory(user=user, valid=period(end=user.created_at))
    assert "no staff role" in refusal(Browser().sign_in(user.handle, PASSWORD))


def test_the_device_is_remembered_by_a_digest(staff_client: StaffClient, announced: Announced) -> None:
    browser = staff_client(Role.MODERATOR)
    session = UserSession.objects.get()
    assert session.user == browser.user
    assert bytes(session.token_digest) == session_digest(browser.session.session_key)
    assert session.address == "127.0.0.1"
    assert session.revoked_at is None
    assert announced.only("signed_in")["actor"] == browser.user


def test_signing_out_ends_the_session(staff_client: StaffClient, announced: Announced) -> None:
    browser = staff_client(Role.MODERATOR)
    assert browser.send(reverse("admin:logout")).status_code == 302
    session = UserSession.objects.get()
    assert session.revoked_by == browser.user
    assert announced.actions == ["signed_in", "signed_out"]
    assert browser.get(HOME).status_code == 302


def test_a_revoked_session_is_signed_out_at_the_next_request(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    UserSession.objects.update(revoked_at=browser.user.created_at)
    response = browser.get(HOME)
    assert response["Location"].startswith(reverse("admin:login"))


def test_a_session_past_its_end_is_signed_out(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    UserSession.objects.update(expires_at=UserSession.objects.get().created_at.replace(year=2999))
    assert browser.get(HOME).status_code == 200
    UserSession.objects.all().delete()
    assert browser.get(HOME).status_code == 302


@pytest.mark.parametrize("kind", [RestrictionKind.SIGN_IN, None])
def test_barred_or_suspended_in_the_middle_of_work(staff_client: StaffClient, kind: str | None) -> None:
    browser = staff_client(Role.MODERATOR)
    if kind:
        RestrictionFactory(user=browser.user, kind=kind)
    else:
        for status in (UserStatus.RESTRICTED, UserStatus.SUSPENDED):
            User.objects.filter(pk=browser.user.pk).update(status=status)
    assert browser.get(HOME)["Location"].startswith(reverse("admin:login"))


def test_a_revoked_role_is_lost_at_the_next_request(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    grant = browser.user.role_grants.get()
    people = reverse("admin:accounts_user_changelist")
    assert browser.get(people).status_code == 200
    grant.end(grant.created_at)
    grant.save(update_fields=["valid"])
    assert browser.get(people)["Location"].startswith(reverse("admin:login"))
    assert browser.send(people).status_code == 302


def test_one_of_two_roles_revoked_leads_to_the_other(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR, Role.AUDITOR)
    grant = browser.user.role_grants.get(role=Role.MODERATOR.value)
    grant.end(grant.created_at)
    grant.save(update_fields=["valid"])
    assert browser.get(HOME).status_code == 302
    assert browser.get(reverse("admin:login")).status_code == 302
    assert "Auditor" in browser.get(HOME).content.decode()


def test_a_visitor_sees_the_sign_in_page_only() -> None:
    for name in ("accounts_user_changelist", "accounts_rolegrant_changelist", "index", "search"):
        assert Browser().get(reverse(f"admin:{name}"))["Location"].startswith(reverse("admin:login"))
