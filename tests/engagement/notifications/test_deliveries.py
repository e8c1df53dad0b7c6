"""Mail through a real mail server: sent once, tried again, bounced, suppressed, put together."""

from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings

from core.db.context import acting
from core.db.roles import Role
from engagement.models import DeliveryAttempt, DeliverySuppression, Notification
from engagement.models import NotificationPreference as Preference
from engagement.notification_choices import DeliveryStatus, SuppressionReason
from engagement.notification_errors import DeliveryRefused
from engagement.services.bounces import bounce_take, returned_read
from engagement.services.deliveries import deliveries_send, delivery_retry
from engagement.services.delivery_outcomes import AGAIN
from engagement.services.delivery_suppressions import address_suppress, suppression_lift
from engagement.services.digests import digests_send
from tests.accounts.factories import staff
from tests.accounts.test_races import at_once
from tests.engagement.notifications_data import (
    Postmaster,
    deliveries,
    mail_server,
    person,
    record,
    security,
    spread,
)

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "bob@example.com"


@pytest.fixture
def postmaster() -> Any:
    with mail_server() as found:
        yield found


def mailed(address: str = ADDRESS, notice: str = "Your password was changed.") -> DeliveryAttempt:
    """A mandatory mail that waits to go out."""
    user = person(address)
    spread(security(user, notice))
    (delivery,) = deliveries(user)
    return delivery


def fresh(delivery: DeliveryAttempt) -> DeliveryAttempt:
    """The row as it is now."""
    return DeliveryAttempt.objects.get(pk=delivery.pk)


def make_due() -> None:
    """Whatever waits for its time is due."""
    DeliveryAttempt.objects.filter(next_try_at__isnull=False).update(next_try_at=Now() - timedelta(seconds=1))


def test_a_mail_goes_out_and_says_what_it_should(postmaster: Postmaster) -> None:
    delivery = mailed(notice="<script>alert(1)</script> was changed.")
    assert deliveries_send() == 1
    (sender, recipients, mail) = postmaster.mails[0]
    assert recipients == [ADDRESS]
    assert sender == f"bounces+{delivery.pk.hex}@versbottomlex.me"
    assert parseaddr(mail["From"]) == ("VersBottomLex.me", "no-reply@versbottomlex.me")
    assert mail["Subject"] == "Security of your account"
    assert mail["Message-ID"] == f"<{delivery.pk.hex}@versbottomlex.me>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert "<script>alert(1)</script> was changed." in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    row = fresh(delivery)
    assert (row.status, row.tries, row.provider_id) == (DeliveryStatus.SENT, 1, mail["Message-ID"])
    assert row.sent_at is not None
    assert row.next_try_at is None
    # What is done is not done again.
    assert deliveries_send() == 0
    assert len(postmaster.mails) == 1


def test_what_is_not_mandatory_can_be_unsubscribed_from_without_signing_in(
    postmaster: Postmaster, client: Any
) -> None:
    user = person(ADDRESS)
    options = {
        "variables": {"performer": "Ann", "title": "Run", "starts": "soon"},
        "recipient_ids": [user.pk],
    }
    spread(record("stream_planned", **options))
    deliveries_send()
    link = str(postmaster.mails[0][2]["List-Unsubscribe"]).strip().strip("<>")
    assert postmaster.mails[0][2]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = link.removeprefix("https://versbottomlex.me")
    assert client.get(path).status_code == 200
    assert not Preference.objects.exists()
    for _ in range(2):
        assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    (wish,) = Preference.objects.all()
    assert (wish.user_id, wish.category, wish.channel, wish.frequency) == (user.pk, "planned", "email", "off")
    assert client.post(path[:-2] + "xx").status_code == 404
    spread(record("stream_planned", **options))
    assert deliveries_send() == 0


