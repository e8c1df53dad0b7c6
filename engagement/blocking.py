"""Whether one of two people has blocked the other: asked by everything that one does to another.

Whoever is blocked does not read the row, so the question goes to definer functions of the database. They answer a
viewer or performer about themselves only.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

BETWEEN = "SELECT engagement_blocked_between(%s, %s)"
AMONG = "SELECT engagement_blockers_of(%s, %s::uuid[])"


def blocked_between(*, person_id: UUID, other_id: UUID) -> bool:
    """Has one of the two blocked the other? A performer is named by the id of her person, which she shares.

    Raises ProgrammingError where a viewer or performer asks about two others.
    """
    with connection.cursor() as cursor:
        cursor.execute(BETWEEN, [person_id, other_id])
        return bool(cursor.fetchone()[0])


def blockers_of(person_id: UUID, among: Iterable[UUID]) -> set[UUID]:
    """Those of `among` who blocked the person or were blocked by them; one query, none for nobody."""
    asked = list(among)
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(AMONG, [person_id, asked])
        return {row[0] for row in cursor.fetchall()}
