"""Setting up, replacing, removing and resetting a second factor."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.test import override_settings
from django.urls import reverse

from accounts.admin.second_factor_forms import SALT
from accounts.errors import CodeRefused, OwnAccount, SecondFactorRefused
from accounts.models import LoginEvent, RecoveryCode, TotpDevice, User, UserSession
from accounts.services.second_factor import (
    enrolment_uri,
    second_factor_enrol,
    second_factor_reset,
    secret_new,
)
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.accounts.conftest import Announced
from tests.accounts.factories import PASSWORD, SessionFactory, staff
from tests.accounts.second_factors import App, answer, enrolled, forget_uses, session_of
from tests.browser import Browser
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

ENROL = "admin:second_factor_enrol"
OWN = "admin:second_factor_own"
StaffClient = Callable[..., Browser]


def app_of(page: Any) -> tuple[App, str]:
    """The app that scanned the page's QR code, and the sealed secret of its form."""
    form = page.context["form"]
    return App(form.secret), form["enrolment"].value()


def codes_on(page: Any) -> list[str]:
    return re.findall(r"<code>((?:[0-9a-z]{4}-){3}[0-9a-z]{4})</code>", page.content.decode())


@pytest.fixture
def newcomer(moderator: User) -> Any:
    """Somebody who knows the password and has no app, where staff must have one."""
    with override_settings(SECOND_FACTOR_REQUIRED=True):
        browser = Browser()
        browser.user = moderator
        browser.sign_in("moda", PASSWORD, Role.MODERATOR)
        yield browser


@pytest.fixture
def at_work(moderator: User) -> Browser:
    """Somebody who passed the second factor, with their app and codes."""
    browser = Browser()
    browser.user = moderator
    browser.app, browser.codes = enrolled(moderator)
    browser.sign_in("moda", PASSWORD, Role.MODERATOR)
    assert answer(browser, browser.app.code()).status_code == 302
    forget_uses(moderator)
    return browser


class TestSettingUp:
    def test_scan_confirm_keep_the_codes_and_work(self, newcomer: Browser, announced: Announced) -> None:
        elsewhere = SessionFactory(user=newcomer.user)
        page = newcomer.get(reverse(ENROL))
        app, sealed = app_of(page)
        content = page.content.decode()
        assert "<svg" in content
        assert page.context["form"].secret_in_groups in content
        assert not TotpDevice.objects.exists()
        key = newcomer.session.session_key
        shown = newcomer.post(reverse(ENROL), {"enrolment": sealed, "code": app.code()})
        codes = codes_on(shown)
        assert len(set(codes)) == 10
        assert "no-store" in shown["Cache-Control"]
        assert announced.actions.count("second_factor_enrolled") == 1
        assert announced.actions.count("recovery_codes_made") == 1
        assert newcomer.session.session_key != key
        assert session_of(newcomer).second_factor_at is not None
        elsewhere.refresh_from_db()
        assert elsewhere.revoked_by == newcomer.user
        assert newcomer.get(shown.context["onward"]).status_code == 302
        assert newcomer.get("/").status_code == 200
        # Nobody sees the codes again, and the first code of the app is spent.
        assert not codes_on(newcomer.get(reverse(OWN)))
        again = Browser()
        again.sign_in("moda", PASSWORD)
        assert answer(again, app.code()).status_code == 200
        assert answer(again, codes[0]).status_code == 302

    def test_an_app_that_was_not_confirmed_is_none(self, newcomer: Browser) -> None:
        app, sealed = app_of(newcomer.get(reverse(ENROL)))
        for code in (app.wrong(), app.code(-5), "", "abcdef"):
            page = newcomer.post(reverse(ENROL), {"enrolment": sealed, "code": code})
            assert page.status_code == 200
            assert page.context["form"].errors["code"]
            assert app_of(page)[0].secret == app.secret
        assert not TotpDevice.objects.exists()
        assert newcomer.get("/").status_code == 302
        # One who left in the middle starts with another secret.
        assert app_of(newcomer.get(reverse(ENROL)))[0].secret != app.secret

    def test_the_sealed_secret_is_of_this_person_and_of_now(self, newcomer: Browser) -> None:
        mine = secret_new()
        for sealed in (
            "nonsense",
            signing.dumps({"user": str(staff().pk), "secret": mine}, salt=SALT),
            signing.dumps({"user": str(newcomer.user.pk), "secret": mine}, salt="another"),
        ):
            page = newcomer.post(reverse(ENROL), {"enrolment": sealed, "code": App(mine).code()})
            assert "scan again" in page.content.decode()
            new, sealed_anew = app_of(page)
            assert new.secret != mine
            assert signing.loads(sealed_anew, salt=SALT)["secret"] == new.secret
        assert not TotpDevice.objects.exists()

    def test_from_within_the_password_is_asked(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.MODERATOR)
        assert "Set it up" in browser.get(reverse(OWN)).content.decode()
        app, sealed = app_of(browser.get(reverse(ENROL)))
        form = {"enrolment": sealed, "code": app.code()}
        for password, words in (("", "Enter your password"), ("wrong", "This is not your password")):
            page = browser.send(reverse(ENROL), {**form, "password": password})
            assert words in page.content.decode()
        assert not TotpDevice.objects.exists()
        assert LoginEvent.objects.filter(user=browser.user, failure="wrong_password").count() == 1
        shown = browser.send(reverse(ENROL), {**form, "password": PASSWORD})
        assert len(codes_on(shown)) == 10
        assert browser.get("/").status_code == 200
        assert Browser().sign_in(browser.user.handle, PASSWORD)["Location"] == reverse("admin:second_factor")

    def test_there_is_one_app(self, at_work: Browser) -> None:
        assert at_work.get(reverse(ENROL))["Location"] == reverse(OWN)
        app = App(secret_new())
        with acting(Role.APP, user_id=at_work.user.pk), pytest.raises(SecondFactorRefused):
            second_factor_enrol(user=at_work.user, secret=app.secret, code=app.code(), session_key="")

    def test_what_the_app_reads(self, moderator: User) -> None:
        assert enrolment_uri(user=moderator, secret="ABC") == (
            "otpauth://totp/VersBottomLex%20back%20office%3Amoda?secret=ABC&issuer=VersBottomLex%20back%20office"
        )


