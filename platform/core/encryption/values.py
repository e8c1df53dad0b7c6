"""What protected columns load as where their plaintext is not to be had."""

from typing import Any

from django.db import connection

from core.encryption.errors import CiphertextBroken, KeysNotInForce, explained

MASK = "•" * 6
"""What people see. It is refused as a value, so that a form or a file that carries it overwrites nothing."""


class Ciphertext:
    """The bytes of a protected column. Equal when the bytes are; shown as bullets; saves back unchanged."""

    __slots__ = ("_stored",)

    def __init__(self, stored: bytes | memoryview) -> None:
        self._stored = bytes(stored)

    def __bytes__(self) -> bytes:
        return self._stored

    @property
    def number(self) -> int:
        """The number of the key: the first byte. Raises CiphertextBroken when there is none."""
        if not self._stored:
            raise CiphertextBroken("This ciphertext is empty: restore the row from a back-up.")
        return self._stored[0]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and bytes(other) == self._stored  # type: ignore[call-overload]

    def __hash__(self) -> int:
        return hash((type(self), self._stored))

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._stored)} bytes>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._stored,)


class Encrypted(Ciphertext):
    """A value under a data key. `with keys_for(...)` around the query loads the plaintext instead."""

    __slots__ = ()


class Sealed(Ciphertext):
    """A value under a public key. `kind` is the SQL type of what is inside."""

    __slots__ = ("kind",)

    def __init__(self, stored: bytes | memoryview, kind: str = "text") -> None:
        super().__init__(stored)
        self.kind = kind

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._stored, self.kind)

    def open(self) -> Any:
        """What was sealed: text, a date or a decimal.

        Works inside `keys_for(Purpose.REVEAL)` in a process that holds the private key. Raises KeysNotInForce,
        KeyMissing or CiphertextBroken.
        """
        from core.encryption.force import current

        keys = current()
        if keys is None or not keys.purpose.opens:
            raise KeysNotInForce("A seal is opened only by a reveal: with keys_for(Purpose.REVEAL, ...).")
        with explained(), connection.cursor() as cursor:
            cursor.execute(f"SELECT crypt.open(%s)::{self.kind}", [self._stored])
            return cursor.fetchone()[0]
