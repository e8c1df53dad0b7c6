"""Lock-out after failed attempts: by account and address, without keeping what was typed."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.choices import SignInFailure
from accounts.errors import NotLockedOut, OwnAccount
from accounts.lock_out import UNKNOWN
from accounts.models import LoginEvent, User
from accounts.services.lock_outs import lock_out_lift
from audit.models import SecurityEvent
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.conftest import Announced
from tests.accounts.factories import PASSWORD, SessionFactory, staff
from tests.browser import Browser
from tests.sql import run

pytestmark = pytest.mark.django_db

LIMIT = 5
HOME_ADDRESS = "198.51.100.9"
StaffClient = Callable[..., Browser]


def browser(address: str = "192.0.2.1") -> Browser:
    return Browser(REMOTE_ADDR=address)


def fail(handle: str, times: int = LIMIT, address: str = "192.0.2.1") -> Any:
    response = None
    for _ in range(times):
        response = browser(address).sign_in(handle, "not the password")
    return response


def test_the_fifth_failure_locks_the_account_for_this_address(moderator: User) -> None:
    assert fail("moda", LIMIT - 1).status_code == 200
    response = fail("moda", 1)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 15 * 60
    assert "Try again in <strong>15 minutes</strong>" in response.content.decode()
    # The right password helps no more, and the failures were committed.
    assert browser().sign_in("moda", PASSWORD).status_code == 429
    assert AccessAttempt.objects.get().failures_since_start == LIMIT


def test_whoever_is_attacked_signs_in_from_another_address(moderator: User) -> None:
    fail("moda", 3 * LIMIT)
    assert browser(HOME_ADDRESS).sign_in("moda", PASSWORD).status_code == 302
    assert browser().sign_in("moda", PASSWORD).status_code == 429


def test_an_attack_from_everywhere_leaves_the_addresses_that_the_person_uses(moderator: User) -> None:
    SessionFactory(user=moderator, address=HOME_ADDRESS)
    for number in range(50 // (LIMIT - 1) + 1):
        fail("moda", LIMIT - 1, f"203.0.113.{number}")
    assert browser("203.0.113.200").sign_in("moda", PASSWORD).status_code == 429
    assert browser(HOME_ADDRESS).sign_in("moda", PASSWORD).status_code == 302


def test_unknown_accounts_are_locked_alike(moderator: User) -> None:
    answers = {}
    for handle in ("moda", "nobody_here"):
        answers[handle] = [browser().sign_in(handle, "not the password") for _ in range(LIMIT + 2)]
    statuses = {handle: [answer.status_code for answer in found] for handle, found in answers.items()}
    assert statuses["moda"] == statuses["nobody_here"] == [200] * (LIMIT - 1) + [429] * 3
    assert answers["moda"][-1].content == answers["nobody_here"][-1].content


def test_letter_case_makes_no_other_account(moderator: User) -> None:
    for handle in ("moda", "MODA", "Moda", "mODA", "moDA"):
        response = browser().sign_in(handle, "not the password")
    assert response.status_code == 429
    for name in ("Nobody Here", "nobody here", "NOBODY HERE", " nobody here", "nobody herE"):
        response = browser().sign_in(name, "not the password")
    assert response.status_code == 429


def test_trying_on_does_not_prolong_it_and_it_ends(moderator: User) -> None:
    fail("moda")
    before = AccessAttempt.objects.get().attempt_time
    fail("moda", 3)
    attempt = AccessAttempt.objects.get()
    assert (attempt.attempt_time, attempt.failures_since_start) == (before, LIMIT)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14, seconds=30))
    response = fail("moda", 1)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 30
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert browser().sign_in("moda", PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_signing_in_forgets_the_failures_of_this_address_only(moderator: User) -> None:
    fail("moda", LIMIT - 1)
    fail("moda", 2, HOME_ADDRESS)
    assert browser().sign_in("moda", PASSWORD).status_code == 302
    assert AccessAttempt.objects.get().ip_address == HOME_ADDRESS
    assert fail("moda", LIMIT - 1).status_code == 200


@pytest.mark.parametrize("typed", ["my-Secret-Passw0rd", "mona@example.org", "moda"])
def test_nothing_that_was_typed_or_told_is_kept(moderator: User, typed: str) -> None:
    secret = "hunter2-hunter2"
    for _ in range(2):
        Browser(headers={"user-agent": "Tell-tale/1.0", "accept": "text/tell-tale"}).post(
            reverse("admin:login") + "?next=/tell-tale/&q=" + typed,
            {
                "username": typed,
                "password": secret,
                "next": "/tell-tale/",
                "username2": typed,
                "extra": secret,
            },
        )
    assert not AccessLog.objects.exists()
    assert not AccessFailureLog.objects.exists()
    attempt = AccessAttempt.objects.get()
    assert attempt.username == str(moderator.pk) if typed == "moda" else attempt.username.startswith(UNKNOWN)
    columns = {"get_data", "post_data", "http_accept", "path_info", "user_agent"}
    # django-axes puts a line between the form of one failure and that of the next.
    assert {getattr(attempt, column).strip("-\n") for column in columns} == {""}
    ((row,),) = run("SELECT row_to_json(a)::text FROM axes_accessattempt a")
    assert set(json.loads(row)) == columns | {
        *("id", "ip_address", "username", "attempt_time", "failures_since_start")
    }
    for word in (typed, secret, "tell-tale", "Tell-tale"):
        assert word.lower() not in row.lower()


def test_the_key_of_an_unknown_name_depends_on_the_secret_key(rf: Any) -> None:
    from accounts.lock_out import account_key

    before = account_key(rf.get("/"), {"username": "nobody"})
    with override_settings(SECRET_KEY="another-" * 10):
        assert account_key(rf.get("/"), {"username": "nobody"}) != before
    assert account_key(rf.get("/"), {"username": "Nobody "}) == before


def test_attempts_while_locked_out_are_on_record_and_noticed(moderator: User) -> None:
    fail("moda", LIMIT + 2)
    reasons = list(LoginEvent.objects.order_by("pk").values_list("failure", "user_id"))
    assert (
        reasons
        == [(SignInFailure.WRONG_PASSWORD, moderator.pk)] * LIMIT
        + [(SignInFailure.LOCKED_OUT, moderator.pk)] * 2
    )
    assert SecurityEvent.objects.filter(kind="account_guessing").exists()


def test_who_works_already_is_not_disturbed(staff_client: StaffClient) -> None:
    here = staff_client(Role.MODERATOR)
    fail(here.user.handle, LIMIT, "127.0.0.1")
    assert here.get("/").status_code == 200


class TestLifting:
    @pytest.fixture
    def admin(self, staff_client: StaffClient) -> Browser:
        return staff_client(Role.ADMINISTRATOR)

    def url(self, user: User) -> str:
        return reverse("admin:accounts_user_action", args=[user.pk, "lift-lock-out"])

    def test_an_administrator_sees_and_lifts_it(
        self, admin: Browser, moderator: User, announced: Announced
    ) -> None:
        fail("moda")
        page = admin.get(reverse("admin:accounts_user_change", args=[moderator.pk])).content.decode()
        assert "192.0.2.1" in page
        assert self.url(moderator) in page
        assert admin.do(self.url(moderator)).status_code == 302
        said = announced.only("lock_out_lifted")
        assert (said["actor"], said["subject"]) == (admin.user, moderator)
        assert browser().sign_in("moda", PASSWORD).status_code == 302

    def test_without_one_there_is_nothing_to_lift(self, administrator: User, moderator: User) -> None:
        with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
            with pytest.raises(NotLockedOut, match="no attempt to sign in failed"):
                lock_out_lift(user_id=moderator.pk, actor=administrator, reason="asked by telephone")
            with pytest.raises(OwnAccount):
                lock_out_lift(user_id=administrator.pk, actor=administrator, reason="it was me")

    @pytest.mark.parametrize("role", [Role.MODERATOR, Role.SUPPORT, Role.AUDITOR])
    def test_nobody_else_may(self, staff_client: StaffClient, moderator: User, role: Role) -> None:
        fail("moda")
        assert staff_client(role).get(self.url(moderator)).status_code == 403


def test_what_is_over_is_forgotten_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    fail("gone_one", 1)
    fail("still_here", 1)
    oldest = AccessAttempt.objects.earliest("pk")
    AccessAttempt.objects.filter(pk=oldest.pk).update(attempt_time=timezone.now() - timedelta(minutes=16))
    call_command("lock_outs_forget", dry_run=True)
    assert "to forget: 1" in capsys.readouterr().out
    assert AccessAttempt.objects.count() == 2
    call_command("lock_outs_forget")
    assert "forgotten: 1" in capsys.readouterr().out
    assert AccessAttempt.objects.count() == 1


def test_somebody_without_a_role_is_locked_out_too() -> None:
    person = staff()
    for _ in range(LIMIT):
        response = browser().sign_in(person.handle, PASSWORD)
    assert response.status_code == 429