def test_a_server_that_is_away_is_met_again_and_given_up_in_the_end() -> None:
    delivery = mailed()
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
    ):
        deliveries_send()
        row = fresh(delivery)
        assert (row.status, row.tries) == (DeliveryStatus.QUEUED, 1)
        assert "could not be reached" in row.words
        assert row.next_try_at is not None
        assert deliveries_send() == 0
        for tries in range(2, AGAIN.attempts + 1):
            make_due()
            deliveries_send()
            assert fresh(delivery).tries == tries
    assert fresh(delivery).status == DeliveryStatus.FAILED


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("451 Come back later", DeliveryStatus.QUEUED),
        ("550 No such user", DeliveryStatus.BOUNCED),
    ],
)
def test_an_address_that_is_refused_for_good_bounces_and_gets_nothing_more(
    postmaster: Postmaster, answer: str, status: str
) -> None:
    delivery = mailed()
    postmaster.answers[ADDRESS] = answer
    deliveries_send()
    assert fresh(delivery).status == status
    bounced = status == DeliveryStatus.BOUNCED
    assert DeliverySuppression.objects.in_force().filter(address_index=ADDRESS.upper()).exists() is bounced
    postmaster.answers.clear()
    spread(security(delivery.recipient))
    deliveries_send()
    assert len(postmaster.mails) == (0 if bounced else 1)
    if bounced:
        last = deliveries(delivery.recipient)[-1]
        assert (last.status, last.provider_id) == (DeliveryStatus.SUPPRESSED, "")
        assert ADDRESS not in last.words


def test_staff_free_an_address_and_have_a_delivery_tried_again(postmaster: Postmaster) -> None:
    delivery, support = mailed(), staff(Role.SUPPORT)
    with acting(Role.WORKER):
        row = address_suppress(
            address=ADDRESS, user_id=delivery.recipient_id, reason=SuppressionReason.BOUNCED, actor=None
        )
    deliveries_send()
    assert fresh(delivery).status == DeliveryStatus.SUPPRESSED
    with acting(Role.SUPPORT, user_id=support.pk):
        suppression_lift(suppression_id=row.pk, actor=support, reason="the mail box works again")
        delivery_retry(delivery_id=delivery.pk, actor=support, reason="the mail box works again")
    deliveries_send()
    assert (fresh(delivery).status, fresh(delivery).tries) == (DeliveryStatus.SENT, 1)
    with acting(Role.SUPPORT, user_id=support.pk), pytest.raises(DeliveryRefused):
        delivery_retry(delivery_id=delivery.pk, actor=support, reason="once more with feeling")


def test_two_workers_send_one_mail_each(postmaster: Postmaster) -> None:
    for number in range(6):
        mailed(f"bob{number}@example.com")
    sent = at_once(lambda: deliveries_send(limit=3), lambda: deliveries_send(limit=3))
    assert sum(sent) + deliveries_send() == 6
    assert sorted(recipients[0] for _, recipients, _ in postmaster.mails) == [
        f"bob{number}@example.com" for number in range(6)
    ]


def test_a_worker_killed_while_sending_leaves_what_another_one_finds(postmaster: Postmaster) -> None:
    delivery = mailed()
    DeliveryAttempt.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.SENDING, tries=1, next_try_at=Now() + timedelta(minutes=10)
    )
    assert deliveries_send() == 0
    make_due()
    assert deliveries_send() == 1
    assert (fresh(delivery).status, fresh(delivery).tries) == (DeliveryStatus.SENT, 2)
    assert postmaster.mails[0][2]["Message-ID"] == f"<{delivery.pk.hex}@versbottomlex.me>"


def test_what_is_of_no_use_any_more_is_not_sent(postmaster: Postmaster) -> None:
    user = person(ADDRESS)
    spread(
        record(
            "stream_planned",
            variables={"performer": "Ann", "title": "Run", "starts": "soon"},
            recipient_ids=[user.pk],
        )
    )
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE engagement_notification DISABLE TRIGGER USER")
        Notification.objects.update(expires_at=Now() - timedelta(hours=1))
        cursor.execute("ALTER TABLE engagement_notification ENABLE TRIGGER USER")
    deliveries_send()
    assert postmaster.mails == []
    assert deliveries(user)[0].status == DeliveryStatus.SUPPRESSED


