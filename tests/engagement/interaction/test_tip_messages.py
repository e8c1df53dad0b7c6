"""Words with tips and gifts: only with their entry of the journal."""

from typing import Any

import pytest

from billing.errors import SpendRefused, TokensRefused, TooFewTokens
from billing.models import JournalEntry, TokenSpend
from core.db.context import acting
from core.db.roles import Role
from engagement.interaction_announcements import gift_presented, reward_redeemed, tip_message_sent
from engagement.interaction_errors import GiftRefused, TipMenuRefused, TipMessageRefused
from engagement.models import GiftSent, Redemption, TipMenuItem, TipMessage
from engagement.services.gifts_sent import gift_present
from engagement.services.tip_menu_items import tip_menu_item_change, tip_menu_item_retire
from engagement.services.tip_messages import tip_message_hide, tip_message_show
from performers.models import PerformerProfile
from tests.accounts.factories import RestrictionFactory, UserFactory, staff
from tests.billing.factories_wallets import assert_proven, granted, left, performer, settled, tip
from tests.billing.tickets import stream_of
from tests.engagement.interaction_data import (
    as_her,
    as_viewer,
    blocked,
    gift_item,
    give,
    menu_item_of,
    redeem,
    reward_of,
    say,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def star() -> PerformerProfile:
    return performer()


def test_the_tip_and_its_words_are_one(star: PerformerProfile) -> None:
    viewer, stream = granted(100), stream_of(star)
    message = say(viewer, star, "once", tokens=30, body=" Bravo! ", stream_id=stream.pk)
    message.refresh_from_db()
    spend = TokenSpend.objects.get()
    assert (message.entry_id, message.sent_at) == (spend.entry_id, spend.spent_at)
    assert (message.body, message.tokens, message.stream) == ("Bravo!", 30, stream)
    assert say(viewer, star, "once", tokens=30, body="Bravo!", stream_id=stream.pk) == message
    with pytest.raises(TipMessageRefused, match="other words"):
        say(viewer, star, "once", tokens=30, body="Boo!", stream_id=stream.pk)
    with pytest.raises(TokensRefused, match="used before"):
        say(viewer, star, "once", tokens=31, body="Bravo!", stream_id=stream.pk)
    assert_proven()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"body": "  "}, "Say something"),
        ({"body": "x" * 301}, "must have 1 to 300"),
        ({"body": "a\u202eb"}, "direction marks"),
        ({"body": "NUL\0"}, "cannot be stored"),
        ({"body": "\u2800\u3164"}, "blank"),
    ],
)
def test_words_that_make_no_sense_leave_no_tip(
    star: PerformerProfile, options: dict[str, Any], words: str
) -> None:
    viewer = granted(100)
    with pytest.raises(TipMessageRefused, match=words):
        say(viewer, star, tokens=10, **options)
    assert not TokenSpend.objects.exists()
    assert left(viewer) == [("promotional", 100, 0)]


def test_who_may_say_nothing(star: PerformerProfile) -> None:
    away, barred, poor = granted(10), granted(10), granted(1)
    blocked(star, away)
    RestrictionFactory(user=barred, kind="chat")
    for viewer, error, words in (
        (away, SpendRefused, "cannot give tokens"),
        (barred, TipMessageRefused, "Ask our support"),
        (poor, TooFewTokens, "there are 1"),
    ):
        with pytest.raises(error, match=words):
            say(viewer, star, tokens=10, body="Hello")
    assert not TokenSpend.objects.exists()
    # Nor by the plain tip, which knows no blocks by itself.
    with pytest.raises(SpendRefused, match="cannot give tokens"):
        tip(away, star, 10)
    # Whoever may not chat may still tip, without words.
    tip(barred, star, 10)


def test_the_menu_says_what_it_costs(star: PerformerProfile) -> None:
    viewer, item = granted(100), menu_item_of(star, 20)
    message = say(viewer, star, menu_item_id=item.pk)
    assert (message.tokens, message.body, message.menu_item) == (20, "Say a name", item)
    with pytest.raises(TipMessageRefused, match="20 tokens on her menu"):
        say(viewer, star, menu_item_id=item.pk, tokens=19)
    with pytest.raises(TipMessageRefused, match="not on her menu"):
        say(viewer, performer(), menu_item_id=item.pk)
    with as_her(star):
        tip_menu_item_change(item_id=item.pk, label="Two names", tokens=30, position=2, actor=star.user)
        tip_menu_item_retire(item_id=item.pk, actor=star.user)
        with pytest.raises(TipMenuRefused, match="off the menu already"):
            tip_menu_item_retire(item_id=item.pk, actor=star.user)
        with pytest.raises(TipMenuRefused, match="Put it on again"):
            tip_menu_item_change(item_id=item.pk, label="x", tokens=1, position=1, actor=star.user)
    with pytest.raises(TipMessageRefused, match="not on her menu"):
        say(viewer, star, menu_item_id=item.pk)
    assert TipMenuItem.history.count() == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [({"tokens": 0}, "costs 1 to"), ({"label": " "}, "is not blank"), ({"tokens": 2.5}, "whole numbers")],
)
def test_items_that_make_no_sense(star: PerformerProfile, options: dict[str, Any], words: str) -> None:
    with pytest.raises(TipMenuRefused, match=words):
        menu_item_of(star, **options)


def test_nothing_stands_twice_on_a_menu(star: PerformerProfile) -> None:
    menu_item_of(star, label="Say a name")
    menu_item_of(performer(), label="Say a name")
    with pytest.raises(TipMenuRefused, match="on the menu already"):
        menu_item_of(star, label="SAY a NAME")


SAID = "INSERT INTO engagement_tipmessage (id, entry_id, performer_id, sender_id, tokens, body) VALUES "


