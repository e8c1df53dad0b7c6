"""Access reviews: opened once a quarter, decided grant by grant, signed off by somebody who decided nothing."""

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from accounts.services.role_grants import role_revoke
from audit.access_review_choices import ReviewStatus, ReviewVerdict
from audit.choices import SecurityKind, Severity
from audit.filing_announcements import (
    access_review_closed,
    access_review_decided,
    access_review_opened,
    access_review_overdue_told,
)
from audit.filing_errors import OwnReview, ReviewRefused
from audit.models import AccessReview, AccessReviewItem
from audit.services.security import security_event_record
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role

TOLD_EVERY = timedelta(days=7)
"""An overdue review is told again after this time."""

REASON_AT_LEAST = 3


@transaction.atomic
def access_review_open(*, actor: User | None = None) -> tuple[AccessReview, bool]:
    """The review of this quarter, and whether this call opened it. Runs as the worker, however often.

    A trigger freezes every grant in force at that instant; later ones wait for the next review. Two that open at once
    get the same review. Raises: ReviewRefused. Announces: `access_review_opened`, once.
    """
    quarter = _quarter()
    if known := AccessReview.objects.filter(quarter=quarter).first():
        return known, False
    review = AccessReview()
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError as error:
        # Somebody opened it at the same moment; nothing else is unique here.
        known = AccessReview.objects.filter(quarter=_quarter()).first()
        if known is None:
            raise ReviewRefused("The access review could not be opened. Try again.") from error
        return known, False
    review.refresh_from_db()
    access_review_opened.send(
        sender=AccessReview, actor=actor, subject=review, detail={"grants": review.item_count}
    )
    return review, True


@transaction.atomic
def access_review_item_keep(
    *, item_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> AccessReviewItem:
    """Decide that a holder still needs the role. Runs as the administrator, never about oneself.

    Locks: the item, then the grant. Raises: OwnReview, ReviewRefused (decided already, the review is closed, the grant
    has ended, no reason), NotThere, StaleVersion. Announces: `access_review_decided`.
    """
    item = _locked(item_id, actor, reason, expected_version)
    return _decide(item, ReviewVerdict.KEEP, actor, reason)


@transaction.atomic
def access_review_item_withdraw(
    *, item_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> AccessReviewItem:
    """Decide that a holder does not need the role, and revoke it in the same transaction. Runs as the administrator.

    Locks: the item, then the grant. Raises: as `access_review_item_keep`; AlreadyEnded. Announces: `role_revoked`,
    `access_review_decided`.
    """
    item = _locked(item_id, actor, reason, expected_version)
    role_revoke(
        role_grant_id=item.grant_id, actor=actor, reason=f"Access review {item.review.name}. {reason}"[:2000]
    )
    return _decide(item, ReviewVerdict.WITHDRAW, actor, reason)


@transaction.atomic
def access_review_close(
    *, review_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> AccessReview:
    """Sign off a review in which everything is decided. Runs as compliance, by somebody who decided nothing in it.

    Grants that ended by themselves are noted first. Locks: the review. Raises: ReviewRefused (undecided grants, with
    their number), OwnReview, IllegalTransition, NotThere, StaleVersion. Announces: `access_review_closed`.
    """
    access_reviews_settle()
    review = locked(AccessReview, review_id, expected_version=expected_version)
    AccessReview.status_machine.check(review.status, ReviewStatus.CLOSED)
    if left := review.items.undecided().count():
        words = "1 grant is" if left == 1 else f"{left} grants are"
        raise ReviewRefused(f"{words} undecided. Administrators decide them first.")
    if review.items.filter(decided_by=actor).exists():
        raise OwnReview("You decided in this review. A colleague signs it off.")
    review.status = ReviewStatus.CLOSED
    with refused_as(ReviewRefused):
        review.save(update_fields=["status"])
    review.refresh_from_db()
    access_review_closed.send(
        sender=AccessReview, actor=actor, subject=review, reason=reason, changed=("status",)
    )
    return review


def access_reviews_settle() -> int:
    """Note of undecided grants that they have ended since, in open reviews; returns how many. Worker and compliance."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_reviews_settle()")
        return int(cursor.fetchone()[0])


@transaction.atomic
def access_reviews_tell_overdue() -> int:
    """Tell by a security event which reviews are overdue and were not told within a week; returns how many.

    Runs as the worker. Locks: those reviews, by key. Announces: `access_review_overdue_told`.
    """
    late = Q(overdue_told_at__isnull=True) | Q(overdue_told_at__lte=Now() - TOLD_EVERY)
    chosen = AccessReview.objects.overdue().filter(late).values_list("pk", flat=True)
    reviews = list(
        AccessReview.objects.select_for_update(skip_locked=True)
        .filter(late, pk__in=list(chosen))
        .order_by("pk")
    )
    for review in reviews:
        undecided = review.items.undecided().count()
        security_event_record(
            kind=SecurityKind.ACCESS_REVIEW_OVERDUE,
            severity=Severity.HIGH,
            detail={"review": review.name, "undecided": undecided},
        )
        review.overdue_told_at = database_now()
        review.save(update_fields=["overdue_told_at"])
        access_review_overdue_told.send(
            sender=AccessReview, actor=None, subject=review, detail={"undecided": undecided}
        )
    return len(reviews)


def _quarter() -> date:
    """First day of the quarter (UTC), by the clock of the database."""
    today = database_now().date()
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)


def _locked(item_id: UUID, actor: User, reason: str, expected_version: int | None) -> AccessReviewItem:
    if len(reason.strip()) < REASON_AT_LEAST:
        raise ReviewRefused("Say why the role is kept or withdrawn.")
    about = AccessReviewItem.objects.filter(pk=item_id).values_list("holder_id", flat=True).first()
    if about is None:
        raise NotThere("There is no such grant under review, or your role may not see it.")
    if about == actor.pk:
        raise OwnReview("Nobody decides about their own role. Ask another administrator.")
    item = locked(AccessReviewItem, item_id, expected_version=expected_version)
    if item.verdict is not None:
        raise ReviewRefused(
            f"This was decided already: {item.get_verdict_display().lower()}. A role that is not needed any more is "
            "revoked on the page of the grant."
        )
    if item.review.status != ReviewStatus.OPEN:
        raise ReviewRefused(f"The review {item.review.name} is closed.")
    return item


def _decide(item: AccessReviewItem, verdict: ReviewVerdict, actor: User, reason: str) -> AccessReviewItem:
    item.verdict, item.reason = verdict, reason.strip()
    with refused_as(ReviewRefused):
        item.save(update_fields=["verdict", "reason"])
    item.refresh_from_db()
    access_review_decided.send(
        sender=AccessReviewItem,
        actor=actor,
        subject=item,
        reason=reason,
        changed=("verdict",),
        detail={"verdict": str(verdict), "role": Role(item.role).short, "review": item.review.name},
    )
    return item
