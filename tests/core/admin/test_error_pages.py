"""Whatever goes wrong is said in words, with a way out, and without the database."""

from html import unescape

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from core.models.identity import uuid7
from tests.core.admin.conftest import StaffClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.admin.rooms")]
PAGES = ["400", "403", "403_csrf", "404", "413", "500"]


@pytest.mark.parametrize("name", PAGES)
def test_error_pages_need_neither_request_nor_database(name, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = render_to_string(f"{name}.html")
    assert "<h1>" in page
    assert 'href="/"' in page
    assert "//" not in page.replace("http://www.w3.org", ""), "nothing is loaded from elsewhere"


@pytest.mark.parametrize(
    "key", ["nonsense", "1", "💥", "a b", "x" * 500, "%00", "00000000-0000-0000-0000", "1' OR '1"]
)
@pytest.mark.parametrize("view", ["change/", "history/", "delete/", "do/bar/", ""])
def test_an_address_that_is_no_id_is_404_in_words(moderator, key, view):
    page = moderator.get(f"/accounts/user/{key}/{view}", follow=True)
    assert page.status_code in (403, 404)
    if view in ("change/", "do/bar/", ""):
        assert page.status_code == 404
        assert "No such person" in unescape(page.content.decode())


def test_an_object_that_does_not_exist_is_404_with_a_way_back(moderator):
    page = moderator.get(reverse("admin:accounts_user_change", args=[uuid7()]))
    assert page.status_code == 404
    assert "There is nothing here under" in page.content.decode()
    assert 'href="/accounts/user/"' in page.content.decode()


def test_an_address_that_leads_nowhere_is_404(moderator):
    page = moderator.get("/nowhere/at/all/")
    assert page.status_code == 404
    assert "There is nothing at this address" in page.content.decode()


def test_nothing_is_added_changed_or_deleted_by_address(moderator, person):
    somebody = person("somebody")
    assert moderator.get("/accounts/user/add/").status_code == 403
    change = reverse("admin:accounts_user_change", args=[somebody.pk])
    assert moderator.get(change).status_code == 200
    assert moderator.send(change, {"handle": "other"}).status_code == 403
    assert moderator.get(reverse("admin:accounts_user_delete", args=[somebody.pk])).status_code == 403
    page = moderator.send(reverse("admin:accounts_user_delete", args=[somebody.pk]), {"post": "yes"})
    assert page.status_code == 403
    assert "This is not open to your role" in page.content.decode()
    somebody.refresh_from_db()
    assert somebody.handle == "somebody"


def test_a_form_of_ten_megabytes_is_413(moderator, person):
    path = reverse("admin:accounts_user_action", args=[person("somebody").pk, "bar"])
    page = moderator.send(
        path, {"reason": "x" * 10_000_000}, content_type="application/x-www-form-urlencoded"
    )
    assert page.status_code in (400, 413)
    body = "acting_role=moderator&reason=" + "x" * 10_000_000
    page = moderator.post(path, body, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 413
    assert "A form may hold 2.5 MB. Nothing was saved" in page.content.decode()


def test_a_form_of_ten_megabytes_is_413_before_sign_in_too(client):
    body = "username=a&password=" + "x" * 10_000_000
    client.get("/login/")
    page = client.post("/login/", body, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 413


def test_a_form_of_too_many_fields_is_413(moderator):
    body = "acting_role=moderator&" + "&".join(f"a{n}=1" for n in range(3000))
    page = moderator.post("/accounts/user/", body, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 413
    assert "It has too many fields" in page.content.decode()


def test_a_view_that_breaks_shows_no_entrails(moderator):
    moderator.raise_request_exception = False
    page = moderator.get("/broken/")
    assert page.status_code == 500
    assert "Something broke on our side" in page.content.decode()
    assert "RuntimeError" not in page.content.decode()


def test_a_form_that_lost_its_csrf_token_is_explained(moderator):
    strict = StaffClient.__new__(StaffClient)
    Client.__init__(strict, enforce_csrf_checks=True)
    strict.cookies = moderator.cookies
    page = strict.post("/role/", {"role": "moderator"})
    assert page.status_code == 403
    assert "Reload the page and send it again" in page.content.decode()
