"""What encrypted and sealed fields share: how they are read, written, compared and shown.

The seams are those of django-pgcrypto-fields (placeholder on the way in, column expression on the way out); the SQL in
them is that of the schema `crypt`, which knows no key in the text of a statement.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.expressions import Case, Col, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact, IsNull
from pgcrypto.mixins import DecryptedCol

from core.db.privacy import Privacy, with_class
from core.encryption.errors import MaskWritten
from core.encryption.forms import ProtectedFormField, is_kept
from core.encryption.values import MASK, Ciphertext


class ProtectedCol(DecryptedCol):
    """A column that reads as plaintext while keys that read are in force, and as it is stored otherwise."""

    as_stored = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Sequence[Any]]:
        if self.as_stored or not self.target.reads_plaintext():
            return Col.as_sql(self, compiler, connection)
        return super().as_sql(compiler, connection)

    def relabeled_clone(self, relabels: Any) -> "ProtectedCol":
        clone = super().relabeled_clone(relabels)
        clone.as_stored = self.as_stored
        return clone


class StoredIsNull(IsNull):
    """Asks whether there is a value, without decrypting it."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> tuple[str, Any]:
        lhs = lhs or self.lhs
        if isinstance(lhs, ProtectedCol):
            return Col.as_sql(lhs, compiler, connection)
        return super().process_lhs(compiler, connection, lhs)


