"""What the registry `core_encryptionkey` says of keys, compared with the keys that this process holds."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps

from core.encryption.errors import KeyMismatch
from core.encryption.ring import KeyKind, KeyRing, file_name, ring

CHECK_BYTES = 8
"""Length of a check value: enough to tell two keys apart, and useless for finding one of 32 random bytes."""


@dataclass(frozen=True)
class RegisteredKey:
    """One row of the registry."""

    kind: KeyKind
    number: int
    state: str
    check_value: str

    @property
    def is_active(self) -> bool:
        """Whether new values of the kind are written under this key."""
        return self.state == "active"


def passphrase(secret: bytes) -> str:
    """A data key as pgcrypto takes it: the Base64 of its 32 bytes."""
    return base64.b64encode(secret).decode()


def check_value(held: KeyRing, kind: KeyKind, number: int) -> str:
    """What tells a key from another one without telling anything else: 16 hexadecimal digits.

    Of a secret, the beginning of its HMAC-SHA-256 (RFC 2104) over its name; of a pair, the beginning of the SHA-256 of
    its public half. Raises KeyMissing, KeyMalformed.
    """
    name = file_name(kind, number).encode()
    if kind.is_pair:
        digest = hashlib.sha256(held.public_key(kind, number).strip().encode()).digest()
    else:
        digest = hmac.new(held.secret(kind, number), b"check value of " + name, hashlib.sha256).digest()
    return digest[:CHECK_BYTES].hex()


def registered_keys() -> list[RegisteredKey]:
    """Every registered key. Raises KeyMismatch when a secret that this process holds is another one."""
    model = apps.get_model("core", "EncryptionKey")
    keys = [
        RegisteredKey(KeyKind(kind), number, state, check)
        for kind, number, state, check in model.objects.values_list("kind", "number", "state", "check_value")
    ]
    for key in keys:
        vouch(ring(), key)
    return keys


def vouched_numbers(kind: KeyKind) -> tuple[int, ...]:
    """The numbers of a kind that are held and registered. Asks the registry once per process and key.

    Raises KeyMismatch when a secret that this process holds is another one than the registered.
    """
    held = ring().numbers(kind)
    known = _vouched.setdefault((ring().directory, kind), set())
    if not known.issuperset(held):
        known.update(key.number for key in registered_keys() if key.kind is kind)
    return tuple(number for number in held if number in known)


_vouched: dict[tuple[Path, KeyKind], set[int]] = {}


def vouch(held: KeyRing, key: RegisteredKey) -> None:
    """Raise KeyMismatch when the file of a secret's number holds another secret."""
    if key.kind.is_pair or key.number not in held.numbers(key.kind):
        return
    if not hmac.compare_digest(check_value(held, key.kind, key.number), key.check_value):
        name = file_name(key.kind, key.number)
        raise KeyMismatch(
            f"{name} in KEYS_DIRECTORY is not the key registered as number {key.number}: restore that key from its "
            "back-up, or give this process the directory that belongs to this database."
        )
