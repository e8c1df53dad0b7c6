"""Making keys, from the operating system's randomness."""

import base64
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from core.encryption.errors import KeyExists
from core.encryption.openpgp import sealing_pair
from core.encryption.ring import SECRET_BYTES, KeyKind, KeyRing, file_name

Halves = tuple[str, ...]
"""What the files of one key hold: a secret, or the public and the private half."""


def _secret() -> Halves:
    return (base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode() + "\n",)


def _signing_pair() -> Halves:
    """Ed25519 (RFC 8032): SubjectPublicKeyInfo and PKCS #8, both PEM."""
    private = Ed25519PrivateKey.generate()
    return (
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )


MAKERS: Mapping[KeyKind, Callable[[], Halves]] = {
    KeyKind.DATA: _secret,
    KeyKind.BLIND_INDEX: _secret,
    KeyKind.SEALING: sealing_pair,
    KeyKind.SIGNING: _signing_pair,
}


def generate(directory: Path, kind: KeyKind, number: int | None = None) -> list[Path]:
    """Make the next key of a kind, or the one with `number`; returns its files, readable by their owner alone.

    Raises KeyExists instead of replacing a key, and ValueError for a number out of 1 to 255. A file appears whole or
    not at all; a pair's private half appears last.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if number is None:
        ring = KeyRing(directory)
        number = max((0, *ring.numbers(kind), *ring.numbers(kind, private=True))) + 1
    names = [file_name(kind, number)]
    if kind.is_pair:
        names.append(file_name(kind, number, private=True))
    for name in names:
        if (directory / name).exists():
            raise KeyExists(
                f"{name} exists already. A key is never replaced: what it encrypted would be lost. "
                "Leave the number out to make the next one."
            )
    return [_write(directory / name, text) for name, text in zip(names, MAKERS[kind](), strict=True)]


def generate_missing(directory: Path) -> None:
    """Make the first key of every kind that has none. For the demo and for tests; several processes may ask at once."""
    with _one_at_a_time(directory):
        held = KeyRing(directory)
        for kind in MAKERS:
            if not held.numbers(kind):
                generate(directory, kind)


def _write(path: Path, text: str) -> Path:
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never replaces a file that appeared in the meantime.
        os.link(draft, path)
    except FileExistsError:
        raise KeyExists(f"{path.name} was made by somebody else in this moment.") from None
    finally:
        os.unlink(draft)
    return path


@contextmanager
def _one_at_a_time(directory: Path) -> Iterator[None]:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield
