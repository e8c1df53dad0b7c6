"""Polls: opened with their choices, closed by their performer or by time, cancelled."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import User
from core.announcements import Announcement
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role
from engagement.interaction_announcements import poll_cancelled, poll_closed, poll_opened
from engagement.interaction_choices import PollStatus
from engagement.interaction_errors import PollRefused
from engagement.models import Poll, PollChoice
from engagement.models.poll import FEWEST_CHOICES, MOST_CHOICES


@transaction.atomic
def poll_open(
    *,
    performer_id: UUID,
    question: str,
    choices: Sequence[str],
    closes_at: dt.datetime,
    actor: User | None,
    most_choices: int = 1,
    stream_id: UUID | None = None,
) -> Poll:
    """Ask a question with 2 to 10 choices, of which everybody may vote for up to `most_choices`.

    Raises: PollRefused (has one already, no stream of hers, words, numbers or an end that make no sense, two choices
    alike). Announces: `poll_opened`.
    """
    if not FEWEST_CHOICES <= len(choices) <= MOST_CHOICES:
        raise PollRefused(f"A poll has {FEWEST_CHOICES} to {MOST_CHOICES} choices.")
    if type(most_choices) is not int or not 1 <= most_choices <= len(choices):
        raise PollRefused("A person votes for at least one choice, and for no more than there are.")
    poll = Poll(
        performer_id=performer_id,
        question=question.strip(),
        most_choices=most_choices,
        closes_at=closes_at,
        stream_id=stream_id,
    )
    with refused_as(PollRefused):
        poll.save(force_insert=True)
        PollChoice.objects.bulk_create(
            PollChoice(poll=poll, performer_id=performer_id, position=place, label=label.strip())
            for place, label in enumerate(choices, 1)
        )
    poll_opened.send(sender=Poll, actor=actor, subject=poll, detail={"choices": len(choices)})
    return poll


@transaction.atomic
def poll_close(
    *, poll_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Poll:
    """End the poll now; what every choice has stands in the choices from then on.

    Locks: the poll, after every vote that is on its way. Raises: IllegalTransition, NotThere, StaleVersion.
    Announces: `poll_closed`.
    """
    return _end(poll_id, PollStatus.CLOSED, poll_closed, actor, reason, expected_version)


@transaction.atomic
def poll_cancel(
    *, poll_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Poll:
    """Call the poll off without a result: its performer, or a moderator.

    Locks: as `poll_close`. Raises: IllegalTransition, NotThere, StaleVersion. Announces: `poll_cancelled`.
    """
    return _end(poll_id, PollStatus.CANCELLED, poll_cancelled, actor, reason, expected_version)


def polls_close(*, batch: int = 500) -> int:
    """Close polls whose time is over; returns how many. As the worker, a transaction each."""
    with acting(Role.WORKER):
        due = list(
            Poll.objects.open()
            .filter(closes_at__lte=Now())
            .order_by("pk")
            .values_list("pk", flat=True)[:batch]
        )
    closed = 0
    for poll_id in due:
        with acting(Role.WORKER):
            poll = Poll.objects.open().select_for_update(skip_locked=True).filter(pk=poll_id).first()
            if poll is not None:
                poll_close(poll_id=poll.pk, actor=None)
                closed += 1
    return closed


def poll_results(*, poll_id: UUID) -> dict[UUID, int]:
    """Votes of every choice, in the order of the choices; nobody learns who voted. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT choice_id, votes FROM engagement_poll_results(%s)", [poll_id])
        return dict(cursor.fetchall())


def _end(
    poll_id: UUID,
    status: PollStatus,
    announcement: Announcement,
    actor: User | None,
    reason: str,
    expected_version: int | None,
) -> Poll:
    poll = locked(Poll, poll_id, expected_version=expected_version)
    Poll.status_machine.check(poll.status, status)
    poll.status = status
    with refused_as(PollRefused):
        poll.save(update_fields=["status"])
    poll.refresh_from_db(fields=["closed_at"])
    announcement.send(sender=Poll, actor=actor, subject=poll, reason=reason, changed=("status",))
    return poll
