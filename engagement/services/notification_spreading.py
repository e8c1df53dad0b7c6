"""From an event to those it concerns: notifications and deliveries, a batch at a time, each in one statement.

A batch is one transaction, with how far it came: killed within it, nothing happened, and the next run begins where the
last one ended. And since the ids are made of the event and the person, a batch that is run twice writes nothing twice.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from core.db.clock import database_now
from engagement.models import Follow, NotificationEvent
from engagement.notification_choices import NotificationCategory, NotificationChannel, NotificationEventStatus
from engagement.notifications.rendering import LONGEST_IN_APP, render, shortened
from engagement.notifications.wording import FALLBACK, Wordings, wordings_of
from engagement.tie_choices import NotifyLevel

BATCH = 5_000
"""Followers of one transaction: some seconds of work, of which a killed worker loses no more."""

LATE = timedelta(minutes=5)
"""After which an event that has not spread is looked after by the schedule."""

LOUD_ENOUGH = {
    NotificationCategory.LIVE: (NotifyLevel.ALL, NotifyLevel.LIVE),
}
"""Which followers hear of a category; of every other one, those who want everything."""

CONCERNED = """
WITH people AS MATERIALIZED (
  SELECT u.id, u.locale, u.time_zone, engagement_derived_id(%(event)s, u.id::text) AS notification_id
  FROM unnest(%(people)s::uuid[]) AS asked(id) JOIN accounts_user u ON u.id = asked.id
  WHERE u.erased_at IS NULL
    AND (%(mandatory)s OR (
      u.closed_at IS NULL AND u.id IS DISTINCT FROM %(actor)s
      AND NOT EXISTS (
        SELECT FROM engagement_block b
        WHERE b.ended_at IS NULL AND b.blocker_id = u.id AND b.blocked_id = %(other)s
      )
      AND NOT EXISTS (
        SELECT FROM engagement_block b
        WHERE b.ended_at IS NULL AND b.blocker_id = %(other)s AND b.blocked_id = u.id
      )
      AND NOT EXISTS (
        SELECT FROM engagement_mute m
        WHERE m.muter_id = u.id AND m.person_id = %(other)s
          AND (m.expires_at IS NULL OR m.expires_at > statement_timestamp())
      )
    ))
),
wished AS MATERIALIZED (
  SELECT p.*,
    CASE WHEN %(mandatory)s THEN 'immediate' ELSE coalesce(a.frequency, 'immediate') END AS in_app,
    CASE WHEN %(mandatory)s THEN %(email)s ELSE coalesce(e.frequency, %(email)s) END AS email,
    CASE WHEN %(mandatory)s THEN %(web_push)s ELSE coalesce(w.frequency, %(web_push)s) END AS web_push
  FROM people p
  LEFT JOIN engagement_notificationpreference a
    ON a.user_id = p.id AND a.category = %(category)s AND a.channel = 'in_app'
  LEFT JOIN engagement_notificationpreference e
    ON e.user_id = p.id AND e.category = %(category)s AND e.channel = 'email'
  LEFT JOIN engagement_notificationpreference w
    ON w.user_id = p.id AND w.category = %(category)s AND w.channel = 'web_push'
),
told AS MATERIALIZED (
  SELECT w.*, words.title, words.body,
    CASE WHEN NOT %(mandatory)s AND q.user_id IS NOT NULL
      THEN engagement_quiet_until(now(), w.time_zone, q.starts, q.ends) ELSE now() END AS awake_at
  FROM wished w
  JOIN LATERAL (
    SELECT i.title, i.body
    FROM unnest(%(app_locales)s::text[], %(app_titles)s::text[], %(app_bodies)s::text[]) AS i(locale, title, body)
    WHERE i.locale IN (w.locale, split_part(w.locale, '-', 1), %(fallback)s)
    ORDER BY i.locale = w.locale DESC, i.locale = split_part(w.locale, '-', 1) DESC LIMIT 1
  ) words ON true
  LEFT JOIN engagement_notificationquiethours q ON q.user_id = w.id
  -- Whoever is reached by no way is told nothing.
  WHERE w.in_app <> 'off'
    OR w.email <> 'off' AND EXISTS (
      SELECT FROM accounts_usercontact c WHERE c.user_id = w.id AND c.kind = 'email' AND c.is_primary
    )
    OR w.web_push <> 'off' AND EXISTS (
      SELECT FROM engagement_pushsubscription s WHERE s.user_id = w.id AND s.revoked_at IS NULL
    )
),
notified AS (
  INSERT INTO engagement_notification
    (id, recipient_id, happening_id, group_key, title, body, deep_link, is_in_app, expires_at)
  SELECT t.notification_id, t.id, %(event)s, %(group_key)s, t.title, t.body, %(deep_link)s, t.in_app <> 'off',
    %(expires_at)s
  FROM told t ORDER BY t.id
  ON CONFLICT (id) DO NOTHING
  RETURNING 1
),
mailed AS (
  INSERT INTO engagement_deliveryattempt
    (id, recipient_id, notice_id, happening_id, channel, template_version_id, frequency, status, next_try_at)
  SELECT engagement_derived_id(t.notification_id, 'email'), t.id, t.notification_id, %(event)s, 'email', v.version_id,
    t.email, 'queued',
    CASE WHEN t.email = 'immediate' THEN t.awake_at
      ELSE engagement_digest_at(now(), t.time_zone, t.email) END
  FROM told t
  JOIN LATERAL (
    SELECT i.version_id
    FROM unnest(%(email_locales)s::text[], %(email_versions)s::uuid[]) AS i(locale, version_id)
    WHERE i.locale IN (t.locale, split_part(t.locale, '-', 1), %(fallback)s)
    ORDER BY i.locale = t.locale DESC, i.locale = split_part(t.locale, '-', 1) DESC LIMIT 1
  ) v ON true
  WHERE t.email <> 'off' AND EXISTS (
    SELECT FROM accounts_usercontact c WHERE c.user_id = t.id AND c.kind = 'email' AND c.is_primary
  )
  ORDER BY t.id
  ON CONFLICT (id) DO NOTHING
  RETURNING 1
),
pushed AS (
  INSERT INTO engagement_deliveryattempt
    (id, recipient_id, notice_id, happening_id, channel, template_version_id, push_subscription_id, frequency,
     status, next_try_at)
  SELECT engagement_derived_id(t.notification_id, s.id::text), t.id, t.notification_id, %(event)s, 'web_push',
    v.version_id, s.id, 'immediate', 'queued', t.awake_at
  FROM told t
  JOIN engagement_pushsubscription s ON s.user_id = t.id AND s.revoked_at IS NULL
  JOIN LATERAL (
    SELECT i.version_id
    FROM unnest(%(web_push_locales)s::text[], %(web_push_versions)s::uuid[]) AS i(locale, version_id)
    WHERE i.locale IN (t.locale, split_part(t.locale, '-', 1), %(fallback)s)
    ORDER BY i.locale = t.locale DESC, i.locale = split_part(t.locale, '-', 1) DESC LIMIT 1
  ) v ON true
  WHERE t.web_push <> 'off'
  ORDER BY t.id
  ON CONFLICT (id) DO NOTHING
  RETURNING 1
)
SELECT (SELECT count(*) FROM notified), (SELECT count(*) FROM mailed) + (SELECT count(*) FROM pushed)
"""


@transaction.atomic
def notification_event_spread(*, event_id: UUID, batch: int = BATCH) -> bool:
    """Tell the next `batch` of those whom an event concerns; True while there are more.

    Runs as the worker. Locks: the event, so that two workers take one batch after the other.
    """
    event = (
        NotificationEvent.objects.select_for_update(of=("self",))
        .select_related("trigger")
        .filter(pk=event_id)
        .first()
    )
    if event is None or event.status == NotificationEventStatus.SPREAD:
        return False
    people, last = _concerned(event, batch)
    notified = _tell(event, people) if people else 0
    more = last is not None
    changed: dict[str, Any] = {"notified": event.notified + notified}
    if more:
        changed |= {"status": NotificationEventStatus.SPREADING, "reached_to": last}
    else:
        changed |= {"status": NotificationEventStatus.SPREAD, "spread_at": Now()}
    NotificationEvent.objects.filter(pk=event.pk).update(**changed)
    return more


def _concerned(event: NotificationEvent, batch: int) -> tuple[list[UUID], UUID | None]:
    """The next people, and the last follow of a full batch: there may be more then.

    Who began to follow after it happened is not told.
    """
    if event.followers_of_id is None:
        return list(event.recipients), None
    levels = LOUD_ENOUGH.get(NotificationCategory(event.trigger.category), (NotifyLevel.ALL,))
    follows = Follow.objects.filter(performer_id=event.followers_of_id, pk__lt=event.pk)
    if event.reached_to is not None:
        follows = follows.filter(pk__gt=event.reached_to)
    rows = list(follows.order_by("pk").values_list("pk", "user_id", "notify", "ended_at")[:batch])
    people = [user for _, user, notify, ended_at in rows if ended_at is None and notify in levels]
    return people, rows[-1][0] if len(rows) == batch else None


def _tell(event: NotificationEvent, people: list[UUID]) -> int:
    trigger = event.trigger
    wordings = wordings_of(trigger)
    rendered = [
        (wording.locale, render(subject=wording.subject, body=wording.body, variables=event.variables))
        for wording in wordings.get(NotificationChannel.IN_APP, ())
    ]
    group = event.variables.get(trigger.group_variable, "") if trigger.group_variable else ""
    values = {
        "event": event.pk,
        "people": people,
        "actor": event.actor_id,
        "other": event.followers_of_id or event.actor_id,
        "mandatory": trigger.is_mandatory,
        "category": trigger.category,
        "group_key": shortened(f"{trigger.code}:{group}" if group else trigger.code, 250),
        "deep_link": event.deep_link,
        "expires_at": event.created_at + trigger.lives_for if trigger.lives_for else None,
        "fallback": FALLBACK,
        "app_locales": [locale for locale, _ in rendered],
        "app_titles": [words.subject for _, words in rendered],
        "app_bodies": [shortened(words.body, LONGEST_IN_APP) for _, words in rendered],
        **_channel(wordings, NotificationChannel.EMAIL, trigger.channels),
        **_channel(wordings, NotificationChannel.WEB_PUSH, trigger.channels),
    }
    with connection.cursor() as cursor:
        cursor.execute(CONCERNED, values)
        notified, deliveries = cursor.fetchone()
    if deliveries:
        from engagement.jobs import deliveries_make

        deliveries_make.enqueue(key="deliveries")
    return int(notified)


def _channel(wordings: Wordings, channel: NotificationChannel, channels: list[str]) -> dict[str, Any]:
    """The parameters of one channel: how soon it goes unless somebody prefers otherwise, and its wordings."""
    found = wordings.get(channel, ())
    return {
        channel.value: "immediate" if channel in channels else "off",
        f"{channel}_locales": [wording.locale for wording in found],
        f"{channel}_versions": [wording.version_id for wording in found],
    }


def events_left_behind(*, limit: int = 100) -> list[UUID]:
    """Events of which somebody should have been told a while ago: their job is lost. The oldest first."""
    waiting = (NotificationEventStatus.RECORDED, NotificationEventStatus.SPREADING)
    late = NotificationEvent.objects.filter(status__in=waiting).between(None, database_now() - LATE)
    return list(late.order_by("pk").values_list("pk", flat=True)[:limit])
