"""Every named action from its confirmation page to the row, by the role that does it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import FlagResolution, RestrictionKind, UserStatus
from accounts.models import AccountFlag, ReservedHandle, Restriction, RoleGrant, User, UserSession
from core.db.roles import Role
from tests.accounts.back_office.addresses import action_on, page_of
from tests.accounts.conftest import Announced
from tests.accounts.factories import (
    FlagFactory,
    ReservedHandleFactory,
    RestrictionFactory,
    RoleGrantFactory,
    SessionFactory,
    UserFactory,
)
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
REASON = "seen by a colleague"


def done(browser: Browser, row: Any, name: str, **answers: Any) -> str:
    """Carry the action out; the message on the page that follows."""
    response = browser.do(action_on(row, name), **answers)
    assert response.status_code == 302, response.context["form"].errors
    page = browser.get(response["Location"])
    assert page.status_code == 200
    return " ".join(str(message) for message in page.context["messages"])


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.ADMINISTRATOR])
def test_restrict_and_lift(staff_client: StaffClient, user: User, role: Role, announced: Announced) -> None:
    browser = staff_client(role)
    until = timezone.now() + timedelta(days=9)
    assert "anna is restricted" in done(
        browser, user, "restrict", kind="chat", until=f"{until:%Y-%m-%dT%H:%M}"
    )
    restriction = Restriction.objects.get()
    assert (restriction.decided_by, restriction.reason) == (browser.user, REASON)
    assert restriction.valid.upper == until.replace(second=0, microsecond=0)
    assert User.objects.get(pk=user.pk).status == UserStatus.RESTRICTED
    assert announced.only("restriction_placed")["actor"] == browser.user
    assert "is lifted" in done(browser, restriction, "lift")
    assert User.objects.get(pk=user.pk).status == UserStatus.ACTIVE
    assert announced.only("restriction_lifted")["reason"] == REASON


@pytest.mark.parametrize("role", [Role.LEAD_MODERATOR, Role.COMPLIANCE])
def test_suspend_and_reinstate(staff_client: StaffClient, user: User, role: Role) -> None:
    browser = staff_client(role)
    assert "anna is suspended" in done(browser, user, "suspend")
    assert User.objects.get(pk=user.pk).status == UserStatus.SUSPENDED
    assert "anna is reinstated" in done(browser, user, "reinstate")
    assert User.objects.get(pk=user.pk).status == UserStatus.ACTIVE


def test_close(staff_client: StaffClient, user: User) -> None:
    assert "is closed" in done(staff_client(Role.COMPLIANCE), user, "close")
    assert User.objects.get(pk=user.pk).status == UserStatus.CLOSED


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.LEAD_MODERATOR, Role.ADMINISTRATOR])
def test_rename(staff_client: StaffClient, user: User, role: Role) -> None:
    browser = staff_client(role)
    done(browser, user, "rename", handle="berta")
    assert User.objects.get(pk=user.pk).handle == "berta"
    assert ReservedHandle.objects.get(handle="anna").previous_owner == user
    assert "berta" in browser.get(page_of(user)).content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE])
def test_flag_and_resolve(staff_client: StaffClient, user: User, role: Role) -> None:
    browser = staff_client(role)
    done(browser, user, "flag", kind="harassment")
    flag = AccountFlag.objects.get()
    assert (flag.raised_by, flag.note) == (browser.user, REASON)
    done(browser, flag, "resolve", resolution="dismissed")
    flag.refresh_from_db()
    assert (flag.resolution, flag.resolved_by) == (FlagResolution.DISMISSED, browser.user)


def test_grant_and_revoke_a_role(staff_client: StaffClient, user: User) -> None:
    browser = staff_client(Role.ADMINISTRATOR)
    done(browser, user, "grant-role", role=Role.SUPPORT.value)
    grant = user.role_grants.get()
    assert (grant.grantor, grant.reason) == (browser.user, REASON)
    done(browser, grant, "revoke")
    assert RoleGrant.objects.roles_of(user.pk) == []


@pytest.mark.parametrize(
    "role", [Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.ADMINISTRATOR]
)
def test_sign_somebody_out(staff_client: StaffClient, role: Role, announced: Announced) -> None:
    browser, session = staff_client(role), SessionFactory()
    done(browser, session, "revoke")
    assert UserSession.objects.get(pk=session.pk).revoked_by == browser.user
    assert announced.only("session_revoked")["subject"] == session.user


@pytest.mark.parametrize("role", [Role.LEAD_MODERATOR, Role.ADMINISTRATOR])
def test_release_a_handle(staff_client: StaffClient, role: Role) -> None:
    browser, kept = staff_client(role), ReservedHandleFactory()
    assert "The handle is free" in done(browser, kept, "release")
    assert not ReservedHandle.objects.filter(pk=kept.pk).exists()


def test_what_no_longer_applies_is_said(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    over = RestrictionFactory()
    over.end(timezone.now())
    over.save(update_fields=["valid"])
    flag = FlagFactory(resolved_at=timezone.now(), resolution="dismissed")
    for row, name in ((over, "lift"), (flag, "resolve"), (UserFactory(), "reinstate")):
        page = browser.get(action_on(row, name), follow=True)
        assert page.status_code == 200
        assert "does not apply" in page.content.decode()


def test_ones_own_account_is_refused_in_words(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    response = browser.do(action_on(browser.user, "restrict"), kind="chat")
    assert "Nobody decides about their own account" in response.content.decode()
    assert not Restriction.objects.exists()
    administrator = staff_client(Role.ADMINISTRATOR)
    response = administrator.do(action_on(administrator.user, "grant-role"), role=Role.AUDITOR.value)
    assert "Nobody grants a role to themselves" in response.content.decode()
    grant = RoleGrantFactory(user=administrator.user, role=Role.AUDITOR.value)
    response = administrator.do(action_on(grant, "revoke"))
    assert response.status_code == 200
    assert RoleGrant.objects.roles_of(administrator.user.pk) == [Role.AUDITOR, Role.ADMINISTRATOR]


@pytest.mark.parametrize(
    ("name", "answers", "words"),
    [
        ("restrict", {"kind": "chat", "reason": ""}, "Give a reason"),
        ("restrict", {"kind": "chat", "reason": "short"}, "at least 10 characters"),
        ("restrict", {"kind": "chat", "reason": "nul \0 in a reason"}, "Null characters"),
        ("restrict", {"kind": "breathe"}, "not one of the available choices"),
        ("restrict", {"kind": "chat", "until": "2001-01-01T00:00"}, "lies in the past"),
        ("restrict", {"kind": "chat", "until": "tomorrow"}, "valid date/time"),
        ("restrict", {"kind": RestrictionKind.TIP}, "barred already"),
        ("rename", {"handle": "👩‍🚀👩‍🚀"}, "letters (a to z)"),
        ("rename", {"handle": "שלום"}, "letters (a to z)"),
        ("rename", {"handle": "pаypal"}, "letters (a to z)"),  # noqa: RUF001
        ("rename", {"handle": "paypa1"}, "looks too much like paypal"),
        ("rename", {"handle": "PAYPAL"}, "is taken"),
        ("rename", {"handle": "adm1n"}, "is reserved"),
        ("rename", {"handle": "o'brien"}, "letters (a to z)"),
        ("rename", {"handle": "an\0na"}, "Null characters"),
        ("flag", {"kind": "spam"}, "open on anna already"),
    ],
)
def test_what_is_refused_stands_on_the_form(
    staff_client: StaffClient,
    user: User,
    name: str,
    answers: dict[str, str],
    words: str,
    announced: Announced,
) -> None:
    UserFactory(handle="paypal")
    RestrictionFactory(user=user, kind=RestrictionKind.TIP)
    FlagFactory(user=user)
    browser = staff_client(Role.LEAD_MODERATOR)
    response = browser.do(action_on(user, name), **answers)
    assert response.status_code == 200
    assert words in response.content.decode().replace("&#x27;", "'")
    user.refresh_from_db()
    assert (user.handle, user.version, user.restrictions.count(), user.flags.count()) == ("anna", 2, 1, 1)
    assert announced.actions == ["signed_in"]
