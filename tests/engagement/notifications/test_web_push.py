"""Web push against a receiver that decrypts what came, as a browser does (RFC 8291), and checks who sent it."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import override_settings

from core.db.context import acting
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from engagement.models import PushSubscription
from engagement.notification_choices import DeliveryStatus
from engagement.notification_errors import SubscriptionRefused
from engagement.notifications.web_push_channel import endpoint_allowed
from engagement.services.deliveries import deliveries_send
from engagement.services.push_subscriptions import push_subscribe, push_unsubscribe
from tests.engagement.notifications_data import deliveries, person, security, spread
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

OURS = ec.generate_private_key(ec.SECP256R1())
VAPID = (
    base64.urlsafe_b64encode(OURS.private_numbers().private_value.to_bytes(32, "big")).decode().rstrip("=")
)


def text(raw: bytes) -> str:
    """base64url without padding, as browsers write keys."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Service:
    """A push service on this machine: keeps what came and answers as told."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answer, self.headers = 201, {"Location": "https://push.example/message/1"}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                service.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(service.answer)
                for name, value in service.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Browser:
    """What a browser makes when it subscribes, and how it reads."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"sixteen bytes ok"

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"public_key": text(point), "auth_secret": text(self.secret)}

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt what came."""
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return dict(json.loads(plain))


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    with override_settings(WEB_PUSH_PRIVATE_KEY=VAPID, WEB_PUSH_SERVICES=[found.origin]):
        yield found
    found.server.shutdown()


def subscribed(service: Service, browser: Browser, name: str = "a") -> PushSubscription:
    """Somebody whose browser is subscribed."""
    user = person()
    with acting(Role.VIEWER, user_id=user.pk):
        return push_subscribe(
            user_id=user.pk,
            endpoint=f"{service.origin}/push/{name}",
            browser="Firefox",
            actor=user,
            **browser.keys,
        )


def test_a_push_reaches_the_browser_and_nobody_else_can_read_it(service: Service) -> None:
    browser = Browser()
    subscription = subscribed(service, browser)
    spread(security(subscription.user))
    assert deliveries_send() == 1
    ((headers, body),) = service.calls
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["authorization"].startswith("vapid ")
    assert headers["ttl"] == str(12 * 60 * 60)
    assert b"password" not in body
    (delivery,) = deliveries(subscription.user)
    said = browser.read(body)
    assert said["title"] == "Security of your account"
    assert said["url"] == ""
    assert said["id"] == delivery.pk.hex
    assert (delivery.status, delivery.provider_id) == (
        DeliveryStatus.SENT,
        "https://push.example/message/1",
    )


@pytest.mark.parametrize(
    ("answer", "headers", "status", "revoked"),
    [
        (404, {}, DeliveryStatus.SUPPRESSED, True),
        (410, {}, DeliveryStatus.SUPPRESSED, True),
        (429, {"Retry-After": "120"}, DeliveryStatus.QUEUED, False),
        (503, {}, DeliveryStatus.QUEUED, False),
        (413, {}, DeliveryStatus.FAILED, False),
        (302, {"Location": "http://127.0.0.1:1/inside"}, DeliveryStatus.QUEUED, False),
    ],
)
def test_what_a_push_service_answers_is_obeyed(
    service: Service, answer: int, headers: dict[str, str], status: str, revoked: bool
) -> None:
    service.answer, service.headers = answer, headers
    subscription = subscribed(service, Browser())
    spread(security(subscription.user))
    deliveries_send()
    assert len(service.calls) == 1
    (delivery,) = deliveries(subscription.user)
    subscription.refresh_from_db()
    assert delivery.status == status
    assert (subscription.revoked_at is not None) is revoked
    if answer == 429:
        ((waits,),) = run(
            "SELECT next_try_at - now() BETWEEN '100 s' AND '121 s' FROM engagement_deliveryattempt"
        )
        assert waits


def test_each_browser_of_a_person_gets_it_once_and_a_left_one_nothing(service: Service) -> None:
    first = subscribed(service, Browser())
    with acting(Role.VIEWER, user_id=first.user_id):
        second = push_subscribe(
            user_id=first.user_id, endpoint=f"{service.origin}/push/b", actor=first.user, **Browser().keys
        )
        assert push_unsubscribe(subscription_id=second.pk, user_id=first.user_id, actor=first.user)
        push_subscribe(
            user_id=first.user_id, endpoint=f"{service.origin}/push/c", actor=first.user, **Browser().keys
        )
    spread(security(first.user))
    deliveries_send()
    assert len(service.calls) == 2


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com.evil.example/", False),
        ("https://push.apple.com.evil.example/", False),
        ("https://evilpush.apple.com/", False),
        ("https://fcm.googleapis.com:8443/", False),
        ("https://user@127.0.0.1/", False),
        ("http://127.0.0.1:5432/", False),
        ("http://[::1]/", False),
        ("https://[broken", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_push_services_that_we_know_are_called(endpoint: str, allowed: bool) -> None:
    assert endpoint_allowed(endpoint) is allowed


def test_a_browser_that_is_none_is_refused(service: Service) -> None:
    user, keys = person(), Browser().keys
    bad: list[dict[str, str]] = [
        {**keys, "endpoint": "http://127.0.0.1:1/inside"},
        {**keys, "public_key": "AAAA"},
        {**keys, "public_key": "§"},
        {**keys, "auth_secret": "AAAA"},
        {**keys, "endpoint": f"{service.origin}/{'x' * 2001}"},
    ]
    for options in bad:
        with acting(Role.VIEWER, user_id=user.pk), pytest.raises(SubscriptionRefused):
            push_subscribe(user_id=user.pk, actor=user, **{"endpoint": f"{service.origin}/push", **options})
    assert not PushSubscription.objects.exists()
    subscribed(service, Browser())
    with pytest.raises(SubscriptionRefused, match="subscribed already"):
        subscribed(service, Browser())


def test_where_a_browser_is_reached_is_encrypted_and_its_owners_alone(service: Service) -> None:
    subscription, other = subscribed(service, Browser()), person()
    for role, who, rows in (
        (Role.VIEWER, subscription.user_id, 1),
        (Role.VIEWER, other.pk, 0),
        (Role.SUPPORT, other.pk, 1),
        (Role.WORKER, None, 1),
    ):
        with acting(role, user_id=who):
            found = run("SELECT endpoint::text FROM engagement_pushsubscription")
        assert len(found) == rows, role
        assert all("127.0.0.1" not in str(row[0]) for row in found)
    with acting(Role.WORKER), keys_for(Purpose.DELIVER, actor=None, reason="test"):
        assert str(PushSubscription.objects.get().endpoint).startswith(service.origin)
