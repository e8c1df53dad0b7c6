"""What is written below tells figures, in its transaction and once a statement; nobody has to think of it."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from analytics.models import RollupSource, RollupTouch
from analytics.rollups.engine import NO_SUBJECT, Grain
from billing.services.spend_reversals import spend_reverse
from engagement.models import ChatMessage
from engagement.services.follows import follow_end
from performers.models import PerformerProfile
from streams.models import Stream
from tests.analytics.playback_data import broadcast
from tests.billing.factories_wallets import granted, tip
from tests.engagement.chat_data import room_of
from tests.engagement.ties_data import as_person, as_worker, follow, performer, viewer
from tests.sql import run

pytestmark = pytest.mark.django_db

SOURCES = ("chat", "follows", "spends", "stream_spends", "reversals", "streams", "performer_streams")


@pytest.fixture(autouse=True)
def listening() -> None:
    """Every source touches a roll-up of its own."""
    RollupSource.objects.bulk_create(
        RollupSource(source=source, rollup=f"by_{source}", grain="hour", words="For a test.")
        for source in SOURCES
    )
    RollupSource.objects.create(
        source="chat", rollup="by_chat_everywhere", grain="day", is_platform=True, words="For a test."
    )


def touched(source: str) -> list[tuple[UUID, dt.datetime]]:
    """What was touched by the source, in order."""
    rows = RollupTouch.objects.filter(rollup=f"by_{source}").order_by("start", "subject")
    return list(rows.values_list("subject", "start"))


def test_a_statement_of_chat_touches_its_hour_once() -> None:
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
            for n in range(50)
        )
    hour = Grain.HOUR.floor(timezone.now())
    assert touched("chat") == [(room.stream_id, hour)]
    assert touched("chat_everywhere") == [(NO_SUBJECT, Grain.DAY.floor(hour))]
    run("UPDATE engagement_chatmessage SET status = 'removed', moderated_at = now()")
    assert len(touched("chat")) == 2, "what is removed changes what is counted"


def test_a_follow_touches_its_beginning_and_its_end() -> None:
    star, fan = performer(), viewer()
    tie = follow(fan, star)
    assert touched("follows") == [(star.pk, Grain.HOUR.floor(timezone.now()))]
    run("UPDATE engagement_follow SET notify = 'none' WHERE id = %s", [tie.pk])
    assert len(touched("follows")) == 1, "what is not counted tells nothing"
    with as_person(fan):
        follow_end(performer_id=star.pk, actor=fan)
    assert {subject for subject, _ in touched("follows")} == {star.pk}
    assert len(touched("follows")) >= 2


def test_a_spend_touches_its_performer_and_its_stream_and_a_reversal_both_hours() -> None:
    """What is taken back changes the hour of the spend, and counts in the hour in which it is taken back."""
    show, fan = broadcast(), granted(100)
    star = PerformerProfile.objects.get(pk=show.performer_id)
    spend = tip(fan, star, 40, stream_id=show.pk)
    hour = Grain.HOUR.floor(spend.spent_at)
    assert touched("spends") == [(star.pk, hour)]
    assert touched("stream_spends") == [(show.pk, hour)]
    assert touched("reversals") == []
    spend_reverse(spend_id=spend.pk, actor=None, reason="a mistake")
    assert touched("spends") == [(star.pk, hour)] * 2
    assert touched("stream_spends") == [(show.pk, hour)] * 2
    assert touched("reversals") == [(star.pk, Grain.HOUR.floor(timezone.now()))]


def test_a_spend_outside_of_streams_touches_no_stream() -> None:
    star = performer()
    tip(granted(10), star, 5)
    assert [subject for subject, _ in touched("spends")] == [star.pk]
    assert touched("stream_spends") == []


def test_a_stream_touches_all_its_hours_when_it_is_over_and_none_by_a_heartbeat() -> None:
    began = Grain.HOUR.floor(timezone.now()) - dt.timedelta(hours=5)
    show = broadcast(began + dt.timedelta(minutes=20))
    first = [(show.pk, began)]
    assert sorted(set(touched("streams"))) == first
    before = len(touched("streams"))
    run("UPDATE streams_stream SET last_heartbeat_at = now() WHERE id = %s", [show.pk])
    assert len(touched("streams")) == before
    Stream.all_objects.filter(pk=show.pk).update(
        status="ended", lease=None, ended_at=began + dt.timedelta(hours=3), end_reason="performer"
    )
    assert sorted(set(touched("streams"))) == [(show.pk, began + dt.timedelta(hours=n)) for n in range(4)]
    assert {subject for subject, _ in touched("performer_streams")} == {show.performer_id}


def test_what_has_no_subject_or_no_listener_touches_nothing() -> None:
    run("SELECT figures_changed('nobody_listens', %s, now())", [uuid4()])
    Stream.objects.create(performer=performer(), title="Tomorrow")
    assert not RollupTouch.objects.exists()


def test_every_line_of_the_mapping_is_of_a_roll_up_that_is_there(db: Any) -> None:
    from analytics.rollups.engine import rollups

    known = {each.name: each.grain for each in rollups()}
    lines = RollupSource.objects.exclude(rollup__startswith="by_")
    assert {line.rollup for line in lines} <= set(known)
    assert all(known[line.rollup] == line.grain for line in lines)