def test_what_somebody_collects_comes_in_one_mail(postmaster: Postmaster) -> None:
    user, other = person(ADDRESS), person("eve@example.com")
    for somebody in (user, other):
        Preference.objects.create(user=somebody, category="social", channel="email", frequency="daily")
    for number in range(3):
        spread(
            record(
                "new_follower",
                variables={"follower": f"fan{number}"},
                recipient_ids=[user.pk, other.pk],
            )
        )
    assert deliveries_send() == digests_send() == 0
    make_due()
    assert deliveries_send() == 0
    assert digests_send() == 2
    assert [recipients for _, recipients, _ in postmaster.mails] in (
        [[ADDRESS], ["eve@example.com"]],
        [["eve@example.com"], [ADDRESS]],
    )
    mail = postmaster.mails[0][2]
    assert mail["Subject"] == "3 things that happened"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert [f"fan{number} follows you" in text for number in range(3)] == [True] * 3
    rows = deliveries(user)
    assert {row.status for row in rows} == {DeliveryStatus.SENT}
    assert len({row.provider_id for row in rows}) == 1
    assert digests_send() == 0


def report(
    delivery: DeliveryAttempt, *, action: str = "failed", status: str = "5.1.1", **options: Any
) -> bytes:
    """What a mail server sends back (RFC 3464), or a mail service complains (RFC 5965)."""
    kind = options.get("kind", "delivery-status")
    to = options.get("to", f"bounces+{delivery.pk.hex}@versbottomlex.me")
    boundary = "part"
    block = (
        f"Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; {ADDRESS}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n"
    )
    return (
        f"From: mailer-daemon@example.com\r\nTo: {to}\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        f"--{boundary}\r\nContent-Type: message/{kind}\r\n\r\n{block}\r\n"
        f"--{boundary}\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{delivery.pk.hex}@versbottomlex.me>\r\n\r\n--{boundary}--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        ({}, DeliveryStatus.BOUNCED, SuppressionReason.BOUNCED),
        ({"to": "somebody@versbottomlex.me"}, DeliveryStatus.BOUNCED, SuppressionReason.BOUNCED),
        ({"action": "delayed", "status": "4.4.1"}, DeliveryStatus.SENT, None),
        ({"action": "failed", "status": "4.2.2"}, DeliveryStatus.SENT, None),
        ({"action": "delivered", "status": "2.0.0"}, DeliveryStatus.DELIVERED, None),
        ({"kind": "feedback-report"}, DeliveryStatus.BOUNCED, SuppressionReason.COMPLAINED),
    ],
)
def test_what_comes_back_is_carried_out_once(
    postmaster: Postmaster, options: dict, status: str, reason: str | None
) -> None:
    delivery = mailed()
    deliveries_send()
    for _ in range(2):
        with acting(Role.WORKER):
            bounce_take(message=report(delivery, **options))
    assert fresh(delivery).status == status
    assert list(DeliverySuppression.objects.values_list("reason", flat=True)) == ([reason] if reason else [])


def test_mail_that_is_no_report_changes_nothing() -> None:
    plain = EmailMessage(policy=policy.SMTP)
    plain["Subject"] = "Out of office"
    plain.set_content("Back on Monday.")
    for message in (b"", b"\x00\xff" * 100, plain.as_bytes(), b"x" * (1024 * 1024 + 1)):
        assert returned_read(message) is None
        with acting(Role.WORKER):
            assert bounce_take(message=message) is None
    with acting(Role.WORKER):
        stranger = DeliveryAttempt()
        assert bounce_take(message=report(stranger)) is None
