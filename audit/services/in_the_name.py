"""Work of a job that is done in the name of whoever asked for it, as long as they may."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role


@contextmanager
def in_the_name_of(role: Role, person_id: UUID | None) -> Iterator[User | None]:
    """A transaction in which the person acts in the role; None is given where they may not take it any more.

    The login role asks for the grants, as for every request of the site.
    """
    with acting(Role.APP, durable=True):
        actor = User.objects.filter(pk=person_id).first()
        if actor is None or not actor.is_active or role not in actor.roles_in_force():
            yield None
            return
        with acting(role, user_id=person_id):
            yield actor
