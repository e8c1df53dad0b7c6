"""Risk reviews: opened by disputes and by staff, taken and decided by people."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import (
    risk_review_cleared,
    risk_review_confirmed,
    risk_review_opened,
    risk_review_taken,
)
from billing.dispute_choices import DisputeReason, HoldCause, RiskCause, RiskStatus
from billing.errors import RiskReviewRefused
from billing.models import Dispute, Payment, RiskReview
from billing.services.earning_holds import (
    earning_holds_place,
    earning_holds_release,
    earnings_of_order,
)
from billing.services.wallets import as_worker
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as

WINDOW, SEVERAL = dt.timedelta(days=90), 2
"""So many disputes of one payer within so long are looked at. Card schemes watch months; a payer acts in weeks."""


@transaction.atomic
def risk_review_open(
    *,
    user_id: UUID,
    cause: RiskCause,
    words: str,
    actor: User | None,
    payment_id: UUID | None = None,
    dispute_id: UUID | None = None,
) -> RiskReview:
    """Have somebody look at a payer, or at one payment; what was earned by the payment is held meanwhile.

    One that is open for the same is returned as it is. Raises: RiskReviewRefused (no words; somebody else's payment),
    NotThere. Announces: `risk_review_opened`, `earnings_held`.
    """
    with as_worker(actor):
        payment = None
        if payment_id is not None:
            payment = Payment.objects.filter(pk=payment_id).first()
            if payment is None:
                raise NotThere("There is no such payment.")
            if payment.user_id != user_id:
                raise RiskReviewRefused("This is somebody else's payment.")
        elif not User.objects.filter(pk=user_id).exists():
            raise NotThere("There is no such person.")
        with refused_as(RiskReviewRefused):
            about: dict[str, Any] = {"user_id": user_id, "payment_id": payment_id, "cause": cause}
            review, is_new = RiskReview.objects.open().get_or_create(
                **about,
                defaults={"dispute_id": dispute_id, "words": words.strip(), "opened_by": actor},
            )
        if not is_new:
            return review
        if payment is not None:
            earning_holds_place(
                earning_ids=earnings_of_order(payment.order_id),
                cause=HoldCause.REVIEW,
                risk_review_id=review.pk,
                actor=actor,
                reason="The payment is being reviewed.",
            )
    risk_review_opened.send(
        sender=RiskReview, actor=actor, subject=review, reason=words, detail={"cause": str(cause)}
    )
    return review


@transaction.atomic
def risk_review_take(
    *, risk_review_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> RiskReview:
    """Look into a review oneself; colleagues see who does.

    Locks: the review. Raises: IllegalTransition, RiskReviewRefused (about oneself), NotThere, StaleVersion. Announces:
    `risk_review_taken`.
    """
    with as_worker(actor):
        review = locked(RiskReview, risk_review_id, expected_version=expected_version)
        _not_own(review, actor)
        RiskReview.status_machine.check(review.status, RiskStatus.ASSIGNED)
        review.status, review.owner = RiskStatus.ASSIGNED, actor
        with refused_as(RiskReviewRefused):
            review.save(update_fields=["status", "owner"])
        review.refresh_from_db(fields=["version", "updated_at"])
    risk_review_taken.send(
        sender=RiskReview, actor=actor, subject=review, reason=reason, changed=("status", "owner")
    )
    return review


def risk_review_clear(
    *, risk_review_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> RiskReview:
    """Say that nothing is wrong; what the review held is let go of. Locks, raises: see `risk_review_confirm`.

    Announces: `risk_review_cleared`, `earnings_released`.
    """
    return _decide(risk_review_id, RiskStatus.CLEARED, actor, reason, expected_version)


def risk_review_confirm(
    *, risk_review_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> RiskReview:
    """Say that something is wrong; what the review holds stays held until it is let go of by hand.

    Locks: the review. Raises: IllegalTransition, RiskReviewRefused (about oneself, a colleague's, no reason), NotThere,
    StaleVersion. Announces: `risk_review_confirmed`.
    """
    return _decide(risk_review_id, RiskStatus.CONFIRMED, actor, reason, expected_version)


@transaction.atomic
def _decide(
    risk_review_id: UUID, status: RiskStatus, actor: User, reason: str, expected_version: int | None
) -> RiskReview:
    with as_worker(actor):
        review = locked(RiskReview, risk_review_id, expected_version=expected_version)
        _not_own(review, actor)
        RiskReview.status_machine.check(review.status, status)
        if review.owner_id not in (None, actor.pk):
            raise RiskReviewRefused("A colleague looks into this. Speak to them, or leave it to them.")
        if not reason.strip():
            raise RiskReviewRefused("Say why it is decided so. Write a reason.")
        review.status, review.decision_reason = status, reason.strip()
        with refused_as(RiskReviewRefused):
            review.save(update_fields=["status", "decision_reason"])
        review.refresh_from_db()
        if status == RiskStatus.CLEARED:
            earning_holds_release(risk_review_id=review.pk, actor=actor, reason=reason)
    announcement = risk_review_cleared if status == RiskStatus.CLEARED else risk_review_confirmed
    announcement.send(sender=RiskReview, actor=actor, subject=review, reason=reason, changed=("status",))
    return review


def _not_own(review: RiskReview, actor: User) -> None:
    if review.user_id == actor.pk:
        raise RiskReviewRefused("Nobody decides about what is their own. Ask a colleague.")


def reviews_of_dispute(dispute: Dispute, payment: Payment) -> None:
    """Open the reviews to which a dispute gives cause, each once, whatever came of it. As the worker."""
    since = dispute.opened_at - WINDOW
    causes: list[tuple[RiskCause, str, bool]] = []
    if dispute.reason == DisputeReason.FRAUD:
        causes.append((RiskCause.FRAUD_REPORTED, "The payer says that they did not make this payment.", True))
    if dispute.currency_id == payment.currency_id and dispute.amount > payment.amount:
        causes.append((RiskCause.ABOVE_PAID, "More is disputed than the payer agreed to.", True))
    disputes = Dispute.objects.filter(user_id=dispute.user_id, opened_at__gte=since).count()
    if disputes >= SEVERAL:
        causes.append(
            (RiskCause.SEVERAL_DISPUTES, f"{disputes} disputes of this payer within 90 days.", False)
        )
    if not causes:
        return
    known = set(RiskReview.objects.filter(dispute=dispute).values_list("cause", flat=True))
    for cause, words, of_payment in causes:
        if cause not in known:
            risk_review_open(
                user_id=dispute.user_id,
                cause=cause,
                words=words,
                actor=None,
                payment_id=payment.pk if of_payment else None,
                dispute_id=dispute.pk,
            )
