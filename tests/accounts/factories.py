"""People and what belongs to them, written as the owner: valid rows, without the services under test."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.choices import FlagKind, FlagSource, ReservationReason, RestrictionKind, UserStatus
from accounts.models import (
    AccountFlag,
    ReservedHandle,
    Restriction,
    RoleGrant,
    User,
    UserPassword,
    UserSession,
    ViewerProfile,
)
from accounts.services.sessions import session_digest
from core.db.roles import Role

PASSWORD = "correct horse battery staple"
JOINED = datetime(2024, 3, 1, 12, tzinfo=UTC)

WAY_TO = {
    UserStatus.PENDING: (),
    UserStatus.ACTIVE: (UserStatus.ACTIVE,),
    UserStatus.RESTRICTED: (UserStatus.ACTIVE, UserStatus.RESTRICTED),
    UserStatus.SUSPENDED: (UserStatus.ACTIVE, UserStatus.RESTRICTED, UserStatus.SUSPENDED),
    UserStatus.CLOSED: (UserStatus.ACTIVE, UserStatus.CLOSED),
    UserStatus.ERASED: (UserStatus.ACTIVE, UserStatus.CLOSED, UserStatus.ERASED),
}
"""The moves that lead a new account to each status."""


def period(start: datetime | None = None, end: datetime | None = None) -> DateTimeTZRange:
    """Half-open; without a start, since yesterday."""
    return DateTimeTZRange(start or timezone.now() - timedelta(days=1), end, "[)")


def letters(number: int) -> str:
    """Base 8 in letters none of which looks like another: handles that differ, differ for the eye too."""
    digits = ""
    while True:
        digits = "abcdefgh"[number % 8] + digits
        number //= 8
        if not number:
            return digits


class UserFactory(DjangoModelFactory):
    """An active person; `status` leads there by legal moves."""

    class Meta:
        model = User

    handle = factory.Sequence(lambda number: f"user_{letters(number)}")
    signed_up_at = JOINED

    @classmethod
    def _create(cls, model_class: Any, *args: Any, status: str = UserStatus.ACTIVE, **fields: Any) -> User:
        user = super()._create(model_class, *args, **fields)
        for step in WAY_TO[UserStatus(status)]:
            changes: dict[str, Any] = {"status": step}
            if step == UserStatus.CLOSED:
                changes["closed_at"] = timezone.now()
            if step == UserStatus.ERASED:
                changes |= {"erased_at": timezone.now(), "handle": None}
            User.objects.filter(pk=user.pk).update(**changes)
        return User.objects.get(pk=user.pk)


class UserPasswordFactory(DjangoModelFactory):
    class Meta:
        model = UserPassword

    user = factory.SubFactory(UserFactory)
    password_hash = factory.LazyFunction(lambda: make_password(PASSWORD))
    changed_at = JOINED


class ViewerProfileFactory(DjangoModelFactory):
    class Meta:
        model = ViewerProfile

    user = factory.SubFactory(UserFactory)


class RoleGrantFactory(DjangoModelFactory):
    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    role = Role.MODERATOR.value
    valid = factory.LazyFunction(period)
    grantor = None
    reason = "works here"


class RestrictionFactory(DjangoModelFactory):
    """A limit in force. The status of the person is left as it is."""

    class Meta:
        model = Restriction

    user = factory.SubFactory(UserFactory)
    kind = RestrictionKind.CHAT
    valid = factory.LazyFunction(period)
    reason = "insults in the chat"


class FlagFactory(DjangoModelFactory):
    class Meta:
        model = AccountFlag

    user = factory.SubFactory(UserFactory)
    kind = FlagKind.SPAM
    source = FlagSource.AUTOMATIC


class SessionFactory(DjangoModelFactory):
    class Meta:
        model = UserSession

    user = factory.SubFactory(UserFactory)
    token_digest = factory.Sequence(lambda number: session_digest(f"session {number}"))
    address = "192.0.2.7"
    user_agent = "Browser 1.0"
    last_used_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=8))


class ReservedHandleFactory(DjangoModelFactory):
    class Meta:
        model = ReservedHandle

    handle = factory.Sequence(lambda number: f"kept_{letters(number)}")
    reason = ReservationReason.BRAND


def staff(*roles: Role, handle: str = "") -> User:
    """An active person with a password who holds `roles`."""
    user = UserFactory(handle=handle) if handle else UserFactory()
    UserPasswordFactory(user=user)
    for role in roles:
        RoleGrantFactory(user=user, role=role.value)
    return user
