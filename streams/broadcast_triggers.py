"""Triggers of streams on air: the gate before going live, and the record of what happened."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

ACTING = "coalesce(nullif(current_setting('role', true), 'none'), session_user::text)"
"""The role in which the transaction acts, seen from inside a definer function. Only a member can take a role."""

NOT_OWNER = f"{ACTING} <> 'vbl_owner'"
"""The owner maintains and restores, and could take the trigger away: it is not who the gates are for."""


class GoLiveGate(Trigger):
    """On `streams_stream`: nobody starts, goes live or comes back whose gate is closed, not by raw SQL either."""

    name = "50_admit"
    words = (
        "Refuses to start a stream, or to show it, while anybody in it may not perform or has not consented."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("found", "text")]

    def get_func(self, model: Any) -> str:
        return f"""
IF NEW.status IN ('starting', 'live') AND NEW.status IS DISTINCT FROM OLD.status AND {NOT_OWNER} THEN
  SELECT string_agg(DISTINCT o.code, ', ') INTO found FROM streams_obstacles(NEW.id) o;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'This stream may not go on air: %', found
      USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_stream_may_go_live', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
RETURN NEW;"""


class OneLease(Trigger):
    """On `streams_stream`: the session that holds the place on air keeps it, and no sign of life is of tomorrow."""

    name = "35_hold"
    words = (
        "Refuses to hand a lease to another session while on air; a heartbeat is never ahead of the clock."
    )
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("lease", "last_heartbeat_at")

    def get_func(self, model: Any) -> str:
        return """
IF OLD.lease IS NOT NULL AND NEW.lease IS NOT NULL AND NEW.lease <> OLD.lease THEN
  RAISE EXCEPTION 'Another session holds this stream.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_stream_lease_kept', TABLE = TG_TABLE_NAME;
END IF;
NEW.last_heartbeat_at := least(NEW.last_heartbeat_at, clock_timestamp());
RETURN NEW;"""


class ImportedIsOver(Trigger):
    """On `streams_stream`: only the worker takes in a stream that was over before, and never as anything else."""

    name = "45_import"
    words = "A stream goes from scheduled to ended by an import of the worker alone, with an end in the past."
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status", "end_reason")

    def get_func(self, model: Any) -> str:
        return """
IF (OLD.status = 'scheduled' AND NEW.status = 'ended')
  <> (NEW.end_reason IS NOT DISTINCT FROM 'imported' AND OLD.end_reason IS DISTINCT FROM 'imported')
  OR (OLD.status = 'scheduled' AND NEW.status = 'ended'
    AND (current_user NOT IN ('vbl_worker', 'vbl_owner') OR NEW.ended_at > clock_timestamp())) THEN
  RAISE EXCEPTION 'Only an import takes in a stream that was over before.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'streams_stream_imported', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class RecordsMoves(Trigger):
    """On `streams_stream`: every move is a row of `streams_streamtransition`, whoever makes it."""

    name = "80_record"
    words = "Records every move with the actor, the role and the reason of the transaction."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'INSERT' OR NEW.status IS DISTINCT FROM OLD.status THEN
  INSERT INTO streams_streamtransition
    (stream_id, performer_id, from_status, to_status, actor_id, acting_role, reason, at)
  VALUES (
    NEW.id, NEW.performer_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status,
    nullif(current_setting('app.user_id', true), '')::uuid, {ACTING},
    left(coalesce(current_setting('app.move_reason', true), ''), 2000), clock_timestamp());
END IF;
RETURN NULL;"""


class RecordsWords(Trigger):
    """On `streams_stream`: what it is called at any moment is a row of `streams_streammetadataversion`."""

    name = "81_record_words"
    words = "Closes the version of the words that no longer hold, and opens the next."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("title", "description", "language")

    def get_func(self, model: Any) -> str:
        return """
PERFORM streams_metadata_keep(NEW.id, false, NULL);
RETURN NULL;"""


class RecordsPrimaryCategory(Trigger):
    """On the link of streams to categories: a change of the primary category is a version of the metadata.

    Deferred: a list of categories changes in several statements; what holds at the end of the transaction counts.
    """

    name = "81_record_category"
    words = "Opens a version of the stream's metadata when its primary category changes."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    timing = pgtrigger.Deferred

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("v_stream", "uuid")]

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        return f"""
v_stream := CASE WHEN TG_OP = 'DELETE' THEN OLD.stream_id ELSE NEW.stream_id END;
PERFORM streams_metadata_keep(
  v_stream, true, (SELECT l.category_id FROM {table} l WHERE l.stream_id = v_stream AND l.is_primary));
RETURN NULL;"""


class ParticipantsFollow(Trigger):
    """On `streams_stream`: participants named before join when it goes live, and leave when it is over."""

    name = "82_follow"
    words = "Participants join with the first moment on air and leave with the last."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return """
IF NEW.status = 'live' AND OLD.status = 'starting' THEN
  UPDATE streams_participant SET joined_at = NEW.started_at
  WHERE stream_id = NEW.id AND joined_at IS NULL AND left_at IS NULL;
ELSIF NEW.status IN ('ended', 'aborted') AND OLD.status IN ('starting', 'live', 'interrupted') THEN
  UPDATE streams_participant SET left_at = greatest(NEW.ended_at, joined_at)
  WHERE stream_id = NEW.id AND left_at IS NULL;
END IF;
RETURN NULL;"""


class KeptUntilReplaced(Trigger):
    """On versions of metadata: an open period is closed once; nothing else changes; rows go by retention or erasure."""

    name = "20_keep_open"
    words = (
        "Refuses every change but the closing of an open period; the owner deletes once the person is erased."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        columns = [
            f.column for f in model._meta.concrete_fields if f.name not in ("valid", "updated_at", "version")
        ]
        new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
        return f"""
IF TG_OP = 'DELETE' THEN
  IF current_user = 'vbl_retention' THEN
    RETURN OLD;
  END IF;
  IF current_user = 'vbl_owner' AND EXISTS (
    SELECT FROM accounts_user u WHERE u.id = OLD.performer_id AND u.erased_at IS NOT NULL
  ) THEN
    RETURN OLD;
  END IF;
ELSIF upper_inf(OLD.valid) AND NOT upper_inf(NEW.valid) AND lower(NEW.valid) = lower(OLD.valid)
  AND ROW({new}) IS NOT DISTINCT FROM ROW({old}) THEN
  RETURN NEW;
END IF;
RAISE EXCEPTION '% is a record: % is refused, a change opens a new row', TG_TABLE_NAME, TG_OP
  USING ERRCODE = 'restrict_violation';"""
