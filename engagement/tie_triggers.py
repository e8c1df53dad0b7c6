"""Triggers of follows and blocks: what two people cannot be to one another at the same time."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

BUCKETS = 1024
"""A follow and a block of the same two people exclude one another. Both lock the bucket of the pair, a follow shared and
a block alone: an import of any size holds no more locks than there are buckets."""


def pair_lock(one: str, other: str, *, shared: bool) -> str:
    """The statement that locks the bucket of two people until the transaction ends."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    pair = f"least({one}, {other})::text || greatest({one}, {other})::text"
    return f"PERFORM {function}(hashtext('engagement_block'), abs(hashtext({pair}) % {BUCKETS}));"


class EndsForGood(Trigger):
    """What has ended stays ended: a new tie is a new row."""

    name = "45_end"
    words = "Refuses to open again what has ended, or to move its end; the end is the time of the statement."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
  RAISE EXCEPTION 'This has ended; begin anew.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{model._meta.db_table}_ended', TABLE = TG_TABLE_NAME;
END IF;
IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL THEN
  NEW.ended_at := statement_timestamp();
END IF;
RETURN NEW;"""


class FollowsThePublic(Trigger):
    """Who may be followed: a performer whom anybody may see, unless one of the two blocked the other."""

    name = "65_follow"
    words = "Refuses to follow a performer who is not public, and where one has blocked the other."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
IF NOT EXISTS (
  SELECT FROM performers_performerprofile p
  WHERE p.id = NEW.performer_id AND p.status IN ('verified', 'paused')
) THEN
  RAISE EXCEPTION 'This performer is not here at the moment.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_follow_public', TABLE = TG_TABLE_NAME;
END IF;
{pair_lock("NEW.user_id", "NEW.performer_id", shared=True)}
IF EXISTS (
  SELECT FROM engagement_block b WHERE b.ended_at IS NULL
    AND ((b.blocker_id = NEW.user_id AND b.blocked_id = NEW.performer_id)
      OR (b.blocker_id = NEW.performer_id AND b.blocked_id = NEW.user_id))
) THEN
  RAISE EXCEPTION 'You cannot follow this performer.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_follow_blocked', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class BlockLocksPair(Trigger):
    """Before a block is written: follows of the same two that are on their way come first."""

    name = "55_lock_pair"
    words = "Waits for follows between the two people that are on their way."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
{pair_lock("NEW.blocker_id", "NEW.blocked_id", shared=False)}
RETURN NEW;"""


class BlockEndsFollows(Trigger):
    """A block ends the follows between the two, in both directions."""

    name = "80_end_follows"
    words = "Ends the follows between the two people, in both directions."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
UPDATE engagement_follow SET ended_at = statement_timestamp(), end_cause = 'blocked'
WHERE ended_at IS NULL
  AND ((user_id = NEW.blocker_id AND performer_id = NEW.blocked_id)
    OR (user_id = NEW.blocked_id AND performer_id = NEW.blocker_id));
RETURN NULL;"""
