"""Sessions end when nobody uses them, and where their person says so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, UserSession
from accounts.services.sessions import SEEN_EVERY, USED_EVERY
from core.db.roles import Role
from tests.accounts.conftest import Announced
from tests.accounts.factories import SessionFactory, staff
from tests.browser import Browser

pytestmark = pytest.mark.django_db

PEOPLE = "/accounts/user/?status=active"
IDLE = timedelta(minutes=30)
StaffClient = Callable[..., Browser]


def last_used(ago: timedelta) -> None:
    UserSession.objects.update(last_used_at=timezone.now() - ago)


class TestIdle:
    def test_a_pause_of_half_an_hour_signs_out_and_leads_back(
        self, staff_client: StaffClient, announced: Announced
    ) -> None:
        browser = staff_client(Role.MODERATOR)
        assert browser.get(PEOPLE).status_code == 200
        last_used(IDLE + timedelta(seconds=1))
        response = browser.get(PEOPLE)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("admin:login") + "?next=/accounts/user/")
        page = browser.get(response["Location"])
        assert "signed out after 30 minutes without a click" in page.content.decode()
        session = UserSession.objects.get()
        assert session.revoked_at is not None
        assert session.revoked_by is None
        assert "signed_out" not in announced.actions
        again = browser.post(
            response["Location"],
            {"username": browser.user.handle, "password": "correct horse battery staple", "next": PEOPLE},
        )
        assert again["Location"] == PEOPLE

    def test_a_shorter_pause_does_not(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.MODERATOR)
        last_used(IDLE - timedelta(seconds=30))
        assert browser.get(PEOPLE).status_code == 200
        # That request was a use.
        assert timezone.now() - UserSession.objects.get().last_used_at < timedelta(seconds=30)

    def test_a_use_is_noted_often_enough_for_the_limit(self, staff_client: StaffClient, settings) -> None:
        """Whoever clicks is signed out a minute early at most, whatever happened since the last note."""
        assert timedelta(seconds=settings.STAFF_IDLE_SECONDS) >= 10 * USED_EVERY
        browser = staff_client(Role.MODERATOR)
        before = timezone.now() - USED_EVERY + timedelta(seconds=30)
        UserSession.objects.update(last_used_at=before)
        browser.get("/")
        assert UserSession.objects.get().last_used_at == before
        last_used(USED_EVERY)
        User.objects.filter(pk=browser.user.pk).update(last_seen_at=timezone.now() - SEEN_EVERY / 2)
        seen = User.objects.get(pk=browser.user.pk).last_seen_at
        browser.get("/")
        assert timezone.now() - UserSession.objects.get().last_used_at < USED_EVERY
        assert User.objects.get(pk=browser.user.pk).last_seen_at == seen

    def test_the_limit_is_a_setting(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.MODERATOR)
        last_used(timedelta(minutes=6))
        with override_settings(STAFF_IDLE_SECONDS=5 * 60):
            response = browser.get("/", follow=True)
        assert "after 5 minutes without a click" in response.content.decode()

    def test_work_does_not_outlast_the_day(self, staff_client: StaffClient, settings) -> None:
        browser = staff_client(Role.MODERATOR)
        session = UserSession.objects.get()
        length = (session.expires_at - session.created_at).total_seconds()
        assert length == pytest.approx(settings.SESSION_COOKIE_AGE, abs=60)
        browser.choose(Role.MODERATOR)
        assert UserSession.objects.get().expires_at == session.expires_at

    def test_a_form_sent_too_late_writes_nothing(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.LEAD_MODERATOR)
        person = staff()
        url = reverse("admin:accounts_user_action", args=[person.pk, "suspend"])
        answers = browser.fill_in(url)
        last_used(IDLE + timedelta(seconds=1))
        assert browser.send(url, answers)["Location"].startswith(reverse("admin:login"))
        assert User.objects.get(pk=person.pk).status == person.status


class TestOwnDevices:
    @pytest.fixture
    def browser(self, staff_client: StaffClient) -> Browser:
        return staff_client(Role.MODERATOR)

    def test_one_sees_ones_own_and_no_others(self, browser: Browser) -> None:
        SessionFactory(user=browser.user, user_agent="Telephone", address="198.51.100.7")
        SessionFactory(user_agent="Somebody else's")
        SessionFactory(user=browser.user, user_agent="Signed out long ago", revoked_at=timezone.now())
        page = browser.get(reverse("admin:devices")).content.decode()
        assert "Telephone" in page
        assert "198.51.100.7" in page
        assert "This device" in page
        assert "Somebody else" not in page
        assert "long ago" not in page

    def test_one_is_signed_out_and_the_others_stay(self, browser: Browser, announced: Announced) -> None:
        first, second = SessionFactory(user=browser.user), SessionFactory(user=browser.user)
        assert browser.send(reverse("admin:devices"), {"session": first.pk}).status_code == 302
        first.refresh_from_db()
        second.refresh_from_db()
        assert first.revoked_by == browser.user
        assert second.revoked_at is None
        assert announced.only("session_revoked")["actor"] == browser.user
        assert browser.get("/").status_code == 200

    def test_all_others_are_signed_out_and_this_one_stays(self, browser: Browser) -> None:
        SessionFactory.create_batch(2, user=browser.user)
        foreign = SessionFactory()
        assert "Signed out of 2 other devices" in (
            browser.send(reverse("admin:devices"), follow=True).content.decode()
        )
        assert list(
            UserSession.objects.in_force().filter(user=browser.user).values_list("address", flat=True)
        ) == ["127.0.0.1"]
        foreign.refresh_from_db()
        assert foreign.revoked_at is None

    def test_devices_of_others_cannot_be_named(self, browser: Browser) -> None:
        foreign = SessionFactory()
        for session in (foreign.pk, "nonsense", ""):
            response = browser.send(reverse("admin:devices"), {"session": session}, follow=True)
            assert "Nothing to do" in response.content.decode()
        foreign.refresh_from_db()
        assert foreign.revoked_at is None

    def test_a_visitor_is_asked_to_sign_in(self) -> None:
        assert Browser().get(reverse("admin:devices"))["Location"].startswith(reverse("admin:login"))
