"""Joining: on the public site as the viewer that one becomes, by staff, and letting a pending person in."""

from typing import Any

import pytest

from accounts.choices import SignUpSource, UserStatus
from accounts.errors import DisposableAddress, HandleRefused
from accounts.models import User, UserPassword, ViewerProfile
from accounts.services.addresses import MalformedAddress, address_check
from accounts.services.passwords import password_matches
from accounts.services.profiles import PreferenceRefused
from accounts.services.users import NewUser, UnknownPlace, user_activate, user_register
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition, Refused
from core.models.identity import uuid7
from tests.accounts.conftest import Announced
from tests.accounts.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def join(handle: str = "bruno", **known: Any) -> User:
    """Register as a visitor of the public site does."""
    new = NewUser(id=uuid7(), handle=handle, **known)
    with acting(Role.VIEWER, user_id=new.id):
        return user_register(new=new, password=PASSWORD, actor=None, email="bruno@example.org")


def test_a_visitor_becomes_a_pending_person(announced: Announced) -> None:
    user = join(display_name="Bruno Ω", locale="pt-BR", time_zone="America/Sao_Paulo", country="BR")
    user.refresh_from_db()
    assert (user.status, user.sign_up_source) == (UserStatus.PENDING, SignUpSource.WEB)
    assert user.viewer_profile.display_name == "Bruno Ω"
    assert password_matches(user=user, raw=PASSWORD)
    assert user.stored_password.password_hash.startswith("argon2")
    said = announced.only("user_registered")
    assert (said["subject"], said["actor"], said["detail"]) == (user, None, {"source": "web"})
    assert [row.history_user_id for row in User.history.filter(id=user.pk)] == [user.pk]


@pytest.mark.parametrize(
    ("known", "refusal", "words"),
    [
        ({"handle": "ab"}, HandleRefused, "3 to 30 letters"),
        ({"handle": "a" * 31}, HandleRefused, "3 to 30 letters"),
        ({"handle": "anna"}, HandleRefused, "is taken"),
        ({"handle": "ANNA"}, HandleRefused, "is taken"),
        ({"handle": "annа"}, HandleRefused, "display name"),  # noqa: RUF001  (a Cyrillic letter)
        ({"handle": "admin"}, HandleRefused, "is reserved"),
        ({"handle": "adm1n"}, HandleRefused, "is reserved"),
        ({"country": "XX"}, UnknownPlace, "no country"),
        ({"country": "Brazil"}, UnknownPlace, "no country"),
        ({"time_zone": "Europe/Atlantis"}, UnknownPlace, "no time zone"),
        ({"time_zone": "../etc/passwd"}, UnknownPlace, "no time zone"),
        ({"locale": "x" * 36}, HandleRefused, "2 to 35 characters"),
        ({"locale": "e\0n"}, HandleRefused, "cannot be stored"),
        ({"display_name": "x" * 51}, PreferenceRefused, "0 to 50 characters"),
        ({"display_name": "nul \0"}, PreferenceRefused, "cannot be stored"),
        ({"display_name": "half \ud83d"}, PreferenceRefused, "cannot be stored"),
        ({"display_name": "over\u202erride"}, PreferenceRefused, "direction marks"),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_left(
    user: User, announced: Announced, known: dict[str, str], refusal: type[Refused], words: str
) -> None:
    with pytest.raises(refusal, match=words):
        join(**known)
    assert User.objects.get() == user
    assert not ViewerProfile.objects.exists()
    assert not UserPassword.objects.exists()
    assert not announced


def test_whoever_cannot_see_others_hears_why_all_the_same(user: User) -> None:
    with pytest.raises(HandleRefused, match="taken"):
        join("Anna")


def test_an_administrator_adds_a_colleague(administrator: User) -> None:
    with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
        colleague = user_register(
            new=NewUser(handle="clara"), password=PASSWORD, actor=administrator, source=SignUpSource.STAFF
        )
        user_activate(user_id=colleague.pk, actor=administrator)
    assert password_matches(user=colleague, raw=PASSWORD)
    assert User.objects.get(pk=colleague.pk).status == UserStatus.ACTIVE


def test_activation_is_for_pending_people(user: User, announced: Announced) -> None:
    pending = UserFactory(status=UserStatus.PENDING)
    with acting(Role.VIEWER, user_id=pending.pk):
        assert user_activate(user_id=pending.pk, actor=pending).status == UserStatus.ACTIVE
    with (
        acting(Role.WORKER),
        pytest.raises(IllegalTransition, match="This is active and cannot become active"),
    ):
        user_activate(user_id=user.pk, actor=None)
    assert announced.actions == ["user_activated"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [("  Ana@Example.ORG ", "Ana@example.org"), ("o'brien+tag@example.co.uk", "o'brien+tag@example.co.uk")],
)
def test_addresses_keep_their_local_part(written: str, kept: str) -> None:
    assert address_check(written) == kept


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("x@mailinator.com", DisposableAddress),
        ("x@MAILINATOR.com", DisposableAddress),
        ("x@deep.below.mailinator.com", DisposableAddress),
        ("nobody", MalformedAddress),
        ("a@b", MalformedAddress),
        ("", MalformedAddress),
        ("x\0@example.org", MalformedAddress),
        ("ana@example.org\nbcc: everybody@example.org", MalformedAddress),
        ("a" * 10_000 + "@example.org", MalformedAddress),
        ("👩@example.org", MalformedAddress),
    ],
)
def test_addresses_that_are_refused(address: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        address_check(address)


def test_a_disposable_address_stops_the_registration() -> None:
    new = NewUser(id=uuid7(), handle="bruno")
    with acting(Role.VIEWER, user_id=new.id), pytest.raises(DisposableAddress, match="thrown away after use"):
        user_register(new=new, password=PASSWORD, actor=None, email="x@mailinator.com")
    assert not User.objects.exists()