class OnlyNull(Exact):
    """`field=None`, which Django turns into IS NULL; a comparison with a value is refused."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs is not None:
            raise FieldError(incomparable(lhs.output_field, "exact"))
        super().__init__(lhs, rhs)


def incomparable(field: models.Field, lookup: str) -> str:
    """Why a protected column cannot be compared, and what can."""
    index = next(
        (
            other.name
            for other in field.model._meta.get_fields()
            if getattr(other, "source", "") == field.name
        ),
        None,
    )
    way = (
        f"search its blind index {index} for an equal value"
        if index
        else "give it a BlindIndexField to search"
    )
    return (
        f"{field.model._meta.label}.{field.name} is protected and knows no lookup {lookup!r}: {way}. "
        "Only isnull works on the column itself."
    )


def walk(expression: Any) -> Iterator[Any]:
    """The expression and everything in it."""
    yield expression
    for part in expression.get_source_expressions():
        if hasattr(part, "get_source_expressions"):
            yield from walk(part)


class ProtectedField(models.Field):
    """Base of encrypted and sealed fields; stands before a field class of django-pgcrypto-fields."""

    privacy: ClassVar[Privacy]
    value_class: ClassVar[type[Ciphertext]]
    encrypt_function: ClassVar[str]
    decrypt_function: ClassVar[str]
    is_rotated = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **with_class(kwargs, self.privacy))

    # Reading

    def reads_plaintext(self) -> bool:
        """Whether a query compiled now is to decrypt the column; never, unless a kind of field says when."""
        return False

    def get_decrypt_sql(self, connection: Any) -> str:
        return f"crypt.{self.decrypt_function}(%s)::%s"

    def get_col(self, alias: str, output_field: Any = None) -> ProtectedCol:
        # Never a cached one: a copy of one column into another marks its expression.
        return ProtectedCol(alias, self, output_field or self)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.wrap(value) if isinstance(value, bytes | memoryview) else value

    def wrap(self, stored: bytes | memoryview) -> Ciphertext:
        """The value that stands for stored bytes."""
        return self.value_class(stored)

    # Writing

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        if hasattr(value, "as_sql"):
            self._copy_as_stored(value)
            return "%s"
        return "%s" if value is None or isinstance(value, bytes) else f"crypt.{self.encrypt_function}(%s)"

    def _copy_as_stored(self, expression: Any) -> None:
        """Let an expression carry ciphertext from one column of a kind to another; refuse every other one."""
        if not self._carries_ciphertext(expression):
            raise FieldError(
                f"{self.model._meta.label}.{self.name} takes plain values, and expressions over columns of its own "
                f"kind (F() of another {type(self).__name__}): anything else would store what is not encrypted."
            )
        for part in walk(expression):
            if isinstance(part, ProtectedCol):
                part.as_stored = True

    def _carries_ciphertext(self, expression: Any) -> bool:
        """Whether every value that the expression may give is ciphertext of this kind, or null."""
        if isinstance(expression, Value):
            return expression.value is None or type(
                getattr(expression, "_output_field_or_none", None)
            ) is type(self)
        if isinstance(expression, ProtectedCol):
            return type(expression.target) is type(self)
        results: list[Any] = []
        if isinstance(expression, Case):
            results = [*(case.result for case in expression.cases), expression.default]
        elif isinstance(expression, Coalesce | Cast):  # bulk_update() casts to the type of the column
            results = expression.get_source_expressions()
        return bool(results) and all(map(self._carries_ciphertext, results))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        # An insertion compiles an expression without asking for a placeholder.
        if add and hasattr(value, "resolve_expression") and not self._carries_ciphertext(value):
            self._copy_as_stored(value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return self.get_db_prep_value(value, connection)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "as_sql"):
            return value
        if isinstance(value, Ciphertext):
            if type(value) is not self.value_class:
                raise TypeError(
                    f"{self.name} holds {self.value_class.__name__} values, not {type(value).__name__}."
                )
            return bytes(value)
        if value == MASK:
            raise MaskWritten(
                f"{self.verbose_name}: this is what is shown in its place, not a value. Nothing was saved."
            )
        self.before_encryption()
        return self.plaintext(self.to_python(value))

    def before_encryption(self) -> None:
        """Raise Refused when a plain value may not be written now."""

    def plaintext(self, value: Any) -> str:
        """The text that is encrypted; the cast of the column reads it back."""
        return str(value)

    # Python

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Ciphertext) else super().to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        return value if isinstance(value, Ciphertext) else super().get_prep_value(value)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        return value if isinstance(value, Ciphertext) else super().clean(value, model_instance)

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(
            f"{self.model._meta.label}.{self.name} is protected and is not serialised: back up with pg_dump."
        )

    # Searching

    def get_lookup(self, lookup_name: str) -> Any:
        known = {"isnull": StoredIsNull, "exact": OnlyNull}
        if lookup_name not in known:
            raise FieldError(incomparable(self, lookup_name))
        return known[lookup_name]

    def get_transform(self, name: str) -> Any:
        raise FieldError(incomparable(self, name))

    # Forms

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.pop("choices_form_class", None)
        return ProtectedFormField(
            inner=cast(forms.Field, super().formfield(required=False)),
            may_clear=self.null and self.blank,
            required=False,
            label=kwargs.get("label", str(self.verbose_name).capitalize()),
            help_text=kwargs.get("help_text", self.help_text),
        )

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        if not is_kept(data):
            super().save_form_data(instance, data)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_order()]

    def _check_order(self) -> Iterator[checks.CheckMessage]:
        options = self.model._meta
        ordered = {str(name).lstrip("-") for name in options.ordering or () if isinstance(name, str)}
        indexed = {name for index in options.indexes for name, _ in index.fields_orders} | {
            name for constraint in options.constraints for name in getattr(constraint, "fields", ())
        }
        wrong = [
            words
            for words, found in (
                ("unique", self.unique),
                ("indexed", getattr(self, "db_index", False) or self.name in indexed),
                ("what rows are ordered by", self.name in ordered),
                ("given a default by the database", self.has_db_default()),
            )
            if found
        ]
        if wrong:
            yield checks.Error(
                f"{options.label}.{self.name} is protected and {', '.join(wrong)}.",
                hint="Equal values have different ciphertexts: use a BlindIndexField, with a unique constraint on it.",
                obj=self,
                id="core.E013",
            )
