"""The first day of a back office, as people live it: through a browser, on the real login, without fixtures."""

import secrets

import pytest

from tests.site.conftest import Site

REASON = "advertised a casino in six rooms within one hour"


def sign_in(page, site: Site, handle: str) -> None:
    page.goto("/")
    page.get_by_label("Handle").fill(handle)
    page.get_by_label("Password").fill(site.staff[handle])
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What waits for you").wait_for()


def act(page, words: str) -> None:
    """Press the button of the action on the object's page, and wait for its form."""
    page.get_by_role("link", name=words, exact=True).click()
    page.get_by_label("Reason").wait_for()


def confirm(page, words: str) -> None:
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name=words, exact=True).click()
    page.get_by_role("status").first.wait_for()


@pytest.fixture(scope="module")
def colleagues(site: Site) -> Site:
    """An account that can sign in and holds no role yet."""
    from tests.site.staff import add_staff

    site.staff["new_moderator"] = secrets.token_urlsafe(16)
    add_staff(site, "new_moderator", site.staff["new_moderator"])
    return site


def test_a_new_moderator_restricts_somebody(page, colleagues: Site) -> None:
    site = colleagues
    # The administrator grants the role.
    sign_in(page, site, "first_admin")
    page.locator("#global-search-input").fill("new_moderator")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="new_moderator").wait_for()
    act(page, "Grant a role")
    page.get_by_label("Role").select_option(label="Moderator")
    confirm(page, "Grant a role")
    page.context.clear_cookies()

    # The moderator signs in, finds a person and restricts them.
    sign_in(page, site, "new_moderator")
    assert page.get_by_text("Acting as").first.is_visible()
    page.locator("#global-search-input").fill("engb_7")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="engb_7").wait_for()
    act(page, "Restrict")
    page.get_by_label("What may not be done").select_option(label="Chat")
    confirm(page, "Restrict")
    assert "Restricted" in page.inner_text("#content, main")
    assert REASON in page.inner_text("#content, main")

    assert site.owner(
        "SELECT r.kind, r.reason, d.handle, u.status FROM vbl.accounts_restriction r "
        "JOIN vbl.accounts_user u ON u.id = r.user_id JOIN vbl.accounts_user d ON d.id = r.decided_by_id "
        "WHERE u.handle = 'engb_7'"
    ) == [("chat", REASON, "new_moderator", "restricted")]


def test_nobody_signs_in_with_a_wrong_password(page, site: Site) -> None:
    page.goto("/")
    page.get_by_label("Handle").fill("first_admin")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").or_(page.locator(".errornote")).first.wait_for()
    assert page.get_by_text("Acting as").count() == 0


def test_every_room_opens_for_the_role_that_has_it(page, site: Site) -> None:
    sign_in(page, site, "first_admin")
    rooms = [link.get_attribute("href") for link in page.get_by_role("navigation").get_by_role("link").all()]
    assert len(rooms) > 3
    for address in rooms:
        answer = page.goto(address)
        assert answer.status == 200, address
