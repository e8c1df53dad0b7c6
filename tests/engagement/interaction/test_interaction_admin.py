"""The rooms of goals, polls, rewards, raids and words with tips."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from core.db.roles import Role
from engagement.models import GiftSent, Goal, Poll, Raid, Redemption, Reward, TipMenuItem, TipMessage
from tests.billing.factories_wallets import assert_proven, granted, left, performer
from tests.browser import Browser
from tests.engagement.interaction_data import (
    gift_item,
    give,
    goal_of,
    menu_item_of,
    poll_of,
    raid,
    redeem,
    reward_of,
    say,
    vote,
)
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db

ROOMS = (Goal, Poll, Raid, Reward, Redemption, TipMenuItem, TipMessage, GiftSent)
REASON = "it breaks the rules of the platform"


@pytest.fixture
def moderator(staff_client: Callable[..., Browser]) -> Browser:
    return staff_client(Role.MODERATOR)


def text_of(response: Any) -> str:
    """What a page says, on one line."""
    return response.content.decode().replace("\n", "")


def fill(rows: int) -> None:
    """So many rows in every list."""
    rose = gift_item(5)
    for _ in range(rows):
        star, viewer = performer(), granted(100)
        goal_of(star)
        vote(viewer, poll_of(star), 1)
        redeem(viewer, reward_of(star, tokens=5, stock=3))
        say(viewer, star, menu_item_id=menu_item_of(star).pk)
        give(viewer, star, rose)
        raid(live()[0].performer, live()[0].performer)


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_ask_the_same_number_of_queries(
    moderator: Browser, rows: int, django_assert_max_num_queries: Any
) -> None:
    fill(rows)
    for model in ROOMS:
        name = model._meta.model_name
        with django_assert_max_num_queries(14):
            response = moderator.get(reverse(f"admin:engagement_{name}_changelist"))
        assert response.status_code == 200, name


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR])
def test_pages_open(staff_client: Callable[..., Browser], role: Role) -> None:
    fill(1)
    browser = staff_client(role)
    for model in ROOMS:
        row = model.objects.order_by("-pk").first()
        assert row is not None
        url = reverse(f"admin:engagement_{model._meta.model_name}_change", args=[row.pk])
        assert browser.get(url).status_code == 200, model


def test_the_pages_of_a_person_and_of_a_performer_show_it(moderator: Browser) -> None:
    star, viewer = performer(), granted(100)
    goal_of(star)
    say(viewer, star, tokens=10, body="Bravissimo")
    redeem(viewer, reward_of(star))
    person = moderator.get(reverse("admin:accounts_user_change", args=[viewer.pk]))
    assert "Bravissimo" in text_of(person) and "Drink water" in text_of(person)
    page = moderator.get(reverse("admin:performers_performerprofile_change", args=[star.pk]))
    assert "A dance" in text_of(page)


def test_a_page_says_how_far_a_goal_is_and_not_who_voted(moderator: Browser) -> None:
    star, viewer = performer(), granted(100)
    goal, poll = goal_of(star, 5_000), poll_of(star)
    say(viewer, star, tokens=37, body="Hello")
    vote(viewer, poll, 2)
    assert ">37<" in text_of(moderator.get(reverse("admin:engagement_goal_change", args=[goal.pk])))
    text = text_of(moderator.get(reverse("admin:engagement_poll_change", args=[poll.pk])))
    assert "0 · 1 · 0" in text
    assert str(viewer) not in text


def act(browser: Browser, model: Any, row: Any, action: str) -> None:
    """Open the confirmation page and send it."""
    url = reverse(f"admin:engagement_{model._meta.model_name}_action", args=[row.pk, action])
    response = browser.do(url, reason=REASON)
    assert response.status_code == 302, response.content.decode()[:2000]


def test_moderators_end_what_breaks_the_rules(moderator: Browser) -> None:
    star, viewer = performer(), granted(100)
    goal, poll, reward, item = goal_of(star), poll_of(star), reward_of(star, tokens=5), menu_item_of(star)
    redemption = redeem(viewer, reward)
    message = say(viewer, star, menu_item_id=item.pk)
    row = raid(live()[0].performer, live()[0].performer)
    for model, subject, action in (
        (Goal, goal, "cancel"),
        (Poll, poll, "cancel"),
        (Raid, row, "cancel"),
        (Redemption, redemption, "reject"),
        (Reward, reward, "retire"),
        (TipMenuItem, item, "retire"),
        (TipMessage, message, "hide"),
    ):
        act(moderator, model, subject, action)
    assert [Goal.objects.get().status, Poll.objects.get().status, Raid.objects.get().status] == [
        "cancelled"
    ] * 3
    assert Reward.objects.get().retired_at and TipMenuItem.objects.get().retired_at
    assert TipMessage.objects.get().hidden_by == moderator.user
    assert (Redemption.objects.get().status, Redemption.objects.get().answer) == ("rejected", REASON)
    assert left(viewer) == [("promotional", 80, 0)]
    assert_proven()
