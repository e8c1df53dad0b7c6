"""People of the tests of ties, what they do to one another, and how they act."""

from typing import Any
from uuid import UUID

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from engagement.models import Follow
from engagement.services.counters import CounterDelta, counters_fold, counters_of
from engagement.services.follows import follow_begin
from engagement.tie_choices import CounterKind, CounterSubject
from performers.models import PerformerProfile
from streams.models import Archive
from tests.accounts.factories import UserFactory
from tests.audit.sealing import settle
from tests.streams.factories_watching import archive as archive_of_stream
from tests.streams.factories_watching import performer, stream

REACT = "INSERT INTO engagement_reaction (user_id, target_type, target, kind) VALUES (%s, %s, %s, 'heart')"

__all__ = [
    "REACT",
    "UserFactory",
    "archive",
    "as_person",
    "as_worker",
    "counted",
    "fold_all",
    "follow",
    "performer",
    "settle",
    "stream",
    "viewer",
]


def viewer(**fields: Any) -> User:
    """Somebody who watches."""
    return UserFactory.create(**fields)


def archive(star: PerformerProfile) -> Archive:
    """A published archive of the performer."""
    return archive_of_stream(stream(star, status="ended"))


def as_person(person: User | PerformerProfile, role: Role = Role.VIEWER) -> Any:
    """Act as this person."""
    return acting(role, user_id=person.pk)


def as_worker() -> Any:
    """Act as a job."""
    return acting(Role.WORKER)


def follow(person: User, to: PerformerProfile, **options: Any) -> Follow:
    """Let the person follow the performer."""
    with as_person(person):
        return follow_begin(performer_id=to.pk, actor=person, **options)


def counted(subject_id: UUID, kind: CounterKind) -> int:
    """A counter with what is not folded yet, as any viewer reads it."""
    with acting(Role.VIEWER, user_id=None):
        return counters_of(subject_ids=[subject_id], kinds=[kind], exact=True).get((subject_id, str(kind)), 0)


def fold_all() -> int:
    """Fold all that is committed, whatever else runs on the server."""
    settle()
    return counters_fold()


def tips(star: PerformerProfile, amount: int) -> CounterDelta:
    """Tips to a performer."""
    return CounterDelta(
        subject_type=CounterSubject.PERFORMER,
        subject_id=star.pk,
        kind=CounterKind.TIPS,
        amount=amount,
        performer_id=star.pk,
    )