def test_words_without_their_tip_do_not_exist(star: PerformerProfile) -> None:
    viewer, other = granted(100), granted(100)
    theirs, gift = tip(other, star, 10), give(viewer, star, gift_item(5))
    reward = redeem(viewer, reward_of(star, tokens=5))
    purchase = JournalEntry.objects.exclude(kind__in=["tip", "gift", "reward"]).first()
    assert purchase is not None
    with as_viewer(viewer):
        for entry_id, words in (
            (star.pk, "books a tip"),
            (purchase.pk, "books a tip"),
            (gift.entry_id, "books a tip"),
            (reward.spend.entry_id, "books a tip"),
            (theirs.entry_id, "blocks of their own"),
        ):
            with refused(words):
                run(SAID + "(uuidv7(), %s, %s, %s, 1000, 'Look')", [entry_id, star.pk, viewer.pk])
        mine = tip(viewer, star, 10)
    with as_viewer(viewer):
        run(SAID + "(uuidv7(), %s, %s, %s, 1000, 'Look')", [mine.entry_id, viewer.pk, viewer.pk])
        with refused("tipmessage_entry_id"):
            run(SAID + "(uuidv7(), %s, %s, %s, 1000, 'Look again')", [mine.entry_id, star.pk, viewer.pk])
        with refused("permission denied"):
            run("UPDATE engagement_tipmessage SET body = 'Other words'")
        with refused("permission denied"):
            run("DELETE FROM engagement_tipmessage")
    message = TipMessage.objects.get()
    assert (message.tokens, message.performer_id) == (10, star.pk)
    settled()


def test_every_gift_is_shown_and_nobody_else_shows_one(star: PerformerProfile) -> None:
    viewer, item = granted(100), gift_item(5)
    spend = give(viewer, star, item, "once", quantity=3)
    give(viewer, star, item, "once", quantity=3)
    shown = GiftSent.objects.get()
    assert (shown.entry_id, shown.quantity, shown.tokens) == (spend.entry_id, 3, 15)
    assert (shown.sender, shown.performer, shown.gift_item) == (viewer, star, item)
    tip(viewer, star, 5)
    for role, person in ((Role.VIEWER, viewer), (Role.PERFORMER, star.user), (Role.WORKER, viewer)):
        with acting(role, user_id=person.pk), refused("permission denied"):
            run("INSERT INTO engagement_giftsent SELECT * FROM engagement_giftsent")
    assert GiftSent.objects.count() == 1


def test_a_gift_is_told_of_and_refused_between_two_who_are_blocked(star: PerformerProfile) -> None:
    viewer, away, item, told = granted(100), granted(100), gift_item(5), []
    blocked(star, away)

    def hear(sender: Any, subject: Any, actor: Any, **_: Any) -> None:
        told.append((type(subject), actor))

    def present(person: Any) -> GiftSent:
        with as_viewer(person):
            return gift_present(
                viewer_id=person.pk,
                performer_id=star.pk,
                gift_item_id=item.pk,
                idempotency_key="once",
                actor=person,
            )

    for signal in (gift_presented, tip_message_sent, reward_redeemed):
        signal.connect(hear)
    try:
        assert present(viewer) == present(viewer)
        say(viewer, star, tokens=5, body="Bravo")
        redeem(viewer, reward_of(star), "free")
        redeem(viewer, reward_of(star), "another")
        with pytest.raises(GiftRefused, match="between the two"):
            present(away)
    finally:
        for signal in (gift_presented, tip_message_sent, reward_redeemed):
            signal.disconnect(hear)
    assert told == [(GiftSent, viewer)] * 2 + [(TipMessage, viewer)] + [(Redemption, viewer)] * 2
    assert TokenSpend.objects.filter(viewer=away).count() == 0


def test_moderators_hide_words_and_not_their_own(star: PerformerProfile) -> None:
    viewer, moderator = granted(100), staff(Role.MODERATOR)
    message = say(viewer, star, tokens=10, body="An insult")
    with acting(Role.MODERATOR, user_id=viewer.pk):
        assert (
            affected("UPDATE engagement_tipmessage SET hidden_at = now(), hidden_by_id = %s", [viewer.pk])
            == 0
        )
    with acting(Role.MODERATOR, user_id=moderator.pk):
        with refused("row-level security"):
            run("UPDATE engagement_tipmessage SET hidden_at = now(), hidden_by_id = %s", [star.pk])
        tip_message_hide(tip_message_id=message.pk, actor=moderator, reason="an insult")
        with pytest.raises(TipMessageRefused, match="hidden already"):
            tip_message_hide(tip_message_id=message.pk, actor=moderator, reason="an insult")
        assert TipMessage.objects.shown().count() == 0
        tip_message_show(tip_message_id=message.pk, actor=moderator, reason="a quotation")
        with pytest.raises(TipMessageRefused, match="not hidden"):
            tip_message_show(tip_message_id=message.pk, actor=moderator, reason="a quotation")
    assert TipMessage.objects.shown().count() == 1


def test_the_crowd_reads_no_words_of_others(star: PerformerProfile) -> None:
    viewer = granted(100)
    say(viewer, star, tokens=10, body="Bravo")
    give(viewer, star, gift_item(5))
    for role, person, seen in (
        (Role.VIEWER, viewer, 1),
        (Role.VIEWER, UserFactory(), 0),
        (Role.PERFORMER, star.user, 1),
        (Role.PERFORMER, performer().user, 0),
        (Role.SUPPORT, staff(Role.SUPPORT), 1),
    ):
        with acting(role, user_id=person.pk):
            assert (TipMessage.objects.count(), GiftSent.objects.count()) == (seen, seen)
