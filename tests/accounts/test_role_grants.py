"""Who holds which role: granted by another administrator, dated, revoked, first of all by the command."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.choices import UserStatus
from accounts.errors import AlreadyEnded, AlreadyGranted, EndInThePast, OwnAccount
from accounts.models import RoleGrant, User, UserPassword
from accounts.services.passwords import password_matches
from accounts.services.role_grants import role_grant, role_revoke
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import STAFF_ROLES, Role
from core.errors import NotPermitted, Refused, StaleVersion
from core.models.identity import uuid7
from tests.accounts.conftest import Announced
from tests.accounts.factories import RoleGrantFactory, UserFactory, UserPasswordFactory, period, staff

pytestmark = pytest.mark.django_db


def grant(user: User, actor: User, **options: Any) -> RoleGrant:
    given = {"user_id": user.pk, "role": Role.MODERATOR, "actor": actor, "reason": "joined the team"}
    with acting(Role.ADMINISTRATOR, user_id=actor.pk):
        return role_grant(**{**given, **options})


def revoke(held: RoleGrant, actor: User, **options: Any) -> RoleGrant:
    with acting(Role.ADMINISTRATOR, user_id=actor.pk):
        return role_revoke(role_grant_id=held.pk, actor=actor, reason="left the team", **options)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_an_administrator_grants_and_revokes(
    user: User, administrator: User, role: Role, announced: Announced
) -> None:
    held = grant(user, administrator, role=role)
    assert RoleGrant.objects.roles_of(user.pk) == [role]
    assert held.grantor == administrator
    revoke(held, administrator, expected_version=1)
    assert RoleGrant.objects.roles_of(user.pk) == []
    assert [row.history_user_id for row in RoleGrant.history.filter(id=held.pk)] == [administrator.pk] * 2
    assert announced.only("role_granted")["detail"] == {"role": role.short}
    said = announced.only("role_revoked")
    assert (said["subject"], said["reason"]) == (user, "left the team")


@pytest.mark.parametrize(
    ("options", "refusal", "words"),
    [
        ({"role": "vbl_auditor"}, AlreadyGranted, "holds the role Auditor already"),
        ({"role": Role.OWNER}, NotPermitted, "not a role of staff"),
        ({"role": Role.VIEWER}, NotPermitted, "not a role of staff"),
        ({"until": timezone.now() - timedelta(days=1)}, EndInThePast, "lies in the future"),
        ({"user_id": uuid7()}, NotThere, "no such person"),
        ({"reason": "x"}, Refused, "3 to 2000"),
        ({"reason": "nul \0 sign"}, Refused, "cannot be stored"),
    ],
)
def test_what_is_refused_grants_nothing(
    user: User,
    administrator: User,
    options: dict[str, Any],
    refusal: type[Refused],
    words: str,
    announced: Announced,
) -> None:
    RoleGrantFactory(user=user, role=Role.AUDITOR.value)
    with pytest.raises(refusal, match=words):
        grant(user, administrator, **options)
    assert RoleGrant.objects.roles_of(user.pk) == [Role.AUDITOR]
    assert not announced


@pytest.mark.parametrize("status", [UserStatus.PENDING, UserStatus.RESTRICTED, UserStatus.CLOSED])
def test_only_active_people_hold_roles(administrator: User, status: str) -> None:
    with pytest.raises(NotPermitted, match="only active people"):
        grant(UserFactory(status=status), administrator)


def test_nobody_grants_or_revokes_their_own(administrator: User) -> None:
    with pytest.raises(OwnAccount):
        grant(administrator, administrator)
    with pytest.raises((OwnAccount, NotThere)):
        revoke(administrator.role_grants.get(), administrator)
    assert RoleGrant.objects.roles_of(administrator.pk) == [Role.ADMINISTRATOR]


def test_a_grant_ends_once(user: User, administrator: User) -> None:
    held = grant(user, administrator)
    with pytest.raises(StaleVersion):
        revoke(held, administrator, expected_version=5)
    revoke(held, administrator)
    with pytest.raises(AlreadyEnded):
        revoke(held, administrator)
    assert grant(user, administrator).pk != held.pk


def test_a_grant_that_ran_out_or_lies_ahead_gives_no_role(user: User) -> None:
    now = timezone.now()
    RoleGrantFactory(user=user, role=Role.AUDITOR.value, valid=period(end=now - timedelta(hours=1)))
    RoleGrantFactory(user=user, role=Role.SUPPORT.value, valid=period(now + timedelta(hours=1)))
    assert RoleGrant.objects.roles_of(user.pk) == []
    assert not user.is_staff


class TestBootstrap:
    """`manage.py staff_bootstrap`, which connects as the owner."""

    @pytest.fixture(autouse=True)
    def _typed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def bootstrap(self, handle: str, password: str = "a long and private phrase") -> str:
        self.monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        said = io.StringIO()
        call_command("staff_bootstrap", handle, "--password-stdin", stdout=said)
        return said.getvalue()

    def test_the_first_administrator_is_new(self) -> None:
        assert "bea is administrator" in self.bootstrap("bea")
        user = User.objects.get()
        assert user.status == UserStatus.ACTIVE
        assert RoleGrant.objects.get().grantor is None
        assert password_matches(user=user, raw="a long and private phrase")

    def test_an_imported_person_without_a_password_gets_one(self, user: User) -> None:
        self.bootstrap("ANNA")
        assert RoleGrant.objects.roles_of(user.pk) == [Role.ADMINISTRATOR]
        assert password_matches(user=user, raw="a long and private phrase")

    def test_a_person_with_a_password_keeps_it(self, user: User) -> None:
        before = UserPasswordFactory(user=user).password_hash
        self.bootstrap("anna", password="")
        assert UserPassword.objects.get().password_hash == before

    def test_a_second_administrator_is_refused_before_anything_is_asked(self) -> None:
        staff(Role.ADMINISTRATOR, handle="adam")
        with pytest.raises(CommandError, match="adam is administrator already"):
            self.bootstrap("bea")
        assert not User.objects.with_handle("bea").exists()

    @pytest.mark.parametrize(
        ("handle", "password", "words"),
        [
            ("bea", "short", "at least 12 characters"),
            ("bea", "password1234", "too common"),
            ("bea", "", "at least 12 characters"),
            ("bea", "123456789012345", "entirely numeric"),
            ("bernadette_b", "bernadette_b", "too similar to the handle"),
            ("b", "a long and private phrase", "3 to 30 letters"),
            ("support", "a long and private phrase", "reserved"),
            ("béa", "a long and private phrase", "3 to 30 letters"),
        ],
    )
    def test_what_is_refused_leaves_nobody(self, handle: str, password: str, words: str) -> None:
        with pytest.raises(CommandError, match=words):
            self.bootstrap(handle, password)
        assert not User.objects.exists()

    def test_a_suspended_person_does_not_become_administrator(self) -> None:
        UserFactory(handle="bea", status=UserStatus.SUSPENDED)
        with pytest.raises(CommandError, match="only active people"):
            self.bootstrap("bea")
        assert not UserPassword.objects.exists()

    def test_passwords_that_differ(self, monkeypatch: pytest.MonkeyPatch) -> None:
        typed = iter(["a long and private phrase", "another one altogether"])
        monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
        with pytest.raises(CommandError, match="two passwords differ"):
            call_command("staff_bootstrap", "bea")
        assert not User.objects.exists()
