"""Blind index: finds rows whose encrypted value equals a given one, without decrypting any.

One byte with the number of the key, then HMAC-SHA-256 (RFC 2104) under that key over the context, a zero byte and the
normalised value: 33 bytes. The context keeps equal values of two columns apart.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact, In, IsNull

from core.db.constraints import has_bytes
from core.db.privacy import Privacy, with_class
from core.encryption import force
from core.encryption.errors import ForeignBlindIndex, KeyMissing, KeyNotRegistered
from core.encryption.registry import vouched_numbers
from core.encryption.ring import KeyKind, ring
from core.encryption.triggers import IndexFollows, IndexNamed
from core.encryption.values import Encrypted

DIGEST_BYTES = 33


def unchanged(value: str) -> str:
    """The value as it is; for columns whose values have one spelling only."""
    return value


class BlindIndexField(models.BinaryField):
    """The blind index of the encrypted text in `source`, kept in step by every save.

    `context` names the column for which digests are made, and stays when the column is renamed; `normalise` brings
    a value to the one spelling under which it is found. `filter(value_index="text")` finds the value under every
    key that this process holds. Migrations keep neither: they change no schema.
    """

    privacy = Privacy.ENCRYPTED
    is_rotated = True

    def __init__(
        self,
        source: str = "",
        *,
        context: str = "",
        normalise: Callable[[str], str] = unchanged,
        **kwargs: Any,
    ) -> None:
        self.source, self.context, self.normalise = source, context, normalise
        super().__init__(**with_class(kwargs, self.privacy))

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def promised_constraints(self) -> list[models.CheckConstraint]:
        """What the table gets with the field: the length, and an index exactly where there is a value."""
        both = models.Q(**{f"{self.source}__isnull": True, f"{self.name}__isnull": True})
        neither = models.Q(**{f"{self.source}__isnull": False, f"{self.name}__isnull": False})
        prefix = "%(app_label)s_%(class)s"
        return [
            models.CheckConstraint(
                condition=has_bytes(self.name, DIGEST_BYTES),
                name=f"{prefix}_{self.name}_length_check",
                violation_error_message=f"A blind index has {DIGEST_BYTES} bytes.",
            ),
            models.CheckConstraint(
                condition=both | neither,
                name=f"{prefix}_{self.name}_check",
                violation_error_message=f"{self.source} and its blind index are there together, or neither.",
            ),
        ]

    def promised_triggers(self) -> list[Any]:
        """What the table gets with the field: no change of the value without its index, by whatever way."""
        return [IndexNamed(self.source, self.name), IndexFollows(self.source, self.name)]

    # Making

    def digest(self, value: str, number: int) -> bytes:
        """The blind index of a value under one key. Raises KeyMissing, KeyMalformed."""
        secret = ring().secret(KeyKind.BLIND_INDEX, number)
        message = self.context.encode() + b"\0" + self.normalise(value).encode()
        return bytes([number]) + hmac.new(secret, message, hashlib.sha256).digest()

    def digest_now(self, value: str) -> bytes:
        """The blind index of a value under the active key. Raises KeysNotInForce, KeyNotRegistered, KeyMissing."""
        number = force.needed().active.get(KeyKind.BLIND_INDEX)
        if number is None:
            raise KeyNotRegistered(
                "No blind index key is active: run `manage.py keys_register` as the owner."
            )
        return self.digest(value, number)

    def digests(self, value: str | bytes | memoryview) -> list[bytes]:
        """What rows with a value carry: one digest per key held. A finished digest stands for itself.

        Raises ForeignBlindIndex for a digest of a key that is not held, KeyMismatch for a wrong key file.
        """
        held = vouched_numbers(KeyKind.BLIND_INDEX)
        if not held:
            raise KeyMissing(
                "This process holds no blind index key and finds nothing: mount blind_index_1.key."
            )
        if isinstance(value, str):
            return [self.digest(value, number) for number in held]
        digest = bytes(value)
        if len(digest) != DIGEST_BYTES or digest[0] not in held:
            number = digest[0] if digest else 0
            raise ForeignBlindIndex(
                f"{self.name}: this blind index was made with key {number}, and this process holds "
                f"{', '.join(map(str, held)) or 'none'}. Search by the value, or mount blind_index_{number}.key."
            )
        return [digest]

    # Writing

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if self.source not in model_instance.get_deferred_fields():
            value = getattr(model_instance, self.source)
            if hasattr(value, "resolve_expression"):
                raise FieldError(f"{self.source} has a blind index: give it a value, not an expression.")
            if not isinstance(value, Encrypted):
                setattr(model_instance, self.attname, None if value is None else self.digest_now(str(value)))
        return getattr(model_instance, self.attname)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            value = self.digest_now(value)
        return super().get_db_prep_value(value, connection, prepared)

    # Searching

    def get_lookup(self, lookup_name: str) -> Any:
        known = {"exact": BlindExact, "in": BlindIn, "isnull": IsNull}
        if lookup_name in known:
            return known[lookup_name]
        raise FieldError(
            f"{self.name} is a blind index: it knows equal values (exact, in) and isnull, not {lookup_name}."
        )

    def get_transform(self, name: str) -> Any:
        if name == "length":
            return super().get_transform(name)
        raise FieldError(f"{self.name} is a blind index: {name} means nothing to it.")


def _as_in(lookup: Any, values: Iterable[Any], compiler: Any, connection: Any) -> tuple[str, list[Any]]:
    field = lookup.lhs.output_field
    column, parameters = compiler.compile(lookup.lhs)
    digests = [digest for value in values if value is not None for digest in field.digests(value)]
    return f"{column} = ANY (%s::bytea[])", [*parameters, digests]


class BlindExact(Exact):
    """The rows with an equal value, under whichever key their index was made."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if isinstance(self.rhs, str | bytes | memoryview):
            return _as_in(self, [self.rhs], compiler, connection)
        return super().as_sql(compiler, connection)


class BlindIn(In):
    """The rows with one of several values."""

    prepare_rhs = False

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if self.rhs_is_direct_value():
            return _as_in(self, self.rhs, compiler, connection)
        return super().as_sql(compiler, connection)
