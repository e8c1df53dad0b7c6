"""Counters: what is recorded, what folds, what is proven, and who may not."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from core.db.context import acting
from core.db.roles import Role
from engagement.errors import CounterRefused
from engagement.models import ChatMessage, CounterFold, EngagementCounter
from engagement.models import CounterDelta as DeltaRow
from engagement.services.counters import (
    CounterDelta,
    counters_correct,
    counters_differences,
    counters_fold,
    counters_of,
    counters_record,
)
from engagement.services.follows import NewFollow, follows_import
from engagement.tie_choices import CounterKind, CounterSubject
from tests.engagement.chat_data import room_of
from tests.engagement.ties_data import as_person, as_worker, counted, follow, performer, tips, viewer
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def test_changes_are_appended_in_one_statement(django_assert_max_num_queries: Any) -> None:
    star, other, fan = performer(), performer(), viewer()
    with as_person(fan):
        # The statement, and the savepoints around it.
        with django_assert_max_num_queries(5):
            counters_record(deltas=[tips(star, 2), tips(star, 3), tips(other, 1), tips(other, -1)])
        counters_record(deltas=[])
        assert DeltaRow.objects.get().change == 5
        assert counters_of(subject_ids=[star.pk], kinds=[CounterKind.TIPS]) == {}
        assert counted(star.pk, CounterKind.TIPS) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": CounterKind.FOLLOWERS},
        {"kind": "sighs"},
        {"subject_type": "planet"},
        {"performer_id": uuid4()},
        {"subject_id": uuid4()},
        {"amount": 2**31 - 1},
        {"amount": 2**31},
        {"amount": -(2**31)},
        {"amount": 2**63},
    ],
)
def test_what_cannot_be_recorded(wrong: dict[str, Any]) -> None:
    star = performer()
    asked = {
        "subject_type": CounterSubject.PERFORMER,
        "subject_id": star.pk,
        "kind": CounterKind.TIPS,
        "amount": 1,
        "performer_id": star.pk,
        **wrong,
    }
    with as_person(star, Role.PERFORMER), pytest.raises(CounterRefused):
        counters_record(deltas=[CounterDelta(**asked)])
    assert not DeltaRow.objects.exists()


def test_a_sum_that_no_delta_can_hold_is_refused_whole() -> None:
    star = performer()
    with as_person(star, Role.PERFORMER), pytest.raises(CounterRefused):
        counters_record(deltas=[tips(star, 2**31 - 1), tips(star, 2**31 - 1), tips(star, 1)])
    assert not DeltaRow.objects.exists()


def test_less_than_nothing_is_shown_as_nothing_and_kept_as_it_is() -> None:
    """Who appends looks at nobody, so that what is taken back may come before what was given."""
    star = performer()
    with as_person(star, Role.PERFORMER):
        counters_record(deltas=[tips(star, -3)])
        assert counted(star.pk, CounterKind.TIPS) == 0
        counters_record(deltas=[tips(star, 5)])
        assert counted(star.pk, CounterKind.TIPS) == 2


def test_messages_of_a_room_are_counted_once_a_statement() -> None:
    room, fan = room_of(), viewer()
    with as_worker():
        ChatMessage.objects.bulk_create(
            ChatMessage(
                room_id=room.pk,
                performer_id=room.performer_id,
                sender_id=fan.pk,
                kind="user",
                body=f"Line {n}",
            )
            for n in range(3)
        )
    delta = DeltaRow.objects.get()
    assert (delta.subject_type, delta.subject, delta.kind, delta.change) == ("room", room.pk, "messages", 3)


def test_nobody_writes_figures_by_hand() -> None:
    star = performer()
    for role in (Role.VIEWER, Role.PERFORMER, Role.MODERATOR, Role.WORKER, Role.APP):
        with acting(role, user_id=star.pk):
            for table in (
                "engagement_counterdelta",
                "engagement_engagementcounter",
                "engagement_counterfold",
            ):
                with refused("permission denied"):
                    run(f"DELETE FROM {table}")
                with refused("permission denied"):
                    run(f"INSERT INTO {table} (id) VALUES (uuidv7())")
    with acting(Role.VIEWER, user_id=star.pk):
        for name in ("fold", "correct", "differences"):
            with refused("permission denied"):
                run(f"SELECT * FROM engagement_counters_{name}()")
        with refused("count themselves"):
            run(
                "SELECT engagement_counters_record(ARRAY['performer'], ARRAY[%s]::uuid[], ARRAY['followers'], "
                "ARRAY[100], ARRAY[%s]::uuid[])",
                [star.pk, star.pk],
            )
        counters_record(deltas=[tips(star, 1)])
    with acting(Role.OWNER), refused("append-only"):
        run("UPDATE engagement_counterdelta SET change = 2")


def test_an_import_appends_one_change_for_each_performer() -> None:
    stars, fans = [performer(), performer()], [viewer() for _ in range(10)]
    with as_worker():
        follows_import(
            follows=[NewFollow(user_id=fan.pk, performer_id=star.pk) for fan in fans for star in stars]
        )
    assert sorted(DeltaRow.objects.values_list("performer_id", "change")) == sorted(
        (star.pk, 10) for star in stars
    )


def test_figures_that_drifted_are_named_and_corrected(capsys: pytest.CaptureFixture[str]) -> None:
    star, fan = performer(), viewer()
    follow(fan, star)
    assert counters_differences() == []
    unseen = [viewer().pk, viewer().pk]
    run("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.cursor() as cursor:
        # What nobody can do from outside: a follow that no trigger saw.
        cursor.execute("ALTER TABLE engagement_follow DISABLE TRIGGER USER")
        cursor.execute(
            "INSERT INTO engagement_follow (id, user_id, performer_id, notify) SELECT uuidv7(), u, %s, 'all' "
            "FROM unnest(%s::uuid[]) u",
            [star.pk, unseen],
        )
        cursor.execute("ALTER TABLE engagement_follow ENABLE TRIGGER USER")
    (difference,) = counters_differences()
    assert (difference.subject_id, difference.shown, difference.counted) == (star.pk, 1, 3)
    call_command("counters_reconcile", "--dry-run")
    assert "shown 1, counted 3" in capsys.readouterr().out
    assert counters_correct() == 1
    assert counters_differences() == []
    assert counted(star.pk, CounterKind.FOLLOWERS) == 3
    assert DeltaRow.objects.filter(is_correction=True).get().change == 2
    assert counters_correct() == 0


def test_what_is_not_committed_is_not_folded() -> None:
    follow(viewer(), performer())
    assert counters_fold() == 0
    assert not EngagementCounter.objects.exists()
    assert not CounterFold.objects.exists()


def test_a_counter_is_of_what_is_the_performers() -> None:
    star, other = performer(), performer()
    hers = room_of()
    values = {"kind": CounterKind.TIPS, "amount": 1}
    with as_person(star, Role.PERFORMER):
        for subject_type, subject in (
            (CounterSubject.STREAM, hers.stream_id),
            (CounterSubject.ROOM, hers.pk),
            (CounterSubject.STREAM, uuid4()),
            (CounterSubject.ARCHIVE, uuid4()),
            (CounterSubject.ROOM, uuid4()),
        ):
            with pytest.raises(CounterRefused, match="is of the performer who is named"):
                counters_record(
                    deltas=[
                        CounterDelta(
                            subject_type=subject_type, subject_id=subject, performer_id=other.pk, **values
                        )
                    ]
                )
        counters_record(
            deltas=[
                CounterDelta(
                    subject_type=CounterSubject.STREAM,
                    subject_id=hers.stream_id,
                    performer_id=hers.performer_id,
                    **values,
                )
            ]
        )
        with refused("is of the performer who is named"):
            run(
                "SELECT engagement_counters_record(ARRAY['performer'], ARRAY[%s]::uuid[], ARRAY['tips'], ARRAY[1], "
                "ARRAY[%s]::uuid[])",
                [star.pk, other.pk],
            )
