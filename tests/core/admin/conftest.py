"""Staff who sign in, and a back office of test rooms."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services.role_grants import role_grant
from accounts.services.users import NewUser, user_activate, user_register
from core.db.roles import Role

PASSWORD = "correct horse battery staple"
ROOMS = "tests.core.admin.rooms"


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make an active person."""

    def make(handle: str, *roles: Role, password: str | None = None) -> User:
        user = user_register(new=NewUser(handle=handle), password=password, actor=None)
        user_activate(user_id=user.pk, actor=None)
        for role in roles:
            role_grant(user_id=user.pk, role=role, actor=None, reason="works here")
        return User.objects.get(pk=user.pk)

    return make


class StaffClient(Client):
    """A browser in which somebody acts in a role; its forms carry that role, as pages write it."""

    def __init__(self, user: User, role: Role, **options: Any) -> None:
        super().__init__(**options)
        self.user = user
        self.force_login(user)
        self.act_as(role)

    def act_as(self, role: Role) -> None:
        """Switch without the form."""
        session = self.session
        session["acting_role"] = role.value
        session.save()
        self.role = role

    def send(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        """POST a form that was opened in the present role."""
        return self.post(path, {"acting_role": self.role.short, **(data or {})}, **options)


@pytest.fixture
def staff(person: Callable[..., User]) -> Callable[..., StaffClient]:
    """Make a signed-in member of staff: `staff(Role.MODERATOR)`."""

    def make(*roles: Role, handle: str = "") -> StaffClient:
        return StaffClient(person(handle or f"staff_{roles[0].short}"[:30], *roles), roles[0])

    return make


@pytest.fixture
def moderator(staff: Callable[..., StaffClient]) -> StaffClient:
    return staff(Role.MODERATOR)
