"""Private messages are read by their two people: proved by SQL in every role, with every context one may set."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from core.db.context import acting
from core.db.roles import ACTING_ROLES, STAFF_ROLES, Role
from engagement.models import Conversation
from engagement.services.conversations import conversation_read
from tests.accounts.factories import UserFactory, staff
from tests.engagement.messages_data import accepted, as_person, write
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

TABLES = ("engagement_conversation", "engagement_conversationmember", "engagement_directmessage")
OTHERS = tuple(role for role in ACTING_ROLES if role not in (Role.VIEWER, Role.PERFORMER))
WORDS = "zmarker between the two of us"


@pytest.fixture
def written() -> tuple[User, User, Conversation]:
    """Two people and what one wrote to the other."""
    ann, bob = UserFactory(), UserFactory()
    conversation = accepted(ann, bob)
    message = write(conversation, ann, WORDS)
    with as_person(bob):
        conversation_read(conversation_id=conversation.pk, up_to_id=message.pk, actor=bob)
    return ann, bob, conversation


def partitions() -> list[str]:
    """Every partition of private messages."""
    return [
        name
        for (name,) in run(
            "SELECT inhrelid::regclass::text FROM pg_inherits "
            "WHERE inhparent = 'engagement_directmessage'::regclass"
        )
    ]


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("table", TABLES)
def test_no_other_role_reads_or_writes(written: Any, role: Role, table: str) -> None:
    """Whoever acts, also when it is one of the two themselves, in a role of staff or as the worker."""
    ann, bob, _ = written
    for person in (staff(role) if role in STAFF_ROLES else UserFactory(), ann, bob):
        with acting(role, user_id=person.pk):
            for statement in (
                f"SELECT * FROM {table}",
                f"SELECT count(*) FROM {table}",
                f"DELETE FROM {table}",
                f"UPDATE {table} SET id = id",
                f"TRUNCATE {table}",
                f"COPY {table} TO STDOUT",
            ):
                with refused("permission denied"):
                    run(statement)


@pytest.mark.parametrize("role", [*ACTING_ROLES, Role.APP])
def test_no_role_reads_a_partition_by_its_name(written: Any, role: Role) -> None:
    ann, _, _ = written
    assert partitions()
    with acting(role, user_id=ann.pk):
        for name in partitions():
            with refused("permission denied"):
                run(f"SELECT * FROM {name}")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER])
def test_each_of_the_two_reads_and_nobody_else(written: Any, role: Role) -> None:
    ann, bob, _ = written
    for person, rows in ((ann, 1), (bob, 1), (UserFactory(), 0)):
        with acting(role, user_id=person.pk):
            assert len(run("SELECT body FROM engagement_directmessage")) == rows
            assert len(run("SELECT * FROM engagement_conversation")) == rows
            assert run("SELECT person_id FROM engagement_conversationmember") == [(person.pk,)] * rows


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER])
def test_without_a_person_nothing_is_seen(written: Any, role: Role) -> None:
    with acting(role):
        for table in TABLES:
            assert run(f"SELECT * FROM {table}") == []


def test_staff_see_nothing_through_a_join_a_function_or_an_error(written: Any) -> None:
    ann, _, conversation = written
    for role in OTHERS:
        with acting(role, user_id=staff(role).pk if role in STAFF_ROLES else None):
            with refused("permission denied"):
                run("SELECT u.id FROM accounts_user u JOIN engagement_directmessage m ON m.sender_id = u.id")
            with refused("permission denied"):
                run(
                    "SELECT engagement_messages_person_erase(%s)", [ann.pk]
                ) if role is not Role.COMPLIANCE else run("SELECT * FROM engagement_directmessage")
            with refused("permission denied"):
                run("SELECT * FROM engagement_attachment_for_me(%s)", [conversation.pk])


def test_nobody_writes_in_the_name_of_somebody_else(written: Any) -> None:
    ann, bob, conversation = written
    eve = UserFactory()
    insert = (
        "INSERT INTO engagement_directmessage (conversation_id, sender_id, recipient_id, body) "
        "VALUES (%s, %s, %s, 'x')"
    )
    with as_person(eve):
        with refused("about blocks of their own|row-level security|no such conversation"):
            run(insert, [conversation.pk, ann.pk, bob.pk])
        with refused("no such conversation"):
            run(insert, [conversation.pk, eve.pk, bob.pk])
    with as_person(bob), refused("row-level security"):
        run(insert, [conversation.pk, ann.pk, bob.pk])
    with as_person(ann):
        run(insert, [conversation.pk, ann.pk, eve.pk])
    with acting(Role.OWNER):
        assert run("SELECT count(*) FROM engagement_directmessage WHERE recipient_id = %s", [eve.pk]) == [
            (0,)
        ]


def test_nobody_changes_what_was_written(written: Any) -> None:
    ann, bob, _ = written
    with as_person(bob):
        assert affected("UPDATE engagement_directmessage SET status = 'deleted'") == 0, "it is not theirs"
    with as_person(ann):
        for change in ("body = 'other'", "recipient_id = sender_id", "moved_at = now()", "files = '{}'"):
            with refused("permission denied"):
                run(f"UPDATE engagement_directmessage SET {change}")
        for status in ("hidden", "erased"):
            with refused("deleted by its sender"):
                run("UPDATE engagement_directmessage SET status = %s", [status])
        with refused("permission denied"):
            run("DELETE FROM engagement_directmessage")
    with acting(Role.OWNER), refused("not changed"):
        run("UPDATE engagement_directmessage SET body = 'other words'")


def test_row_level_security_is_forced_on_all_of_it() -> None:
    found = run(
        "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = ANY (%s)",
        [[*TABLES, "engagement_attachment", "audit_privatecopy"]],
    )
    assert len(found) == 5
    assert all(forced for _, forced in found), found


def test_the_trail_learns_nothing_of_who_writes_to_whom(written: Any) -> None:
    assert run("SELECT count(*) FROM audit_event WHERE subject_type LIKE 'engagement.%%'") == [(0,)]
    assert connection.in_atomic_block
