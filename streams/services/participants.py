"""Who appears besides the performer: named, joined, gone."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from performers.models import PerformerProfile
from streams.announcements import participant_added, participant_joined, participant_left
from streams.broadcast_selectors import stream_of
from streams.errors import ParticipantRefused
from streams.models import Participant, Stream
from streams.models.stream import OVER


@transaction.atomic
def participant_add(*, stream_id: UUID, person_id: UUID, actor: User | None) -> Participant:
    """Name somebody who is to appear. They join when the stream goes live, or by `participant_join` while it is on air.

    Raises: ParticipantRefused (the stream is over, the person is no public performer, is named already, or is the
    performer), NotThere. Announces: `participant_added`.
    """
    stream = stream_of(stream_id)
    if stream.status in OVER:
        raise ParticipantRefused("This stream is over; its participants stay as they were.")
    if not PerformerProfile.objects.filter(pk=person_id).exists():
        raise ParticipantRefused("Only verified performers appear. There is no such performer.")
    participant = Participant(stream=stream, performer_id=stream.performer_id, person_id=person_id)
    with refused_as(ParticipantRefused):
        participant.save(force_insert=True)
    _tell(participant_added, participant, actor)
    return participant


@transaction.atomic
def participant_join(*, participant_id: UUID, actor: User | None) -> Participant:
    """Let a participant be seen while the stream is on air; the performer of the stream does.

    Locks: the stream, as its end does, then the participant. Raises: ParticipantRefused (not on air, not admitted, not
    released, joined already or gone), NotThere. Announces: `participant_joined`.
    """
    stream_id = Participant.objects.filter(pk=participant_id).values_list("stream_id", flat=True).first()
    if stream_id is None:
        raise NotThere("There is no such participant, or your role may not see it.")
    locked(Stream, stream_id)
    participant = locked(Participant, participant_id)
    if participant.joined_at is not None or participant.left_at is not None:
        raise ParticipantRefused("This participant has joined already, or has left.")
    participant.joined_at = database_now()
    with refused_as(ParticipantRefused):
        participant.save(update_fields=["joined_at"])
    _tell(participant_joined, participant, actor, changed=("joined_at",))
    return participant


@transaction.atomic
def participant_leave(*, participant_id: UUID, actor: User | None) -> Participant:
    """Note that somebody is not seen any more, or will not appear after all.

    Locks: the participant. Raises: ParticipantRefused (has left), NotThere. Announces: `participant_left`.
    """
    participant = locked(Participant, participant_id)
    if participant.left_at is not None:
        raise ParticipantRefused("This participant has left already.")
    participant.left_at = database_now()
    with refused_as(ParticipantRefused):
        participant.save(update_fields=["left_at"])
    _tell(participant_left, participant, actor, changed=("left_at",))
    return participant


def _tell(announcement, participant: Participant, actor: User | None, **named) -> None:  # type: ignore[no-untyped-def]
    announcement.send(
        sender=Participant,
        actor=actor,
        subject=participant,
        detail={"stream": str(participant.stream_id)},
        **named,
    )
