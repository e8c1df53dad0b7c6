"""Signing in, and acting in one role at a time."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import RoleGrant
from accounts.services.passwords import password_matches
from core.admin.roles import role_switched
from core.db.roles import Role
from tests.core.admin.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client, handle, password=PASSWORD, **query):
    return client.post("/login/", {"username": handle, "password": password, **query})


def test_the_only_role_is_taken_at_once(client, person):
    person("mona", Role.MODERATOR, password=PASSWORD)
    response = sign_in(client, "mona")
    assert (response.status_code, response.url) == (302, "/")
    assert client.session["acting_role"] == "vbl_moderator"
    assert "Acting as <strong>Moderator</strong>" in client.get("/").content.decode()


def test_after_sign_in_people_get_where_they_wanted(client, person):
    person("mona", Role.MODERATOR, password=PASSWORD)
    wanted = "/accounts/user/?q=x"
    assert client.get(wanted).url == "/login/?next=/accounts/user/%3Fq%3Dx"
    assert sign_in(client, "mona", next=wanted).url == wanted


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/logout/"]
)
def test_nobody_is_sent_to_another_site_or_out_again(client, person, evil):
    person("mona", Role.MODERATOR, password=PASSWORD)
    assert sign_in(client, "mona", next=evil).url == "/"


def test_who_holds_several_roles_chooses(client, person):
    person("lea", Role.MODERATOR, Role.AUDITOR, password=PASSWORD)
    response = sign_in(client, "lea", next="/accounts/user/")
    assert response.url == "/role/?next=%2Faccounts%2Fuser%2F"
    page = client.get(response.url).content.decode()
    assert "Auditor" in page
    assert "Finance" not in page
    assert client.get("/accounts/user/").url.startswith("/login/"), "no role, no rooms"
    assert client.get("/login/").url == "/role/", "and the way in leads to the choice"
    chosen = client.post("/role/", {"role": "auditor", "next": "/accounts/user/"})
    assert chosen.url == "/accounts/user/"
    assert client.session["acting_role"] == "vbl_auditor"
    assert client.get("/accounts/user/").status_code == 200


@pytest.mark.parametrize("role", ["finance", "vbl_auditor", "", "owner", "app", "no such"])
def test_a_role_that_is_not_ones_own_is_refused_in_words(client, person, role):
    person("lea", Role.MODERATOR, Role.AUDITOR, password=PASSWORD)
    sign_in(client, "lea")
    page = client.post("/role/", {"role": role})
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert "acting_role" not in client.session


def test_who_holds_no_role_never_gets_in(client, person):
    person("viewer_one", password=PASSWORD)
    page = sign_in(client, "viewer_one").content.decode()
    assert "You have no staff role at the moment" in page
    assert "_auth_user_id" not in client.session


def test_a_wrong_password_and_an_unknown_handle_read_the_same(client, person):
    person("mona", Role.MODERATOR, password=PASSWORD)
    words = "That combination does not sign you in."
    pages = [sign_in(client, "mona", "wrong"), sign_in(client, "nobody_here"), sign_in(client, "", "")]
    assert words in pages[0].content.decode()
    assert words in pages[1].content.decode()
    assert pages[2].status_code == 200


def test_a_switch_is_announced_once_and_recorded_with_both_roles(staff):
    told = []

    def listener(**named):
        told.append(named)

    role_switched.connect(listener)
    try:
        lea = staff(Role.MODERATOR, Role.AUDITOR)
        assert lea.send("/role/", {"role": "auditor"}).url == "/"
        lea.role = Role.AUDITOR
        lea.send("/role/", {"role": "auditor"})
    finally:
        role_switched.disconnect(listener)
    assert [(item["actor"], item["detail"]) for item in told] == [
        (lea.user, {"from": "moderator", "to": "auditor"})
    ]


def test_a_revoked_role_ends_the_acting_at_the_next_request(staff):
    lea = staff(Role.MODERATOR, Role.AUDITOR)
    assert lea.get("/accounts/user/").status_code == 200
    _end(lea.user, Role.MODERATOR)
    assert lea.get("/accounts/user/").url.startswith("/login/")
    assert lea.get("/login/?next=/accounts/user/").url == "/accounts/user/", "the role that is left is taken"
    assert lea.session["acting_role"] == "vbl_auditor"


def test_who_loses_the_last_role_is_signed_out_with_the_reason(moderator):
    _end(moderator.user, Role.MODERATOR)
    page = moderator.get("/accounts/user/", follow=True)
    assert page.redirect_chain[-1][0] == "/login/"
    assert "You have no staff role at the moment" in page.content.decode()
    assert "_auth_user_id" not in moderator.session


def test_what_one_sees_follows_the_acting_role(staff):
    lea = staff(Role.MODERATOR, Role.ANALYST)
    assert lea.get("/accounts/user/").status_code == 200
    lea.act_as(Role.ANALYST)
    assert lea.get("/accounts/user/").status_code == 403


def test_signing_out_needs_no_particular_role_and_ends_the_session(moderator):
    assert moderator.get("/logout/").url == "/", "a link signs nobody out"
    assert moderator.post("/logout/").url == "/login/"
    assert "_auth_user_id" not in moderator.session


def test_a_form_from_elsewhere_is_refused(person):
    browser = Client(enforce_csrf_checks=True)
    person("mona", Role.MODERATOR, password=PASSWORD)
    page = sign_in(browser, "mona")
    assert page.status_code == 403
    assert "This form could not be checked" in page.content.decode()


def test_a_new_password_signs_every_device_out(person):
    mona = person("mona", Role.MODERATOR, password=PASSWORD)
    here, there = Client(), Client()
    assert sign_in(here, "mona").url == sign_in(there, "mona").url == "/"
    new = "another horse, another staple"
    data = {"acting_role": "moderator", "new_password1": new, "new_password2": new}
    wrong = here.post("/password_change/", {**data, "old_password": "x"})
    assert 'role="alert"' in wrong.content.decode()
    weak = here.post(
        "/password_change/", {**data, "old_password": PASSWORD, "new_password1": "a", "new_password2": "a"}
    )
    assert 'role="alert"' in weak.content.decode()
    done = here.post("/password_change/", {**data, "old_password": PASSWORD}, follow=True)
    assert "Your password is changed. Sign in with the new one." in done.content.decode()
    assert there.get("/").url.startswith("/login/"), "the other device is out as well"
    assert password_matches(user=mona, raw=new)
    assert sign_in(here, "mona", new).url == "/"


def _end(user, role):
    grant = RoleGrant.objects.get(user=user, role=role)
    grant.end(timezone.now() + timedelta(milliseconds=1))
    grant.save(update_fields=["valid"])
