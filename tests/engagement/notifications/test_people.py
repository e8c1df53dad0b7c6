"""What people keep themselves: their list, the badge, wishes and quiet hours; and nobody else's, in raw SQL either."""

from datetime import time
from typing import Any

import pytest

from accounts.models import User
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from engagement.models import Notification, NotificationPreference
from engagement.notification_choices import MANDATORY_CATEGORIES
from engagement.notification_errors import PreferenceRefused
from engagement.services.notification_preferences import preference_set, quiet_hours_end, quiet_hours_set
from engagement.services.notifications import (
    badge_words,
    grouped,
    notifications_archive,
    notifications_page,
    notifications_read,
    notifications_read_all,
    notifications_see,
    unread_badge,
)
from tests.engagement.notifications_data import person, record, spread
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


def followed(user: User, times: int = 1) -> None:
    """So many notifications."""
    for number in range(times):
        spread(record(variables={"follower": f"fan{number}"}, recipient_ids=[user.pk]))


def copies(user: User, count: int) -> None:
    """So many more of the newest one."""
    run(
        "INSERT INTO engagement_notification (id, recipient_id, happening_id, group_key, title) "
        "SELECT uuidv7(), recipient_id, happening_id, group_key, title FROM "
        "(SELECT * FROM engagement_notification WHERE recipient_id = %s LIMIT 1) n, generate_series(1, %s)",
        [user.pk, count],
    )


@pytest.mark.parametrize("rows", [1, 20])
def test_list_and_badge_take_one_query_each(rows: int, django_assert_num_queries: Any) -> None:
    user = person()
    followed(user)
    copies(user, rows - 1)
    with acting(Role.VIEWER, user_id=user.pk):
        with django_assert_num_queries(1):
            page = notifications_page(user_id=user.pk)
        with django_assert_num_queries(1):
            badge = unread_badge(user_id=user.pk)
    assert len(page) == badge == rows
    (group,) = grouped(page)
    assert (group.newest.pk, group.count, group.unread) == (page[0].pk, rows, rows)


def test_the_badge_counts_up_to_a_hundred_and_no_further() -> None:
    user = person()
    followed(user)
    copies(user, 150)
    with acting(Role.VIEWER, user_id=user.pk):
        assert unread_badge(user_id=user.pk) == 100
    assert (badge_words(100), badge_words(99), badge_words(0)) == ("99+", "99", "0")


def test_what_is_read_leaves_the_badge_and_what_is_put_away_the_list() -> None:
    user = person()
    followed(user, 3)
    with acting(Role.VIEWER, user_id=user.pk):
        first, second, third = (row.pk for row in notifications_page(user_id=user.pk))
        assert notifications_see(user_id=user.pk, notification_ids=[first, second]) == 2
        assert unread_badge(user_id=user.pk) == 3
        assert notifications_read(user_id=user.pk, notification_ids=[third]) == 1
        assert notifications_read(user_id=user.pk, notification_ids=[third]) == 0
        assert notifications_archive(user_id=user.pk, notification_ids=[first]) == 1
        assert unread_badge(user_id=user.pk) == 1
        assert [row.pk for row in notifications_page(user_id=user.pk)] == [second, third]
        assert [row.pk for row in notifications_page(user_id=user.pk, after=second)] == [third]
        assert notifications_read_all(user_id=user.pk) == 1
        assert unread_badge(user_id=user.pk) == 0
        # Its time is the database's, once.
        before = run("SELECT read_at FROM engagement_notification WHERE id = %s", [third])
        run("UPDATE engagement_notification SET read_at = 'epoch' WHERE id = %s", [third])
        run("UPDATE engagement_notification SET read_at = NULL WHERE id = %s", [third])
        assert run("SELECT read_at FROM engagement_notification WHERE id = %s", [third]) == before
    row = Notification.objects.get(pk=third)
    assert row.seen_at is not None


def test_what_somebody_is_told_is_theirs_alone() -> None:
    user, other = person(), person()
    followed(user)
    for role in (Role.VIEWER, Role.PERFORMER):
        with acting(role, user_id=user.pk):
            assert run("SELECT count(*) FROM engagement_notification") == [(1,)]
        with acting(role, user_id=other.pk):
            assert run("SELECT count(*) FROM engagement_notification") == [(0,)]
            assert affected("UPDATE engagement_notification SET read_at = now()") == 0
        with acting(role):
            assert run("SELECT count(*) FROM engagement_notification") == [(0,)]
        for statement in (
            "INSERT INTO engagement_notification DEFAULT VALUES",
            "DELETE FROM engagement_notification",
            "UPDATE engagement_notification SET title = 'x'",
        ):
            with acting(role, user_id=user.pk), refused("permission denied"):
                run(statement)
    for role in STAFF_ROLES:
        with acting(role, user_id=other.pk), refused("permission denied"):
            run("SELECT title FROM engagement_notification")


def test_wishes_are_kept_and_changed() -> None:
    user = person()
    with acting(Role.VIEWER, user_id=user.pk):
        for frequency in ("daily", "off", "off"):
            preference_set(user_id=user.pk, category="live", channel="email", frequency=frequency, actor=user)
    (wish,) = NotificationPreference.objects.all()
    assert wish.frequency == "off"


@pytest.mark.parametrize(
    ("category", "channel", "frequency", "sentence"),
    [
        ("weather", "email", "off", "There is no category 'weather'"),
        ("live", "pigeon", "off", "There is no channel 'pigeon'"),
        ("live", "email", "hourly", "There is no frequency 'hourly'"),
        ("live", "web_push", "daily", "Only e-mail is collected"),
        *[(category, "email", "off", "cannot be muted") for category in MANDATORY_CATEGORIES],
    ],
)
def test_wishes_that_cannot_be_are_refused(
    category: str, channel: str, frequency: str, sentence: str
) -> None:
    user = person()
    with acting(Role.VIEWER, user_id=user.pk), pytest.raises(PreferenceRefused, match=sentence):
        preference_set(user_id=user.pk, category=category, channel=channel, frequency=frequency, actor=user)
    assert not NotificationPreference.objects.exists()


def test_nobody_writes_wishes_of_others_or_mutes_what_is_mandatory() -> None:
    user, other = person(), person()
    insert = (
        "INSERT INTO engagement_notificationpreference (id, user_id, category, channel, frequency) "
        "VALUES (uuidv7(), %s, %s, 'email', 'off')"
    )
    for role in (Role.VIEWER, Role.PERFORMER):
        with acting(role, user_id=user.pk):
            with refused("row-level security"):
                run(insert, [other.pk, "live"])
            with refused("mandatory_check"):
                run(insert, [user.pk, "security"])
    with acting(Role.SUPPORT, user_id=other.pk), refused("permission denied"):
        run(insert, [user.pk, "live"])


def test_quiet_hours_are_set_moved_and_ended() -> None:
    user = person()
    with acting(Role.VIEWER, user_id=user.pk):
        quiet_hours_set(user_id=user.pk, starts=time(22), ends=time(7), actor=user)
        hours = quiet_hours_set(user_id=user.pk, starts=time(23), ends=time(7), actor=user)
        assert str(hours) == "23:00 to 07:00"
        with pytest.raises(PreferenceRefused, match="end at another time"):
            quiet_hours_set(user_id=user.pk, starts=time(7), ends=time(7), actor=user)
        assert quiet_hours_end(user_id=user.pk, actor=user)
        assert not quiet_hours_end(user_id=user.pk, actor=user)
