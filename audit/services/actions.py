"""The words of actions, copied to where the database can read them."""

from django.db import connections

from core.announcements import announcements


def actions_copy(*, using: str = "default") -> int:
    """Make `audit_action` know every announcement in its present words; returns how many changed.

    Does nothing before the table exists, nor for a role other than its owner. Actions that nothing announces
    any more stay: old events name them.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT coalesce(has_table_privilege(to_regclass('audit_action'), 'INSERT'), false)")
        if not cursor.fetchone()[0]:
            return 0
    known = sorted((item.action, item.words) for item in announcements.values())
    with connections[using].cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_action (action, words) SELECT * FROM unnest(%s::text[], %s::text[]) "
            "ON CONFLICT (action) DO UPDATE SET words = excluded.words "
            "WHERE audit_action.words <> excluded.words",
            [[action for action, _ in known], [words for _, words in known]],
        )
        return int(cursor.rowcount)
