"""Querysets that keep blind indexes in step where Django writes past `save()`."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from core.encryption.blind_index import BlindIndexField
from core.encryption.values import Encrypted


def blind_indexes(model: type[models.Model]) -> list[BlindIndexField]:
    """The blind indexes of a model."""
    return [field for field in model._meta.concrete_fields if isinstance(field, BlindIndexField)]


class BlindIndexedQuerySet(models.QuerySet):
    """The queryset of a model with a `BlindIndexField`: whoever writes the source writes the index."""

    def update(self, **kwargs: Any) -> int:
        """As Django's; adds the index of a source. Raises FieldError for an expression or a ciphertext as source."""
        for index in blind_indexes(self.model):
            if index.source in kwargs and index.name not in kwargs:
                value = kwargs[index.source]
                if hasattr(value, "resolve_expression") or isinstance(value, Encrypted):
                    raise FieldError(
                        f"{self.model._meta.label}.{index.source} has a blind index, which is made from a plain value: "
                        "give update() the value, or read the rows with their keys and save them."
                    )
                kwargs[index.name] = None if value is None else index.digest_now(str(value))
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        """As Django's; writes the index together with its source."""
        rows, names = tuple(objs), list(fields)
        for index in blind_indexes(self.model):
            if index.source in names and index.name not in names:
                names.append(index.name)
            if index.source in names:
                for row in rows:
                    index.pre_save(row, add=False)
        return super().bulk_update(rows, names, batch_size)

    bulk_update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's; a conflict that updates a source updates its index."""
        named: Sequence[str] | None = kwargs.get("update_fields")
        if named:
            kwargs["update_fields"] = [
                *named,
                *(
                    index.name
                    for index in blind_indexes(self.model)
                    if index.source in named and index.name not in named
                ),
            ]
        return super().bulk_create(objs, *args, **kwargs)

    bulk_create.alters_data = True  # type: ignore[attr-defined]
