"""Interaction of the demo: what two performers offer, and what a few viewers make of it."""

from datetime import timedelta
from typing import Any

from accounts.choices import UserStatus
from accounts.models import User
from billing.services.tips import tip_send
from billing.services.wallets import as_worker, tokens_grant
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from engagement.models import Goal, Poll, Reward
from engagement.services.goals import goal_cancel, goal_open, goals_fold
from engagement.services.poll_votes import poll_vote_cast
from engagement.services.polls import poll_close, poll_open
from engagement.services.redemptions import redemption_fulfil, redemption_reject, reward_redeem
from engagement.services.rewards import reward_offer
from engagement.services.tip_menu_items import tip_menu_item_add
from engagement.services.tip_messages import tip_message_send
from performers.demo import admitted
from performers.models import PerformerProfile

VIEWERS = 12
WELCOME = 2_000
MENU = (("Say a name", 20), ("Play a song again", 50), ("A round of the hard level", 150))
WORDS = ("Great run!", "Save the frames", "For the cause", "Good luck with the next split")
SONGS = ("The one from the first level", "Something slow", "Whatever you like", "The theme")


def demo_interaction_load() -> str:
    """Goals, a menu, a poll and rewards; run again, it changes nothing."""
    if Goal.objects.exists():
        return "there before"
    found = admitted(2)
    with as_worker(None):
        viewers = list(
            User.objects.filter(status=UserStatus.ACTIVE, performer_profile__isnull=True).order_by("pk")[
                :VIEWERS
            ]
        )
    if len(found) < 2 or not viewers:
        return "nobody to interact, or to interact with"
    star, other = found
    for viewer in viewers:
        tokens_grant(user_id=viewer.pk, tokens=WELCOME, actor=None, reason="Welcome to the platform.")
    tips = _goal_and_tips(star, viewers)
    votes = _poll(star, viewers)
    redeemed = _rewards(other, viewers)
    goals_fold()
    return f"{tips} tips with words, {votes} votes, {redeemed} rewards redeemed"


def _as(person: User) -> Any:
    return acting(Role.VIEWER, user_id=person.pk)


def _as_performer(performer: PerformerProfile) -> Any:
    return acting(Role.PERFORMER, user_id=performer.pk)


def _goal_and_tips(star: PerformerProfile, viewers: list[User]) -> int:
    with _as_performer(star):
        goal_open(performer_id=star.pk, title="A blindfolded race", target_tokens=500, actor=star.user)
        items = [
            tip_menu_item_add(
                performer_id=star.pk, label=label, tokens=tokens, position=place, actor=star.user
            )
            for place, (label, tokens) in enumerate(MENU, 1)
        ]
    for number, viewer in enumerate(viewers):
        with _as(viewer):
            if number % 3 == 0:
                tip_message_send(
                    viewer_id=viewer.pk,
                    performer_id=star.pk,
                    menu_item_id=items[number % len(items)].pk,
                    idempotency_key="demo menu",
                    actor=viewer,
                )
            else:
                tip_message_send(
                    viewer_id=viewer.pk,
                    performer_id=star.pk,
                    tokens=10 * (number + 1),
                    body=WORDS[number % len(WORDS)],
                    idempotency_key="demo words",
                    actor=viewer,
                )
    with _as_performer(star):
        for goal in Goal.objects.open().filter(performer=star):
            goal_cancel(goal_id=goal.pk, actor=star.user)  # too few viewers to reach it
        goal_open(performer_id=star.pk, title="A new costume", target_tokens=5_000, actor=star.user)
    with _as(viewers[0]):
        tip_send(
            viewer_id=viewers[0].pk,
            performer_id=star.pk,
            tokens=40,
            idempotency_key="demo goal",
            actor=viewers[0],
        )
    return len(viewers)


def _poll(star: PerformerProfile, viewers: list[User]) -> int:
    with _as_performer(star):
        poll: Poll = poll_open(
            performer_id=star.pk,
            question="Which game comes next?",
            choices=["Super Metroid", "Celeste", "Portal"],
            closes_at=database_now() + timedelta(hours=1),
            actor=star.user,
        )
        choices = list(poll.choices.order_by("position"))
    for number, viewer in enumerate(viewers):
        with _as(viewer):
            poll_vote_cast(
                choice_ids=[choices[number * number % len(choices)].pk], voter_id=viewer.pk, actor=viewer
            )
    with _as_performer(star):
        poll_close(poll_id=poll.pk, actor=star.user)
    return len(viewers)


def _rewards(star: PerformerProfile, viewers: list[User]) -> int:
    with _as_performer(star):
        rewards: list[Reward] = [
            reward_offer(
                performer_id=star.pk,
                title="Choose the song",
                tokens=120,
                stock=4,
                asks_for_words=True,
                actor=star.user,
            ),
            reward_offer(
                performer_id=star.pk, title="Drink some water", person_cooldown=600, actor=star.user
            ),
        ]
    made = []
    for number, viewer in enumerate(viewers):
        reward = rewards[number % 2]
        try:
            with _as(viewer):
                made.append(
                    reward_redeem(
                        reward_id=reward.pk,
                        viewer_id=viewer.pk,
                        words=SONGS[number % len(SONGS)] if reward.asks_for_words else "",
                        idempotency_key="demo reward",
                        actor=viewer,
                    )
                )
        except Refused:
            continue  # there are fewer songs than viewers
    with _as_performer(star):
        for number, redemption in enumerate(made[:-2]):
            if number % 4 == 2:
                redemption_reject(redemption_id=redemption.pk, actor=star.user, reason="I know no such song.")
            else:
                redemption_fulfil(redemption_id=redemption.pk, actor=star.user)
    return len(made)
