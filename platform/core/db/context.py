"""Who acts, and in which role, told to PostgreSQL for one transaction.

Only transaction-local settings are used: a setting of the session would leak to the next client of a
pooled connection.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from core.db.roles import Role

SETTINGS = ("role", "app.user_id", "app.acting_role", "app.request_id")


@dataclass(frozen=True)
class Context:
    """The acting role, the person (None: the system) and the request that everything belongs to."""

    role: Role
    user_id: UUID | None
    request_id: UUID


_current: ContextVar[Context | None] = ContextVar("acting", default=None)


def current() -> Context | None:
    """The innermost `acting` block, or None outside of any."""
    return _current.get()


def current_actor_id() -> UUID | None:
    """The id of the acting person, None for the system."""
    context = _current.get()
    return context.user_id if context else None


def current_role() -> Role | None:
    """The acting role, None outside of any `acting` block."""
    context = _current.get()
    return context.role if context else None


def _write(values: list[str]) -> list[str]:
    """Set all of `SETTINGS`, and return what they were before, in one question: every request asks it.

    What was before is materialised first. The role goes last: a role may change its own settings, but only a member
    may take a role.
    """
    before = ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH earlier AS MATERIALIZED (SELECT ARRAY[{before}] AS settings) "
            "SELECT settings, set_config(%s, %s, true), set_config(%s, %s, true), set_config(%s, %s, true), "
            "set_config(%s, %s, true) FROM earlier",
            [item for pair in zip(reversed(SETTINGS), reversed(values), strict=True) for item in pair],
        )
        return [str(value) for value in cursor.fetchone()[0]]


@contextmanager
def acting(
    role: Role, *, user_id: UUID | None = None, request_id: UUID | None = None, durable: bool = False
) -> Iterator[Context]:
    """Run a block as `role` on behalf of `user_id`, inside a transaction.

    On exit the previous role and settings are restored; when the block fails, the roll-back restores them.
    Raises `django.db.utils.ProgrammingError` if the login may not take the role.
    """
    outer = _current.get()
    context = Context(role, user_id, request_id or (outer.request_id if outer else uuid.uuid4()))
    with transaction.atomic(durable=durable):
        before = _write([role.value, str(user_id or ""), role.value, str(context.request_id)])
        token = _current.set(context)
        try:
            yield context
        finally:
            _current.reset(token)
        if not connection.needs_rollback:
            _write(before)
