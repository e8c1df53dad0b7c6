"""Which columns are under which kind of key, and how many rows under which number."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from core.encryption.blind_index import BlindIndexField
from core.encryption.columns import ProtectedField
from core.encryption.fields import EncryptedField, SealedField
from core.encryption.ring import KeyKind

FIELD_OF_KIND: dict[KeyKind, type[models.Field]] = {
    KeyKind.DATA: EncryptedField,
    KeyKind.SEALING: SealedField,
    KeyKind.BLIND_INDEX: BlindIndexField,
}


@dataclass(frozen=True)
class ProtectedColumn:
    """A column under a kind of key."""

    model: type[models.Model]
    field: ProtectedField | BlindIndexField

    @property
    def table(self) -> str:
        """Its table, quoted."""
        return connection.ops.quote_name(self.model._meta.db_table)

    @property
    def name(self) -> str:
        """Its name, quoted."""
        return connection.ops.quote_name(str(self.field.column))


def columns_under(kind: KeyKind) -> Iterator[ProtectedColumn]:
    """Every column under a kind of key, histories included. None for signing keys, which encrypt nothing."""
    wanted = FIELD_OF_KIND.get(kind)
    for model in apps.get_models(include_auto_created=True):
        if wanted is None or not model._meta.managed or model._meta.proxy:
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, wanted):
                yield ProtectedColumn(model, field)  # type: ignore[arg-type]


def rows_by_number(kind: KeyKind) -> dict[str, Counter[int]]:
    """How many values of each column are under which key number; names are `table.column`."""
    found: dict[str, Counter[int]] = {}
    for column in columns_under(kind):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT get_byte({column.name}, 0), count(*) FROM {column.table} "
                f"WHERE octet_length({column.name}) > 0 GROUP BY 1"
            )
            found[f"{column.model._meta.db_table}.{column.field.column}"] = Counter(dict(cursor.fetchall()))
    return found


def rows_under(kind: KeyKind, number: int) -> Counter[str]:
    """How many values of each column are under one key; columns without any are left out."""
    return Counter({name: counts[number] for name, counts in rows_by_number(kind).items() if counts[number]})
