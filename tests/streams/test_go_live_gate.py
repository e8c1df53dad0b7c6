"""The gate before going live: admission, restriction and consent, in the services and by raw SQL."""

from uuid import uuid4

import pytest

from accounts.choices import RestrictionKind
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.choices import StreamStatus
from streams.errors import MayNotGoLive
from streams.models import Stream, StreamConfiguration
from streams.services.broadcasts import stream_go_live, stream_interrupt, stream_resume
from tests.accounts.factories import RestrictionFactory
from tests.performers.factories_admission import PerformerFactory
from tests.sql import affected, refused, run
from tests.streams.factories_broadcasting import (
    RECORDED,
    named,
    released,
    scheduled,
    started,
    verified,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def performer(db: None) -> PerformerProfile:
    return verified(stage_name="Nova")


def document_until(performer: PerformerProfile, interval: str) -> None:
    """Let the documents of the examination run out so far from now, by the clock of the database."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE performers_identityrecord DISABLE TRIGGER USER")
    run(
        "UPDATE performers_identityrecord SET documents_until = clock_timestamp() + %s::interval "
        "WHERE performer_id = %s AND verdict = 'accepted'",
        [interval, performer.pk],
    )
    run("ALTER TABLE performers_identityrecord ENABLE TRIGGER USER")


class TestGate:
    def test_all_obstacles_are_told_at_once(self, performer: PerformerProfile) -> None:
        guest = verified(stage_name="Guest")
        stream = scheduled(performer)
        named(stream, guest)
        RestrictionFactory(user=performer.user, kind=RestrictionKind.STREAM)
        with pytest.raises(MayNotGoLive) as refusal:
            started(stream, encoding=RECORDED)
        words = str(refusal.value)
        assert len(refusal.value.obstacles) == 3
        assert "Nova: The performer is barred from streaming." in words
        assert "Guest has not consented to being shown live" in words
        assert "Guest has not consented to being recorded" in words
        assert Stream.objects.get(pk=stream.pk).status == StreamStatus.SCHEDULED
        assert not StreamConfiguration.objects.exists()

    @pytest.mark.parametrize("status", ["draft", "submitted", "rejected", "paused", "expired", "offboarded"])
    def test_only_the_verified_go_live(self, status: str) -> None:
        with pytest.raises(MayNotGoLive, match="not verified|paused"):
            started(scheduled(PerformerFactory(status=status)))

    def test_a_document_that_expired_a_second_ago_and_one_that_has_an_hour_left(
        self, performer: PerformerProfile
    ) -> None:
        stream = scheduled(performer)
        lease = started(stream)
        document_until(performer, "-1 second")
        with acting(Role.WORKER):
            with pytest.raises(MayNotGoLive, match="identity document has expired"):
                stream_go_live(stream_id=stream.pk, lease=lease, actor=None)
            with refused("may not go on air: document_expired"):
                run("UPDATE streams_stream SET status = 'live', started_at = now()")
        document_until(performer, "1 hour")
        with acting(Role.WORKER):
            assert stream_go_live(stream_id=stream.pk, lease=lease, actor=None).status == StreamStatus.LIVE

    def test_raw_sql_does_not_go_live_either(self) -> None:
        performer = PerformerFactory(status="submitted")
        scheduled(performer)
        start = "UPDATE streams_stream SET status = 'starting', lease = uuidv7(), last_heartbeat_at = now()"
        for role in (Role.PERFORMER, Role.WORKER, Role.MODERATOR):
            with acting(role, user_id=performer.pk if role is Role.PERFORMER else uuid4()):
                run("SELECT set_config('pgtrigger.ignore', 'streams.Stream:50_admit', true)")
                with refused("may not go on air: .*not_verified"):
                    run(start)

    def test_a_participant_who_withdraws_closes_the_way_back(self, performer: PerformerProfile) -> None:
        guest = verified(stage_name="Guest")
        stream = scheduled(performer)
        participant = named(stream, guest)
        release = released(participant)
        lease = started(stream)
        with acting(Role.WORKER):
            stream_go_live(stream_id=stream.pk, lease=lease, actor=None)
            stream_interrupt(stream_id=stream.pk, lease=lease, actor=None)
        with acting(Role.PERFORMER, user_id=guest.pk):
            assert (
                affected("UPDATE streams_release SET withdrawn_at = now() WHERE id = %s", [release.pk]) == 1
            )
        with acting(Role.WORKER), pytest.raises(MayNotGoLive, match="Guest has not consented"):
            stream_resume(stream_id=stream.pk, lease=lease, actor=None)

    def test_nobody_asks_about_others(self, performer: PerformerProfile) -> None:
        stream = scheduled(performer)
        with acting(Role.PERFORMER, user_id=verified().pk), refused("her own streams"):
            run("SELECT * FROM streams_obstacles(%s)", [stream.pk])
        with acting(Role.VIEWER, user_id=performer.pk), refused("permission denied"):
            run("SELECT * FROM streams_obstacles(%s)", [stream.pk])
