"""Signatures by Stripe's scheme: https://docs.stripe.com/webhooks#verify-manually."""

import hmac
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.provider_choices import SignatureVerdict
from billing.providers.signatures import signature, signature_verdict, signed_header
from tests.billing.providers.house import instant

BODY = b'{"id": "evt_1", "object": "event"}'
AT = 1_492_774_577
SECRET = "whsec_test"
NOW = instant(AT)


def verdict(
    header: str | None, body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,), seconds: int = 0
) -> str:
    return signature_verdict(header, body, secrets, NOW + timedelta(seconds=seconds)).signature


def test_the_signature_is_made_as_stripe_describes_it() -> None:
    """`t`, a full stop, the body; HMAC-SHA256 with the secret of the endpoint; hexadecimal."""
    by_hand = hmac.new(b"whsec_test", b"1492774577." + BODY, sha256).hexdigest()
    assert signature(SECRET, AT, BODY) == by_hand
    assert verdict(f"t={AT},v1={by_hand}") == SignatureVerdict.VALID
    assert verdict(
        f"t={AT},v1={by_hand},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
    ) == (SignatureVerdict.VALID)


def test_a_version_0_alone_is_no_signature() -> None:
    assert verdict(f"t={AT},v0={signature(SECRET, AT, BODY)}") == SignatureVerdict.MISSING


@pytest.mark.parametrize("seconds", [-300, -1, 0, 299, 300])
def test_five_minutes_are_tolerated_in_both_directions(seconds: int) -> None:
    assert verdict(signed_header([SECRET], BODY, NOW), seconds=seconds) == SignatureVerdict.VALID


@pytest.mark.parametrize("seconds", [301, 3600, -301])
def test_beyond_that_a_right_signature_is_stale(seconds: int) -> None:
    assert verdict(signed_header([SECRET], BODY, NOW), seconds=seconds) == SignatureVerdict.STALE


def test_a_secret_is_rolled_over_without_a_gap() -> None:
    """Stripe signs with both while both are in force, and we may know one of them or both."""
    both = signed_header(["old", "new"], BODY, NOW)
    assert verdict(both, secrets=("old",)) == verdict(both, secrets=("new",)) == SignatureVerdict.VALID
    assert verdict(signed_header(["old"], BODY, NOW), secrets=("new", "old")) == SignatureVerdict.VALID
    assert verdict(signed_header(["old"], BODY, NOW), secrets=("new",)) == SignatureVerdict.WRONG


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"t={AT}",
        "v1=" + "a" * 64,
        f"t=soon,v1={'a' * 64}",
        f"t={AT},t={AT},v1={'a' * 64}",
        f"t={AT},v1={'a' * 63}",
        f"t={AT},v1={'A' * 64}",
        f"t=١٤٩٢٧٧٤٥٧٧,v1={'a' * 64}",
        f"t={AT}," + "v1=" + "a" * 64 + ",x" * 4096,
    ],
)
def test_what_is_no_header_is_missing(header: str | None) -> None:
    assert verdict(header) == SignatureVerdict.MISSING


def test_a_time_that_no_calendar_has_is_stale_and_no_error() -> None:
    assert verdict(f"t=999999999999,v1={signature(SECRET, 999999999999, BODY)}") == SignatureVerdict.STALE


@given(body=st.binary(min_size=1, max_size=200), at=st.integers(0, 4_000_000_000), data=st.data())
def test_no_changed_bit_passes(body: bytes, at: int, data: st.DataObject) -> None:
    header = signed_header([SECRET], body, instant(at))
    assert signature_verdict(header, body, [SECRET], instant(at)).is_valid
    place = data.draw(st.integers(0, len(body) * 8 - 1))
    changed = bytearray(body)
    changed[place // 8] ^= 1 << place % 8
    assert (
        signature_verdict(header, bytes(changed), [SECRET], instant(at)).signature == SignatureVerdict.WRONG
    )
    later = header.replace(f"t={at}", f"t={at + 1}")
    assert signature_verdict(later, body, [SECRET], instant(at)).signature == SignatureVerdict.WRONG
