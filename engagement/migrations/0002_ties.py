from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# The acting role stays visible inside of a function that runs with the owner's rights. People learn about themselves
# only: who blocked whom is nobody else's business.
ONLY_ABOUT_ONESELF = """
  IF coalesce(nullif(current_setting('role', true), 'none'), session_user) IN ('vbl_viewer', 'vbl_performer')
    AND {others} THEN
    RAISE EXCEPTION 'People ask about blocks of their own only.' USING ERRCODE = 'insufficient_privilege';
  END IF;
"""

ME = "nullif(current_setting('app.user_id', true), '')::uuid"

BLOCKED_BETWEEN = f"""
BEGIN
{ONLY_ABOUT_ONESELF.format(others=f"{ME} IS DISTINCT FROM one AND {ME} IS DISTINCT FROM other")}
  RETURN EXISTS (
    SELECT FROM engagement_block b WHERE b.blocker_id = one AND b.blocked_id = other AND b.ended_at IS NULL
  ) OR EXISTS (
    SELECT FROM engagement_block b WHERE b.blocker_id = other AND b.blocked_id = one AND b.ended_at IS NULL
  );
END
"""

BLOCKERS_OF = f"""
BEGIN
{ONLY_ABOUT_ONESELF.format(others=f"{ME} IS DISTINCT FROM person")}
  RETURN QUERY
    SELECT b.blocker_id FROM engagement_block b
    WHERE b.blocked_id = person AND b.blocker_id = ANY (among) AND b.ended_at IS NULL
    UNION
    SELECT b.blocked_id FROM engagement_block b
    WHERE b.blocker_id = person AND b.blocked_id = ANY (among) AND b.ended_at IS NULL;
END
"""


class Migration(migrations.Migration):
    """What follows, blocks, reactions and counters ask of the database."""

    dependencies = [("engagement", "0001_engagement")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "engagement_blocked_between",
            "one uuid, other uuid",
            "boolean",
            BLOCKED_BETWEEN,
            definer=True,
            volatility="stable",
            comment=(
                "Whether one of two people has blocked the other. Viewers and performers are answered about themselves "
                "only; everything that one person does to another asks."
            ),
        ),
        CreateFunction(
            "engagement_blockers_of",
            "person uuid, among uuid[]",
            "SETOF uuid",
            BLOCKERS_OF,
            definer=True,
            volatility="stable",
            comment=(
                "Those of many people who blocked a person or were blocked by them. Viewers and performers are answered "
                "about themselves only."
            ),
        ),
    ]
