"""Who acts, for one transaction, and not a statement longer."""

import pytest
from django.db import connection, transaction

from core.db.context import acting, current_actor_id, current_role
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def told() -> tuple[str, str]:
    ((role, user),) = run("SELECT current_user::text, coalesce(current_setting('app.user_id', true), '')")
    return role, user


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_every_acting_role_can_be_taken_and_is_given_back(role: Role) -> None:
    before = told()
    person = uuid7()
    with acting(role, user_id=person):
        assert told() == (role.value, str(person))
        assert (current_role(), current_actor_id()) == (role, person)
    assert told() == before
    assert current_role() is None


def test_blocks_nest() -> None:
    me, other = uuid7(), uuid7()
    with acting(Role.MODERATOR, user_id=me) as outer:
        with acting(Role.WORKER, user_id=other) as inner:
            assert told() == ("vbl_worker", str(other))
            assert inner.request_id == outer.request_id
        assert told() == ("vbl_moderator", str(me))


def test_an_error_in_python_gives_the_role_back() -> None:
    before = told()
    with pytest.raises(ZeroDivisionError), acting(Role.MODERATOR, user_id=uuid7()):
        _ = 1 / 0
    assert told() == before


def test_an_error_in_sql_gives_the_role_back() -> None:
    before = told()
    with refused("division by zero"), acting(Role.MODERATOR, user_id=uuid7()):
        run("SELECT 1 / 0")
    assert told() == before


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_on_the_connection_for_the_next_client() -> None:
    before = told()
    with acting(Role.MODERATOR, user_id=uuid7()):
        pass
    assert not connection.in_atomic_block
    assert told() == before


@pytest.mark.django_db(transaction=True)
def test_a_durable_block_refuses_to_stand_inside_another_transaction() -> None:
    with (
        pytest.raises(RuntimeError, match="durable"),
        transaction.atomic(),
        acting(Role.WORKER, durable=True),
    ):
        pass
