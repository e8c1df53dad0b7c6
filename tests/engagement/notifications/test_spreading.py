"""From events to notifications: whom, in which words, by which channels, when; and never twice."""

from datetime import UTC, datetime, time, timedelta
from threading import Event, Thread
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError, OperationalError
from django.utils.timezone import now

from core.db.context import acting
from core.db.roles import Role
from engagement.models import Block, DeliveryAttempt, Follow, Mute, Notification, NotificationEvent
from engagement.models import NotificationPreference as Preference
from engagement.models import NotificationQuietHours as QuietHours
from engagement.notification_choices import NotificationEventStatus
from engagement.services.notification_spreading import notification_event_spread
from engagement.tie_choices import NotifyLevel
from tests.accounts.test_races import at_once
from tests.engagement.notifications_data import (
    crowd,
    deliveries,
    person,
    record,
    security,
    spread,
    told,
)
from tests.performers.factories_admission import verified
from tests.sql import run as asked

pytestmark = pytest.mark.django_db

LIVE = {"performer": "Ann", "title": "Sunday run"}


def live(performer: Any, **options: Any) -> NotificationEvent:
    """She went live."""
    return record("performer_live", variables=LIVE, followers_of=performer.pk, **options)


def follower(performer: Any, address: str = "", notify: str = NotifyLevel.ALL, **fields: Any) -> Any:
    """Somebody who follows her."""
    user = person(address, **fields)
    Follow.objects.create(user=user, performer=performer, notify=notify)
    return user


def test_people_read_it_in_their_language_or_in_english() -> None:
    ann = verified()
    people = {locale: follower(ann, locale=locale) for locale in ("pt-BR", "en-GB", "de-AT")}
    spread(live(ann, deep_link="/streams/1"))
    titles = {locale: told(user)[0].title for locale, user in people.items()}
    assert titles == {"pt-BR": "Ann está ao vivo", "en-GB": "Ann is live", "de-AT": "Ann is live"}
    first = told(people["pt-BR"])[0]
    assert (first.body, first.deep_link, first.group_key) == (
        "Sunday run",
        "/streams/1",
        "performer_live:Ann",
    )
    assert first.expires_at is not None


def test_followers_hear_what_they_want_to_hear() -> None:
    ann = verified()
    everything, only_live, nothing = (
        follower(ann, notify=level) for level in (NotifyLevel.ALL, NotifyLevel.LIVE, NotifyLevel.NONE)
    )
    spread(live(ann))
    spread(
        record(
            "stream_planned",
            variables={**LIVE, "starts": "tomorrow"},
            followers_of=ann.pk,
        )
    )
    assert [len(told(user)) for user in (everything, only_live, nothing)] == [2, 1, 0]


def test_who_blocks_or_is_blocked_and_whoever_did_it_hear_nothing() -> None:
    ann, bob, eve = verified(), person(), person()
    Block.objects.create(blocker=bob, blocked=ann.user)
    Block.objects.create(blocker=ann.user, blocked=eve)
    spread(record(recipient_ids=[bob.pk, eve.pk, ann.pk], actor=ann.user))
    assert told(bob) == told(eve) == told(ann.user) == []


def test_who_muted_her_hears_nothing_until_it_runs_out() -> None:
    ann = verified()
    muting, heard = follower(ann), follower(ann)
    Mute.objects.create(muter=muting, person=ann.user)
    short = Mute.objects.create(muter=heard, person=ann.user, expires_at=now() + timedelta(milliseconds=200))
    while now() <= short.expires_at:
        sleep(0.05)
    spread(live(ann))
    assert (len(told(muting)), len(told(heard))) == (0, 1)


def test_who_began_to_follow_afterwards_hears_nothing_of_it() -> None:
    ann = verified()
    event = live(ann)
    late = follower(ann)
    spread(event)
    assert told(late) == []


def test_wishes_are_obeyed_and_what_is_mandatory_is_not_asked_about() -> None:
    ann = verified()
    bob = follower(ann, "bob@example.com")
    for channel, frequency in (("in_app", "off"), ("email", "daily")):
        Preference.objects.create(user=bob, category="live", channel=channel, frequency=frequency)
    spread(live(ann))
    (notification,), (mail,) = told(bob), deliveries(bob)
    assert not notification.is_in_app
    assert (mail.frequency, mail.channel) == ("daily", "email")
    Preference.objects.filter(user=bob).update(frequency="off")
    spread(live(ann))
    assert len(told(bob)) == 1
    QuietHours.objects.create(user=bob, starts=time(0, 0), ends=time(23, 59))
    spread(security(bob))
    assert told(bob)[0].title == "Security of your account"
    assert deliveries(bob)[-1].frequency == "immediate"
    assert DeliveryAttempt.objects.due().filter(recipient=bob).count() == 1


def test_quiet_hours_put_off_what_can_wait() -> None:
    ann = verified()
    bob = follower(ann, "bob@example.com", time_zone="Asia/Tokyo")
    QuietHours.objects.create(user=bob, starts=time(0, 0), ends=time(23, 59))
    spread(live(ann))
    (mail,) = deliveries(bob)
    (here,) = asked("SELECT (next_try_at AT TIME ZONE 'Asia/Tokyo')::time FROM engagement_deliveryattempt")[0]
    assert here == time(23, 59)
    assert mail.next_try_at > datetime.now(UTC)


