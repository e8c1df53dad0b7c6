"""Erasing somebody who said, voted, offered: what goes, what stays, what objects."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import UserStatus
from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from core.erasure import erasers
from core.vetoes import erasure_requested
from engagement.models import Goal, Poll, PollVote, Redemption, Reward, TipMenuItem, TipMessage
from engagement.services.redemptions import redemption_reject
from performers.models import PerformerProfile
from tests.accounts.factories import staff
from tests.billing.factories_wallets import granted, performer
from tests.engagement.interaction_data import (
    as_her,
    goal_of,
    menu_item_of,
    poll_of,
    redeem,
    reward_of,
    say,
    vote,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def erased(user: User) -> None:
    """The account as `accounts_person_erase` leaves it."""
    User.objects.filter(pk=user.pk).update(status=UserStatus.CLOSED, closed_at=timezone.now())
    User.objects.filter(pk=user.pk).update(status=UserStatus.ERASED, erased_at=timezone.now(), handle=None)


def report(user: User, *, erase: bool) -> Any:
    (eraser,) = [found for found in erasers() if found.name == "interaction"]
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        return (eraser.erase if erase else eraser.survey)(user.pk).as_counts()


def a_day(star: PerformerProfile, viewer: User) -> None:
    goal_of(star)
    vote(viewer, poll_of(star), 1)
    say(viewer, star, menu_item_id=menu_item_of(star).pk, body="My name is Bruno")
    redeem(viewer, reward_of(star, asks_for_words=True), words="My song")


def test_a_viewer_is_forgotten_and_the_books_stay() -> None:
    star, viewer = performer(), granted(100)
    a_day(star, viewer)
    before = report(viewer, erase=False)
    assert before["destroyed"] == {
        "engagement_tipmessage": 1,
        "engagement_redemption": 1,
        "engagement_pollvote": 1,
    }
    with pytest.raises(Exception, match="not erased"):
        report(viewer, erase=True)


def test_what_goes_goes_once() -> None:
    star, viewer = performer(), granted(100)
    a_day(star, viewer)
    erased(viewer)
    assert report(viewer, erase=True)["destroyed"]["engagement_pollvote"] == 1
    assert (TipMessage.objects.get().body, Redemption.objects.get().words) == ("Erased", "Erased")
    assert not PollVote.objects.exists()
    assert Goal.objects.get().title == "A dance"
    assert report(viewer, erase=True)["destroyed"] == {}
    assert report(viewer, erase=False)["kept"]["engagement_tipmessage"] == 1


def test_a_performer_is_forgotten_with_what_she_offered() -> None:
    star, viewer = performer(), granted(100)
    a_day(star, viewer)
    erased(star.user)
    report(star.user, erase=True)
    goal, poll, reward, item = (
        Goal.objects.get(),
        Poll.objects.get(),
        Reward.objects.get(),
        TipMenuItem.objects.get(),
    )
    assert {goal.title, poll.question, reward.title, item.label} == {"Erased"}
    assert (goal.status, poll.status) == ("cancelled", "cancelled")
    assert reward.retired_at and item.retired_at
    assert list(poll.choices.order_by("position").values_list("label", flat=True)) == [
        "Erased 1",
        "Erased 2",
        "Erased 3",
    ]
    assert not Goal.history.exists() and not Reward.history.exists() and not TipMenuItem.history.exists()
    # What the viewer said is the viewer's.
    assert TipMessage.objects.get().body == "My name is Bruno"
    assert report(star.user, erase=True)["destroyed"] == {}


def test_paid_rewards_that_wait_object() -> None:
    star, viewer = performer(), granted(100)
    row = redeem(viewer, reward_of(star, tokens=10))

    def objections() -> list[str]:
        with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
            return [veto.reason for veto in erasure_requested.ask(sender=User, user=star.user)]

    assert any("wait to be fulfilled" in words for words in objections())
    with as_her(star):
        redemption_reject(redemption_id=row.pk, actor=star.user)
    assert not any("wait to be fulfilled" in words for words in objections())


def test_nobody_but_compliance_erases() -> None:
    viewer = granted(1)
    for role in (Role.SUPPORT, Role.WORKER, Role.PERFORMER):
        with acting(role, user_id=viewer.pk), refused("permission denied"):
            run("SELECT * FROM engagement_interaction_erase(%s)", [viewer.pk])
