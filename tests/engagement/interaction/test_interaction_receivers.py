"""What people are told of goals, polls, rewards, tips and gifts."""

import pytest

from core.db.context import acting
from core.db.roles import Role
from engagement.models import NotificationEvent
from engagement.services.gifts_sent import gift_present
from engagement.services.polls import poll_close
from engagement.services.raids import raid_execute
from engagement.services.redemptions import redemption_fulfil
from tests.billing.factories_wallets import granted, performer
from tests.engagement.interaction_data import (
    as_her,
    as_viewer,
    gift_item,
    goal_of,
    poll_of,
    raid,
    redeem,
    reward_of,
    say,
    vote,
)
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db


def test_everything_is_told_once() -> None:
    star, viewer, item = performer(), granted(500), gift_item(5)
    goal_of(star, 10)
    vote(viewer, poll := poll_of(star), 1)
    say(viewer, star, tokens=20, body="Bravo")
    for _ in range(2):
        with as_viewer(viewer):
            gift_present(
                viewer_id=viewer.pk,
                performer_id=star.pk,
                gift_item_id=item.pk,
                idempotency_key="once",
                actor=viewer,
            )
    row = redeem(viewer, reward_of(star, tokens=5))
    sent = raid(live()[0].performer, live()[0].performer)
    with as_her(star):
        redemption_fulfil(redemption_id=row.pk, actor=star.user)
    with acting(Role.WORKER):
        poll_close(poll_id=poll.pk, actor=None)
    with as_her(sent.performer):
        raid_execute(raid_id=sent.pk, actor=sent.performer.user)
    other = ("performer_live", "stream_planned")
    told = sorted(
        NotificationEvent.objects.exclude(trigger__code__in=other).values_list("trigger__code", flat=True)
    )
    assert told == [
        "gift_received",
        "goal_reached",
        "poll_closed",
        "raid_received",
        "redemption_decided",
        "reward_redeemed",
        "tip_received",
    ]
