"""Restricting and lifting; the status of the account follows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import RestrictionKind, UserStatus
from accounts.errors import AlreadyEnded, AlreadyRestricted, EndInThePast, OwnAccount
from accounts.models import Restriction, User
from accounts.services.restrictions import restriction_lift, restriction_place, restrictions_expire
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, Refused, StaleVersion
from core.models.identity import uuid7
from tests.accounts.conftest import Announced
from tests.accounts.factories import RestrictionFactory, UserFactory, period, staff

pytestmark = pytest.mark.django_db

DECIDERS = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.ADMINISTRATOR)


def place(user: User, actor: User, role: Role = Role.MODERATOR, **options: Any) -> Restriction:
    with acting(role, user_id=actor.pk):
        return restriction_place(
            **{
                "user_id": user.pk,
                "kind": RestrictionKind.CHAT,
                "actor": actor,
                "reason": "insults in the chat",
                **options,
            }
        )


def lift(restriction: Restriction, actor: User, **options: Any) -> Restriction:
    with acting(Role.MODERATOR, user_id=actor.pk):
        return restriction_lift(restriction_id=restriction.pk, actor=actor, reason="appeal upheld", **options)


def status_of(user: User) -> str:
    return User.objects.get(pk=user.pk).status


@pytest.mark.parametrize("role", DECIDERS)
def test_the_status_follows_and_the_history_names_the_author(
    user: User, role: Role, announced: Announced
) -> None:
    actor = staff(role)
    restriction = place(user, actor, role)
    assert status_of(user) == UserStatus.RESTRICTED
    assert restriction.decided_by == actor
    latest = User.history.filter(id=user.pk).first()
    assert (latest.status, latest.history_user_id) == (UserStatus.RESTRICTED, actor.pk)
    assert latest.history_change_reason == "insults in the chat"
    assert Restriction.history.get(id=restriction.pk).history_user_id == actor.pk
    said = announced.only("restriction_placed")
    assert (said["actor"], said["subject"], said["detail"]) == (actor, user, {"kind": "chat"})
    assert said["reason"] == "insults in the chat"


def test_lifting_the_last_restriction_frees_the_person(
    user: User, moderator: User, announced: Announced
) -> None:
    chat, tip = place(user, moderator), place(user, moderator, kind=RestrictionKind.TIP)
    assert lift(chat, moderator).lifted_by == moderator
    assert status_of(user) == UserStatus.RESTRICTED
    lift(tip, moderator)
    assert status_of(user) == UserStatus.ACTIVE
    assert announced.actions == ["restriction_placed"] * 2 + ["restriction_lifted"] * 2


def test_a_server_whose_clock_runs_ahead_restricts_at_once(
    user: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr(timezone, "now", lambda: ahead)
    restriction = place(user, moderator)
    assert status_of(user) == UserStatus.RESTRICTED
    lift(restriction, moderator)
    assert status_of(user) == UserStatus.ACTIVE


@pytest.mark.parametrize(
    ("options", "refusal", "words"),
    [
        ({"kind": "tip"}, AlreadyRestricted, "barred already: tip"),
        ({"until": timezone.now() - timedelta(days=1)}, EndInThePast, "lies in the future"),
        ({"user_id": uuid7()}, NotThere, "no such person"),
        ({"expected_version": 1}, StaleVersion, "after you opened it"),
        ({"reason": ""}, Refused, "3 to 2000 characters"),
        ({"reason": "x" * 2001}, Refused, "3 to 2000 characters"),
        ({"reason": "nul \0 sign"}, Refused, "cannot be stored"),
        ({"reason": "half \ud83d"}, Refused, "cannot be stored"),
    ],
)
def test_what_is_refused_is_said_and_writes_nothing(
    user: User,
    moderator: User,
    options: dict[str, Any],
    refusal: type[Refused],
    words: str,
    announced: Announced,
) -> None:
    RestrictionFactory(user=user, kind=RestrictionKind.TIP)
    histories = User.history.count()
    with pytest.raises(refusal, match=words):
        place(user, moderator, **options)
    assert Restriction.objects.count() == 1
    assert status_of(user) == UserStatus.ACTIVE
    assert User.history.count() == histories
    assert not announced


@pytest.mark.parametrize("status", [UserStatus.PENDING, UserStatus.CLOSED, UserStatus.ERASED])
def test_accounts_that_are_not_open_are_not_restricted(moderator: User, status: str) -> None:
    with pytest.raises(IllegalTransition, match="cannot become restricted"):
        place(UserFactory(status=status), moderator)


def test_nobody_decides_about_themselves(moderator: User) -> None:
    with pytest.raises(OwnAccount, match="Ask a colleague"):
        place(moderator, moderator)
    restriction = RestrictionFactory(user=moderator)
    with pytest.raises((OwnAccount, NotThere)):
        lift(restriction, moderator)


def test_what_has_ended_is_not_lifted_again(user: User, moderator: User) -> None:
    restriction = place(user, moderator)
    with pytest.raises(StaleVersion):
        lift(restriction, moderator, expected_version=2)
    lift(restriction, moderator, expected_version=1)
    with pytest.raises(AlreadyEnded):
        lift(restriction, moderator)
    with pytest.raises(NotThere):
        lift(Restriction(pk=uuid7()), moderator)


def test_the_same_kind_may_be_placed_again_afterwards(user: User, moderator: User) -> None:
    lift(place(user, moderator), moderator)
    place(user, moderator)
    assert Restriction.objects.filter(user=user).count() == 2


class TestExpiry:
    """The worker frees people whose last restriction ran out."""

    @pytest.fixture
    def expired(self, user: User) -> User:
        RestrictionFactory(user=user, valid=period(end=timezone.now() - timedelta(hours=1)))
        User.objects.filter(pk=user.pk).update(status=UserStatus.RESTRICTED)
        return user

    def test_who_is_due_is_freed_once(self, expired: User, announced: Announced) -> None:
        with acting(Role.WORKER):
            assert restrictions_expire() == 1
            assert restrictions_expire() == 0
        assert status_of(expired) == UserStatus.ACTIVE
        assert announced.only("restriction_expired")["actor"] is None
        latest = User.history.filter(id=expired.pk).first()
        assert (latest.history_user_id, latest.history_change_reason) == (None, "restriction ran out")

    def test_who_has_another_restriction_stays_restricted(self, expired: User) -> None:
        RestrictionFactory(user=expired, kind=RestrictionKind.TIP)
        with acting(Role.WORKER):
            assert restrictions_expire() == 0
        assert status_of(expired) == UserStatus.RESTRICTED

    def test_suspended_people_are_not_freed_by_time(self, expired: User) -> None:
        User.objects.filter(pk=expired.pk).update(status=UserStatus.SUSPENDED)
        with acting(Role.WORKER):
            assert restrictions_expire() == 0
        assert status_of(expired) == UserStatus.SUSPENDED

    def test_a_batch_has_its_size(self) -> None:
        for user in UserFactory.create_batch(3):
            RestrictionFactory(user=user, valid=period(end=timezone.now() - timedelta(hours=1)))
            User.objects.filter(pk=user.pk).update(status=UserStatus.RESTRICTED)
        with acting(Role.WORKER):
            assert [restrictions_expire(batch=2), restrictions_expire(batch=2)] == [2, 1]
