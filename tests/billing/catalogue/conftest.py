"""People of the tests of the catalogue, and what the services announce."""

import pytest

from accounts.models import User
from core.db.roles import Role
from tests.accounts.conftest import announced, user  # noqa: F401
from tests.accounts.factories import staff


@pytest.fixture
def finance(db: None) -> User:
    return staff(Role.FINANCE, handle="fina")
