"""The keys that this process holds: one file each in `settings.KEYS_DIRECTORY`.

A process holds exactly the keys whose files are mounted for it. A web process has no private sealing key, so it cannot
open what it seals; only the maintenance worker has the private signing key.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db.models import TextChoices

from core.encryption.errors import KeyMalformed, KeyMissing

SECRET_BYTES = 32
"""Length of a data key (AES-256) and of a blind index key (HMAC-SHA-256, RFC 2104)."""

HIGHEST = 255
"""A key's number is the first byte of what it encrypted."""


class KeyKind(TextChoices):
    """What a key is for; the value begins the names of its files."""

    DATA = "data", "Encrypts columns that workers read"
    BLIND_INDEX = "blind_index", "Makes equal values findable without decrypting them"
    SEALING = "sealing", "Encrypts columns that only the reveal service opens"
    SIGNING = "signing", "Signs the seals of the trail"

    @property
    def is_pair(self) -> bool:
        """Whether the key has a public and a private half."""
        return self in (KeyKind.SEALING, KeyKind.SIGNING)


SUFFIXES = {
    KeyKind.DATA: ("key", "key"),
    KeyKind.BLIND_INDEX: ("key", "key"),
    KeyKind.SEALING: ("public.asc", "private.asc"),
    KeyKind.SIGNING: ("public.pem", "private.pem"),
}
"""How the files of the public and the private half end; a secret has one file."""


def file_name(kind: KeyKind, number: int, *, private: bool = False) -> str:
    """Name of a key's file: `data_1.key`, `sealing_2.private.asc`. Raises ValueError for a number out of 1 to 255."""
    if not 1 <= number <= HIGHEST:
        raise ValueError(f"A key has a number from 1 to {HIGHEST}, not {number}.")
    return f"{kind.value}_{number}.{SUFFIXES[kind][private]}"


@dataclass(frozen=True)
class KeyRing:
    """The keys in one directory. Files are read when a key is first asked for, and kept in memory."""

    directory: Path
    _read: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def numbers(self, kind: KeyKind, *, private: bool = False) -> tuple[int, ...]:
        """The numbers of the keys of a kind that are held, ascending."""
        pattern = re.compile(rf"{kind.value}_([1-9][0-9]{{0,2}})\.{re.escape(SUFFIXES[kind][private])}")
        if not self.directory.is_dir():
            return ()
        found = (pattern.fullmatch(path.name) for path in self.directory.iterdir())
        return tuple(sorted(int(match[1]) for match in found if match and int(match[1]) <= HIGHEST))

    def secret(self, kind: KeyKind, number: int) -> bytes:
        """A data key or a blind index key; 32 bytes. Raises KeyMissing, KeyMalformed."""
        name = file_name(kind, number)
        try:
            secret = base64.b64decode(self._text(name).strip(), validate=True)
        except binascii.Error:
            secret = b""
        if len(secret) != SECRET_BYTES:
            raise KeyMalformed(
                f"{name} does not hold a key: it has one line, the Base64 of {SECRET_BYTES} bytes. Restore it from its "
                "back-up; do not make a new one, which would not open what this one encrypted."
            )
        return secret

    def public_key(self, kind: KeyKind, number: int) -> str:
        """The public half of a pair, as its file holds it. Raises KeyMissing."""
        return self._text(file_name(kind, number))

    def private_key(self, kind: KeyKind, number: int) -> str:
        """The private half of a pair, as its file holds it. Raises KeyMissing."""
        return self._text(file_name(kind, number, private=True))

    def _text(self, name: str) -> str:
        if name not in self._read:
            try:
                self._read[name] = (self.directory / name).read_text(encoding="ascii")
            except FileNotFoundError:
                raise KeyMissing(
                    f"This process holds no {name}: mount it into KEYS_DIRECTORY if the process is one that may have "
                    "it. docs/guides/keys.md says which may."
                ) from None
            except (OSError, UnicodeDecodeError) as error:
                raise KeyMalformed(f"{name} cannot be read: {error}.") from None
        return self._read[name]


@cache
def _ring(directory: Path) -> KeyRing:
    if getattr(settings, "KEYS_MADE_WHEN_MISSING", False):
        from core.encryption.generation import generate_missing

        generate_missing(directory)
    return KeyRing(directory)


def ring() -> KeyRing:
    """The keys of this process, those of `settings.KEYS_DIRECTORY`."""
    return _ring(Path(settings.KEYS_DIRECTORY))


forget: Callable[[], None] = _ring.cache_clear
"""Read the directory anew at the next question: after a key was added while the process runs."""
