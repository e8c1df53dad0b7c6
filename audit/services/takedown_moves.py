"""Moves of notices and counter-notices: checked, saved with their reason, never by whom they are about."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import CounterNotice, TakedownNotice
from audit.takedown_choices import CounterNoticeStatus, NoticeStatus
from audit.takedown_errors import CounterNoticeRefused, NoticeRefused, OwnNotice
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.errors import Refused
from streams.services.moves import because

OWN = "This is about your own content. A colleague handles it."


def refuse_own(actor: User | None, performer_ids: Iterable[UUID | None]) -> None:
    """Raise OwnNotice when the actor is one of them."""
    if actor is not None and actor.pk in set(performer_ids):
        raise OwnNotice(OWN)


def notice_locked(notice_id: UUID, actor: User | None, expected_version: int | None) -> TakedownNotice:
    """The notice, locked until the transaction ends. Raises: OwnNotice, NotThere, StaleVersion."""
    about = TakedownNotice.objects.filter(pk=notice_id).values_list("performer_ids", flat=True).first()
    if about is None:
        raise NotThere("There is no such notice, or your role may not see it.")
    refuse_own(actor, about)
    notice = locked(TakedownNotice, notice_id, expected_version=expected_version)
    refuse_own(actor, notice.performer_ids)
    return notice


def counter_notice_locked(
    counter_notice_id: UUID, actor: User | None, expected_version: int | None
) -> tuple[TakedownNotice, CounterNotice]:
    """The notice and then the counter-notice, locked. Raises: OwnNotice, NotThere, StaleVersion."""
    found = (
        CounterNotice.objects.filter(pk=counter_notice_id).values_list("notice_id", "performer_id").first()
    )
    if found is None:
        raise NotThere("There is no such counter-notice, or your role may not see it.")
    notice_id, performer_id = found
    refuse_own(actor, [performer_id])
    notice = notice_locked(notice_id, actor, None)
    return notice, locked(CounterNotice, counter_notice_id, expected_version=expected_version)


def notice_move(notice: TakedownNotice, status: NoticeStatus, *, reason: str = "", **changes: Any) -> None:
    """Move a locked notice and save what changes with it; the clock stops unless `due_at` is among it.

    Raises IllegalTransition with a sentence, or NoticeRefused for what the database refuses.
    """
    TakedownNotice.status_machine.check(notice.status, status)
    _move(notice, status, reason, NoticeRefused, {"due_at": None, **changes})


def counter_notice_move(
    counter: CounterNotice, status: CounterNoticeStatus, *, reason: str = "", **changes: Any
) -> None:
    """As `notice_move`, for a counter-notice. Raises IllegalTransition or CounterNoticeRefused."""
    CounterNotice.status_machine.check(counter.status, status)
    _move(counter, status, reason, CounterNoticeRefused, {"due_at": None, **changes})


def _move(row: Any, status: str, reason: str, refusal: type[Refused], changes: dict[str, Any]) -> None:
    row.status = status
    for name, value in changes.items():
        setattr(row, name, value)
    with refused_as(refusal), because(reason.strip()):
        row.save(update_fields=["status", *changes])
    row.refresh_from_db(fields=["status_since", "version", "updated_at"])


@transaction.atomic
def notice_follow(notice: TakedownNotice, *, reason: str = "") -> None:
    """Let a locked notice that was carried out follow its counter-notices, and run the clock of the earliest.

    One that is valid: counter-noticed. Else an action in court: upheld. Else all of it restored: restored. Else the
    content stays disabled. Raises: IllegalTransition, NoticeRefused.
    """
    counters = list(CounterNotice.objects.filter(notice=notice).order_by("due_at", "pk"))
    valid = [counter for counter in counters if counter.status == CounterNoticeStatus.VALID]
    disabled = notice.targets.filter(restored_at__isnull=True).exists()
    if valid:
        status, due_at = NoticeStatus.COUNTER_NOTICED, valid[0].due_at
    elif any(counter.status == CounterNoticeStatus.ACTION_FILED for counter in counters):
        status, due_at = NoticeStatus.UPHELD, None
    elif not disabled:
        status, due_at = NoticeStatus.RESTORED, None
    else:
        status, due_at = NoticeStatus.CONTENT_DISABLED, None
    if status != notice.status:
        notice_move(notice, status, reason=reason, due_at=due_at)
    elif due_at != notice.due_at:
        notice.due_at = due_at
        notice.save(update_fields=["due_at"])
