"""Signatures of seals: Ed25519 (RFC 8032) over the 32 bytes of the head, by a key that is not in the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from audit.errors import NotTheKey
from core.encryption.errors import KeyMalformed, KeyMissing
from core.encryption.ring import KeyKind, KeyRing, file_name, ring

Source = str | Path


@dataclass(frozen=True)
class Signer:
    """The private key by which seals are signed, and its number."""

    number: int
    _private: Ed25519PrivateKey = field(repr=False)

    def sign(self, head: bytes) -> bytes:
        """The signature of a head; 64 bytes."""
        return self._private.sign(head)

    def made(self, head: bytes, signature: bytes) -> bool:
        """Whether this key made the signature."""
        return is_genuine(self._private.public_key(), head, signature)


def signer(held: KeyRing | None = None) -> Signer:
    """The signing key with the highest number of which this process holds the private half.

    Raises KeyMissing when it holds none, KeyMalformed when the file is no Ed25519 key, NotTheKey when its private and
    its public half do not belong together.
    """
    held = held or ring()
    numbers = held.numbers(KeyKind.SIGNING, private=True)
    if not numbers:
        raise KeyMissing(
            "This process holds no private key for seals: mount signing_<number>.private.pem into KEYS_DIRECTORY of "
            "the process that seals. docs/guides/seals.md says how it is made."
        )
    number = numbers[-1]
    name = file_name(KeyKind.SIGNING, number, private=True)
    try:
        private = load_pem_private_key(held.private_key(KeyKind.SIGNING, number).encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyMalformed(f"{name} holds no private key in PEM: restore it from its back-up.") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyMalformed(f"{name} holds a key of another kind: seals are signed with Ed25519.")
    try:
        public = public_key(held.public_key(KeyKind.SIGNING, number), file_name(KeyKind.SIGNING, number))
    except KeyMissing:
        return Signer(number, private)
    if public.public_bytes_raw() != private.public_key().public_bytes_raw():
        raise NotTheKey(
            f"{name} and {file_name(KeyKind.SIGNING, number)} are not halves of one key: its seals could not "
            "be verified. Restore both from one back-up."
        )
    return Signer(number, private)


def public_key(pem: str, source: Source) -> Ed25519PublicKey:
    """The public key in a PEM text; `source` names it in refusals. Raises KeyMalformed."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise KeyMalformed(f"{source} holds no public key in PEM.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyMalformed(f"{source} holds a key of another kind: seals are signed with Ed25519.")
    return key


def is_genuine(key: Ed25519PublicKey, head: bytes, signature: bytes) -> bool:
    """Whether the private half of `key` signed `head`."""
    try:
        key.verify(signature, head)
    except InvalidSignature:
        return False
    return True


class PublicKeys(Protocol):
    """Where a verification has its keys from; never the database, which is what it doubts."""

    def find(self, number: int) -> Ed25519PublicKey | None:
        """The public key with this number, None when it is not known."""


class RingKeys:
    """The public keys in the ring of this process."""

    def __init__(self, held: KeyRing | None = None) -> None:
        self._ring = held or ring()
        self._found: dict[int, Ed25519PublicKey | None] = {}

    def find(self, number: int) -> Ed25519PublicKey | None:
        """As in `PublicKeys`. Raises KeyMalformed."""
        if number not in self._found:
            try:
                pem = self._ring.public_key(KeyKind.SIGNING, number)
            except (KeyMissing, ValueError):
                self._found[number] = None
            else:
                self._found[number] = public_key(pem, file_name(KeyKind.SIGNING, number))
        return self._found[number]


@dataclass(frozen=True)
class GivenKeys:
    """Public keys from files: by their number, and one for every other number."""

    numbered: Mapping[int, Ed25519PublicKey]
    other: Ed25519PublicKey | None = None

    def find(self, number: int) -> Ed25519PublicKey | None:
        """As in `PublicKeys`."""
        return self.numbered.get(number, self.other)


def given_keys(words: list[str]) -> GivenKeys:
    """Keys from words such as `signing.pem` (for every number) or `2=signing_2.public.pem`.

    Raises KeyMissing when there is no such file, KeyMalformed when it holds no Ed25519 key.
    """
    numbered: dict[int, Ed25519PublicKey] = {}
    other = None
    for word in words:
        number, separator, name = word.partition("=")
        if not (separator and number.isdecimal()):
            number, name = "", word
        try:
            key = public_key(Path(name).read_text(encoding="ascii"), name)
        except UnicodeDecodeError:
            raise KeyMalformed(f"{name} holds no public key in PEM.") from None
        except OSError as error:
            raise KeyMissing(f"{name} cannot be read: {error.strerror}.") from None
        if number:
            numbered[int(number)] = key
        else:
            other = key
    return GivenKeys(numbered, other)
