"""Two at once, on connections of their own."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from core.db.context import acting
from core.db.roles import Role
from streams.choices import StreamStatus
from streams.errors import IngestKeyRefused, StreamRefused
from streams.models import IngestKey, Stream, StreamTransition
from streams.services.broadcasts import stream_heartbeat, stream_start
from streams.services.ingest_keys import ingest_key_make
from streams.services.reaping import streams_reap
from tests.accounts.test_races import at_once, refusals
from tests.streams.factories_broadcasting import as_performer, live, scheduled, silenced, verified

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_starts_and_two_keys_of_one_performer() -> None:
    performer = verified()
    streams = [scheduled(performer), scheduled(performer)]

    def start(stream: Stream) -> Any:
        with as_performer(performer):
            return stream_start(stream_id=stream.pk, actor=performer.user)

    def key() -> Any:
        with as_performer(performer):
            return ingest_key_make(performer_id=performer.pk, actor=performer.user)

    outcomes = at_once(*(lambda stream=stream: start(stream) for stream in streams))
    assert refusals(outcomes) == [StreamRefused]
    assert "on air already" in str(next(outcome for outcome in outcomes if isinstance(outcome, Exception)))
    assert Stream.objects.on_air().count() == 1
    assert Stream.objects.filter(status=StreamStatus.SCHEDULED).count() == 1
    assert refusals(at_once(key, key)) == [IngestKeyRefused]
    assert IngestKey.objects.active().count() == 1


def test_reapers_meet_and_pass_by_what_somebody_holds() -> None:
    held, lease = live()
    silenced(held, 500)
    others = [silenced(live()[0], 500) for _ in range(4)]
    ready, done = Barrier(2), Barrier(2)

    def hold() -> None:
        with transaction.atomic():
            Stream.objects.select_for_update().get(pk=held.pk)
            ready.wait(timeout=10)
            done.wait(timeout=30)
        connection.close()

    def reap() -> int:
        with acting(Role.WORKER):
            return streams_reap().ended

    thread = Thread(target=hold)
    thread.start()
    ready.wait(timeout=10)
    assert sum(at_once(reap, reap)) <= 4
    reap()
    assert Stream.objects.get(pk=held.pk).status == StreamStatus.LIVE
    done.wait(timeout=10)
    thread.join(timeout=10)
    # It speaks before the reaper comes back: it is let be.
    with acting(Role.WORKER):
        stream_heartbeat(stream_id=held.pk, lease=lease)
    assert reap() == 0
    assert Stream.objects.get(pk=held.pk).status == StreamStatus.LIVE
    for stream in others:
        assert StreamTransition.objects.filter(stream=stream, to_status="ended").count() == 1
