"""Earnings that are held and let go of. An earning is paid out when nothing holds it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from billing.announcements import earnings_held, earnings_released
from billing.dispute_choices import HoldCause
from billing.errors import EarningHoldRefused
from billing.models import Dispute, Earning, EarningHold, LotConsumption, Payment, RiskReview
from billing.services.wallets import as_worker
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as

BATCH = 1000


def earnings_of_order(order_id: UUID) -> list[UUID]:
    """What was earned by an order and not given back: by its lines, and by what its tokens were spent on. In key order.

    As the worker.
    """
    spends = LotConsumption.objects.filter(lot__order_line__order_id=order_id).values("spend_id")
    found = Earning.objects.filter(
        Q(line__split__order_line__order_id=order_id) | Q(line__split__spend_id__in=spends),
        amount__gt=0,
        line__split__spend__reversal__isnull=True,
    )
    return list(found.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def earning_holds_place(
    *,
    earning_ids: Iterable[UUID],
    cause: HoldCause,
    actor: User | None,
    reason: str,
    dispute_id: UUID | None = None,
    risk_review_id: UUID | None = None,
) -> int:
    """Hold earnings; how many were not held for this before. What is given back is never held.

    Raises: EarningHoldRefused (no such earning or one given back, a dispute that is decided, no reason). Announces:
    `earnings_held`, for what holds them.
    """
    wanted = sorted(set(earning_ids))
    owner = {"dispute_id": dispute_id, "risk_review_id": risk_review_id}
    with as_worker(actor), refused_as(EarningHoldRefused):
        live = EarningHold.objects.live().filter(cause=cause, **owner)
        before = set(live.filter(earning_id__in=wanted).values_list("earning_id", flat=True))
        rows = [
            EarningHold(
                earning_id=earning_id,
                cause=cause,
                placed_by=actor,
                reason=reason.strip(),
                **owner,
            )
            for earning_id in wanted
            if earning_id not in before
        ]
        EarningHold.objects.bulk_create(rows, batch_size=BATCH)
        if rows:
            _tell(earnings_held, rows, actor, reason)
    return len(rows)


def disputed_earnings_hold() -> int:
    """Hold what was earned by disputed payments since their disputes were last told of; how many earnings.

    Tokens go on being spent, and an order may be paid after the dispute was told. Each dispute is a transaction of its
    own; one about which something is being taken down right now is left to that. Runs as the worker, every night.
    Locks: the dispute. Announces: `earnings_held`.
    """
    with as_worker(None):
        waiting = list(Dispute.objects.open().order_by("pk").values_list("pk", flat=True))
    held = 0
    for dispute_id in waiting:
        with transaction.atomic(), as_worker(None):
            dispute = (
                Dispute.objects.open()
                .filter(pk=dispute_id)
                .select_related("payment")
                .select_for_update(of=("self",), no_key=True, skip_locked=True)
                .first()
            )
            if dispute is not None:
                held += dispute_holds(dispute, dispute.payment.order_id)
    return held


def payment_holds(payment: Payment) -> None:
    """Hold what a payment that was disputed before earned just now. As the worker, the payment being locked."""
    for dispute in Dispute.objects.open().filter(payment=payment).order_by("pk"):
        dispute_holds(dispute, payment.order_id)


def dispute_holds(dispute: Dispute, order_id: UUID) -> int:
    """Hold what was earned by a disputed payment until now; how many earnings were not held. As the worker."""
    return earning_holds_place(
        earning_ids=earnings_of_order(order_id),
        cause=HoldCause.DISPUTE,
        dispute_id=dispute.pk,
        actor=None,
        reason="The payment is disputed.",
    )


@transaction.atomic
def earning_holds_release(
    *,
    actor: User | None,
    reason: str,
    dispute_id: UUID | None = None,
    risk_review_id: UUID | None = None,
    earning_ids: Iterable[UUID] | None = None,
) -> int:
    """Let go of what a dispute, a review, or (given ids alone) a decision of staff holds; how many.

    What something else holds too stays held. Locks: the holds, in the order of their keys. Raises: EarningHoldRefused
    (no reason, nothing named). Announces: `earnings_released`.
    """
    if dispute_id is None and risk_review_id is None and earning_ids is None:
        raise EarningHoldRefused("Say what is let go of: of a dispute, of a review, or which earnings.")
    if not reason.strip():
        raise EarningHoldRefused("Say why it is let go of. Write a reason.")
    owner: dict[str, Any] = {"dispute_id": dispute_id, "risk_review_id": risk_review_id}
    found = EarningHold.objects.live().filter(**owner)
    if earning_ids is not None:
        found = found.filter(earning_id__in=list(earning_ids))
    with as_worker(actor), refused_as(EarningHoldRefused):
        rows = list(found.select_for_update(no_key=True).order_by("pk"))
        if rows:
            EarningHold.objects.filter(pk__in=[row.pk for row in rows]).update(
                released_at=database_now(), released_by=actor, release_reason=reason.strip()
            )
            _tell(earnings_released, rows, actor, reason)
    return len(rows)


@transaction.atomic
def earning_hold_release(*, earning_hold_id: UUID, actor: User, reason: str) -> EarningHold:
    """Let go of one hold by hand: of a review that was confirmed, or of staff. What a dispute holds ends with it.

    Locks: the hold. Raises: EarningHoldRefused (of a dispute, or let go of already, or one's own), NotThere. Announces:
    `earnings_released`.
    """
    if not reason.strip():
        raise EarningHoldRefused("Say why it is let go of. Write a reason.")
    with as_worker(actor), refused_as(EarningHoldRefused):
        row = locked(EarningHold, earning_hold_id)
        if row.cause == HoldCause.DISPUTE:
            raise EarningHoldRefused("A dispute holds this, and lets go of it when it is decided.")
        if row.released_at is not None:
            raise EarningHoldRefused("This was let go of already.")
        if row.earning.performer_id == actor.pk:
            raise EarningHoldRefused("Nobody decides about what is their own. Ask a colleague.")
        row.released_at, row.released_by, row.release_reason = database_now(), actor, reason.strip()
        row.save(update_fields=["released_at", "released_by", "release_reason"])
        _tell(earnings_released, [row], actor, reason)
    return row


def _tell(announcement: Any, rows: list[EarningHold], actor: User | None, reason: str) -> None:
    """One announcement for all, about what holds them."""
    first = rows[0]
    subject: Any = first
    if first.dispute_id is not None:
        subject = Dispute.objects.get(pk=first.dispute_id)
    elif first.risk_review_id is not None:
        subject = RiskReview.objects.get(pk=first.risk_review_id)
    announcement.send(
        sender=type(subject), actor=actor, subject=subject, reason=reason, detail={"earnings": len(rows)}
    )
