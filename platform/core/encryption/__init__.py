"""Encrypted and sealed columns, blind indexes, and the keys they need."""

from core.encryption.blind_index import BlindIndexField
from core.encryption.blind_querysets import BlindIndexedQuerySet
from core.encryption.fields import (
    EncryptedDateField,
    EncryptedDecimalField,
    EncryptedTextField,
    SealedDateField,
    SealedDecimalField,
    SealedTextField,
)
from core.encryption.force import keys_for
from core.encryption.purposes import Purpose
from core.encryption.values import Encrypted, Sealed

__all__ = [
    "BlindIndexField",
    "BlindIndexedQuerySet",
    "Encrypted",
    "EncryptedDateField",
    "EncryptedDecimalField",
    "EncryptedTextField",
    "Purpose",
    "Sealed",
    "SealedDateField",
    "SealedDecimalField",
    "SealedTextField",
    "keys_for",
]
