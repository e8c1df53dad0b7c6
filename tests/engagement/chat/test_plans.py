"""Which index and which partitions the questions of the chat read, among messages of three months."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_floor
from engagement.chat_selectors import SKEW
from engagement.models import ChatMessage, ChatRoom
from tests.engagement.chat_data import room_of, viewer
from tests.sql import run

pytestmark = pytest.mark.django_db

ROOMS, SENDERS, LINES = 40, 200, 30_000


@pytest.fixture
def rooms() -> tuple[ChatRoom, UUID]:
    """Messages of forty rooms, spread over the last sixty days; one room, and one sender."""
    room, ann = room_of(), viewer()
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE engagement_chatmessage DISABLE TRIGGER USER")
    run(
        """INSERT INTO engagement_chatmessage (id, room_id, performer_id, sender_id, kind, body, status)
           SELECT uuidv7(make_interval(secs => -n * 172)),
             CASE WHEN n %% %s = 0 THEN %s ELSE md5((n %% %s)::text)::uuid END, %s,
             CASE WHEN n %% %s = 0 THEN %s ELSE md5('s' || n %% %s)::uuid END, 'user', 'Line ' || n, 'visible'
           FROM generate_series(1, %s) n""",
        [ROOMS, room.pk, ROOMS, room.performer_id, SENDERS, ann.pk, SENDERS, LINES],
    )
    run("ALTER TABLE engagement_chatmessage ENABLE TRIGGER USER")
    run("ANALYZE engagement_chatmessage")
    return room, ann.pk


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def read(queryset: Any, role: Role, person: UUID) -> tuple[set[str], int]:
    """The indexes of the partitions that were really read, and how many those were."""
    with acting(role, user_id=person), connection.cursor() as cursor:
        sql, parameters = queryset.query.sql_with_params()
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
        answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    done = [
        node
        for node in nodes(plan)
        if node.get("Actual Loops") and node.get("Relation Name", "").startswith("engagement_chatmessage_")
    ]
    assert all(node["Node Type"].startswith(("Index", "Bitmap")) for node in done), done
    return {node.get("Index Name", "") for node in done}, len({node["Relation Name"] for node in done})


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MODERATOR])
def test_the_backlog_reads_one_or_two_partitions(rooms: tuple[ChatRoom, UUID], role: Role) -> None:
    room, person = rooms
    now = uuid7_floor(timezone.now() + SKEW)
    indexes, partitions = read(ChatMessage.objects.in_room(room.pk, now).visible()[:50], role, person)
    assert all(index.endswith("_room_id_id_idx") or "room_id" in index for index in indexes)
    assert 1 <= partitions <= 2


def test_an_older_page_reads_one_or_two_partitions(rooms: tuple[ChatRoom, UUID]) -> None:
    room, person = rooms
    middle = ChatMessage.objects.in_room(room.pk).values_list("pk", flat=True)[300]
    indexes, partitions = read(ChatMessage.objects.in_room(room.pk, middle)[:50], Role.VIEWER, person)
    assert all("room_id" in index for index in indexes)
    assert 1 <= partitions <= 3


def test_what_somebody_wrote_across_rooms(rooms: tuple[ChatRoom, UUID]) -> None:
    _, person = rooms
    now = uuid7_floor(timezone.now() + SKEW)
    indexes, partitions = read(ChatMessage.objects.of_sender(person, now)[:50], Role.MODERATOR, viewer().pk)
    assert all("sender_id" in index for index in indexes)
    assert 1 <= partitions <= 3
