"""Access reviews: what is frozen, who decides, what withdrawing does, and what each refusal says."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import RoleGrant, User
from accounts.services.role_grants import role_grant, role_revoke
from audit.filing_errors import OwnReview, ReviewRefused
from audit.models import AccessReview, AccessReviewItem, Event, SecurityEvent
from audit.services.access_reviews import (
    access_review_close,
    access_review_item_keep,
    access_review_item_withdraw,
    access_review_open,
    access_reviews_settle,
    access_reviews_tell_overdue,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from core.models.identity import uuid7
from tests.accounts.factories import RoleGrantFactory, UserFactory, period, staff
from tests.audit.factories_moderation import without_triggers
from tests.audit.filing_steps import WHY, as_administrator, as_compliance, opened
from tests.sql import run

pytestmark = pytest.mark.django_db


def item_of(user: User) -> AccessReviewItem:
    return AccessReviewItem.objects.get(holder=user)


def decide(actor: User, service: Callable[..., Any], item: AccessReviewItem, **arguments: Any) -> Any:
    with as_administrator(actor):
        return service(item_id=item.pk, actor=actor, **{"reason": WHY, **arguments})


def close(actor: User, review: AccessReview) -> AccessReview:
    with as_compliance(actor):
        return access_review_close(review_id=review.pk, actor=actor, reason=WHY)


def revoked(user: User, actor: User) -> None:
    """A grant that ended a while ago, as if in a transaction of its own."""
    grant = RoleGrant.objects.get(user=user)
    with as_administrator(actor):
        role_revoke(role_grant_id=grant.pk, actor=actor, reason=WHY)
    with without_triggers("accounts_rolegrant"):
        run("UPDATE accounts_rolegrant SET updated_at = now() - interval '1 hour' WHERE id = %s", [grant.pk])


class TestOpening:
    def test_every_grant_in_force_is_frozen_and_no_other(self) -> None:
        admin, mona = staff(Role.ADMINISTRATOR), staff(Role.MODERATOR, Role.SUPPORT)
        RoleGrantFactory(
            user=UserFactory(), role="vbl_finance", valid=period(end=timezone.now() - timedelta(hours=1))
        )
        review = opened()
        late = UserFactory()
        with as_administrator(admin):
            role_grant(user_id=late.pk, role=Role.SUPPORT, actor=admin, reason=WHY)
        items = AccessReviewItem.objects.filter(review=review)
        assert {(item.holder_id, item.role) for item in items} == {
            (admin.pk, "vbl_administrator"),
            (mona.pk, "vbl_moderator"),
            (mona.pk, "vbl_support"),
        }
        assert review.item_count == 3
        assert review.due_at - review.cut_off == timedelta(days=30)

    def test_once_a_quarter_however_often(self) -> None:
        staff(Role.ADMINISTRATOR)
        said = StringIO()
        for _ in range(3):
            call_command("access_reviews_run", stdout=said)
        review = AccessReview.objects.get()
        now = timezone.now()
        assert review.name == f"{now.year}-Q{(now.month - 1) // 3 + 1}"
        assert said.getvalue().count("opened") == 1 and said.getvalue().count("was there") == 2
        assert f"{review}: 1 of 1 undecided" in said.getvalue()
        assert Event.objects.filter(action="access_review_opened").count() == 1
        with acting(Role.WORKER):
            assert access_review_open() == (review, False)

    def test_the_dry_run_opens_nothing(self) -> None:
        call_command("access_reviews_run", "--dry-run", stdout=StringIO())
        assert not AccessReview.objects.exists()

    def test_it_says_when_a_role_was_last_used(self) -> None:
        admin, idle = staff(Role.ADMINISTRATOR), staff(Role.FINANCE)
        someone = UserFactory()
        with as_administrator(admin):
            role_grant(user_id=someone.pk, role=Role.SUPPORT, actor=admin, reason=WHY)
        opened()
        used = item_of(admin).last_used_at
        assert used is not None and timezone.now() - used < timedelta(minutes=5)
        assert item_of(idle).last_used_at is None and item_of(someone).last_used_at is None


class TestDeciding:
    def test_kept_and_withdrawn_in_one_transaction(self) -> None:
        admin, mona, fin = staff(Role.ADMINISTRATOR), staff(Role.MODERATOR), staff(Role.FINANCE)
        opened()
        kept = decide(admin, access_review_item_keep, item_of(mona))
        assert (kept.verdict, kept.decided_by, kept.reason) == ("keep", admin, WHY)
        gone = decide(admin, access_review_item_withdraw, item_of(fin))
        assert (gone.verdict, gone.decided_by) == ("withdraw", admin)
        assert RoleGrant.objects.in_force().filter(user=mona).exists()
        assert not RoleGrant.objects.in_force().filter(user=fin).exists()
        assert Event.objects.filter(action="role_revoked", subject_id=fin.pk).count() == 1
        (event,) = Event.objects.filter(action="access_review_decided", subject_id=gone.pk)
        assert event.detail["verdict"] == "withdraw" and event.detail["role"] == "finance"

    def test_nobody_about_themselves_and_everything_once(self) -> None:
        admin, other, mona = staff(Role.ADMINISTRATOR), staff(Role.ADMINISTRATOR), staff(Role.MODERATOR)
        opened()
        for service in (access_review_item_keep, access_review_item_withdraw):
            with pytest.raises(OwnReview, match="their own role"):
                decide(admin, service, item_of(admin))
        decide(other, access_review_item_keep, item_of(admin))
        item = item_of(mona)
        decide(admin, access_review_item_keep, item)
        for service in (access_review_item_keep, access_review_item_withdraw):
            with pytest.raises(ReviewRefused, match="decided already: kept"):
                decide(other, service, item)
        assert RoleGrant.objects.in_force().filter(user=mona).exists()

    def test_what_has_ended_is_noted_and_not_kept(self) -> None:
        admin, mona = staff(Role.ADMINISTRATOR), staff(Role.MODERATOR)
        opened()
        revoked(mona, admin)
        with pytest.raises(ReviewRefused, match="nothing to keep"):
            decide(admin, access_review_item_keep, item_of(mona))
        with acting(Role.WORKER):
            assert access_reviews_settle() == 1
            assert access_reviews_settle() == 0
        item = item_of(mona)
        assert (item.verdict, item.decided_by) == ("ended", None)

    def test_bad_input(self) -> None:
        admin, mona = staff(Role.ADMINISTRATOR), staff(Role.MODERATOR)
        opened()
        item = item_of(mona)
        with pytest.raises(ReviewRefused, match="Say why"):
            decide(admin, access_review_item_keep, item, reason=" ")
        with pytest.raises(ReviewRefused, match="2000 characters"):
            decide(admin, access_review_item_keep, item, reason="x" * 2001)
        with pytest.raises(StaleVersion):
            decide(admin, access_review_item_keep, item, expected_version=7)
        with as_administrator(admin), pytest.raises(NotThere):
            access_review_item_keep(item_id=uuid7(), actor=admin, reason=WHY)
        assert item_of(mona).verdict is None


class TestClosing:
    def test_when_everything_is_decided_by_somebody_who_decided_nothing(self) -> None:
        admin, other = staff(Role.ADMINISTRATOR), staff(Role.ADMINISTRATOR)
        officer, ended = staff(Role.COMPLIANCE), staff(Role.SUPPORT)
        review = opened()
        with pytest.raises(ReviewRefused, match="4 grants are undecided"):
            close(officer, review)
        decide(other, access_review_item_keep, item_of(admin))
        decide(admin, access_review_item_keep, item_of(other))
        decide(admin, access_review_item_keep, item_of(officer))
        with pytest.raises(ReviewRefused, match="1 grant is undecided"):
            close(officer, review)
        revoked(ended, admin)
        # Whoever decided does not sign off in another role either.
        with pytest.raises(OwnReview, match="You decided in this review"):
            close(admin, review)
        closed = close(officer, review)
        assert (closed.status, closed.closed_by) == ("closed", officer)
        assert item_of(ended).verdict == "ended", "closing notes by itself what has ended"
        with pytest.raises(IllegalTransition):
            close(officer, review)

    def test_overdue_ones_are_told_once_a_week(self) -> None:
        staff(Role.ADMINISTRATOR)
        review = opened()
        with acting(Role.WORKER):
            assert access_reviews_tell_overdue() == 0
        with without_triggers("audit_accessreview"):
            run(
                "UPDATE audit_accessreview SET cut_off = now() - interval '31 days', due_at = now() - interval '1 day'"
            )
        with acting(Role.WORKER):
            assert access_reviews_tell_overdue() == 1
            assert access_reviews_tell_overdue() == 0
        (event,) = SecurityEvent.objects.filter(kind="access_review_overdue")
        assert event.detail == {"review": review.name, "undecided": 1} and event.severity == "high"
        with without_triggers("audit_accessreview"):
            run("UPDATE audit_accessreview SET overdue_told_at = now() - interval '8 days'")
        with acting(Role.WORKER):
            assert access_reviews_tell_overdue() == 1
