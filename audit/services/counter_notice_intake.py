"""Taking in counter-notices, from the performer or as staff, and what they lacked at first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import CounterNotice, CounterNoticeTarget, TakedownNotice, TakedownTarget
from audit.services.takedown_moves import counter_notice_locked, refuse_own
from audit.takedown_announcements import counter_notice_completed, counter_notice_received
from audit.takedown_choices import CounterNoticeStatus, NoticeSource
from audit.takedown_clocks import COUNTER_CLOCKS, restoration_window
from audit.takedown_elements import COUNTER_ELEMENTS, missing
from audit.takedown_errors import CounterNoticeRefused
from core.db.clock import database_now
from core.db.context import current_role
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import Role


@dataclass(frozen=True, kw_only=True)
class NewCounterNotice:
    """A counter-notice as it arrived. `elements` are the fields of `COUNTER_ELEMENTS` that it has.

    `target_ids` are what it answers; empty: everything of the performer that the notice keeps disabled.
    """

    notice_id: UUID
    performer_id: UUID
    elements: frozenset[str]
    statement: str
    source: NoticeSource | str = NoticeSource.FORM
    target_ids: Sequence[UUID] = ()
    source_reference: str | None = None
    received_at: dt.datetime | None = None


@transaction.atomic
def counter_notice_receive(*, new: NewCounterNotice, actor: User | None) -> CounterNotice:
    """Take in a counter-notice, from the performer herself or as staff to whom it was sent.

    The same form or mail (`source_reference`) taken in again returns the one that is there. Locks: the notice and the
    targets, shared.
    Raises: CounterNoticeRefused (nothing is disabled, not hers, another one is open, received in the future, no such
    element), OwnNotice (staff in their own matter), NotThere. Announces: `counter_notice_received`.
    """
    names = {element.field for element in COUNTER_ELEMENTS}
    if unknown := set(new.elements) - names:
        raise CounterNoticeRefused(f"A counter-notice has no element {', '.join(sorted(unknown))}.")
    if current_role() not in (Role.PERFORMER, Role.WORKER):
        refuse_own(actor, [new.performer_id])
    if new.source_reference is not None:
        known = CounterNotice.objects.filter(source=new.source, source_reference=new.source_reference).first()
        if known is not None:
            if (known.notice_id, known.performer_id) != (new.notice_id, new.performer_id):
                raise CounterNoticeRefused(
                    f"{new.source_reference} was taken in before, about something else."
                )
            return known
    if not TakedownNotice.objects.filter(pk=new.notice_id).exists():
        raise NotThere("There is no such notice, or your role may not see it.")
    targets = _answered(new)
    now = database_now()
    received_at = new.received_at or now
    if received_at > now:
        raise CounterNoticeRefused("A counter-notice is received before it is taken in.")
    counter = CounterNotice(
        notice_id=new.notice_id,
        performer_id=new.performer_id,
        source=new.source,
        source_reference=new.source_reference,
        received_at=received_at,
        statement=new.statement,
        due_at=COUNTER_CLOCKS[CounterNoticeStatus.RECEIVED].due(received_at),
        **dict.fromkeys(new.elements, True),
    )
    with refused_as(CounterNoticeRefused):
        counter.save(force_insert=True)
        CounterNoticeTarget.objects.bulk_create(
            [CounterNoticeTarget(counter_notice=counter, target_id=key) for key in targets]
        )
    counter_notice_received.send(
        sender=CounterNotice, actor=actor, subject=counter, detail={"targets": len(targets)}
    )
    return counter


def _answered(new: NewCounterNotice) -> list[UUID]:
    disabled = TakedownTarget.objects.filter(
        notice_id=new.notice_id,
        performer_id=new.performer_id,
        disabled_at__isnull=False,
        restored_at__isnull=True,
    )
    keys = sorted(disabled.values_list("pk", flat=True))
    if new.target_ids:
        keys = [key for key in keys if key in set(new.target_ids)]
        if len(keys) < len(set(new.target_ids)):
            raise CounterNoticeRefused(
                "A counter-notice answers what this notice disabled, and only one's own."
            )
    if not keys:
        raise CounterNoticeRefused("Nothing of this performer is disabled because of this notice.")
    return keys


@transaction.atomic
def counter_notice_complete(
    *,
    counter_notice_id: UUID,
    actor: User | None,
    reason: str,
    expected_version: int | None = None,
    **elements: bool,
) -> CounterNotice:
    """Note which elements the performer supplied since; with the last one the days begin to count.

    Locks: the notice, the counter-notice. Raises: CounterNoticeRefused (it is not open, nothing new is named),
    OwnNotice, NotThere, StaleVersion; TypeError for a field that is no element. Announces: `counter_notice_completed`.
    """
    if unknown := elements.keys() - {element.field for element in COUNTER_ELEMENTS}:
        raise TypeError(f"A counter-notice has no element {', '.join(sorted(unknown))}.")
    _, counter = counter_notice_locked(counter_notice_id, actor, expected_version)
    if counter.status not in (CounterNoticeStatus.RECEIVED, CounterNoticeStatus.INCOMPLETE):
        raise CounterNoticeRefused(
            f"This one is: {counter.get_status_display().lower()}. It is not completed now."
        )
    new = sorted(name for name, value in elements.items() if value and not getattr(counter, name))
    if not new:
        raise CounterNoticeRefused("Choose at least one element that was missing.")
    for name in new:
        setattr(counter, name, True)
    changes = list(new)
    if not missing(counter, COUNTER_ELEMENTS):
        window = restoration_window(since := database_now())
        counter.complete_since = since
        counter.restore_from, counter.restore_by = window.opens, window.closes
        changes += ["complete_since", "restore_from", "restore_by"]
    with refused_as(CounterNoticeRefused):
        counter.save(update_fields=changes)
    counter_notice_completed.send(
        sender=CounterNotice, actor=actor, subject=counter, reason=reason, changed=tuple(new)
    )
    return counter
