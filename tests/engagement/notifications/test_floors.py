"""What the floors below and above make of notifications: going live, receipts, security, letters, erasure, the demo."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.choices import UserStatus
from accounts.services.passwords import password_change
from core.db.context import acting
from core.db.roles import Role
from engagement.datasets.demo_notifications import demo_notifications_load
from engagement.models import (
    DeliveryAttempt,
    Notification,
    NotificationEvent,
    NotificationPreference,
    PushSubscription,
)
from engagement.services.notification_erasure import _erase, _survey
from streams.choices import Visibility
from tests.accounts.factories import UserFactory, staff
from tests.billing.paying import fulfilments, paid
from tests.engagement.notifications_data import person, record, security, spread, told
from tests.performers.factories_admission import verified
from tests.sql import refused, run
from tests.streams.factories_broadcasting import live, scheduled

pytestmark = pytest.mark.django_db


def events(trigger: str) -> list[NotificationEvent]:
    return list(NotificationEvent.objects.filter(trigger__code=trigger).order_by("pk"))


def test_going_live_is_told_to_followers_once_and_only_where_it_may_be_known() -> None:
    ann = verified()
    stream, _ = live(ann)
    (event,) = events("performer_live")
    assert event.followers_of_id == ann.pk
    assert event.variables == {"performer": ann.stage_name, "title": stream.title}
    assert event.deep_link == f"/streams/{stream.pk}"
    live(verified(), visibility=Visibility.PRIVATE)
    assert len(events("performer_live")) == 1


def test_a_plan_with_a_time_is_told_to_followers() -> None:
    stream = scheduled(verified(), scheduled_start_at=timezone.now() + timedelta(days=1))
    (event,) = events("stream_planned")
    assert event.variables["title"] == stream.title
    assert event.variables["starts"].endswith("UTC")


def test_who_pays_gets_a_receipt() -> None:
    with fulfilments():
        payment = paid()
    (receipt,) = events("payment_captured")
    spread(receipt)
    (notification,) = told(payment.user)
    assert notification.title.startswith("Receipt: ")
    assert str(payment.order_id) in notification.body
    assert notification.deep_link == f"/orders/{payment.order_id}"


def test_who_changes_a_password_hears_of_it() -> None:
    user = staff(Role.SUPPORT)
    with acting(Role.APP, user_id=user.pk):
        password_change(user=user, raw="another long and private phrase")
    (event,) = events("security_notice")
    assert event.recipients == [user.pk]
    spread(event)
    assert "Your password was changed." in told(user)[0].body


def test_an_erased_person_leaves_nothing_that_they_were_told() -> None:
    user, other = person("bob@example.com"), person()
    spread(security(user, "Your secret was changed."))
    spread(record(recipient_ids=[other.pk], actor=user))
    security(user, "Nobody was told of this yet.")
    with acting(Role.VIEWER, user_id=user.pk):
        NotificationPreference.objects.create(user=user, category="live", channel="email", frequency="off")
    officer = staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        before = {line.table: line.rows for line in _survey(user.pk).destroyed}
        with refused("The person is not erased"):
            run("SELECT * FROM engagement_notifications_erase(%s)", [user.pk])
    assert before["engagement_notification"] == before["engagement_deliveryattempt"] == 1
    assert before["engagement_notificationevent"] == 3
    run("ALTER TABLE accounts_user DISABLE TRIGGER USER")
    run(
        "UPDATE accounts_user SET status = 'erased', handle = NULL, closed_at = now(), erased_at = now() WHERE id = %s",
        [user.pk],
    )
    run("ALTER TABLE accounts_user ENABLE TRIGGER USER")
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        _erase(user.pk)
        after = {line.table: line.rows for line in _survey(user.pk).destroyed}
    assert set(after.values()) == {0}
    assert list(NotificationEvent.objects.values_list("variables", flat=True)) == [{}, {}, {}]
    assert not Notification.objects.filter(recipient=user).exists()
    assert not DeliveryAttempt.objects.filter(recipient=user).exists()
    assert len(told(other)) == 1
    assert not PushSubscription.objects.exists()
    with acting(Role.SUPPORT, user_id=officer.pk), refused("permission denied"):
        run("SELECT * FROM engagement_notifications_survey(%s)", [user.pk])


def test_the_demo_tells_people_once() -> None:
    assert demo_notifications_load() == "nobody to tell, or to tell of"
    verified()
    UserFactory.create_batch(4, status=UserStatus.ACTIVE)
    words = demo_notifications_load()
    assert "notifications" in words
    count = Notification.objects.count()
    assert count > 0
    assert demo_notifications_load() == "there before"
    assert Notification.objects.count() == count
