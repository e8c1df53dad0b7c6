"""Events: recorded once for their key, by whoever may, with the variables of their trigger and no others."""

import pytest
from django.db import DatabaseError, connection

from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from engagement.models import NotificationEvent, NotificationEventKey
from engagement.notification_errors import EventRefused
from engagement.services.notification_events import notification_event_record
from tests.accounts.test_races import at_once
from tests.engagement.notifications_data import person, record, spread, told

pytestmark = pytest.mark.django_db


def test_the_same_key_returns_the_first_event() -> None:
    ann = person()
    first = record(idempotency_key="follow:1", recipient_ids=[ann.pk])
    again = record(idempotency_key="follow:1", recipient_ids=[ann.pk], variables={"follower": "eve"})
    assert again.pk == first.pk
    assert again.variables == {"follower": "bob"}
    other = record(
        "tip_received",
        idempotency_key="follow:1",
        recipient_ids=[ann.pk],
        variables={"sender": "bob", "tokens": 5},
    )
    assert other.pk != first.pk
    assert NotificationEvent.objects.count() == NotificationEventKey.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_key_recorded_by_two_at_once_is_one_event() -> None:
    ann = person()
    outcomes = at_once(*[lambda: record(idempotency_key="raced", recipient_ids=[ann.pk]).pk] * 2)
    assert outcomes[0] == outcomes[1]
    assert NotificationEvent.objects.count() == 1
    event = NotificationEvent.objects.get()
    spread(event)
    assert len(told(ann)) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"trigger": "weather_changed"}, "There is no trigger weather_changed"),
        ({"variables": {}}, "needs: follower"),
        ({"variables": {"follower": "bob", "shoe": "9"}}, "does not know: shoe"),
        ({"variables": {"follower": "x" * 8001}}, "at most 8000 characters: follower"),
        ({"variables": {"follower": "nul\u0000"}}, "cannot be stored"),
        ({"variables": {"follower": ["bob"]}}, "a number, or a text"),
        ({"recipient_ids": []}, "one to 1000 people"),
        ({"recipient_ids": [uuid7() for _ in range(1001)]}, "one to 1000 people"),
        ({"deep_link": "https://evil.example"}, "a path of the platform"),
        ({"deep_link": "//evil.example"}, "a path of the platform"),
        ({"deep_link": "javascript:alert(1)"}, "a path of the platform"),
        ({"idempotency_key": ""}, "1 to 200 characters"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(options: dict, sentence: str) -> None:
    ann = person()
    with pytest.raises(EventRefused, match=sentence):
        record(**{"trigger": "new_follower", "recipient_ids": [ann.pk], **options})
    assert not NotificationEvent.objects.exists()
    assert not NotificationEventKey.objects.exists()


def test_people_record_what_they_do_themselves_and_nothing_else() -> None:
    ann, bob = person(), person()
    with acting(Role.VIEWER, user_id=bob.pk):
        event = notification_event_record(
            trigger="new_follower",
            idempotency_key="bob",
            variables={"follower": "bob"},
            recipient_ids=[ann.pk],
            actor=ann,
        )
    # In their own name, whatever they say.
    assert NotificationEvent.objects.get(pk=event.pk).actor_id == bob.pk
    for trigger, variables in (
        ("security_notice", {"notice": "Send us your password."}),
        ("payment_captured", {"amount": "1 EUR", "order": "1"}),
        ("moderation_decision", {"what": "w", "words": "w"}),
    ):
        with acting(Role.VIEWER, user_id=bob.pk), pytest.raises(EventRefused, match="themselves"):
            notification_event_record(
                trigger=trigger,
                idempotency_key="bob",
                variables=variables,
                recipient_ids=[ann.pk],
                actor=bob,
            )
    with acting(Role.VIEWER, user_id=bob.pk):
        notification_event_record(
            trigger="security_notice",
            idempotency_key="own",
            variables={"notice": "Your address was changed."},
            recipient_ids=[bob.pk],
            actor=bob,
        )
    with acting(Role.VIEWER), pytest.raises(EventRefused, match="themselves"):
        notification_event_record(
            trigger="new_follower",
            idempotency_key="nobody",
            variables={"follower": "bob"},
            recipient_ids=[ann.pk],
            actor=None,
        )


INSERT = """
INSERT INTO engagement_notificationevent (id, trigger_id, idempotency_key, variables, recipients)
SELECT uuidv7(), t.id, 'raw', '{"follower": "bob"}', ARRAY[uuidv7()]
FROM engagement_notificationtrigger t WHERE t.code = 'new_follower'
"""


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER, Role.SUPPORT, Role.ADMINISTRATOR, Role.WORKER])
def test_nobody_inserts_events_or_keys_directly(role: Role) -> None:
    somebody = person()
    for statement in (INSERT, "INSERT INTO engagement_notificationeventkey DEFAULT VALUES"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            acting(role, user_id=somebody.pk),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_an_event_keeps_what_it_says() -> None:
    event = record(recipient_ids=[person().pk])
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        acting(Role.WORKER),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE engagement_notificationevent SET variables = '{}' WHERE id = %s", [event.pk])
    with pytest.raises(DatabaseError, match="cannot be changed"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE engagement_notificationevent SET idempotency_key = 'other' WHERE id = %s", [event.pk]
        )
