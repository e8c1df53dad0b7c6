"""Suspending, reinstating and closing accounts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import RestrictionKind, UserStatus
from accounts.errors import AlreadyEnded, AlreadyRestricted, EndInThePast, OwnAccount
from accounts.models import Restriction, User
from accounts.services.restrictions import (
    restriction_lift,
    restrictions_expire,
    user_reinstate,
    user_suspend,
)
from accounts.services.users import user_close
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from tests.accounts.conftest import Announced
from tests.accounts.factories import RestrictionFactory, SessionFactory, UserFactory, period, staff

pytestmark = pytest.mark.django_db


def decide(service: Callable[..., User], user: User, actor: User, role: Role, **options: Any) -> User:
    with acting(role, user_id=actor.pk):
        return service(user_id=user.pk, actor=actor, reason="fraud, see the case", **options)


def status_of(user: User) -> str:
    return User.objects.get(pk=user.pk).status


def barred_from_signing_in(user: User) -> bool:
    return Restriction.objects.in_force().filter(user=user, kind=RestrictionKind.SIGN_IN).exists()


@pytest.mark.parametrize("role", [Role.LEAD_MODERATOR, Role.COMPLIANCE])
def test_suspension_bars_from_signing_in_until_reinstated(
    user: User, role: Role, announced: Announced
) -> None:
    actor = staff(role)
    decide(user_suspend, user, actor, role)
    assert status_of(user) == UserStatus.SUSPENDED
    assert barred_from_signing_in(user)
    decide(user_reinstate, user, actor, role)
    assert status_of(user) == UserStatus.ACTIVE
    assert not barred_from_signing_in(user)
    assert announced.only("user_suspended")["subject"] == user
    assert announced.only("user_reinstated")["changed"] == ("status",)
    assert {row.history_user_id for row in User.history.filter(id=user.pk)[:4]} <= {actor.pk, None}


def test_a_suspended_person_is_signed_out_of_every_device(user: User, lead: User) -> None:
    session = SessionFactory(user=user)
    decide(user_suspend, user, lead, Role.LEAD_MODERATOR)
    session.refresh_from_db()
    assert session.revoked_at is not None
    assert session.revoked_by_id == lead.pk


def test_a_restricted_person_keeps_other_restrictions(user: User, lead: User) -> None:
    RestrictionFactory(user=user, kind=RestrictionKind.TIP)
    User.objects.filter(pk=user.pk).update(status=UserStatus.RESTRICTED)
    decide(user_suspend, user, lead, Role.LEAD_MODERATOR)
    decide(user_reinstate, user, lead, Role.LEAD_MODERATOR)
    assert status_of(user) == UserStatus.RESTRICTED
    assert not barred_from_signing_in(user)


@pytest.mark.parametrize("status", [UserStatus.PENDING, UserStatus.SUSPENDED, UserStatus.CLOSED])
def test_who_cannot_be_suspended(lead: User, status: str) -> None:
    user = UserFactory(status=status)
    with pytest.raises(IllegalTransition, match="cannot become suspended"):
        decide(user_suspend, user, lead, Role.LEAD_MODERATOR)
    assert not Restriction.objects.exists()
    assert status_of(user) == status


def test_only_the_suspended_are_reinstated(user: User, lead: User) -> None:
    with pytest.raises(AlreadyEnded, match="anna is not suspended"):
        decide(user_reinstate, user, lead, Role.LEAD_MODERATOR)


@pytest.mark.parametrize("service", [user_suspend, user_reinstate])
def test_not_ones_own_and_not_with_a_stale_form(service: Callable[..., User], user: User, lead: User) -> None:
    with pytest.raises(OwnAccount):
        decide(service, lead, lead, Role.LEAD_MODERATOR)
    with pytest.raises(StaleVersion, match="Nothing was saved"):
        decide(service, user, lead, Role.LEAD_MODERATOR, expected_version=1)


def test_compliance_closes(user: User, announced: Announced) -> None:
    actor = staff(Role.COMPLIANCE)
    decide(user_close, user, actor, Role.COMPLIANCE)
    user.refresh_from_db()
    assert user.status == UserStatus.CLOSED
    assert user.closed_at is not None
    assert announced.only("user_closed")["changed"] == ("status", "closed_at")
    assert User.history.filter(id=user.pk).first().history_user_id == actor.pk
    with pytest.raises(IllegalTransition, match="Possible from here: erased"):
        decide(user_close, user, actor, Role.COMPLIANCE)


def test_a_suspended_account_can_be_closed_a_restricted_one_not_yet() -> None:
    actor = staff(Role.COMPLIANCE)
    decide(user_close, UserFactory(status=UserStatus.SUSPENDED), actor, Role.COMPLIANCE)
    with pytest.raises(IllegalTransition, match="Possible from here: active, suspended"):
        decide(user_close, UserFactory(status=UserStatus.RESTRICTED), actor, Role.COMPLIANCE)


def test_people_close_their_own_account_and_staff_do_not(user: User) -> None:
    decide(user_close, user, user, Role.VIEWER)
    assert status_of(user) == UserStatus.CLOSED
    actor = staff(Role.COMPLIANCE)
    with pytest.raises(NotThere, match="your role may not change it"):
        decide(user_close, actor, actor, Role.COMPLIANCE)
    with pytest.raises(StaleVersion):
        decide(user_close, UserFactory(), actor, Role.COMPLIANCE, expected_version=9)


class TestEnd:
    """A suspension that was given an end is over by itself."""

    def suspended(self, user: User, lead: User, **options: Any) -> User:
        decide(user_suspend, user, lead, Role.LEAD_MODERATOR, **options)
        # The period of the test lies in the past; who is suspended today is free in a week.
        Restriction.objects.filter(user=user).update(valid=period(end=timezone.now() - timedelta(seconds=1)))
        return user

    def expire(self) -> int:
        with acting(Role.WORKER):
            return restrictions_expire()

    def test_the_bar_has_the_end_that_was_asked_for(self, user: User, lead: User) -> None:
        end = timezone.now() + timedelta(days=7)
        decide(user_suspend, user, lead, Role.LEAD_MODERATOR, until=end)
        assert Restriction.objects.get(user=user).valid.upper == end
        assert self.expire() == 0
        assert status_of(user) == UserStatus.SUSPENDED

    def test_it_ends_once_and_other_restrictions_stay(
        self, user: User, lead: User, announced: Announced
    ) -> None:
        RestrictionFactory(user=user, kind=RestrictionKind.TIP)
        User.objects.filter(pk=user.pk).update(status=UserStatus.RESTRICTED)
        decide(user_suspend, user, lead, Role.LEAD_MODERATOR, until=timezone.now() + timedelta(days=7))
        Restriction.objects.filter(user=user, kind=RestrictionKind.SIGN_IN).update(
            valid=period(end=timezone.now() - timedelta(seconds=1))
        )
        assert [self.expire(), self.expire()] == [1, 0]
        assert status_of(user) == UserStatus.RESTRICTED
        assert announced.only("user_reinstated")["actor"] is None

    def test_whom_a_colleague_freed_from_the_bar_alone_stays_suspended(self, user: User, lead: User) -> None:
        decide(user_suspend, user, lead, Role.LEAD_MODERATOR)
        bar = Restriction.objects.get(user=user)
        with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
            restriction_lift(restriction_id=bar.pk, actor=lead, reason="see the case")
        assert self.expire() == 0
        assert status_of(user) == UserStatus.SUSPENDED

    def test_an_end_lies_in_the_future_and_no_bar_lies_under_it(self, user: User, lead: User) -> None:
        with pytest.raises(EndInThePast):
            decide(user_suspend, user, lead, Role.LEAD_MODERATOR, until=timezone.now() - timedelta(days=1))
        RestrictionFactory(user=user, kind=RestrictionKind.SIGN_IN)
        User.objects.filter(pk=user.pk).update(status=UserStatus.RESTRICTED)
        with pytest.raises(AlreadyRestricted):
            decide(user_suspend, user, lead, Role.LEAD_MODERATOR, until=timezone.now() + timedelta(days=1))
        assert status_of(user) == UserStatus.RESTRICTED

    def test_a_batch_has_its_size(self, lead: User) -> None:
        for user in UserFactory.create_batch(3):
            self.suspended(user, lead, until=timezone.now() + timedelta(days=7))
        with acting(Role.WORKER):
            assert [restrictions_expire(batch=2), restrictions_expire(batch=2)] == [2, 1]
