"""Filings and the access review of the demo: filed and amended, waiting, overdue; and half a review."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from audit.filing_choices import FilingKind, FilingOutcome
from audit.models import AccessReviewItem, ComplianceFiling
from audit.services.access_reviews import (
    access_review_item_keep,
    access_review_item_withdraw,
    access_review_open,
)
from audit.services.filed_filings import filing_amend, filing_answer, filing_file
from audit.services.filings import filing_approve, filing_prepare, filing_submit
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step

SECOND = "demo_every_role"
"""The second pair of eyes: who holds every role."""

REASON = "for the demo: what a colleague would say here"
BREACH = (
    "A list of 312 e-mail addresses was sent to a wrong recipient. Concerned: viewers of one studio. Likely "
    "consequences: unwanted mail. Taken: recalled, the recipient confirmed deletion, viewers were told."
)
SUSPICION = "Nine purchases of tokens by nine cards within an hour, spent on one performer and asked back."


def load_filings() -> str:
    """A breach that was filed, answered and amended; a suspicion that waits for approval; an order that is overdue."""
    author = User.objects.with_handle(f"demo_{Role.COMPLIANCE.short}").first()
    second = User.objects.with_handle(SECOND).first()
    if author is None or second is None:
        return "nobody to show it with"
    with acting(Role.COMPLIANCE, user_id=author.pk):
        if ComplianceFiling.objects.exists():
            return "there before"
    now = timezone.now()
    whom = (
        User.objects.exclude(pk__in=[author.pk, second.pk])
        .filter(role_grants__isnull=True)
        .order_by("pk")
        .first()
    )
    with acting(Role.COMPLIANCE, user_id=author.pk):
        breach = filing_prepare(
            kind=FilingKind.DATA_BREACH,
            authority="Hamburg Commissioner for Data Protection",
            aware_at=now - timedelta(hours=40),
            words=BREACH,
            actor=author,
            reason=REASON,
        )
        filing_submit(filing_id=breach.pk, actor=author, reason=REASON)
        filing_prepare(
            kind=FilingKind.AUTHORITY_ORDER,
            authority="Bundesnetzagentur",
            aware_at=now - timedelta(days=3),
            actor=author,
            reason=REASON,
        )
        if whom is not None:
            suspicion = filing_prepare(
                kind=FilingKind.SUSPICIOUS_TRANSACTION,
                aware_at=now - timedelta(days=12),
                person_id=whom.pk,
                words=SUSPICION,
                actor=author,
                reason=REASON,
            )
            filing_submit(filing_id=suspicion.pk, actor=author, reason=REASON)
    with acting(Role.COMPLIANCE, user_id=second.pk):
        filing_approve(filing_id=breach.pk, actor=second, reason=REASON)
    with acting(Role.COMPLIANCE, user_id=author.pk):
        filing_file(filing_id=breach.pk, authority_reference="DSB-2611-0187", actor=author, reason=REASON)
        filing_answer(
            filing_id=breach.pk, outcome=FilingOutcome.INFORMATION_ASKED, actor=author, reason=REASON
        )
        filing_amend(
            filing_id=breach.pk, words=f"{BREACH} Further: four bounced.", actor=author, reason=REASON
        )
        waiting = ComplianceFiling.objects.waiting().count()
    return f"{breach.reference} filed and answered, {waiting} waiting"


def load_access_review() -> str:
    """The review of this quarter: the first roles are kept, one is withdrawn, the rest waits for administrators."""
    with acting(Role.WORKER):
        review, opened = access_review_open()
    administrator = User.objects.with_handle(f"demo_{Role.ADMINISTRATOR.short}").first()
    if not opened or administrator is None:
        return f"{review}: there before, or nobody to decide"
    with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
        items = list(AccessReviewItem.objects.filter(review=review).undecided_by(administrator.pk)[:4])
        for item in items[:3]:
            access_review_item_keep(item_id=item.pk, actor=administrator, reason=REASON)
        extra = AccessReviewItem.objects.filter(
            review=review, holder__handle=SECOND, role=Role.ANALYST.value, verdict__isnull=True
        ).first()
        if extra is not None:
            access_review_item_withdraw(item_id=extra.pk, actor=administrator, reason=REASON)
        left = AccessReviewItem.objects.filter(review=review).undecided().count()
    return f"{review}: {left} of {review.item_count} grants wait for administrators"


register_step(DemoStep(74, "Filings to authorities", load_filings))
register_step(DemoStep(75, "The access review of the quarter", load_access_review))