class TestOwnAccount:
    def test_the_page_says_how_things_stand(self, at_work: Browser) -> None:
        page = at_work.get(reverse(OWN)).content.decode()
        assert "10 of your recovery codes are left" in page
        assert "Replace the app" in page
        RecoveryCode.objects.filter(user=at_work.user).update(used_at=TotpDevice.objects.get().confirmed_at)
        assert "no recovery code left" in at_work.get(reverse(OWN)).content.decode()

    def test_new_codes_need_a_fresh_code_and_end_the_old_ones(
        self, at_work: Browser, announced: Announced
    ) -> None:
        url = reverse("admin:recovery_codes")
        page = at_work.send(url, {"codes-code": at_work.app.wrong()})
        assert not codes_on(page)
        assert "does not pass" in page.content.decode()
        forget_uses(at_work.user)
        codes = codes_on(at_work.send(url, {"codes-code": at_work.app.code()}))
        assert len(codes) == 10
        assert not set(codes) & set(at_work.codes)
        assert announced.actions.count("recovery_codes_made") == 1
        again = Browser()
        again.sign_in("moda", PASSWORD)
        assert answer(again, at_work.codes[0]).status_code == 200
        assert answer(again, codes[0]).status_code == 302

    def test_another_app_in_its_place(self, at_work: Browser, announced: Announced) -> None:
        url = reverse("admin:second_factor_replace")
        elsewhere = SessionFactory(user=at_work.user)
        new, sealed = app_of(at_work.get(url))
        form = {"enrolment": sealed, "code": new.code()}
        page = at_work.send(url, {**form, "present": at_work.app.wrong()})
        assert "does not pass" in page.content.decode()
        forget_uses(at_work.user)
        page = at_work.send(url, {**form, "present": at_work.codes[0], "code": new.wrong()})
        assert page.status_code == 200
        assert TotpDevice.objects.count() == 1
        assert at_work.send(url, {**form, "present": at_work.codes[1]}).status_code == 302
        assert announced.actions.count("second_factor_replaced") == 1
        elsewhere.refresh_from_db()
        assert elsewhere.revoked_at is not None
        assert at_work.get("/").status_code == 200
        forget_uses(at_work.user)
        again = Browser()
        again.sign_in("moda", PASSWORD)
        assert answer(again, at_work.app.code()).status_code == 200
        forget_uses(at_work.user)
        assert answer(again, new.code()).status_code == 302

    def test_away_with_it_where_that_is_allowed(self, at_work: Browser, announced: Announced) -> None:
        url = reverse("admin:second_factor_remove")
        assert "does not pass" in at_work.send(url, {"remove-code": at_work.app.wrong()}).content.decode()
        forget_uses(at_work.user)
        assert at_work.send(url, {"remove-code": at_work.app.code()}).status_code == 302
        assert announced.actions.count("second_factor_removed") == 1
        assert not TotpDevice.objects.exists()
        assert not RecoveryCode.objects.exists()
        assert at_work.get("/").status_code == 200
        assert Browser().sign_in("moda", PASSWORD)["Location"] == "/"

    @pytest.mark.parametrize("page", ["recovery_codes", "second_factor_replace", "second_factor_remove"])
    def test_nothing_without_an_app(self, staff_client: StaffClient, page: str) -> None:
        browser = staff_client(Role.MODERATOR)
        response = browser.send(
            reverse(f"admin:{page}"), {"codes-code": "123456", "remove-code": "123456", "present": "123456"}
        )
        assert response.status_code in (200, 302)
        assert not RecoveryCode.objects.exists()


