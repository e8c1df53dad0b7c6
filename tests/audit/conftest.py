"""People for the trail."""

import pytest
from django.utils import timezone

from accounts.choices import SignUpSource, UserStatus
from accounts.models import User
from tests.accounts.conftest import announced  # noqa: F401


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
