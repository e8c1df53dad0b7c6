"""Browsers that people let us write to."""

import base64
import binascii
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from core.db.refusals import refused_as
from core.encryption import Purpose, keys_for
from engagement.models import PushSubscription
from engagement.notification_errors import SubscriptionRefused
from engagement.notifications.web_push_channel import endpoint_allowed

AUTH_BYTES = 16
LONGEST_ENDPOINT = 2000


@transaction.atomic
def push_subscribe(
    *, user_id: UUID, endpoint: str, public_key: str, auth_secret: str, browser: str = "", actor: User | None
) -> PushSubscription:
    """Let us write to a browser. For people themselves, in their own role.

    Raises: SubscriptionRefused (a push service that we do not call, keys that are none, subscribed already),
    KeyMissing.
    """
    if len(endpoint) > LONGEST_ENDPOINT or not endpoint_allowed(endpoint):
        raise SubscriptionRefused("This browser's push service is none of those that we call.")
    _keys_check(public_key, auth_secret)
    with keys_for(Purpose.STORE, actor=actor, reason="push_subscribe"), refused_as(SubscriptionRefused):
        return PushSubscription.objects.create(
            user_id=user_id,
            endpoint=endpoint,
            public_key=public_key,
            auth_secret=auth_secret,
            browser=browser,
        )


@transaction.atomic
def push_unsubscribe(*, subscription_id: UUID, user_id: UUID, actor: User | None) -> bool:
    """Write to a browser no more; whether we did before."""
    rows = PushSubscription.objects.in_use().filter(pk=subscription_id, user_id=user_id)
    return bool(rows.update(revoked_at=Now(), revoked_words="By the person."))


def _keys_check(public_key: str, auth_secret: str) -> None:
    """Raise SubscriptionRefused unless the key is a point of P-256 and the secret has sixteen bytes (RFC 8291)."""
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _bytes(public_key))
        secret = _bytes(auth_secret)
    except (ValueError, binascii.Error):
        raise SubscriptionRefused("The keys of the browser are none. Subscribe again.") from None
    if len(secret) != AUTH_BYTES:
        raise SubscriptionRefused("The keys of the browser are none. Subscribe again.")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
