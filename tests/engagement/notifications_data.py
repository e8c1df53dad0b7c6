"""People, followers and mail of the tests of notifications, written as the owner."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection, transaction
from django.test import override_settings

from accounts.choices import ContactKind
from accounts.models import User, UserContact
from core.db.context import acting
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from core.models.identity import uuid7
from engagement.models import DeliveryAttempt, Notification, NotificationEvent
from engagement.services.notification_events import notification_event_record
from engagement.services.notification_spreading import notification_event_spread
from tests.accounts.factories import UserFactory


def person(address: str = "", **fields: Any) -> User:
    """Somebody, with a verified primary address if one is given."""
    user = UserFactory.create(**fields)
    if address:
        with keys_for(Purpose.STORE, actor=None):
            UserContact.objects.create(
                user=user,
                kind=ContactKind.EMAIL,
                value=address,
                verified_at=user.signed_up_at,
                is_primary=True,
            )
    return user


def record(trigger: str = "new_follower", **options: Any) -> NotificationEvent:
    """An event, recorded by the worker: by default that bob follows somebody."""
    options.setdefault("idempotency_key", str(uuid7()))
    options.setdefault("variables", {"follower": "bob"})
    options.setdefault("actor", None)
    with acting(Role.WORKER):
        return notification_event_record(trigger=trigger, **options)


def spread(event: NotificationEvent, batch: int = 5_000) -> int:
    """Spread it to the end, as the worker; how many batches it took."""
    batches, more = 0, True
    while more:
        with acting(Role.WORKER):
            more = notification_event_spread(event_id=event.pk, batch=batch)
        batches += 1
    return batches


def told(user: User) -> list[Notification]:
    """What stands there for somebody, as the owner reads it."""
    return list(Notification.objects.filter(recipient=user).order_by("-pk"))


def deliveries(user: User) -> list[DeliveryAttempt]:
    """What goes to somebody, as the owner reads it."""
    return list(DeliveryAttempt.objects.filter(recipient=user).order_by("pk"))


def security(user: User, notice: str = "Your password was changed.") -> NotificationEvent:
    """A mandatory event of one person."""
    return record("security_notice", variables={"notice": notice}, recipient_ids=[user.pk])


def crowd(performer_id: UUID, count: int) -> None:
    """So many people who follow, in one statement; rows are valid, their triggers are not what is tested."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("accounts_user", "engagement_follow"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            """
            WITH people AS (
              INSERT INTO accounts_user
                (id, handle, locale, time_zone, sign_up_source, signed_up_at, status, created_at, updated_at)
              SELECT uuidv7(), 'fan' || translate(lpad(n::text, 7, '0'), '0123456789', 'abcdefghjk'),
                CASE n %% 3 WHEN 0 THEN 'pt-BR' WHEN 1 THEN 'en' ELSE 'de-AT' END, 'UTC', 'web', now(), 'active',
                now(), now()
              FROM generate_series(1, %s) n RETURNING id
            )
            INSERT INTO engagement_follow (id, user_id, performer_id, notify, created_at, updated_at)
            SELECT uuidv7(), p.id, %s, 'all', now(), now() FROM people p
            """,
            [count, performer_id],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("accounts_user", "engagement_follow"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("ANALYZE accounts_user, engagement_follow")


class Postmaster:
    """Keeps each mail with its envelope; answers a recipient as `answers` says."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], EmailMessage]] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or answer as told."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else bytes(content or b"")
        mail = message_from_bytes(raw, policy=policy.default)
        self.mails.append((str(envelope.mail_from), list(envelope.rcpt_tos), mail))  # type: ignore[arg-type]
        return "250 Taken"


@contextmanager
def mail_server() -> Iterator[Postmaster]:
    """A real mail server on a free port, to which Django's SMTP backend speaks."""
    postmaster = Postmaster()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(postmaster, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
            EMAIL_USE_TLS=False,
            EMAIL_USE_SSL=False,
            EMAIL_HOST_USER="",
            EMAIL_HOST_PASSWORD="",
        ):
            yield postmaster
    finally:
        controller.stop()
