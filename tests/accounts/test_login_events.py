"""Attempts to sign in: written by the login role, which cannot read them."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.test import RequestFactory
from django.utils import timezone

from accounts.choices import SignInFailure, SignUpSource, UserStatus
from accounts.models import LoginEvent, User, UserPassword
from accounts.services.login_events import login_event_record
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.accounts.factories import PASSWORD, UserFactory, UserPasswordFactory
from tests.browser import Browser
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

READERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)


@pytest.fixture
def bob() -> User:
    user = User.objects.create(
        handle="bob_watches", sign_up_source=SignUpSource.WEB, signed_up_at=timezone.now()
    )
    User.objects.filter(pk=user.pk).update(status=UserStatus.ACTIVE)
    UserPassword.objects.create(
        user=user, password_hash=make_password("correct horse"), changed_at=timezone.now()
    )
    return user


def note(user: User | None, failure: SignInFailure | None = None, user_agent: str = "curl/8") -> None:
    with acting(Role.APP):
        login_event_record(user=user, failure=failure, address="10.0.0.1", user_agent=user_agent)


class TestAttacks:
    @pytest.mark.parametrize("role", [Role.APP, Role.RETENTION, *ACTING_ROLES])
    def test_no_role_writes_but_by_the_function(self, role: Role, bob: User) -> None:
        note(bob)
        for statement in (
            "INSERT INTO accounts_loginevent (succeeded) VALUES (true)",
            "UPDATE accounts_loginevent SET succeeded = true",
            "DELETE FROM accounts_loginevent",
            "TRUNCATE accounts_loginevent",
        ):
            with acting(role), refused("permission denied"):
                run("SELECT set_config('pgtrigger.ignore', '{}', true)")
                run(statement)

    @pytest.mark.parametrize("role", ACTING_ROLES)
    def test_only_the_login_role_writes_by_the_function(self, role: Role) -> None:
        with acting(role), refused("permission denied for function accounts_login_record"):
            run("SELECT accounts_login_record(NULL, NULL, NULL, '')")

    def test_the_owner_is_held_by_the_trigger(self, bob: User) -> None:
        note(bob)
        for statement in (
            "UPDATE accounts_loginevent SET succeeded = false",
            "DELETE FROM accounts_loginevent",
        ):
            with refused("append-only"):
                run(statement)

    def test_a_reason_that_is_none_is_refused(self) -> None:
        with refused("accounts_loginevent_failure_check"):
            run("SELECT accounts_login_record(NULL, 'bad_luck', NULL, '')")


class TestReaders:
    @pytest.mark.parametrize("role", READERS)
    def test_staff_see_every_attempt(self, role: Role, bob: User) -> None:
        note(bob)
        note(None, SignInFailure.UNKNOWN_HANDLE)
        with acting(role):
            assert LoginEvent.objects.count() == 2

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER])
    def test_people_see_their_own(self, role: Role, bob: User) -> None:
        note(bob)
        note(None, SignInFailure.UNKNOWN_HANDLE)
        with acting(role, user_id=bob.pk):
            assert LoginEvent.objects.get().user_id == bob.pk
        with acting(role):
            assert not LoginEvent.objects.exists()

    @pytest.mark.parametrize("role", [Role.APP, Role.WORKER, Role.FINANCE, Role.ANALYST])
    def test_nobody_else_does(self, role: Role) -> None:
        with acting(role), refused("permission denied"):
            LoginEvent.objects.exists()


class TestRecording:
    def test_an_attempt_keeps_what_is_known(self, bob: User) -> None:
        note(bob, SignInFailure.BARRED, user_agent="Mozilla\x00" + "x" * 5000)
        event = LoginEvent.objects.get()
        assert (event.user_id, event.succeeded, event.failure) == (bob.pk, False, "barred")
        assert (event.address, len(event.user_agent)) == ("10.0.0.1", 400)

    @pytest.mark.parametrize(
        ("handle", "failure", "known"),
        [("bob_watches", "wrong_password", True), ("my secret word", "unknown_handle", False)],
    )
    def test_a_failed_sign_in_is_noted_with_its_reason(
        self, rf: RequestFactory, bob: User, handle: str, failure: str, known: bool
    ) -> None:
        request = rf.post("/", headers={"user-agent": "Lynx"})
        assert authenticate(request, username=handle, password="wrong") is None
        event = LoginEvent.objects.get()
        assert (event.failure, event.user_id) == (failure, bob.pk if known else None)
        assert event.user_agent == "Lynx"
        ((row,),) = run("SELECT row_to_json(e)::text FROM accounts_loginevent e")
        assert "secret" not in row

    def test_only_recent_failures_of_the_same_account_and_address_count(self, bob: User) -> None:
        for _ in range(3):
            note(bob, SignInFailure.WRONG_PASSWORD)
        note(bob)
        note(None, SignInFailure.UNKNOWN_HANDLE)
        ((_, of_user, of_address),) = run(
            "SELECT * FROM accounts_login_record(%s, 'wrong_password', '10.0.0.2', '')", [bob.pk]
        )
        assert (of_user, of_address) == (4, 1)


def test_a_person_without_a_role_is_on_record_too() -> None:
    person = UserFactory(handle="no_role_yet")
    UserPasswordFactory(user=person)
    assert Browser().sign_in("no_role_yet", PASSWORD).status_code == 200
    assert LoginEvent.objects.filter(user=person).values_list("succeeded", "failure").get() == (
        False,
        "no_role",
    )
