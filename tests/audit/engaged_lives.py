"""Somebody with a row in every table of engagement that a legal hold keeps."""

from django.core.files.storage import Storage

from accounts.models import User
from engagement.chat_choices import RoomModeKind
from engagement.models import ChatRoom
from engagement.services.blocks import block_place
from engagement.services.favourites import favourite_keep
from engagement.services.goals import goal_change
from engagement.services.mutes import mute_place
from engagement.services.reactions import reaction_give
from engagement.services.rewards import reward_change
from engagement.services.shares import share_make
from engagement.services.tip_menu_items import tip_menu_item_change
from engagement.tie_choices import ReactionKind, ShareChannel
from performers.models import PerformerProfile
from tests.accounts.factories import UserFactory
from tests.billing.factories_wallets import granted
from tests.engagement.chat_data import banned, mode, role, said, term
from tests.engagement.interaction_data import (
    as_her,
    as_viewer,
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
from tests.engagement.messages_data import accepted, scanned, write
from tests.engagement.ties_data import archive, follow, performer
from tests.streams.factories_broadcasting import live


def engaged_life(files: Storage) -> User:
    """A performer on air who follows, likes, writes, votes and pays elsewhere; attachments lie in `files`."""
    (stream, _), (elsewhere, _) = live(), live()
    star, other = stream.performer, elsewhere.performer
    person, guest = granted(500, star.user), granted(500)
    _ties(person, other)
    _chat(person, guest, ChatRoom.objects.get(stream=stream), ChatRoom.objects.get(stream=elsewhere))
    conversation = accepted(person, UserFactory())
    write(conversation, person, attachment_ids=[scanned(person, files).pk])
    goal, reward, item = goal_of(star), reward_of(star), menu_item_of(star)
    with as_her(star):
        goal_change(goal_id=goal.pk, title="Two dances", target_tokens=100, actor=person)
        reward_change(reward_id=reward.pk, title="Drink more", tokens=0, actor=person)
        tip_menu_item_change(item_id=item.pk, label="Say two names", tokens=20, position=1, actor=person)
    poll_of(star)
    raid(star, other)
    say(guest, star, tokens=20, body="Bravo")
    give(guest, star, gift_item())
    redeem(guest, reward)
    vote(person, poll_of(other), 1)
    return person


def _ties(person: User, other: PerformerProfile) -> None:
    follow(person, other)
    seen, blocked, muted = archive(performer()), UserFactory(), UserFactory()
    with as_viewer(person):
        favourite_keep(performer_id=other.pk, actor=person)
        reaction_give(archive_id=seen.pk, kind=ReactionKind.HEART, actor=person)
        share_make(performer_id=other.pk, channel=ShareChannel.LINK, actor=person)
        block_place(person_id=blocked.pk, actor=person)
        mute_place(person_id=muted.pk, actor=person)


def _chat(person: User, guest: User, room: ChatRoom, other: ChatRoom) -> None:
    mode(room, RoomModeKind.SLOW, 5)
    role(room, guest)
    banned(room, UserFactory())
    term("blubber")
    said(room, person)
    said(other, person, "What a blubber")
