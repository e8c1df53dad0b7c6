"""Triggers of archives and recordings: moves, their record, reversals, publication, purge."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class KeepsItsLength(Trigger):
    """The length of an archive is written once: chapters, clips and positions were checked against it."""

    name = "31_keep_length"
    words = "The length of an archive, once known, never changes."
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("duration_seconds")

    def get_func(self, model: Any) -> str:
        return """
IF OLD.duration_seconds IS NOT NULL AND NEW.duration_seconds IS DISTINCT FROM OLD.duration_seconds THEN
  RAISE EXCEPTION 'duration_seconds of % cannot be changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END IF;
RETURN NEW;"""


class OfOneStream(Trigger):
    """An archive is of the stream that its recording recorded, and plays a rendition of that recording."""

    name = "51_match_recording"
    words = "Refuses a recording of another stream, and a default rendition of another recording."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF NEW.recording_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM streams_recording r WHERE r.id = NEW.recording_id AND r.stream_id = NEW.stream_id
) THEN
  RAISE EXCEPTION 'This recording is of another stream.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archive_recording', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.default_rendition_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM streams_rendition r WHERE r.id = NEW.default_rendition_id AND r.recording_id = NEW.recording_id
) THEN
  RAISE EXCEPTION 'The default rendition belongs to another recording.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archive_default_rendition', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class PublishedWhenApproved(Trigger):
    """A time of publication is set while the archive is approved; it stays when it is restricted or removed later."""

    name = "52_publish"
    words = "Refuses to publish what is not approved."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF NEW.published_at IS NULL OR NEW.status = 'approved' THEN
  RETURN NEW;
END IF;
IF TG_OP = 'UPDATE' THEN
  IF NEW.published_at IS NOT DISTINCT FROM OLD.published_at THEN
    RETURN NEW;
  END IF;
END IF;
RAISE EXCEPTION 'Only an approved archive is published. A moderator has to approve it first.'
  USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archive_publish', TABLE = TG_TABLE_NAME;"""


class RestoredByDecision(Trigger):
    """A removal is undone only by a decision of the same transaction that reverses the latest removal.

    The archive is then what it was before: one that nobody ever approved is not approved by the way.
    """

    name = "45_reverse"
    words = (
        "Refuses to restore a removed archive without a decision, of this transaction, that reverses the removal, "
        "or to another state than it was removed from."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF OLD.status <> 'removed' OR NEW.status = 'removed' THEN
  RETURN NEW;
END IF;
IF NOT EXISTS (
  SELECT FROM streams_archivedecision d
  WHERE d.archive_id = NEW.id AND d.kind = 'restore' AND d.xact = pg_current_xact_id()
    AND d.reverses_id = (
      SELECT r.id FROM streams_archivedecision r
      WHERE r.archive_id = NEW.id AND r.kind = 'remove' ORDER BY r.id DESC LIMIT 1
    )
) THEN
  RAISE EXCEPTION 'A removed archive comes back only by a decision that reverses its removal.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archive_reverse', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status <> coalesce((
  SELECT t.from_status FROM streams_archivetransition t
  WHERE t.archive_id = NEW.id AND t.to_status = 'removed' ORDER BY t.id DESC LIMIT 1
), 'approved') THEN
  RAISE EXCEPTION 'A restored archive is what it was before its removal.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archive_restore', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class RecordsMoves(Trigger):
    """Writes a row of `ArchiveTransition` for the first state and for every move, whoever makes it and how."""

    name = "90_record_move"
    words = (
        "Puts every move of an archive on record, with who made it and the decision of the same transaction."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'UPDATE' THEN
  IF NEW.status IS NOT DISTINCT FROM OLD.status THEN
    RETURN NULL;
  END IF;
END IF;
INSERT INTO streams_archivetransition
  (id, archive_id, performer_id, from_status, to_status, moved_at, actor_id, acting_role, decision_id)
VALUES (
  uuidv7(), NEW.id, NEW.performer_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status,
  statement_timestamp(), nullif(current_setting('app.user_id', true), '')::uuid,
  coalesce(nullif(current_setting('role', true), 'none'), session_user),
  (SELECT d.id FROM streams_archivedecision d
   WHERE d.archive_id = NEW.id AND d.xact = pg_current_xact_id() ORDER BY d.id DESC LIMIT 1)
);
RETURN NULL;"""


class PurgedByFunctionOnly(Trigger):
    """Only `streams_archive_purge` purges. A legal hold of a higher floor is backed by a trigger on this same move."""

    name = "70_purge"
    words = (
        "Refuses the move to purged to every role; streams_archive_purge makes it, unless streams_archive_needed "
        "objects. A purged archive never changes."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return """
IF OLD.purged_at IS NOT NULL
  AND (current_user <> 'vbl_owner' OR NEW.purged_at IS DISTINCT FROM OLD.purged_at) THEN
  RAISE EXCEPTION 'This archive was purged; nothing of it can be changed.' USING ERRCODE = 'restrict_violation';
END IF;
IF NEW.purged_at IS NOT NULL AND current_user <> 'vbl_owner' THEN
  RAISE EXCEPTION 'An archive is purged by streams_archive_purge alone.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archive_purge', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.purged_at IS NOT NULL AND OLD.purged_at IS NULL THEN
  -- A condition of its own: PostgreSQL asks for the right to a function before it looks at the rest of a condition.
  IF streams_archive_needed(OLD.id) IS NOT NULL THEN
    RAISE EXCEPTION '%', streams_archive_needed(OLD.id)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archive_needed', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
RETURN NEW;"""


class StampsDecision(Trigger):
    """Who decided, in which transaction; a reversal reverses a removal of the same archive."""

    name = "16_stamp"
    words = (
        "Sets performer and transaction of a decision; refuses to reverse what is no removal of this archive."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
NEW.xact := pg_current_xact_id();
SELECT a.performer_id INTO NEW.performer_id FROM streams_archive a WHERE a.id = NEW.archive_id;
IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM streams_archivedecision d
  WHERE d.id = NEW.reverses_id AND d.archive_id = NEW.archive_id AND d.kind = 'remove'
) THEN
  RAISE EXCEPTION 'Only a removal of the same archive can be reversed.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_archivedecision_reverses', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class GivenUpOnly(Trigger):
    """A failed recording may still turn out complete, but only one that was given up in silence."""

    name = "46_given_up"
    words = "Refuses to reopen a failed recording unless it was given up because nothing was heard of it."
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF OLD.status = 'failed' AND NEW.status <> 'failed' AND OLD.error_code IS DISTINCT FROM 'silence' THEN
  RAISE EXCEPTION 'This recording failed; nothing follows.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_recording_status_transition', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
