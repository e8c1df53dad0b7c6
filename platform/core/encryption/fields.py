"""Encrypted and sealed fields for text, dates and decimals, on those of django-pgcrypto-fields.

Encrypted: AES-256 under a data key; workers read such columns in volume. Sealed: to a public RSA key; only a process
that holds the private key can open one. docs/guides/keys.md says who holds which.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from pgcrypto import fields as pgcrypto_fields

from core.db.privacy import Privacy
from core.encryption import force
from core.encryption.columns import ProtectedField
from core.encryption.values import Encrypted, Sealed


class EncryptedField(ProtectedField):
    """Loads as plaintext inside `keys_for` with a purpose that reads, as `Encrypted` otherwise."""

    privacy = Privacy.ENCRYPTED
    value_class = Encrypted
    encrypt_function, decrypt_function = "enc", "dec"

    def reads_plaintext(self) -> bool:
        return force.reading()

    def before_encryption(self) -> None:
        force.needed()


class SealedField(ProtectedField):
    """Loads as `Sealed`, always."""

    privacy = Privacy.SEALED
    value_class = Sealed
    encrypt_function, decrypt_function = "seal", "open"

    def wrap(self, stored: bytes | memoryview) -> Sealed:
        return Sealed(stored, self.get_cast_sql().lower())  # type: ignore[attr-defined]


class DatePlaintext(ProtectedField):
    """Dates are encrypted as ISO 8601, whatever the session's DateStyle."""

    def plaintext(self, value: date) -> str:
        return value.isoformat()


class DecimalPlaintext(ProtectedField):
    """Decimals are encrypted with all their places. Raises ValueError when one has more than the column declares."""

    max_digits: int
    decimal_places: int

    def plaintext(self, value: Decimal) -> str:
        places = Decimal(1).scaleb(-self.decimal_places)
        exact = value.quantize(places) if value.is_finite() else value
        if exact != value or len(exact.as_tuple().digits) > self.max_digits:
            raise ValueError(
                f"{self.name} holds {self.max_digits} digits, {self.decimal_places} of them after the point."
            )
        return f"{exact:f}"


class EncryptedTextField(EncryptedField, pgcrypto_fields.TextPGPSymmetricKeyField):
    """Encrypted text."""


class EncryptedDateField(DatePlaintext, EncryptedField, pgcrypto_fields.DatePGPSymmetricKeyField):
    """An encrypted date."""


class EncryptedDecimalField(DecimalPlaintext, EncryptedField, pgcrypto_fields.DecimalPGPSymmetricKeyField):
    """An encrypted decimal of `max_digits` and `decimal_places`."""


class SealedTextField(SealedField, pgcrypto_fields.TextPGPPublicKeyField):
    """Sealed text."""


class SealedDateField(DatePlaintext, SealedField, pgcrypto_fields.DatePGPPublicKeyField):
    """A sealed date."""


class SealedDecimalField(DecimalPlaintext, SealedField, pgcrypto_fields.DecimalPGPPublicKeyField):
    """A sealed decimal of `max_digits` and `decimal_places`."""


def protected_fields(model: Any) -> list[ProtectedField]:
    """The encrypted and sealed fields of a model's own table."""
    return [field for field in model._meta.local_concrete_fields if isinstance(field, ProtectedField)]
