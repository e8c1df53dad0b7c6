"""Notifications of the demo: who goes live, who follows whom, what people wish, and a mail that came back."""

from datetime import time

from django.db.models import F
from django.db.models.functions import Now

from accounts.choices import UserStatus
from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from engagement.models import DeliveryAttempt, NotificationEvent
from engagement.notification_choices import DeliveryStatus
from engagement.notifications.port import Outcome, Result
from engagement.services.delivery_outcomes import delivery_settle
from engagement.services.notification_events import notification_event_record
from engagement.services.notification_preferences import preference_set, quiet_hours_set
from engagement.services.notification_spreading import notification_event_spread
from performers.models import PerformerProfile

VIEWERS = 30
PERFORMERS = 5
NIGHT = time(22, 0), time(7, 0)


def demo_notifications_load() -> str:
    """Events of a few performers and viewers, spread; run again, it changes nothing."""
    with acting(Role.WORKER):
        if NotificationEvent.objects.filter(idempotency_key__startswith="demo:").exists():
            return "there before"
        performers = list(
            PerformerProfile.objects.filter(stage_name__isnull=False).order_by("pk")[:PERFORMERS]
        )
        viewers = list(
            User.objects.filter(status=UserStatus.ACTIVE, performer_profile__isnull=True).order_by("pk")[
                :VIEWERS
            ]
        )
    if not performers or not viewers:
        return "nobody to tell, or to tell of"
    _wishes(viewers)
    events = [*_live(performers), *_follows(performers, viewers), *_notices(viewers)]
    notified = sum(_spread(event) for event in events)
    bounced = _bounce()
    return f"{len(events)} events, {notified} notifications, {bounced} mail that came back"


def _wishes(viewers: list[User]) -> None:
    """A third wants a digest, a third has quiet hours."""
    for number, viewer in enumerate(viewers):
        with acting(Role.VIEWER, user_id=viewer.pk):
            if number % 3 == 0:
                preference_set(
                    user_id=viewer.pk, category="social", channel="email", frequency="weekly", actor=viewer
                )
            elif number % 3 == 1:
                quiet_hours_set(user_id=viewer.pk, starts=NIGHT[0], ends=NIGHT[1], actor=viewer)


def _live(performers: list[PerformerProfile]) -> list[NotificationEvent]:
    with acting(Role.WORKER):
        return [
            notification_event_record(
                trigger="performer_live",
                idempotency_key=f"demo:live:{performer.pk}",
                variables={"performer": str(performer.stage_name), "title": "An evening on air"},
                followers_of=performer.pk,
                actor=None,
                deep_link=f"/performers/{performer.slug}",
            )
            for performer in performers
        ]


def _follows(performers: list[PerformerProfile], viewers: list[User]) -> list[NotificationEvent]:
    """Each performer hears of new followers, one by one; they are shown together."""
    with acting(Role.WORKER):
        return [
            notification_event_record(
                trigger="new_follower",
                idempotency_key=f"demo:follower:{performer.pk}:{viewer.pk}",
                variables={"follower": str(viewer.handle)},
                recipient_ids=[performer.pk],
                actor=viewer,
            )
            for performer in performers
            for viewer in viewers[:6]
        ]


def _notices(viewers: list[User]) -> list[NotificationEvent]:
    with acting(Role.WORKER):
        return [
            notification_event_record(
                trigger="security_notice",
                idempotency_key=f"demo:security:{viewer.pk}",
                variables={"notice": "Your password was changed."},
                recipient_ids=[viewer.pk],
                actor=None,
                deep_link="/account/security",
            )
            for viewer in viewers
        ]


def _spread(event: NotificationEvent) -> int:
    more = True
    while more:
        with acting(Role.WORKER):
            more = notification_event_spread(event_id=event.pk)
    with acting(Role.WORKER):
        return int(NotificationEvent.objects.values_list("notified", flat=True).get(pk=event.pk))


def _bounce() -> int:
    """One delivery that nobody took, so that the log of the demo has something to do."""
    with acting(Role.WORKER):
        due = DeliveryAttempt.objects.due().order_by("pk").values_list("pk", flat=True).first()
        if due is None:
            return 0
        DeliveryAttempt.objects.filter(pk=due).update(
            status=DeliveryStatus.SENDING, tries=F("tries") + 1, next_try_at=Now()
        )
        delivery_settle(
            delivery_id=due, outcome=Outcome(Result.FAILED, "The mail server refused the mail (554).")
        )
    return 1
