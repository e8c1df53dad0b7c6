"""The second factor at sign-in: asked for, refused, counted, and bound to the session that passed it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django_otp
import pytest
from axes.models import AccessAttempt
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.choices import SignInFailure
from accounts.models import LoginEvent, RecoveryCode, TotpDevice, User, UserSession
from accounts.services.second_factor import LONGEST_WAIT, code_verify, second_factor_reset
from core.admin.site import backoffice
from core.db.context import acting
from core.db.roles import Role
from core.encryption.signals import keys_used
from tests.accounts.conftest import Announced
from tests.accounts.factories import PASSWORD, staff
from tests.accounts.second_factors import CODE_PAGE, App, answer, enrolled, forget_uses, session_of
from tests.browser import Browser

pytestmark = pytest.mark.django_db

PEOPLE = "/accounts/user/"
StaffClient = Callable[..., Browser]


@pytest.fixture
def app(moderator: User) -> App:
    return enrolled(moderator)[0]


@pytest.fixture
def browser(moderator: User, app: App) -> Browser:
    """Somebody who knows the password of `moda`."""
    browser = Browser()
    browser.user = moderator
    response = browser.sign_in("moda", PASSWORD, Role.MODERATOR)
    assert response["Location"] == reverse(CODE_PAGE)
    return browser


def words_of(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.context["form"].errors["code"])


def failures(user: User) -> list[str]:
    return list(
        LoginEvent.objects.filter(user=user, succeeded=False).order_by("pk").values_list("failure", flat=True)
    )


class TestPassing:
    def test_password_and_code_lead_to_work(self, browser: Browser, app: App) -> None:
        response = answer(browser, app.code())
        assert (response.status_code, response["Location"]) == (302, "/")
        assert browser.get("/").status_code == 200
        assert session_of(browser).second_factor_at is not None

    def test_spaces_in_a_code_do_not_matter(self, browser: Browser, app: App) -> None:
        code = app.code()
        assert answer(browser, f" {code[:3]} {code[3:]} ").status_code == 302

    @pytest.mark.parametrize("steps", [-1, 1])
    def test_a_clock_half_a_minute_off_is_followed(self, browser: Browser, app: App, steps: int) -> None:
        assert answer(browser, app.code(steps)).status_code == 302
        assert TotpDevice.objects.get().drift in (steps, steps - 1, steps + 1)

    def test_before_the_code_nothing_opens(self, browser: Browser, app: App) -> None:
        for page in (
            "/",
            PEOPLE,
            reverse("admin:search"),
            reverse("admin:second_factor_own"),
            "/account/devices/",
        ):
            location = browser.get(page)["Location"]
            assert location.startswith(reverse("admin:login"))
            assert browser.get(location)["Location"].startswith(reverse(CODE_PAGE))
        assert browser.get(reverse("admin:role"))["Location"] == reverse(CODE_PAGE)
        assert browser.choose(Role.MODERATOR)["Location"] == reverse(CODE_PAGE)
        assert "acting_role" not in browser.session

    def test_a_role_put_into_the_session_opens_nothing_either(self, browser: Browser) -> None:
        session = browser.session
        session["acting_role"] = Role.MODERATOR.value
        session.save()
        assert browser.get(PEOPLE)["Location"].startswith(reverse("admin:login"))
        assert browser.get("/").status_code == 302

    def test_one_comes_out_where_one_wanted_to_go(self, app: App) -> None:
        browser = Browser()
        response = browser.post(
            reverse("admin:login"), {"username": "moda", "password": PASSWORD, "next": PEOPLE}
        )
        assert response["Location"] == f"{reverse(CODE_PAGE)}?next=%2Faccounts%2Fuser%2F"
        page = browser.get(response["Location"])
        assert f'name="next" value="{PEOPLE}"' in page.content.decode()
        assert answer(browser, app.code(), next=PEOPLE)["Location"] == PEOPLE

    def test_several_roles_are_chosen_after_the_code(self) -> None:
        user = staff(Role.MODERATOR, Role.AUDITOR)
        app, _ = enrolled(user)
        browser = Browser()
        assert browser.sign_in(user.handle, PASSWORD)["Location"] == reverse(CODE_PAGE)
        assert answer(browser, app.code())["Location"] == reverse("admin:role")
        assert browser.choose(Role.AUDITOR).status_code == 302
        assert browser.get("/").status_code == 200

    def test_the_session_gets_another_key_and_its_row_follows(self, browser: Browser, app: App) -> None:
        before = browser.session.session_key
        row = session_of(browser)
        stolen = Browser()
        answer(browser, app.code())
        assert browser.session.session_key != before
        assert session_of(browser).pk == row.pk
        assert UserSession.objects.count() == 1
        stolen.cookies["sessionid"] = before
        assert stolen.get("/")["Location"].startswith(reverse("admin:login"))

    def test_the_device_is_read_by_django_otp(self, app: App, moderator: User) -> None:
        device = TotpDevice.objects.get()
        assert django_otp.models.Device.from_persistent_id(device.persistent_id) == device
        assert django_otp.user_has_device(moderator)
        assert not django_otp.verify_token(moderator, device.persistent_id, app.code())

    def test_the_page_asks_few_questions(
        self, browser: Browser, app: App, django_assert_max_num_queries
    ) -> None:
        with django_assert_max_num_queries(30):
            browser.get(reverse(CODE_PAGE))


class TestRefusals:
    def test_a_wrong_code(self, browser: Browser, app: App, moderator: User) -> None:
        assert "does not pass" in words_of(answer(browser, app.wrong()))
        assert failures(moderator) == [SignInFailure.WRONG_CODE]
        assert TotpDevice.objects.get().throttling_failure_count == 1
        assert AccessAttempt.objects.get().username == str(moderator.pk)
        assert browser.get("/").status_code == 302

    @pytest.mark.parametrize("steps", [-3, -2, 3, 120])
    def test_an_expired_code_and_one_from_the_future(self, browser: Browser, app: App, steps: int) -> None:
        # Two steps back may be one when a step ends meanwhile; never the other way round.
        assert "an old one no longer serves" in words_of(answer(browser, app.code(steps)))

    @pytest.mark.parametrize(
        "typed", ["", "12345", "1234567", "½½½½½½", "-12345", "1e5678", "x" * 40, "x" * 41]
    )
    def test_what_is_no_code(self, browser: Browser, typed: str) -> None:
        assert words_of(answer(browser, typed))

    def test_a_code_serves_once(self, browser: Browser, app: App, moderator: User) -> None:
        code = app.code()
        assert answer(browser, code).status_code == 302
        again = Browser()
        again.sign_in("moda", PASSWORD)
        assert "used before" in words_of(answer(again, code))
        assert failures(moderator) == [SignInFailure.REPLAYED_CODE]
        assert again.get("/").status_code == 302

    def test_no_code_before_the_last_one_serves(self, browser: Browser, app: App) -> None:
        assert answer(browser, app.code(1)).status_code == 302
        again = Browser()
        again.sign_in("moda", PASSWORD)
        assert "used before" in words_of(answer(again, app.code(0)))

    def test_after_a_wrong_code_even_the_right_one_has_to_wait(self, browser: Browser, app: App) -> None:
        answer(browser, app.wrong())
        TotpDevice.objects.update(throttling_failure_count=5, throttling_failure_timestamp=timezone.now())
        assert "Wait 16 seconds" in words_of(answer(browser, app.code()))
        # It was not looked at, so it is not spent.
        TotpDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(seconds=17))
        assert answer(browser, app.code()).status_code == 302
        assert TotpDevice.objects.get().throttling_failure_count == 0

    def test_the_wait_ends_some_day(self, browser: Browser, app: App) -> None:
        TotpDevice.objects.update(
            throttling_failure_count=60, throttling_failure_timestamp=timezone.now() - LONGEST_WAIT
        )
        assert answer(browser, app.code()).status_code == 302

    def test_wrong_codes_lock_out_and_the_password_does_not_help(self, browser: Browser, app: App) -> None:
        for _ in range(4):
            assert answer(browser, app.wrong()).status_code == 200
            forget_uses(browser.user)
        # Signing in with the password again takes nothing back.
        again = Browser()
        assert again.sign_in("moda", PASSWORD).status_code == 302
        assert AccessAttempt.objects.get().failures_since_start == 4
        response = answer(again, app.wrong())
        assert response.status_code == 429
        assert int(response["Retry-After"]) > 0
        forget_uses(browser.user)
        for page in (browser, again):
            assert answer(page, app.code()).status_code == 429
            assert page.get(reverse(CODE_PAGE)).status_code == 429

    def test_the_right_code_takes_earlier_failures_back(self, browser: Browser, app: App) -> None:
        answer(browser, app.wrong())
        forget_uses(browser.user)
        assert answer(browser, app.code()).status_code == 302
        assert not AccessAttempt.objects.exists()

    def test_the_code_of_somebody_else(self, browser: Browser) -> None:
        other, codes = enrolled(staff(Role.MODERATOR))
        words_of(answer(browser, codes[0]))
        forget_uses(browser.user)
        words_of(answer(browser, other.code()))

    def test_without_the_key_it_says_so_and_lets_nobody_in(
        self, browser: Browser, app: App, tmp_path: Any
    ) -> None:
        with override_settings(KEYS_DIRECTORY=tmp_path):
            assert "cannot be checked at the moment" in words_of(answer(browser, app.code()))
        assert TotpDevice.objects.get().throttling_failure_count == 0
        assert not failures(browser.user)
        assert answer(browser, app.code()).status_code == 302

    def test_no_use_of_the_key_is_an_event(self, browser: Browser, app: App) -> None:
        told = []

        def listen(sender: Any, **named: Any) -> None:
            told.append(named)

        keys_used.connect(listen)
        answer(browser, app.code())
        keys_used.disconnect(listen)
        assert told == []

    def test_a_forged_form_is_refused(self, app: App) -> None:
        browser = Browser(enforce_csrf_checks=True)
        assert answer(browser, app.code()).status_code == 403

    def test_a_visitor_has_no_second_factor(self) -> None:
        assert Browser().get(reverse(CODE_PAGE))["Location"] == reverse("admin:login")


class TestRecoveryCodes:
    def test_one_serves_once_and_says_how_many_are_left(self, moderator: User, announced: Announced) -> None:
        _, codes = enrolled(moderator)
        for code, passes in ((codes[0].upper().replace("-", " "), True), (codes[0], False), (codes[1], True)):
            browser = Browser()
            browser.sign_in("moda", PASSWORD)
            response = answer(browser, code)
            if passes:
                assert response.status_code == 302
                assert "of them are left" in browser.get("/").content.decode()
            else:
                assert "was used before" in words_of(response)
        assert announced.actions.count("recovery_code_used") == 2
        assert failures(moderator) == [SignInFailure.REPLAYED_CODE]
        assert RecoveryCode.objects.filter(used_at__isnull=True).count() == 8

    def test_one_passes_while_the_app_has_to_wait(self, moderator: User) -> None:
        _, codes = enrolled(moderator)
        TotpDevice.objects.update(throttling_failure_count=9, throttling_failure_timestamp=timezone.now())
        browser = Browser()
        browser.sign_in("moda", PASSWORD)
        assert answer(browser, codes[3]).status_code == 302

    def test_a_wrong_one_counts(self, browser: Browser, moderator: User) -> None:
        words_of(answer(browser, "aaaa-bbbb-cccc-dddd"))
        assert failures(moderator) == [SignInFailure.WRONG_CODE]

    def test_letters_that_are_misread_are_understood(self, moderator: User) -> None:
        _, codes = enrolled(moderator)
        code = next((code for code in codes if "0" in code or "1" in code or "v" in code), codes[0])
        with acting(Role.APP, user_id=moderator.pk):
            assert code_verify(
                user=moderator, code=code.replace("0", "o").replace("1", "l").replace("v", "u")
            ).passed


class TestRequired:
    @pytest.fixture(autouse=True)
    def required(self) -> Any:
        with override_settings(SECOND_FACTOR_REQUIRED=True):
            yield

    def test_without_an_app_one_sets_it_up_first(self, moderator: User) -> None:
        browser = Browser()
        response = browser.sign_in("moda", PASSWORD)
        assert response["Location"] == reverse(CODE_PAGE)
        assert browser.get(response["Location"])["Location"] == reverse("admin:second_factor_enrol")
        assert browser.get("/")["Location"].startswith(reverse("admin:login"))
        assert browser.get(PEOPLE)["Location"].startswith(reverse("admin:login"))

    def test_permission_needs_verification(self, rf: Any, moderator: User) -> None:
        request = rf.get("/")
        request.user, request.acting_role, request.session = moderator, Role.MODERATOR, {}
        assert not backoffice.has_permission(request)
        moderator.is_verified = lambda: False
        assert not backoffice.has_permission(request)
        moderator.is_verified = lambda: True
        assert backoffice.has_permission(request)

    def test_a_session_from_before_it_was_required_works_no_more(self, staff_client: StaffClient) -> None:
        with override_settings(SECOND_FACTOR_REQUIRED=False):
            browser = staff_client(Role.MODERATOR)
            assert browser.get("/").status_code == 200
        assert browser.get("/").status_code == 302

    def test_it_cannot_be_removed(self, moderator: User) -> None:
        app, codes = enrolled(moderator)
        browser = Browser()
        browser.sign_in("moda", PASSWORD, Role.MODERATOR)
        answer(browser, app.code())
        own = reverse("admin:second_factor_own")
        assert "Remove the second factor" not in browser.get(own).content.decode()
        response = browser.send(reverse("admin:second_factor_remove"), {"remove-code": codes[0]})
        assert response.status_code == 200
        assert TotpDevice.objects.filter(user=moderator).exists()


def test_a_session_is_worth_nothing_once_its_device_is_reset(
    browser: Browser, app: App, administrator: User
) -> None:
    answer(browser, app.code())
    assert browser.get("/").status_code == 200
    with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
        second_factor_reset(user_id=browser.user.pk, actor=administrator, reason="the telephone is lost")
    # Even if the session had been forgotten.
    UserSession.objects.update(revoked_at=None, revoked_by=None)
    assert browser.get("/")["Location"].startswith(reverse("admin:login"))
    assert browser.get(PEOPLE).status_code == 302


def test_without_an_app_and_where_none_is_needed_nothing_is_asked(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    assert browser.get("/").status_code == 200
    assert browser.get(reverse(CODE_PAGE))["Location"] == "/"
    assert session_of(browser).second_factor_at is None
