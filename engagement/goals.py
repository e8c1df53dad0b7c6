"""How far goals are. Whoever may look at a goal may ask; what was tipped by whom stays with billing."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection


def goal_totals(goal_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Tokens that count for each of these goals now; one query, none for no goal."""
    asked = list(goal_ids)
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT goal_id, tokens FROM engagement_goal_totals(%s::uuid[])", [asked])
        return dict(cursor.fetchall())


def goal_total(goal_id: UUID) -> int:
    """Tokens that count for the goal now; 0 where there is none."""
    return goal_totals([goal_id]).get(goal_id, 0)
