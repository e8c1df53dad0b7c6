"""Take a row for a change, and notice when somebody else changed it first."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model

from core.errors import Refused, StaleVersion

M = TypeVar("M", bound=Model)


class NotThere(Refused):
    """No such row, or none that the acting role may change."""

    code = "not_there"


def locked(model: type[M], pk: UUID | str, *, expected_version: int | None = None) -> M:
    """Lock the row until the transaction ends and return it.

    `expected_version` is the version that the person saw. Raises `NotThere` when the row does not exist or row-level
    security hides it from changes, `StaleVersion` when it changed since.
    """
    row = model._base_manager.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotThere(f"There is no such {model._meta.verbose_name}, or your role may not change it.")
    version = getattr(row, "version", None)
    if expected_version is not None and version != expected_version:
        changed = f"{row.updated_at:%H:%M:%S} UTC"  # type: ignore[attr-defined]
        raise StaleVersion(
            f"Somebody changed this {model._meta.verbose_name} at {changed}, after you opened it. "
            "Nothing was saved: look at it again and decide."
        )
    return row
