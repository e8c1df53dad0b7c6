"""Signed messages by Stripe's scheme, which the simulator uses too.

The header is `t=1492774577,v1=5257a869e7...,v1=...,v0=...`; the signature is HMAC-SHA256 over `t`, a full stop and the
bytes of the body, in hexadecimal; the key is the secret as it stands. While a secret is rolled over there is one `v1`
for each. https://docs.stripe.com/webhooks#verify-manually
"""

import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from billing.provider_choices import SignatureVerdict
from billing.providers.port import Verdict

TOLERANCE = timedelta(seconds=300)
"""How far the time in a header may lie from now: Stripe's own libraries allow five minutes."""

LONGEST_HEADER = 4096
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The `v1` of a body that is sent at `timestamp` (seconds of Unix time)."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()


def signed_header(secrets: Iterable[str], body: bytes, at: datetime) -> str:
    """The header of a message that is sent at `at`, with one signature for each secret."""
    timestamp = int(at.timestamp())
    return ",".join([f"t={timestamp}", *(f"v1={signature(secret, timestamp, body)}" for secret in secrets)])


def signature_verdict(header: str | None, body: bytes, secrets: Iterable[str], at: datetime) -> Verdict:
    """What the header says about the body, by any of the secrets, at the time `at` of its arrival.

    Every signature is compared with every secret in constant time. A right signature of another time is STALE: it may
    be a message that somebody sends again.
    """
    timestamp, signatures = _parts(header or "")
    if timestamp is None or not signatures:
        return Verdict(SignatureVerdict.MISSING, "The header has no time, or no signature of version 1.")
    expected = [signature(secret, timestamp, body) for secret in secrets]
    matching = [hmac.compare_digest(one, given) for one in expected for given in signatures]
    if not any(matching):
        return Verdict(SignatureVerdict.WRONG, "No signature fits the message and a secret of the account.")
    try:
        age = at - datetime.fromtimestamp(timestamp, UTC)
    except (OverflowError, ValueError, OSError):
        return Verdict(SignatureVerdict.STALE, "The signature is right and its time is none.")
    if abs(age) > TOLERANCE:
        return Verdict(
            SignatureVerdict.STALE, f"The signature is right and {age.total_seconds():.0f} seconds old."
        )
    return Verdict(SignatureVerdict.VALID)


def _parts(header: str) -> tuple[int | None, list[str]]:
    """The time and the signatures of version 1; other versions are passed over, as Stripe asks."""
    if len(header) > LONGEST_HEADER:
        return None, []
    times: list[int] = []
    signatures: list[str] = []
    for item in header.split(","):
        name, _, value = item.strip().partition("=")
        if name == "t" and _TIME.fullmatch(value):
            times.append(int(value))
        elif name == "v1" and _SIGNATURE.fullmatch(value):
            signatures.append(value)
    return (times[0], signatures) if len(times) == 1 else (None, [])
