"""Signing in with a second factor as people do it: from the keyboard, in a real browser, under the site's policy."""

import secrets
from collections.abc import Iterator

import pytest

from core.db.roles import Role
from tests.accounts.second_factors import App
from tests.site.conftest import Site

HANDLE = "careful_colleague"


@pytest.fixture(scope="module")
def colleague(site: Site) -> Site:
    from tests.site.staff import add_staff

    site.staff[HANDLE] = secrets.token_urlsafe(16)
    add_staff(site, HANDLE, site.staff[HANDLE], Role.MODERATOR)
    return site


@pytest.fixture
def strict(page) -> Iterator:
    """The page; a violation of the content security policy fails the test."""
    violations: list[str] = []
    page.on(
        "console",
        lambda message: (
            violations.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error("
        "'Content Security Policy: ' + e.violatedDirective + ' ' + e.blockedURI))"
    )
    yield page
    assert violations == []


def enter_password(page, site: Site, password: str = "") -> None:
    """The field for the handle has the focus."""
    page.goto("/")
    page.keyboard.type(HANDLE)
    page.keyboard.press("Tab")
    page.keyboard.type(password or site.staff[HANDLE])
    page.keyboard.press("Enter")


def minutes_pass(site: Site) -> None:
    """The code that was used to set the app up is of the past."""
    site.owner("UPDATE vbl.accounts_totpdevice SET last_t = last_t - 30, drift = 0 RETURNING id")


def press(page, words: str, kind: str = "button") -> None:
    """Press Tab until the control with these words has the focus, then Enter."""
    wanted = page.get_by_role(kind, name=words, exact=True)
    wanted.wait_for()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"The keyboard does not reach {words!r}.")


def test_set_up_sign_in_and_look_after_devices_from_the_keyboard(strict, colleague: Site) -> None:
    page, site = strict, colleague
    enter_password(page, site)
    page.get_by_role("heading", name="What waits for you").wait_for()

    # Set up: the menu, the page, the password, a code.
    page.goto("/account/second-factor/")
    press(page, "Set it up", "link")
    page.get_by_role("img", name="QR code").wait_for()
    box = page.locator("svg.qr").bounding_box()
    assert box["width"] > 150
    press_summary = page.get_by_text("Type it in instead")
    press_summary.focus()
    page.keyboard.press("Enter")
    app = App(page.locator("code.secret").inner_text().replace(" ", ""))
    page.get_by_label("Your password").focus()
    page.keyboard.type(site.staff[HANDLE])
    page.keyboard.press("Tab")
    page.keyboard.type(app.code())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Keep your recovery codes").wait_for()
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    press(page, "I have kept them", "link")
    page.get_by_role("heading", name="What waits for you").wait_for()

    # Some minutes later, sign in again: a wrong code is explained, the right one lets in.
    minutes_pass(site)
    page.context.clear_cookies()
    enter_password(page, site)
    page.get_by_role("heading", name="Enter your code").wait_for()
    page.keyboard.type("not-a-code")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("does not pass").wait_for()
    page.keyboard.type(app.code())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What waits for you").wait_for()

    # This device is known, and how it was signed in to.
    page.goto("/account/devices/")
    assert page.get_by_text("with second factor").count() >= 1
    assert page.get_by_text("This device").count() == 1
    # The session of the first part ended when its cookie was lost; it is still listed and can be signed out.
    press(page, "Sign out of all others")
    page.get_by_role("status").get_by_text("Signed out of 1 other device").wait_for()

    assert site.owner(
        "SELECT count(*) FILTER (WHERE second_factor_at IS NOT NULL AND revoked_at IS NULL) "
        "FROM vbl.accounts_usersession s JOIN vbl.accounts_user u ON u.id = s.user_id WHERE u.handle = %s",
        HANDLE,
    ) == [(1,)]


def test_a_recovery_code_is_no_secret_of_the_database(colleague: Site) -> None:
    ((secret, digest),) = colleague.owner(
        "SELECT encode(d.secret, 'escape'), octet_length(c.digest) FROM vbl.accounts_totpdevice d "
        "JOIN vbl.accounts_recoverycode c USING (user_id) LIMIT 1"
    )
    assert "otpauth" not in secret
    assert digest == 32


def test_too_many_failures_are_answered_with_when_to_try_again(strict, site: Site) -> None:
    page = strict
    for _ in range(5):
        page.goto("/")
        page.get_by_label("Handle").fill("nobody_of_this_name")
        page.get_by_label("Password").fill("not the password")
        page.keyboard.press("Enter")
        page.get_by_role("alert").or_(
            page.get_by_role("heading", name="Too many failed attempts")
        ).first.wait_for()
    page.get_by_role("heading", name="Too many failed attempts to sign in").wait_for()
    assert page.get_by_text("Try again in").is_visible()
    press(page, "Sign-in page", "link")
    page.get_by_label("Handle").wait_for()
