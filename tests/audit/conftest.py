"""People for the trail, and a trail that is sealed."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.choices import SignUpSource, UserStatus
from accounts.models import User
from accounts.services.role_grants import role_grant
from core.db.roles import Role
from tests.accounts.conftest import announced  # noqa: F401
from tests.audit.sealing import Trail, four_seals, trail_of
from tests.database import Databases

SignIn = Callable[[Role], Client]


def person(handle: str) -> User:
    """Somebody with an active account."""
    user = User.objects.create(handle=handle, sign_up_source=SignUpSource.STAFF, signed_up_at=timezone.now())
    User.objects.filter(pk=user.pk).update(status=UserStatus.ACTIVE)
    user.refresh_from_db()
    return user


@pytest.fixture
def ann() -> User:
    return person("ann_moderates")


@pytest.fixture
def bob() -> User:
    return person("bob_watches")


@pytest.fixture
def trail(test_databases: Databases) -> Trail:
    """Four seals and an event that is not sealed yet."""
    return trail_of(test_databases, four_seals)


@pytest.fixture
def sign_in() -> SignIn:
    """Sign a new member of staff in, acting in one role."""

    def enter(role: Role) -> Client:
        colleague = person(f"colleague_{role.short}")
        role_grant(user_id=colleague.pk, role=role, actor=None, reason="for this test")
        client = Client()
        client.force_login(colleague)
        session = client.session
        session["acting_role"] = role.value
        session.save()
        return client

    return enter
