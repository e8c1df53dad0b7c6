"""Triggers of follows and blocks: what two people cannot be to one another at the same time."""

from typing import Any

import pgtrigger

from core.db.holds import ROLE
from core.db.triggers import Trigger

BUCKETS = 1024
"""A follow and a block of the same two people exclude one another. Both lock the bucket of the pair, a follow shared
and a block alone: an import of any size holds no more locks than there are buckets."""


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


class RefusesNobody(Trigger):
    """What a tie leads to is there: told at once and in words, where a foreign key would say so at the commit."""

    name = "62_there"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, *fields: str, **kwargs: Any) -> None:
        self.fields = fields
        super().__init__(words=f"Refuses what is not there: {', '.join(fields)}.", **kwargs)

    def get_func(self, model: Any) -> str:
        checks = []
        for name in self.fields:
            field = model._meta.get_field(name)
            table = field.remote_field.model._meta.db_table
            checks.append(f"""
IF NEW.{field.column} IS NOT NULL AND NOT EXISTS (SELECT FROM {table} t WHERE t.id = NEW.{field.column}) THEN
  RAISE EXCEPTION 'There is no such {field.remote_field.model._meta.verbose_name}.'
    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{model._meta.db_table}_there', TABLE = TG_TABLE_NAME;
END IF;""")
        return "".join(checks) + "\nRETURN NEW;"


class FollowsThePublic(Trigger):
    """Who may be followed: a performer whom anybody may see, unless one of the two blocked the other."""

    name = "65_follow"
    words = "Refuses to follow a performer who is not public, and where one has blocked the other."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
-- What was followed elsewhere is taken over before the performer is examined here; jobs do that.
IF {ROLE} <> 'vbl_worker' AND NOT EXISTS (
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


class RefusesBlocked(Trigger):
    """Nobody does this to somebody who blocked them, or whom they blocked. `person` names the column of who does it."""

    name = "65_blocked"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, person: str = "user", other: str = "performer", **kwargs: Any) -> None:
        self.person, self.other = person, other
        super().__init__(
            words="Refuses what one does to the other where one has blocked the other.", **kwargs
        )

    def get_func(self, model: Any) -> str:
        person, other = (model._meta.get_field(name).column for name in (self.person, self.other))
        return f"""
IF engagement_blocked_between(NEW.{person}, NEW.{other}) THEN
  RAISE EXCEPTION 'You cannot do this: one of you has blocked the other, or the page is not here for you.'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{model._meta.db_table}_blocked', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ReactsToWhatIsThere(Trigger):
    """The performer of a reaction is that of its target, and the target is there."""

    name = "15_take_performer"
    words = "Takes the performer from the stream or archive; refuses a target that is not there."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NEW.target_type = 'stream' THEN
  SELECT s.performer_id INTO NEW.performer_id FROM streams_stream s WHERE s.id = NEW.target;
ELSE
  SELECT a.performer_id INTO NEW.performer_id FROM streams_archive a
  WHERE a.id = NEW.target AND NEW.target_type = 'archive';
END IF;
IF NOT FOUND THEN
  RAISE EXCEPTION 'What you react to is not there any more.'
    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'engagement_reaction_target', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ClaimsReaction(Trigger):
    """Every reaction claims its person, target and kind in a table that is not partitioned, and so is the only one."""

    name = "70_claim"
    words = (
        "Writes the key of the reaction, which exists once for a person, target and kind in all partitions."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
INSERT INTO engagement_reactionkey (id, user_id, target_type, target, kind, performer_id, reaction)
VALUES (uuidv7(), NEW.user_id, NEW.target_type, NEW.target, NEW.kind, NEW.performer_id, NEW.id);
RETURN NEW;"""


class FreesReaction(Trigger):
    """A reaction that is taken back gives its key back."""

    name = "70_free"
    words = "Deletes the key of a reaction that was taken back."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        return """
DELETE FROM engagement_reactionkey k
WHERE k.user_id = OLD.user_id AND k.target = OLD.target AND k.kind = OLD.kind;
RETURN NULL;"""
