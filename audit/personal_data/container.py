"""How an archive lies in storage: encrypted under a key of its own, in chunks that can be read one after the other.

After four bytes that name the format come chunks of AES-256-GCM (NIST SP 800-38D) in the construction STREAM (Hoang,
Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): the
nonce counts the chunks and marks the last one, so that none can be changed, moved, left out or cut off. The id of the
archive is authenticated with each: a file put in the place of another one does not open.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from typing import IO, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.archive_errors import ArchiveTampered

MAGIC = b"VBA1"
CHUNK = 64 * 1024
TAG = 16
KEY_BYTES = 32
CHANGED = (
    "The stored file is not the one that was made: it was changed, cut or exchanged. Nothing was handed out. "
    "Tell an engineer, and have the archive made again."
)


def new_key() -> bytes:
    """A key for one archive, 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Encrypting:
    """A file object that encrypts what is written into `target`, and knows the digests of both sides.

    Not seekable, as a pipe is. `finish` writes the last chunk; without it the file does not open.
    """

    def __init__(self, target: IO[bytes], key: bytes, archive_id: UUID) -> None:
        self._target, self._cipher, self._about = target, AESGCM(key), archive_id.bytes
        self._waiting = bytearray()
        self._number = 0
        self.stored, self.content = hashlib.sha256(), hashlib.sha256()
        self.stored_bytes = self.content_bytes = 0
        self._put(MAGIC)

    def write(self, data: Any) -> int:
        """Take plain bytes."""
        piece = bytes(data)
        self.content.update(piece)
        self.content_bytes += len(piece)
        self._waiting += piece
        # The last chunk is marked, so one is kept back until more comes.
        while len(self._waiting) > CHUNK:
            self._encrypt(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(piece)

    def flush(self) -> None:
        """Nothing: a chunk is written when it is full."""

    def finish(self) -> None:
        """Write the last chunk."""
        self._encrypt(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _encrypt(self, plain: bytes, *, last: bool) -> None:
        self._put(self._cipher.encrypt(_nonce(self._number, last=last), plain, self._about))
        self._number += 1

    def _put(self, stored: bytes) -> None:
        self._target.write(stored)
        self.stored.update(stored)
        self.stored_bytes += len(stored)


def digest_of(source: IO[bytes]) -> bytes:
    """SHA-256 of a stored file, read in pieces."""
    digest = hashlib.sha256()
    while piece := source.read(1024 * 1024):
        digest.update(piece)
    return digest.digest()


def decrypted(open_file: Callable[[], IO[bytes]], key: bytes, archive_id: UUID) -> Iterator[bytes]:
    """The plain bytes of a stored file, a chunk at a time. Raises ArchiveTampered."""
    with open_file() as source:
        if source.read(len(MAGIC)) != MAGIC:
            raise ArchiveTampered(CHANGED)
        cipher = AESGCM(key)
        number, piece = 0, source.read(CHUNK + TAG)
        while True:
            following = source.read(CHUNK + TAG)
            try:
                yield cipher.decrypt(_nonce(number, last=not following), piece, archive_id.bytes)
            except InvalidTag:
                raise ArchiveTampered(CHANGED) from None
            if not following:
                return
            number, piece = number + 1, following
