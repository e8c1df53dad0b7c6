"""Web push (RFC 8030), encrypted for the browser (RFC 8291) and signed with our key (RFC 8292), by pywebpush.

The address of a subscription comes from a browser, and this process calls it: only push services that the settings name
are called, and over TLS, so that nobody makes us call a machine inside of our network.
"""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import requests
from django.conf import settings
from pywebpush import WebPushException, webpush

from engagement.notifications.port import Message, Outcome, Result
from engagement.notifications.rendering import shortened

TIMEOUT = 10
"""Seconds that a push service has to answer."""

LIVES = 12 * 60 * 60
"""Seconds for which a push service keeps a message for a browser that is closed."""

LONGEST_BODY = 500
LONGEST_TITLE = 120
GONE = (404, 410)
LATER = (408, 425, 429)


def endpoint_allowed(endpoint: str) -> bool:
    """Whether the address is one of a push service that we call: https, and a host that the settings name."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    return any(
        origin == allowed or (allowed.startswith("https://*.") and _below(origin, host, allowed))
        for allowed in settings.WEB_PUSH_SERVICES
    )


def _below(origin: str, host: str, allowed: str) -> bool:
    domain = allowed.removeprefix("https://*")
    return origin == f"https://{host}" and host.endswith(domain)


class WebPushChannel:
    """One call of a push service per message."""

    def send(self, message: Message) -> Outcome:
        """Hand the message to the push service of the browser. Without a key of ours nothing can be sent."""
        if not settings.WEB_PUSH_PRIVATE_KEY:
            return Outcome(Result.FAILED, "Web push is not set up: WEB_PUSH_PRIVATE_KEY is missing.")
        destination = message.destination
        if not endpoint_allowed(destination.address):
            return Outcome(Result.FAILED, "The push service is none of those that we call.")
        try:
            response = webpush(
                subscription_info={
                    "endpoint": destination.address,
                    "keys": {"p256dh": destination.public_key, "auth": destination.auth_secret},
                },
                data=payload(message),
                vapid_private_key=settings.WEB_PUSH_PRIVATE_KEY,
                vapid_claims={"sub": settings.WEB_PUSH_CONTACT},
                ttl=LIVES,
                timeout=TIMEOUT,
                requests_session=_session(),
            )
        except WebPushException as error:
            return _answered(error.response)
        except requests.RequestException as error:
            return Outcome(Result.RETRY, f"The push service could not be reached: {type(error).__name__}.")
        except ValueError:
            return Outcome(Result.GONE, "The keys of the browser are none.")
        return Outcome(Result.SENT, provider_id=shortened(response.headers.get("location", ""), 255))


def payload(message: Message) -> str:
    """What the page in the browser gets: JSON of less than 4 kB. The tag replaces what is shown already."""
    return json.dumps(
        {
            "id": message.reference,
            "title": shortened(message.subject, LONGEST_TITLE),
            "body": shortened(message.body, LONGEST_BODY),
            "url": message.link,
            "tag": message.group_key,
        },
        ensure_ascii=False,
    )


def _session() -> requests.Session:
    """Without redirects: where a push service points to is nobody that the settings name."""
    session = requests.Session()
    session.max_redirects = 0
    return session


def _answered(response: requests.Response | None) -> Outcome:
    if response is None:
        return Outcome(Result.GONE, "The keys of the browser are none.")
    code = response.status_code
    if code in GONE:
        return Outcome(Result.GONE, f"The push service says that the browser is gone ({code}).")
    if code in LATER or code >= 500:
        return Outcome(
            Result.RETRY, f"The push service asks to come back ({code}).", retry_after=_wait(response)
        )
    return Outcome(Result.FAILED, f"The push service refused the message ({code}).")


def _wait(response: requests.Response) -> timedelta | None:
    asked = response.headers.get("retry-after", "")
    return timedelta(seconds=min(int(asked), 6 * 60 * 60)) if asked.isascii() and asked.isdigit() else None