@pytest.mark.parametrize(
    ("instant", "zone", "hours", "until"),
    [
        # Tokyo is nine hours ahead: 23:30 there lies in the night, which ends at 07:00.
        ("2026-03-10 14:30+00", "Asia/Tokyo", ("22:00", "07:00"), "2026-03-10 22:00+00"),
        ("2026-03-10 20:00+00", "Asia/Tokyo", ("22:00", "07:00"), "2026-03-10 22:00+00"),
        ("2026-03-10 23:00+00", "Asia/Tokyo", ("22:00", "07:00"), "2026-03-10 23:00+00"),
        ("2026-03-10 12:00+00", "UTC", ("11:00", "13:00"), "2026-03-10 13:00+00"),
        ("2026-03-10 13:00+00", "UTC", ("11:00", "13:00"), "2026-03-10 13:00+00"),
        # In the night of the change the clock of Berlin jumps from two to three: the morning comes an hour sooner.
        ("2026-03-28 23:00+00", "Europe/Berlin", ("23:00", "07:00"), "2026-03-29 05:00+00"),
        ("2026-03-29 00:30+00", "Europe/Berlin", ("01:00", "02:30"), "2026-03-29 01:30+00"),
        ("2026-03-10 12:00+00", "Mars/Olympus", ("11:00", "13:00"), "2026-03-10 13:00+00"),
    ],
)
def test_quiet_hours_end_by_the_clock_of_the_person(
    instant: str, zone: str, hours: tuple[str, str], until: str
) -> None:
    ((found,),) = asked(
        "SELECT engagement_quiet_until(%s::timestamptz, %s, %s::time, %s::time) = %s::timestamptz",
        [instant, zone, *hours, until],
    )
    assert found


@pytest.mark.parametrize(
    ("instant", "zone", "frequency", "due"),
    [
        ("2026-03-10 08:59+00", "UTC", "daily", "2026-03-10 09:00+00"),
        ("2026-03-10 09:00+00", "UTC", "daily", "2026-03-11 09:00+00"),
        ("2026-03-10 12:00+00", "America/New_York", "daily", "2026-03-10 13:00+00"),
        # The tenth is a Tuesday; Mondays are the ninth and the sixteenth.
        ("2026-03-10 12:00+00", "UTC", "weekly", "2026-03-16 09:00+00"),
        ("2026-03-09 08:00+00", "UTC", "weekly", "2026-03-09 09:00+00"),
        ("2026-03-09 10:00+00", "UTC", "weekly", "2026-03-16 09:00+00"),
    ],
)
def test_digests_come_at_nine_by_the_clock_of_the_person(
    instant: str, zone: str, frequency: str, due: str
) -> None:
    ((found,),) = asked(
        "SELECT engagement_digest_at(%s::timestamptz, %s, %s) = %s::timestamptz",
        [instant, zone, frequency, due],
    )
    assert found


def test_an_event_that_is_spread_twice_tells_nobody_twice() -> None:
    ann = verified()
    bob = follower(ann, "bob@example.com")
    event = live(ann)
    spread(event)
    with connection.cursor() as cursor:
        # As a restore to an earlier time leaves it: the rows are there, and how far it came is not.
        cursor.execute(
            "ALTER TABLE engagement_notificationevent DISABLE TRIGGER USER;"
            "UPDATE engagement_notificationevent SET status = 'recorded', reached_to = NULL, spread_at = NULL;"
            "ALTER TABLE engagement_notificationevent ENABLE TRIGGER USER"
        )
    spread(event)
    assert len(told(bob)) == len(deliveries(bob)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_one_batch_after_the_other() -> None:
    ann = verified()
    people = [follower(ann) for _ in range(6)]
    event = live(ann)

    def work() -> int:
        return spread(event, batch=2)

    at_once(work, work)
    assert sorted(row.recipient_id for row in Notification.objects.all()) == sorted(
        user.pk for user in people
    )
    event.refresh_from_db()
    assert (event.status, event.notified) == (NotificationEventStatus.SPREAD, 6)


@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_followers_are_told_once_although_the_worker_is_killed_half_way() -> None:
    ann = verified()
    crowd(ann.pk, 100_000)
    event = live(ann)
    with acting(Role.WORKER):
        notification_event_spread(event_id=event.pk, batch=40_000)
    assert Notification.objects.count() == 40_000
    _killed_within_a_batch(event)
    # Nothing of the batch in which it died is there, and how far it came says so.
    event.refresh_from_db()
    assert (Notification.objects.count(), event.notified) == (40_000, 40_000)
    assert event.status == NotificationEventStatus.SPREADING
    assert spread(event, batch=30_000) == 3
    event.refresh_from_db()
    assert (event.status, event.notified) == (NotificationEventStatus.SPREAD, 100_000)
    ((rows, people),) = asked("SELECT count(*), count(DISTINCT recipient_id) FROM engagement_notification")
    assert rows == people == 100_000


def _killed_within_a_batch(event: NotificationEvent) -> None:
    """A worker on a connection of its own loses it after its batch was written and before it is committed."""
    written, dead = Event(), Event()
    process: list[int] = []
    outcome: list[Exception] = []

    def work() -> None:
        try:
            with acting(Role.WORKER):
                notification_event_spread(event_id=event.pk, batch=5_000)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid(), count(*) FROM engagement_notification")
                    process.extend(cursor.fetchone())
                written.set()
                dead.wait(timeout=30)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
        except (OperationalError, InternalError) as error:
            outcome.append(error)
        finally:
            written.set()
            connection.close()

    thread = Thread(target=work)
    thread.start()
    written.wait(timeout=60)
    assert process[1] == 45_000
    # Whoever logged in may end what the same login began.
    with transaction.atomic():
        asked("SET LOCAL ROLE NONE")
        assert asked("SELECT pg_terminate_backend(%s)", [process[0]]) == [(True,)]
    dead.set()
    thread.join(timeout=30)
    assert len(outcome) == 1
