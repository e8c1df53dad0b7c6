"""One change of the tree at a time."""

from uuid import UUID

from django.db import connection

from core.db.locking import locked
from streams.errors import CategoryUnknown
from streams.models import Category


def tree_lock() -> None:
    """Wait until nobody else changes the tree, and keep it until the transaction ends.

    Moving a category rewrites the paths of its branch and may shift others; locks on rows could not be taken in one
    order by everybody, since paths change what lies where.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('streams_category tree', 0))")


def locked_category(category_id: UUID, *, expected_version: int | None = None) -> Category:
    """A category that stands for itself, locked. Raises NotThere, StaleVersion, CategoryUnknown."""
    category = locked(Category, category_id, expected_version=expected_version)
    if category.merged_into_id is not None:
        raise CategoryUnknown(f"“{category}” was merged into “{category.merged_into}”. Change that one.")
    return category
