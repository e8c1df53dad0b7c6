"""Who appears: participants, their consent, and who may see either."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.encryption import Sealed
from performers.models import PerformerProfile
from streams.choices import ReleaseScope
from streams.errors import ParticipantRefused, ReleaseRefused
from streams.models import Participant, Release
from streams.services.broadcasts import stream_abort, stream_end, stream_go_live
from streams.services.participants import participant_add, participant_join, participant_leave
from streams.services.releases import release_record, release_reveal, release_withdraw
from tests.accounts.factories import UserFactory, staff
from tests.performers.factories_admission import PerformerFactory
from tests.sql import affected, refused, run
from tests.streams.factories_broadcasting import (
    as_performer,
    live,
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


@pytest.fixture
def guest(db: None) -> PerformerProfile:
    return verified(stage_name="Guest")


def fresh(participant: Participant) -> Participant:
    return Participant.objects.get(pk=participant.pk)


def test_named_beforehand_they_join_and_leave_with_the_stream(
    performer: PerformerProfile, guest: PerformerProfile
) -> None:
    stream = scheduled(performer)
    participant = named(stream, guest)
    released(participant)
    lease = started(stream)
    assert fresh(participant).joined_at is None
    with acting(Role.WORKER):
        stream = stream_go_live(stream_id=stream.pk, lease=lease, actor=None)
    assert fresh(participant).joined_at == stream.started_at
    with as_performer(performer):
        stream = stream_end(stream_id=stream.pk, actor=performer.user)
    assert fresh(participant).left_at == stream.ended_at


def test_joining_on_air_needs_admission_and_consent(
    performer: PerformerProfile, guest: PerformerProfile
) -> None:
    stream, _ = live(performer)
    participant = named(stream, guest)
    other = verified()
    with as_performer(performer):
        with pytest.raises(ParticipantRefused, match="may not be shown: not_released"):
            participant_join(participant_id=participant.pk, actor=None)
        with refused("may not be shown"):
            run("UPDATE streams_participant SET joined_at = now()")
        with refused("named first"):
            run(
                "INSERT INTO streams_participant (stream_id, person_id, joined_at) VALUES (%s, %s, now())",
                [stream.pk, other.pk],
            )
    released(participant)
    with as_performer(performer):
        assert participant_join(participant_id=participant.pk, actor=None).joined_at is not None
        assert participant_leave(participant_id=participant.pk, actor=None).left_at is not None
        with pytest.raises(ParticipantRefused, match="has left"):
            participant_join(participant_id=participant.pk, actor=None)
        with pytest.raises(ParticipantRefused, match="left already"):
            participant_leave(participant_id=participant.pk, actor=None)


def test_nobody_joins_before_the_stream_is_on_air(
    performer: PerformerProfile, guest: PerformerProfile
) -> None:
    participant = named(scheduled(performer), guest)
    released(participant)
    with as_performer(performer), pytest.raises(ParticipantRefused, match="not on air"):
        participant_join(participant_id=participant.pk, actor=None)


def test_nobody_is_named_after_the_end(performer: PerformerProfile, guest: PerformerProfile) -> None:
    stream = scheduled(performer)
    participant, other = named(stream, guest), verified()
    with as_performer(performer):
        stream_abort(stream_id=stream.pk, actor=performer.user)
        with pytest.raises(ParticipantRefused, match="is over"):
            participant_add(stream_id=stream.pk, person_id=other.pk, actor=None)
        with refused("is over"):
            run(
                "INSERT INTO streams_participant (stream_id, person_id) VALUES (%s, %s)",
                [stream.pk, other.pk],
            )
        with refused("is over"):
            run("UPDATE streams_participant SET joined_at = now() WHERE id = %s", [participant.pk])


def test_who_cannot_be_named(performer: PerformerProfile, guest: PerformerProfile) -> None:
    stream = scheduled(performer)
    named(stream, guest)
    elsewhere, applicant = scheduled(verified()), PerformerFactory(status="submitted")
    with as_performer(performer):
        for person, words in (
            (guest, "on the list of participants already"),
            (performer, "is no participant"),
            (applicant, "Only verified performers"),
        ):
            with pytest.raises(ParticipantRefused, match=words):
                participant_add(stream_id=stream.pk, person_id=person.pk, actor=None)
        with refused("row-level security"):
            run(
                "INSERT INTO streams_participant (stream_id, performer_id, person_id) VALUES (%s, %s, %s)",
                [elsewhere.pk, performer.pk, guest.pk],
            )


class TestReleases:
    def test_the_document_is_sealed(self, performer: PerformerProfile, guest: PerformerProfile) -> None:
        participant = named(scheduled(performer), guest)
        released(participant)
        release = Release.objects.get()
        assert isinstance(release.document, Sealed)
        assert (release.performer_id, release.person_id) == (performer.pk, guest.pk)
        ((stored,),) = run("SELECT document FROM streams_release")
        assert b"vault" not in bytes(stored)

    def test_compliance_reveals_it_with_a_reason_and_nobody_else(
        self, performer: PerformerProfile, guest: PerformerProfile
    ) -> None:
        release = released(named(scheduled(performer), guest))
        examiner = staff(Role.COMPLIANCE)
        with acting(Role.COMPLIANCE, user_id=examiner.pk):
            shown = release_reveal(release_id=release.pk, actor=examiner, reason="asked by the participant")
            assert shown.values == {"document": "vault/releases/0001"}
        moderator = staff(Role.MODERATOR)
        with acting(Role.MODERATOR, user_id=moderator.pk), refused("permission denied"):
            release_reveal(release_id=release.pk, actor=moderator, reason="curious about this one")

    def test_withdrawn_by_the_person_alone_and_once(
        self, performer: PerformerProfile, guest: PerformerProfile
    ) -> None:
        release = released(named(scheduled(performer), guest))
        with as_performer(performer), pytest.raises(NotThere):
            release_withdraw(release_id=release.pk, actor=performer.user)
        with as_performer(guest):
            with refused("row-level security"):
                run("UPDATE streams_release SET withdrawn_at = NULL")
            release_withdraw(release_id=release.pk, actor=guest.user)
            with pytest.raises(ReleaseRefused, match="withdrawn already"):
                release_withdraw(release_id=release.pk, actor=guest.user)
        with refused("cannot be changed"):
            run("UPDATE streams_release SET scope = 'recording'")

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"document": "  "}, "where the signed document lies"),
            ({"document": "a\nb"}, "where the signed document lies"),
            ({"scope": "everything"}, "A consent is one of"),
            ({"signed_at": timezone.now() + timedelta(days=2)}, "lies in the future"),
        ],
    )
    def test_what_is_refused_is_said(
        self, performer: PerformerProfile, guest: PerformerProfile, options: dict[str, object], words: str
    ) -> None:
        participant = named(scheduled(performer), guest)
        consent: dict[str, object] = {
            "scope": ReleaseScope.BROADCAST,
            "document": "vault/1",
            "signed_at": timezone.now(),
            **options,
        }
        with as_performer(performer), pytest.raises(ReleaseRefused, match=words):
            release_record(participant_id=participant.pk, actor=None, **consent)  # type: ignore[arg-type]
        assert not Release.objects.exists()

    def test_one_of_a_kind(self, performer: PerformerProfile, guest: PerformerProfile) -> None:
        participant = named(scheduled(performer), guest)
        released(participant)
        with pytest.raises(ReleaseRefused, match="on record already"):
            released(participant)
        released(participant, ReleaseScope.RECORDING)


READABLE = {
    "streams_participant": {Role.COMPLIANCE: 1, Role.AUDITOR: 1},
    "streams_release": {Role.COMPLIANCE: 1, Role.AUDITOR: 1},
    "streams_streamconfiguration": {
        role: 1
        for role in Role
        if role not in (Role.OWNER, Role.APP, Role.RETENTION, Role.VIEWER, Role.PERFORMER)
    },
    "streams_ingestkey": {Role.MODERATOR: 1, Role.LEAD_MODERATOR: 1, Role.AUDITOR: 1, Role.WORKER: 1},
}


@pytest.mark.parametrize("table", READABLE)
def test_who_sees_what_belongs_to_a_stream(
    table: str, performer: PerformerProfile, guest: PerformerProfile
) -> None:
    from streams.services.ingest_keys import ingest_key_make

    stream = scheduled(performer)
    released(named(stream, guest))
    started(stream)
    with as_performer(performer):
        ingest_key_make(performer_id=performer.pk, actor=performer.user)
    stranger = verified()
    for role in (*READABLE[table], Role.VIEWER, Role.SUPPORT, Role.ANALYST, Role.FINANCE):
        with acting(role, user_id=UserFactory().pk):
            if role in READABLE[table]:
                assert run(f"SELECT count(*) FROM {table}") == [(1,)], role
            else:
                with refused("permission denied"):
                    run(f"SELECT count(*) FROM {table}")
    for somebody, count in (
        (performer, 1),
        (stranger, 0),
        (guest, int("part" in table or "release" in table)),
    ):
        with as_performer(somebody):
            assert run(f"SELECT count(*) FROM {table}") == [(count,)], somebody


def test_a_dump_has_no_plaintext(performer: PerformerProfile, guest: PerformerProfile) -> None:
    """The row as text, as COPY and a dump would write it."""
    released(named(scheduled(performer), guest))
    ((text,),) = run("SELECT string_agg(r::text, '') FROM streams_release r")
    assert "vault" not in text
    assert b"vault".hex() not in text


def test_a_guest_does_not_rewrite_the_list(performer: PerformerProfile, guest: PerformerProfile) -> None:
    participant = named(scheduled(performer), guest)
    with as_performer(guest):
        with refused("permission denied|cannot be changed"):
            run("UPDATE streams_participant SET stream_id = uuidv7()")
        assert affected("UPDATE streams_participant SET left_at = now()") == 1
    assert fresh(participant).left_at is not None
