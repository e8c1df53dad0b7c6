"""Digests of short secrets, such as codes that people type: useless without the key, unlike a plain hash.

One byte with the number of a blind index key, then HMAC-SHA-256 (RFC 2104) over context, a zero byte and the value.
"""

import hashlib
import hmac

from core.encryption.errors import KeyNotRegistered
from core.encryption.registry import registered_keys
from core.encryption.ring import KeyKind, ring


def keyed_digest(value: str, *, context: str) -> bytes:
    """The digest under the active key; 33 bytes. Raises KeyNotRegistered, KeyMissing, KeyMalformed, KeyMismatch."""
    for key in registered_keys():
        if key.kind is KeyKind.BLIND_INDEX and key.is_active:
            return _digest(value, context, key.number)
    raise KeyNotRegistered("No blind index key is active: run `manage.py keys_register` as the owner.")


def matches_keyed_digest(value: str, digest: bytes, *, context: str) -> bool:
    """Whether `digest` was made of this value, compared in constant time. Raises KeyMissing, KeyMalformed."""
    return bool(digest) and hmac.compare_digest(_digest(value, context, digest[0]), digest)


def _digest(value: str, context: str, number: int) -> bytes:
    secret = ring().secret(KeyKind.BLIND_INDEX, number)
    return bytes([number]) + hmac.new(secret, f"{context}\0{value}".encode(), hashlib.sha256).digest()
