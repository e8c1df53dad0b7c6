"""Two at once on filings and access reviews, on connections of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import RoleGrant, User
from accounts.services.role_grants import role_revoke
from audit.filing_errors import FilingRefused, ReviewRefused
from audit.models import AccessReview, AccessReviewItem, ComplianceFiling, Event, LegalHold
from audit.services.access_reviews import (
    access_review_close,
    access_review_item_keep,
    access_review_item_withdraw,
    access_review_open,
)
from audit.services.filed_filings import filing_amend, filing_file, filings_tell_overdue
from audit.services.filings import filing_approve, filing_drop, filing_return, filing_revise, filing_submit
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition
from tests.accounts.factories import staff
from tests.accounts.test_races import at_once, refusals
from tests.audit.filing_steps import (
    WHY,
    approved,
    as_administrator,
    as_compliance,
    filed,
    opened,
    prepared,
    submitted,
)

pytestmark = pytest.mark.django_db(transaction=True)


def on(
    filing: ComplianceFiling, user: User, service: Callable[..., Any], **arguments: Any
) -> Callable[[], Any]:
    def act() -> Any:
        with as_compliance(user):
            return service(filing_id=filing.pk, actor=user, reason=WHY, **arguments)

    return act


def about(item: AccessReviewItem, user: User, service: Callable[..., Any]) -> Callable[[], Any]:
    def act() -> Any:
        with as_administrator(user):
            return service(item_id=item.pk, actor=user, reason=WHY)

    return act


def open_it() -> AccessReview:
    with acting(Role.WORKER):
        return access_review_open()[0]


def test_two_on_one_filing() -> None:
    first, second = staff(Role.COMPLIANCE), staff(Role.COMPLIANCE)
    # One approves, the other drops: one of them does.
    filing = submitted()
    outcomes = at_once(on(filing, first, filing_approve), on(filing, second, filing_drop))
    assert refusals(outcomes) == [IllegalTransition]
    # Who rewrites while it is handed over is refused, or what is handed over is what was rewritten.
    draft = prepared()
    outcomes = at_once(
        on(draft, draft.prepared_by, filing_submit), on(draft, first, filing_revise, words="Otherwise.")
    )
    assert refusals(outcomes) in ([], [FilingRefused])
    wrote = first.pk in ComplianceFiling.objects.get(pk=draft.pk).writer_ids
    assert wrote == (refusals(outcomes) == [])
    # Filed twice at once: once, with one hold.
    out = approved()
    outcomes = at_once(
        on(out, first, filing_file, authority_reference="CT-1"),
        on(out, second, filing_file, authority_reference="CT-2"),
    )
    assert refusals(outcomes) == [IllegalTransition]
    assert LegalHold.objects.filter(scope_id=out.person_id).count() == 1
    # Filed while it is sent back: one of both.
    other = approved()
    outcomes = at_once(
        on(other, first, filing_file, authority_reference="CT-3"), on(other, second, filing_return)
    )
    assert refusals(outcomes) == [IllegalTransition]
    # Two amendments at once: one.
    outcomes = at_once(*(on(out, user, filing_amend) for user in (first, second)))
    assert refusals(outcomes) == [FilingRefused]
    assert ComplianceFiling.objects.filter(amends=out).count() == 1


def test_two_workers_tell_once() -> None:
    from datetime import timedelta

    from django.utils import timezone

    prepared(aware_at=timezone.now() - timedelta(days=3))

    def tell() -> int:
        with acting(Role.WORKER):
            return filings_tell_overdue()

    assert sorted(at_once(tell, tell)) == [0, 1]
    assert filed(kind="data_breach", authority="HmbBfDI").status == "filed"


def test_two_openers_open_one_review() -> None:
    for _ in range(3):
        staff(Role.MODERATOR)
    reviews = at_once(open_it, open_it, open_it)
    assert len({review.pk for review in reviews}) == 1
    assert AccessReviewItem.objects.count() == 3
    assert Event.objects.filter(action="access_review_opened").count() == 1


def test_two_deciders_and_whoever_signs_off() -> None:
    admin, other = staff(Role.ADMINISTRATOR), staff(Role.ADMINISTRATOR)
    mona, officer = staff(Role.MODERATOR), staff(Role.COMPLIANCE)
    review = opened()
    items = {item.holder_id: item for item in AccessReviewItem.objects.all()}
    # One keeps, the other withdraws: one of them does, and the grant is as that one said.
    outcomes = at_once(
        about(items[mona.pk], admin, access_review_item_keep),
        about(items[mona.pk], other, access_review_item_withdraw),
    )
    assert refusals(outcomes) == [ReviewRefused]
    verdict = AccessReviewItem.objects.get(holder=mona).verdict
    assert RoleGrant.objects.in_force().filter(user=mona).exists() == (verdict == "keep")
    # Kept while it is revoked on its own page: kept before, or refused.
    grant = RoleGrant.objects.get(user=officer)

    def revoke() -> Any:
        with as_administrator(other):
            return role_revoke(role_grant_id=grant.pk, actor=other, reason=WHY)

    outcomes = at_once(about(items[officer.pk], admin, access_review_item_keep), revoke)
    assert refusals(outcomes) in ([], [ReviewRefused])
    assert not RoleGrant.objects.in_force().filter(user=officer).exists()
    # The last decisions while somebody signs off: never a closed review with something undecided.
    with as_administrator(other):
        access_review_item_keep(item_id=items[admin.pk].pk, actor=other, reason=WHY)
    signer = staff(Role.COMPLIANCE)

    def sign_off() -> Any:
        with as_compliance(signer):
            return access_review_close(review_id=review.pk, actor=signer, reason=WHY)

    outcomes = at_once(about(items[other.pk], admin, access_review_item_keep), sign_off)
    assert refusals(outcomes) in ([], [ReviewRefused])
    undecided = AccessReviewItem.objects.filter(verdict__isnull=True).count()
    closed = AccessReview.objects.get().status == "closed"
    assert not (closed and undecided)