class TestReset:
    @pytest.fixture
    def admin(self, staff_client: StaffClient) -> Browser:
        return staff_client(Role.ADMINISTRATOR)

    def url(self, user: User) -> str:
        return reverse("admin:accounts_user_action", args=[user.pk, "reset-second-factor"])

    def test_who_lost_the_telephone_starts_anew(
        self, admin: Browser, at_work: Browser, announced: Announced
    ) -> None:
        page = admin.get(reverse("admin:accounts_user_change", args=[at_work.user.pk])).content.decode()
        assert "Recovery codes left" in page
        assert admin.do(self.url(at_work.user)).status_code == 302
        said = announced.only("second_factor_reset")
        assert (said["actor"], said["subject"]) == (admin.user, at_work.user)
        assert not TotpDevice.objects.exists()
        assert not RecoveryCode.objects.exists()
        assert UserSession.objects.filter(user=at_work.user, revoked_by=admin.user).count() == 1
        assert at_work.get("/")["Location"].startswith(reverse("admin:login"))
        page = admin.get(reverse("admin:accounts_user_change", args=[at_work.user.pk])).content.decode()
        assert "Signs in with a password alone." in page

    def test_nobody_resets_their_own_or_one_that_is_not_there(self, administrator: User, user: User) -> None:
        enrolled(administrator)
        with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
            with pytest.raises(OwnAccount):
                second_factor_reset(user_id=administrator.pk, actor=administrator, reason="mine")
            with pytest.raises(SecondFactorRefused, match="has no second factor"):
                second_factor_reset(user_id=user.pk, actor=administrator, reason="not there")
            with refused("Nobody resets their own"):
                run("SELECT accounts_second_factor_reset(%s)", [administrator.pk])
        assert TotpDevice.objects.filter(user=administrator).exists()

    @pytest.mark.parametrize("role", [Role.MODERATOR, Role.SUPPORT, Role.LEAD_MODERATOR, Role.AUDITOR])
    def test_no_other_role_may(self, staff_client: StaffClient, role: Role) -> None:
        user = staff(Role.MODERATOR)
        enrolled(user)
        assert staff_client(role).get(self.url(user)).status_code == 403


class TestAttacks:
    @pytest.mark.parametrize("role", ACTING_ROLES)
    @pytest.mark.parametrize("table", ["accounts_totpdevice", "accounts_recoverycode"])
    def test_no_acting_role_reads_or_writes(self, moderator: User, role: Role, table: str) -> None:
        enrolled(moderator)
        for statement in (
            f"SELECT 1 FROM {table}",
            f"DELETE FROM {table}",
            f"UPDATE {table} SET created_at = now()",
        ):
            with acting(role, user_id=moderator.pk), refused("permission denied"):
                run(statement)

    @pytest.mark.parametrize(
        "role", [role for role in (Role.APP, *ACTING_ROLES) if role is not Role.ADMINISTRATOR]
    )
    def test_only_administrators_call_the_functions(self, moderator: User, role: Role) -> None:
        for function in ("reset", "state"):
            with acting(role), refused("permission denied for function"):
                run(f"SELECT accounts_second_factor_{function}(%s)", [moderator.pk])

    def test_the_login_role_writes_for_the_person_who_signs_in_only(self, moderator: User) -> None:
        enrolled(moderator)
        other = staff()
        with acting(Role.APP, user_id=other.pk):
            assert TotpDevice.objects.filter(user=moderator).update(last_t=0) == 0
            assert TotpDevice.objects.filter(user=moderator)._raw_delete("default") == 0
            assert not RecoveryCode.objects.filter(user=moderator).exists()
            with refused("row-level security"):
                run(
                    "INSERT INTO accounts_recoverycode (user_id, digest) VALUES (%s, sha256('x'))",
                    [moderator.pk],
                )
        with acting(Role.APP, user_id=moderator.pk), refused("permission denied"):
            run("UPDATE accounts_totpdevice SET secret = secret")

    def test_neither_secret_nor_code_is_readable(self, moderator: User) -> None:
        app, codes = enrolled(moderator)
        for table in ("accounts_totpdevice", "accounts_recoverycode"):
            rows = str(run(f"SELECT row_to_json(t)::text FROM {table} t"))
            for text in (app.secret, *codes, *(code.replace("-", "") for code in codes)):
                assert text not in rows
                assert text.encode().hex() not in rows
        assert app.secret not in str(TotpDevice.objects.get().secret)


def test_a_wrong_first_code_raises(moderator: User) -> None:
    app = App(secret_new())
    with acting(Role.APP, user_id=moderator.pk), pytest.raises(CodeRefused):
        second_factor_enrol(user=moderator, secret=app.secret, code=app.wrong(), session_key="")
