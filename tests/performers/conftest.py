"""People of the tests of performers."""

import pytest

from accounts.models import User
from core.db.roles import Role
from tests.accounts.conftest import announced  # noqa: F401  (a fixture)
from tests.accounts.factories import staff


@pytest.fixture
def compliance(db: None) -> User:
    return staff(Role.COMPLIANCE)
