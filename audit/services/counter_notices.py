"""Counter-notices: taken in, assessed, and carried out between the tenth and the fourteenth business day."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import CounterNotice, TakedownTarget
from audit.services.takedown_effects import target_restore
from audit.services.takedown_moves import (
    counter_notice_locked,
    counter_notice_move,
    notice_follow,
)
from audit.takedown_announcements import (
    action_filed,
    content_restored,
    counter_notice_accepted,
    counter_notice_found_incomplete,
    counter_notice_lapsed,
    counter_notice_rejected,
)
from audit.takedown_choices import CounterNoticeStatus
from audit.takedown_clocks import COUNTER_CLOCKS, restoration_window
from audit.takedown_elements import COUNTER_ELEMENTS, in_words, missing
from audit.takedown_errors import CounterNoticeRefused, TooEarly
from core.db.clock import database_now
from core.db.refusals import refused_as


@transaction.atomic
def counter_notice_accept(
    *, counter_notice_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> CounterNotice:
    """Find a counter-notice valid: the claimant has ten business days to file an action (17 USC 512(g)(2)(B), (C)).

    The days are counted from when its last element arrived. Locks: the notice, the counter-notice. Raises:
    CounterNoticeRefused (elements are missing, each named), OwnNotice, IllegalTransition, NotThere, StaleVersion.
    Announces: `counter_notice_accepted`.
    """
    notice, counter = counter_notice_locked(counter_notice_id, actor, expected_version)
    CounterNotice.status_machine.check(counter.status, CounterNoticeStatus.VALID)
    if lacking := missing(counter, COUNTER_ELEMENTS):
        raise CounterNoticeRefused(f"This counter-notice lacks {in_words(lacking)}. Ask for it first.")
    since = counter.complete_since or counter.received_at
    window = restoration_window(since)
    counter_notice_move(
        counter,
        CounterNoticeStatus.VALID,
        reason=reason,
        complete_since=since,
        restore_from=window.opens,
        restore_by=window.closes,
        due_at=window.closes,
    )
    notice_follow(notice, reason="A valid counter-notice was received.")
    counter_notice_accepted.send(
        sender=CounterNotice, actor=actor, subject=counter, reason=reason, changed=("status",)
    )
    return counter


@transaction.atomic
def counter_notice_ask(
    *, counter_notice_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> CounterNotice:
    """Note that elements are missing and that the performer was asked for them.

    Locks: the notice, the counter-notice. Raises: CounterNoticeRefused (nothing is missing), OwnNotice,
    IllegalTransition, NotThere, StaleVersion. Announces: `counter_notice_found_incomplete`.
    """
    _, counter = counter_notice_locked(counter_notice_id, actor, expected_version)
    CounterNotice.status_machine.check(counter.status, CounterNoticeStatus.INCOMPLETE)
    lacking = missing(counter, COUNTER_ELEMENTS)
    if not lacking:
        raise CounterNoticeRefused(
            "This counter-notice has every element of 17 USC 512(g)(3). Accept or reject it."
        )
    due_at = COUNTER_CLOCKS[CounterNoticeStatus.INCOMPLETE].due(database_now())
    words = f"Missing: {in_words(lacking)}. {reason}"
    counter_notice_move(counter, CounterNoticeStatus.INCOMPLETE, reason=words, due_at=due_at)
    counter_notice_found_incomplete.send(
        sender=CounterNotice,
        actor=actor,
        subject=counter,
        reason=reason,
        changed=("status",),
        detail={"missing": [element.field for element in lacking]},
    )
    return counter


@transaction.atomic
def counter_notice_reject(
    *, counter_notice_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> CounterNotice:
    """Decide that nothing follows from a counter-notice; the content stays disabled.

    Locks: the notice, the counter-notice. Raises: OwnNotice, IllegalTransition, NotThere, StaleVersion. Announces:
    `counter_notice_rejected`.
    """
    _, counter = counter_notice_locked(counter_notice_id, actor, expected_version)
    counter_notice_move(counter, CounterNoticeStatus.REJECTED, reason=reason)
    counter_notice_rejected.send(
        sender=CounterNotice, actor=actor, subject=counter, reason=reason, changed=("status",)
    )
    return counter


@transaction.atomic
def action_filed_record(
    *,
    counter_notice_id: UUID,
    court_reference: str,
    actor: User | None,
    reason: str,
    expected_version: int | None = None,
) -> CounterNotice:
    """Note that the claimant told of an action in court: the content stays disabled (17 USC 512(g)(2)(C)).

    The same action told again changes nothing. Locks: the notice, the counter-notice. Raises: CounterNoticeRefused (no
    reference, another action was noted), OwnNotice, IllegalTransition, NotThere, StaleVersion.
    Announces: `action_filed`.
    """
    notice, counter = counter_notice_locked(counter_notice_id, actor, expected_version)
    if counter.status == CounterNoticeStatus.ACTION_FILED and counter.court_reference == court_reference:
        return counter
    counter_notice_move(
        counter, CounterNoticeStatus.ACTION_FILED, reason=reason, court_reference=court_reference
    )
    notice_follow(notice, reason="The claimant filed an action.")
    action_filed.send(
        sender=CounterNotice,
        actor=actor,
        subject=counter,
        reason=reason,
        changed=("status", "court_reference"),
    )
    return counter


@transaction.atomic
def content_restore(
    *, counter_notice_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> CounterNotice:
    """Put back what a valid counter-notice answers, once the claimant's ten business days are over.

    Locks: the notice, the counter-notice, its targets by key, then each archive. Raises: TooEarly,
    CounterNoticeRefused, OwnNotice, IllegalTransition (an action was filed, it was restored before), NotThere,
    StaleVersion. Announces: `content_restored`, and what restoring an archive announces.
    """
    notice, counter = counter_notice_locked(counter_notice_id, actor, expected_version)
    CounterNotice.status_machine.check(counter.status, CounterNoticeStatus.RESTORED)
    now = database_now()
    if counter.restore_from is not None and now < counter.restore_from:
        raise TooEarly(
            f"The claimant may still file an action, until {counter.restore_from:%Y-%m-%d %H:%M} UTC. "
            "Restore after that."
        )
    words = f"Counter-notice to {notice.reference} (17 USC 512(g)(2)(C)). {reason}"[:2000]
    restored = 0
    with refused_as(CounterNoticeRefused):
        targets = TakedownTarget.objects.select_for_update(of=("self",)).filter(
            answers__counter_notice=counter, restored_at__isnull=True
        )
        for target in list(targets.order_by("pk")):
            restored += target_restore(target=target, at=now, actor=actor, reason=words)
    counter_notice_move(counter, CounterNoticeStatus.RESTORED, reason=reason)
    notice_follow(notice, reason="Content was restored after a counter-notice.")
    content_restored.send(
        sender=CounterNotice,
        actor=actor,
        subject=counter,
        reason=reason,
        changed=("status",),
        detail={"restored": restored},
    )
    return counter


@transaction.atomic
def counter_notices_lapse(*, batch: int = 100) -> int:
    """Let counter-notices lapse whose missing elements did not come in time; returns how many. As the worker.

    Locks: each, unless somebody else holds it. Announces: `counter_notice_lapsed`.
    """
    due = CounterNotice.objects.due().filter(status=CounterNoticeStatus.INCOMPLETE)
    counters = list(due.select_for_update(skip_locked=True)[:batch])
    for counter in sorted(counters, key=lambda row: row.pk):
        counter_notice_move(
            counter, CounterNoticeStatus.LAPSED, reason="What was missing did not come in time."
        )
        counter_notice_lapsed.send(sender=CounterNotice, actor=None, subject=counter, changed=("status",))
    return len(counters)
