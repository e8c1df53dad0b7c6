"""Redemptions: paid when they are asked for, given back when they are not fulfilled.

Locks are taken in one order: the redemption, the wallet of the viewer, the reward if it has a stock.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.models import SpendReversal
from billing.services.rewards import reward_pay
from billing.services.spend_reversals import spend_reverse
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role
from engagement.interaction_announcements import (
    redemption_cancelled,
    redemption_expired,
    redemption_fulfilled,
    redemption_rejected,
    reward_redeemed,
)
from engagement.interaction_choices import RedemptionStatus
from engagement.interaction_errors import RedemptionRefused
from engagement.models import Redemption, Reward

PATIENCE = dt.timedelta(days=30)
"""A redemption that nobody decided about for so long expires, and the viewer has the tokens back."""

GIVEN_BACK = {
    RedemptionStatus.REJECTED: "The performer did not fulfil the reward.",
    RedemptionStatus.CANCELLED: "The viewer no longer wanted the reward.",
    RedemptionStatus.EXPIRED: "Nobody fulfilled the reward in time.",
}
"""Why tokens went back, for the books."""


@transaction.atomic
def reward_redeem(
    *, reward_id: UUID, viewer_id: UUID, idempotency_key: str, actor: User | None, words: str = ""
) -> Redemption:
    """Redeem a reward at what it costs now. The same key again is the same redemption.

    Locks: the viewer's wallet if it costs tokens, then the reward if it has a stock. Raises: RedemptionRefused (not
    offered, none left, too soon, one's own, blocked, barred, words missing or making no sense, a key used for
    something else), and what `billing.services.rewards.reward_pay` raises. Signals: `reward_redeemed`.
    """
    words = words.strip()
    if (before := _before(viewer_id, idempotency_key, reward_id, words)) is not None:
        return before
    reward = Reward.objects.offered().filter(pk=reward_id).first()
    if reward is None:
        raise RedemptionRefused("There is no such reward, or it is not offered at present.")
    if reward.left == 0:
        raise RedemptionRefused("There is none left of this reward.")
    if reward.performer_id == viewer_id:
        raise RedemptionRefused("Nobody redeems rewards of their own.")
    spend = None
    if reward.tokens:
        spend = reward_pay(
            viewer_id=viewer_id,
            performer_id=reward.performer_id,
            tokens=reward.tokens,
            idempotency_key=idempotency_key,
            actor=actor,
        )
    redemption = Redemption(
        reward=reward,
        performer_id=reward.performer_id,
        viewer_id=viewer_id,
        spend_id=spend.pk if spend else None,
        tokens=reward.tokens,
        words=words,
        idempotency_key=idempotency_key,
    )
    try:
        with refused_as(RedemptionRefused):
            redemption.save(force_insert=True)
    except RedemptionRefused:
        # The same key at the same moment: the other one was first, and this is the same redemption.
        if (before := _before(viewer_id, idempotency_key, reward_id, words)) is None:
            raise
        return before
    redemption.refresh_from_db()
    reward_redeemed.send(sender=Redemption, subject=redemption, actor=actor)
    return redemption


def _before(viewer_id: UUID, key: str, reward_id: UUID, words: str) -> Redemption | None:
    """The redemption of the same key, if it is the same. Raises RedemptionRefused for another one."""
    found = Redemption.objects.filter(viewer_id=viewer_id, idempotency_key=key).first()
    if found is not None and (found.reward_id != reward_id or found.words != words):
        raise RedemptionRefused("This key was used before, for another redemption. Make a new one.")
    return found


@transaction.atomic
def redemption_fulfil(*, redemption_id: UUID, actor: User | None) -> Redemption:
    """Say that it was done; from here on nothing is given back. For the performer.

    Locks: the redemption. Raises: RedemptionRefused (its tokens were given back), IllegalTransition, NotThere.
    Announces: `redemption_fulfilled`.
    """
    redemption = locked(Redemption, redemption_id)
    return _decide(redemption, RedemptionStatus.FULFILLED, redemption_fulfilled, actor, "")


@transaction.atomic
def redemption_reject(
    *, redemption_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Redemption:
    """Say no: stock and tokens go back. For the performer, support and moderators; the viewer reads the reason.

    Locks: the redemption, the viewer's wallet, the reward. Raises: RedemptionRefused, IllegalTransition, NotThere,
    StaleVersion, what `spend_reverse` raises. Announces: `redemption_rejected`.
    """
    redemption = locked(Redemption, redemption_id, expected_version=expected_version)
    return _decide(redemption, RedemptionStatus.REJECTED, redemption_rejected, actor, reason)


@transaction.atomic
def redemption_cancel(*, redemption_id: UUID, actor: User | None) -> Redemption:
    """Take it back while it waits: stock and tokens go back. For the viewer.

    Locks: as `redemption_reject`. Raises: RedemptionRefused, IllegalTransition, NotThere, what `spend_reverse` raises.
    Announces: `redemption_cancelled`.
    """
    redemption = locked(Redemption, redemption_id)
    return _decide(redemption, RedemptionStatus.CANCELLED, redemption_cancelled, actor, "")


def redemptions_expire(*, batch: int = 200) -> int:
    """Give back what nobody decided about in time; returns how many. As the worker, a transaction each."""
    with acting(Role.WORKER):
        old = database_now() - PATIENCE
        due = Redemption.objects.pending().filter(redeemed_at__lt=old).order_by("pk")
        keys = list(due.values_list("pk", flat=True)[:batch])
    expired = 0
    for redemption_id in keys:
        with acting(Role.WORKER):
            waiting = Redemption.objects.pending().select_for_update(skip_locked=True)
            redemption = waiting.filter(pk=redemption_id).first()
            if redemption is not None:
                _decide(redemption, RedemptionStatus.EXPIRED, redemption_expired, None, "")
                expired += 1
    return expired


def _decide(
    redemption: Redemption,
    status: RedemptionStatus,
    announcement: Announcement,
    actor: User | None,
    reason: str,
) -> Redemption:
    Redemption.status_machine.check(redemption.status, status)
    if status in GIVEN_BACK:
        _give_back(redemption, GIVEN_BACK[status])
    redemption.status = status
    changed = ["status"]
    if actor is not None:
        redemption.answer, redemption.decided_by = reason.strip(), actor
        changed += ["answer", "decided_by"]
    with refused_as(RedemptionRefused):
        redemption.save(update_fields=changed)
    redemption.refresh_from_db(fields=["decided_at"])
    announcement.send(
        sender=Redemption,
        actor=actor,
        subject=redemption,
        reason=reason,
        changed=("status",),
        detail={"tokens": redemption.tokens},
    )
    return redemption


def _give_back(redemption: Redemption, words: str) -> None:
    """The system gives back, not whoever decided: nobody takes back spends of their own, or on themselves."""
    if redemption.spend_id is None:
        return
    with acting(Role.WORKER):
        taken_back = SpendReversal.objects.filter(spend_id=redemption.spend_id).exists()
    if not taken_back:
        spend_reverse(spend_id=redemption.spend_id, actor=None, reason=words)
