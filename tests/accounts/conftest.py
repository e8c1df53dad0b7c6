"""People of the tests, and what the services announce."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from core.announcements import Announcement, announcements
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff


class Announced(list[tuple[str, dict[str, Any]]]):
    """Action and names of every announcement, in order."""

    @property
    def actions(self) -> list[str]:
        return [action for action, _ in self]

    def only(self, action: str) -> dict[str, Any]:
        """What the one announcement of this action said."""
        (found,) = [named for name, named in self if name == action]
        return found


@pytest.fixture
def announced() -> Iterator[Announced]:
    """Everything announced during the test."""
    heard = Announced()

    def hear(announcement: Announcement, **named: Any) -> None:
        heard.append((announcement.action, named))

    for announcement in announcements.values():
        announcement.connect(hear, weak=False)
    yield heard
    for announcement in announcements.values():
        announcement.disconnect(hear)


@pytest.fixture
def user(db: None) -> User:
    return UserFactory(handle="anna")


@pytest.fixture
def moderator(db: None) -> User:
    return staff(Role.MODERATOR, handle="moda")


@pytest.fixture
def lead(db: None) -> User:
    return staff(Role.LEAD_MODERATOR, handle="leah")


@pytest.fixture
def administrator(db: None) -> User:
    return staff(Role.ADMINISTRATOR, handle="adam")


@pytest.fixture
def compliance(db: None) -> User:
    return staff(Role.COMPLIANCE)
