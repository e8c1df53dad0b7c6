"""Private shows, from the request to the end."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from performers.models import PerformerProfile
from streams.announcements import (
    private_show_accepted,
    private_show_begun,
    private_show_cancelled,
    private_show_declined,
    private_show_ended,
    private_show_requested,
)
from streams.choices import PrivateShowStatus
from streams.errors import PrivateShowRefused
from streams.models import PrivateShow
from streams.services.gate import performer_obstacles


@transaction.atomic
def private_show_request(
    *, performer_id: UUID, viewer_id: UUID, tokens_per_minute: int, actor: User | None
) -> PrivateShow:
    """Ask a performer for a private show at the rate shown to the viewer, which is frozen here (tokens a minute).

    Raises: PrivateShowRefused (asked already, no such performer, oneself, a rate that makes no sense).
    Announces: `private_show_requested`.
    """
    if not PerformerProfile.objects.public().filter(pk=performer_id).exists():
        raise PrivateShowRefused("There is no such performer.")
    show = PrivateShow(performer_id=performer_id, viewer_id=viewer_id, tokens_per_minute=tokens_per_minute)
    with refused_as(PrivateShowRefused):
        show.save(force_insert=True)
    private_show_requested.send(sender=PrivateShow, actor=actor, subject=show)
    return show


@transaction.atomic
def private_show_accept(*, private_show_id: UUID, actor: User | None) -> PrivateShow:
    """Say yes. Locks: the show. Raises: IllegalTransition, NotThere. Announces: `private_show_accepted`."""
    return _move(private_show_id, PrivateShowStatus.ACCEPTED, private_show_accepted, actor)


@transaction.atomic
def private_show_decline(*, private_show_id: UUID, actor: User | None, reason: str = "") -> PrivateShow:
    """Say no. Locks: the show. Raises: IllegalTransition, NotThere. Announces: `private_show_declined`."""
    return _move(
        private_show_id,
        PrivateShowStatus.DECLINED,
        private_show_declined,
        actor,
        reason,
        ended_at=database_now(),
    )


@transaction.atomic
def private_show_cancel(*, private_show_id: UUID, actor: User | None, reason: str = "") -> PrivateShow:
    """Call a show off before it begins; either of the two may.

    Locks: the show. Raises: IllegalTransition, NotThere. Announces: `private_show_cancelled`.
    """
    return _move(
        private_show_id,
        PrivateShowStatus.CANCELLED,
        private_show_cancelled,
        actor,
        reason,
        ended_at=database_now(),
    )


@transaction.atomic
def private_show_begin(*, private_show_id: UUID, actor: User | None) -> PrivateShow:
    """Begin an accepted show; from here on minutes are charged.

    Locks: the show. Raises: PrivateShowRefused (one of the two is in another one, the performer may not perform),
    IllegalTransition, NotThere. Announces: `private_show_begun`.
    """
    show = locked(PrivateShow, private_show_id)
    PrivateShow.status_machine.check(show.status, PrivateShowStatus.RUNNING)
    if obstacles := performer_obstacles(performer_id=show.performer_id):
        raise PrivateShowRefused(f"This private show may not begin. {' '.join(obstacles)}")
    return _move(
        private_show_id, PrivateShowStatus.RUNNING, private_show_begun, actor, started_at=database_now()
    )


@transaction.atomic
def private_show_end(
    *,
    private_show_id: UUID,
    actor: User | None,
    reason: str = "",
    expected_version: int | None = None,
) -> PrivateShow:
    """End a running show: either of the two, a moderator, or the worker when the tokens are used up.

    Locks: the show. Raises: IllegalTransition, NotThere, StaleVersion. Announces: `private_show_ended`.
    """
    return _move(
        private_show_id,
        PrivateShowStatus.ENDED,
        private_show_ended,
        actor,
        reason,
        expected_version,
        ended_at=database_now(),
    )


def _move(
    private_show_id: UUID,
    status: PrivateShowStatus,
    announcement: Announcement,
    actor: User | None,
    reason: str = "",
    expected_version: int | None = None,
    **changes: Any,
) -> PrivateShow:
    show = locked(PrivateShow, private_show_id, expected_version=expected_version)
    PrivateShow.status_machine.check(show.status, status)
    show.status = status
    for name, value in changes.items():
        setattr(show, name, value)
    with refused_as(PrivateShowRefused):
        show.save(update_fields=["status", *changes])
    announcement.send(
        sender=PrivateShow, actor=actor, subject=show, reason=reason, changed=("status", *changes)
    )
    return show
