"""Copyright notices from receipt to the end: assessed, carried out, retracted."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import CounterNotice, TakedownNotice
from audit.models.compliance.counter_notice import LIVE
from audit.models.compliance.takedown_notice import CARRIED_OUT
from audit.services.takedown_effects import target_disable, target_restore
from audit.services.takedown_moves import counter_notice_move, notice_locked, notice_move
from audit.takedown_announcements import (
    takedown_accepted,
    takedown_carried_out,
    takedown_completed,
    takedown_found_incomplete,
    takedown_lapsed,
    takedown_rejected,
    takedown_retracted,
)
from audit.takedown_choices import CounterNoticeStatus, NoticeStatus, RejectionGround
from audit.takedown_clocks import NOTICE_CLOCKS
from audit.takedown_elements import NOTICE_ELEMENTS, in_words, missing
from audit.takedown_errors import NoticeRefused
from core.db.clock import database_now
from core.db.refusals import refused_as


@transaction.atomic
def notice_accept(
    *, notice_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> TakedownNotice:
    """Find that a notice has every element of 17 USC 512(c)(3)(A) and is well founded; the content has to go.

    Locks: the notice. Raises: NoticeRefused (elements are missing, each named; it names nothing here), OwnNotice,
    IllegalTransition, NotThere, StaleVersion. Announces: `takedown_accepted`.
    """
    notice = notice_locked(notice_id, actor, expected_version)
    TakedownNotice.status_machine.check(notice.status, NoticeStatus.ACCEPTED)
    if lacking := missing(notice, NOTICE_ELEMENTS):
        raise NoticeRefused(f"This notice lacks {in_words(lacking)}. Ask the claimant for it first.")
    if not notice.targets.exists():
        raise NoticeRefused("This notice names nothing that is here. Add what it is about, or reject it.")
    due_at = NOTICE_CLOCKS[NoticeStatus.ACCEPTED].due(database_now())
    notice_move(notice, NoticeStatus.ACCEPTED, reason=reason, due_at=due_at)
    takedown_accepted.send(
        sender=TakedownNotice, actor=actor, subject=notice, reason=reason, changed=("status",)
    )
    return notice


@transaction.atomic
def notice_ask(
    *, notice_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> TakedownNotice:
    """Note that elements are missing and that the claimant was asked for them (17 USC 512(c)(3)(B)(ii)).

    What is missing is kept with the reason, in words. Locks: the notice. Raises: NoticeRefused (nothing is missing),
    OwnNotice, IllegalTransition, NotThere, StaleVersion. Announces: `takedown_found_incomplete`.
    """
    notice = notice_locked(notice_id, actor, expected_version)
    TakedownNotice.status_machine.check(notice.status, NoticeStatus.INCOMPLETE)
    lacking = missing(notice, NOTICE_ELEMENTS)
    if not lacking:
        raise NoticeRefused("This notice has every element of 17 USC 512(c)(3)(A). Accept it, or reject it.")
    due_at = NOTICE_CLOCKS[NoticeStatus.INCOMPLETE].due(database_now())
    words = f"Missing: {in_words(lacking)}. {reason}"
    notice_move(notice, NoticeStatus.INCOMPLETE, reason=words, due_at=due_at)
    takedown_found_incomplete.send(
        sender=TakedownNotice,
        actor=actor,
        subject=notice,
        reason=reason,
        changed=("status",),
        detail={"missing": [element.field for element in lacking]},
    )
    return notice


@transaction.atomic
def notice_complete(
    *,
    notice_id: UUID,
    actor: User | None,
    reason: str,
    expected_version: int | None = None,
    **elements: bool,
) -> TakedownNotice:
    """Note which elements the claimant supplied since: any field of `NOTICE_ELEMENTS` that is given as true.

    Nothing that was given is taken away. Locks: the notice. Raises: NoticeRefused (it was assessed already, nothing new
    is named), OwnNotice, NotThere, StaleVersion; TypeError for a field that is no element.
    Announces: `takedown_completed`.
    """
    given = _given(elements)
    notice = notice_locked(notice_id, actor, expected_version)
    if notice.status not in (NoticeStatus.RECEIVED, NoticeStatus.INCOMPLETE):
        raise NoticeRefused(
            f"This notice is: {notice.get_status_display().lower()}. It is not completed now."
        )
    new = [name for name in given if not getattr(notice, name)]
    if not new:
        raise NoticeRefused("Choose at least one element that was missing.")
    for name in new:
        setattr(notice, name, True)
    with refused_as(NoticeRefused):
        notice.save(update_fields=new)
    takedown_completed.send(
        sender=TakedownNotice, actor=actor, subject=notice, reason=reason, changed=tuple(new)
    )
    return notice


@transaction.atomic
def notice_reject(
    *,
    notice_id: UUID,
    ground: RejectionGround | str,
    actor: User | None,
    reason: str,
    expected_version: int | None = None,
) -> TakedownNotice:
    """Decide that nothing follows from a notice, on a ground; knowingly false ones are 17 USC 512(f).

    Locks: the notice. Raises: NoticeRefused (no such ground), OwnNotice, IllegalTransition, NotThere, StaleVersion.
    Announces: `takedown_rejected`.
    """
    if ground not in RejectionGround.values:
        raise NoticeRefused(f"A notice is rejected on one of: {', '.join(RejectionGround.values)}.")
    notice = notice_locked(notice_id, actor, expected_version)
    notice_move(notice, NoticeStatus.REJECTED, reason=reason, rejected_for=str(ground))
    takedown_rejected.send(
        sender=TakedownNotice,
        actor=actor,
        subject=notice,
        reason=reason,
        changed=("status",),
        detail={"ground": str(ground)},
    )
    return notice


@transaction.atomic
def notice_act(
    *, notice_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> TakedownNotice:
    """Disable everything that an accepted notice names, at once or not at all (17 USC 512(c)(1)(C)).

    From then on whoever provided it can read the notice (17 USC 512(g)(2)(A)). Locks: the notice, its targets by key,
    then each archive or stream. Raises: OwnNotice, IllegalTransition, NoticeRefused, NotThere, StaleVersion, and what
    removing an archive or ending a stream raises. Announces: `takedown_carried_out`, and what these announce.
    """
    notice = notice_locked(notice_id, actor, expected_version)
    TakedownNotice.status_machine.check(notice.status, NoticeStatus.CONTENT_DISABLED)
    if notice.status != NoticeStatus.ACCEPTED:
        raise NoticeRefused("This notice was carried out already.")
    words = f"Copyright notice {notice.reference} (17 USC 512(c)(1)(C)). {reason}"[:2000]
    now = database_now()
    with refused_as(NoticeRefused):
        targets = list(notice.targets.select_for_update().order_by("pk"))
        for target in targets:
            target_disable(target=target, at=now, actor=actor, reason=words)
    notice_move(notice, NoticeStatus.CONTENT_DISABLED, reason=reason, acted_at=now)
    takedown_carried_out.send(
        sender=TakedownNotice,
        actor=actor,
        subject=notice,
        reason=reason,
        changed=("status", "acted_at"),
        detail={"targets": len(targets)},
    )
    return notice


@transaction.atomic
def notice_retract(
    *, notice_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> TakedownNotice:
    """Note that the claimant withdrew the notice, and restore what it disabled; open answers are settled by it.

    Locks: the notice, its targets by key, its open counter-notices, then each archive. Raises: OwnNotice,
    IllegalTransition, NoticeRefused, NotThere, StaleVersion. Announces: `takedown_retracted`, and what restoring does.
    """
    notice = notice_locked(notice_id, actor, expected_version)
    TakedownNotice.status_machine.check(notice.status, NoticeStatus.WITHDRAWN)
    words = f"Copyright notice {notice.reference} was withdrawn. {reason}"[:2000]
    restored = 0
    if notice.status in CARRIED_OUT:
        now = database_now()
        with refused_as(NoticeRefused):
            targets = notice.targets.select_for_update().filter(restored_at__isnull=True).order_by("pk")
            for target in list(targets):
                restored += target_restore(target=target, at=now, actor=actor, reason=words)
    for counter in (
        CounterNotice.objects.select_for_update().filter(notice=notice, status__in=LIVE).order_by("pk")
    ):
        counter_notice_move(counter, CounterNoticeStatus.MOOT, reason="The claimant withdrew the notice.")
    notice_move(notice, NoticeStatus.WITHDRAWN, reason=reason)
    takedown_retracted.send(
        sender=TakedownNotice,
        actor=actor,
        subject=notice,
        reason=reason,
        changed=("status",),
        detail={"restored": restored},
    )
    return notice


@transaction.atomic
def notices_lapse(*, batch: int = 100) -> int:
    """Let notices lapse whose claimant did not supply what was missing in time; returns how many.

    Runs as the worker; notices that somebody else is changing are left for the next run. Locks: each notice.
    Announces: `takedown_lapsed`.
    """
    due = TakedownNotice.objects.due().filter(status=NoticeStatus.INCOMPLETE)
    notices = list(due.select_for_update(skip_locked=True)[:batch])
    for notice in sorted(notices, key=lambda row: row.pk):
        notice_move(notice, NoticeStatus.LAPSED, reason="What was missing did not come in time.")
        takedown_lapsed.send(sender=TakedownNotice, actor=None, subject=notice, changed=("status",))
    return len(notices)


def _given(elements: Mapping[str, bool]) -> list[str]:
    names = {element.field for element in NOTICE_ELEMENTS}
    if unknown := elements.keys() - names:
        raise TypeError(f"A notice has no element {', '.join(sorted(unknown))}.")
    return sorted(name for name, value in elements.items() if value)
