"""People of the tests of ties, and how they act."""

from typing import Any

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
from tests.accounts.factories import UserFactory
from tests.performers.factories_admission import verified

__all__ = ["UserFactory", "as_person", "as_worker", "verified", "viewer"]


def viewer(**fields: Any) -> User:
    """Somebody who watches."""
    return UserFactory.create(**fields)


def as_person(person: User | PerformerProfile, role: Role = Role.VIEWER) -> Any:
    """Act as this person."""
    return acting(role, user_id=person.pk)


def as_worker() -> Any:
    """Act as a job."""
    return acting(Role.WORKER)
