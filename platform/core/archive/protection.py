"""Personal columns of a row in a file: encrypted under the keys of every person whose the row is.

The key of a row is derived (HKDF-SHA-256, RFC 5869) from the key of the file and those of its persons, so that it is
lost with any of them: erasure destroys the key of a person, and the words about them are gone from every copy of every
file. A row that is nobody's depends on the key of the file alone. AES-256-GCM (NIST SP 800-38D) with a random nonce;
the table and the id of the row are authenticated, so that no value opens in another row.
"""

import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.archive.errors import ArchiveChanged

KEY_BYTES = 32
NONCE_BYTES = 12
INFO = b"partition archive 1"
Values = tuple[str | None, ...]
KEPT_CIPHERS = 10_000


class Protection:
    """Encrypts and decrypts the personal columns of one file. `person_keys` holds the keys that are there."""

    def __init__(
        self, table: str, archive_id: UUID, file_key: bytes, person_keys: Mapping[UUID, bytes]
    ) -> None:
        self._table, self._archive_id, self._file_key = table.encode(), archive_id, file_key
        self._person_keys = person_keys
        self._cipher = lru_cache(maxsize=KEPT_CIPHERS)(self._derive)

    def can_read(self, persons: Sequence[UUID]) -> bool:
        """Whether the keys of all persons of a row are there."""
        return all(person in self._person_keys for person in persons)

    def encrypt(self, row: str, persons: Sequence[UUID], values: Values) -> bytes:
        """The values as they lie in the file: nonce, then ciphertext. Raises KeyError where a key is missing."""
        nonce = os.urandom(NONCE_BYTES)
        plain = json.dumps(values, ensure_ascii=False).encode()
        return nonce + self._cipher(tuple(persons)).encrypt(nonce, plain, self._about(row))

    def decrypt(self, row: str, persons: Sequence[UUID], stored: bytes) -> Values:
        """The values of a row whose keys are there. Raises ArchiveChanged where they do not open."""
        try:
            plain = self._cipher(tuple(persons)).decrypt(
                stored[:NONCE_BYTES], stored[NONCE_BYTES:], self._about(row)
            )
        except InvalidTag:
            raise ArchiveChanged(
                f"The personal columns of row {row} do not open: they were changed, or a key is another one."
            ) from None
        return tuple(json.loads(plain))

    def _about(self, row: str) -> bytes:
        return self._table + b"\0" + row.encode()

    def _derive(self, persons: tuple[UUID, ...]) -> AESGCM:
        material = self._file_key + b"".join(person.bytes + self._person_keys[person] for person in persons)
        derived = HKDF(hashes.SHA256(), KEY_BYTES, salt=self._archive_id.bytes, info=INFO).derive(material)
        return AESGCM(derived)
