"""Rows that were written long ago: the clock is moved through the data, nobody waits."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from core.models.identity import uuid7, uuid7_derived
from performers.models import IdentityDocument, IdentityRecord, PerformerProfile
from streams.models import Participant, Release, Stream
from tests.performers.factories_admission import DeclarationFactory, IdentityDocumentFactory, PerformerFactory
from tests.sql import run


def years_ago(years: float, days: float = 0) -> datetime:
    """So many calendar years before now, and days before that."""
    now = datetime.now(UTC)
    return now.replace(year=now.year - int(years), day=min(now.day, 28)) - timedelta(days=days)


def id_of(instant: datetime) -> UUID:
    """An id of that instant."""
    return uuid7_derived(instant, str(uuid7()))


def without_triggers(table: str, *statements: tuple[str, list[Any]]) -> None:
    """What the owner's own triggers would not let anybody write, as if time had passed."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement, values in statements:
        run(statement, values)
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def records_of(
    when: datetime, *, status: str = "offboarded"
) -> tuple[PerformerProfile, IdentityRecord, IdentityDocument]:
    """A performer whose whole record of identity was written then: names, a declaration and its document."""
    performer = PerformerFactory(status=status)
    record = DeclarationFactory(performer=performer, id=id_of(when))
    document = IdentityDocumentFactory(record=record, id=id_of(when))
    without_triggers(
        "performers_performeralias",
        (
            "UPDATE performers_performeralias SET id = %s, valid = tstzrange(%s, NULL) WHERE performer_id = %s",
            [id_of(when), when, performer.pk],
        ),
    )
    return performer, record, document


def appearance(stream: Stream, person: PerformerProfile, ended: datetime) -> tuple[Participant, Release]:
    """Somebody who appeared in a stream that ended then, with a signed release."""
    from tests.streams.factories_broadcasting import released

    participant = Participant(stream=stream, performer_id=stream.performer_id, person=person)
    without_triggers(
        "streams_participant",
        (
            "INSERT INTO streams_participant (id, created_at, updated_at, version, stream_id, performer_id, person_id) "
            "VALUES (%s, now(), now(), 1, %s, %s, %s)",
            [participant.pk, stream.pk, stream.performer_id, person.pk],
        ),
    )
    release = released(participant)
    without_triggers(
        "streams_stream",
        (
            "UPDATE streams_stream SET started_at = %s, ended_at = %s WHERE id = %s",
            [ended - timedelta(hours=1), ended, stream.pk],
        ),
    )
    return participant, release
