"""Triggers of admission: who may move a performer where, which names stay on record, what an examination rests on."""

import pgtrigger
from django.db import models

from core.db.triggers import Trigger

QUARANTINE_DAYS = 180
"""So long nobody else takes a stage name that a performer gave up; as with handles (accounts)."""

ACTING_ROLE = "coalesce(nullif(current_setting('role', true), 'none'), session_user)"
"""The role that acts, also inside of a function that runs with the owner's rights."""


class MovesByRole(Trigger):
    """On `performers_performerprofile`: the state machine says which moves exist, this one who makes them.

    A performer applies, pauses, goes on and leaves; compliance decides, on the strength of an examination; lead
    moderators offboard. Imports and the expiry of documents act as the worker.
    """

    name = "50_move_by_role"
    words = (
        "Refuses a move of the admission that is not for the acting role to make, or has nothing to rest on."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF current_user = 'vbl_performer' AND NEW.verified_at IS DISTINCT FROM OLD.verified_at THEN
  RAISE EXCEPTION 'Nobody verifies themselves.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_performerprofile_move_by_role', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.status = OLD.status THEN
  RETURN NEW;
END IF;
IF current_user = 'vbl_performer'
  AND NEW.status NOT IN ('submitted', 'paused', 'offboarded') AND OLD.status || '>' || NEW.status <> 'paused>verified'
  OR current_user = 'vbl_compliance' AND OLD.status || '>' || NEW.status
    NOT IN ('submitted>verified', 'submitted>rejected') AND NEW.status <> 'offboarded'
  OR current_user = 'vbl_lead_moderator' AND NEW.status <> 'offboarded'
  OR current_user = 'vbl_moderator'
THEN
  RAISE EXCEPTION 'Your role may not move a performer from % to %.', OLD.status, NEW.status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_performerprofile_move_by_role', TABLE = TG_TABLE_NAME;
END IF;
-- Nested: a role that reads no identity records may not even have them in its plan.
IF current_user = 'vbl_performer' AND NEW.status = 'submitted' THEN
  IF NOT EXISTS (
    SELECT FROM performers_identityrecord r
    JOIN performers_identitydocument d ON d.record_id = r.id
    WHERE r.performer_id = NEW.id AND r.verdict IS NULL AND d.expires_at > statement_timestamp()
      AND NOT EXISTS (SELECT FROM performers_identityrecord e WHERE e.declaration_id = r.id)
  ) THEN
    RAISE EXCEPTION 'An application needs a declared identity with a valid document that nobody has examined yet.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_performerprofile_declared', TABLE = TG_TABLE_NAME;
  END IF;
ELSIF current_user = 'vbl_compliance' AND NEW.status = 'verified' THEN
  IF NOT EXISTS (
    SELECT FROM performers_identityrecord r
    WHERE r.performer_id = NEW.id AND r.verdict = 'accepted' AND r.documents_until > statement_timestamp()
  ) THEN
    RAISE EXCEPTION 'A performer is verified by an examination that accepted, with a document that is still valid.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_performerprofile_examined', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
RETURN NEW;"""


class RestingName(Trigger):
    """On `performers_performerprofile`: a stage name that a performer gave up rests, so that nobody is impersonated.

    Runs after the row is written: by then the unique rule has waited for whoever held the name.
    """

    name = "60_rest"
    words = (
        f"Refuses a stage name whose address another performer gave up less than {QUARANTINE_DAYS} days ago."
    )
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("slug")

    def get_func(self, model: type[models.Model]) -> str:
        return f"""
IF EXISTS (
  SELECT FROM performers_performeralias a
  WHERE a.slug = NEW.slug AND a.performer_id <> NEW.id
    AND upper(a.valid) > statement_timestamp() - interval '{QUARANTINE_DAYS} days'
) THEN
  RAISE EXCEPTION 'Another performer used this stage name until lately; nobody else can take it yet.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_performerprofile_slug_rests', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class RememberName(Trigger):
    """On `performers_performerprofile`: every stage name is kept as an alias, from when until when it was used."""

    name = "70_remember_name"
    words = "Keeps every stage name with its period in performers_performeralias."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("stage_name", "slug", "status")
    declare: tuple[tuple[str, str], ...] = (("present", "timestamptz"),)

    def get_declare(self, model: type[models.Model]) -> list[tuple[str, str]]:
        return list(self.declare)

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF TG_OP = 'UPDATE' THEN
  IF ROW(NEW.stage_name, NEW.slug, NEW.status = 'offboarded')
    IS NOT DISTINCT FROM ROW(OLD.stage_name, OLD.slug, OLD.status = 'offboarded') THEN
    RETURN NULL;
  END IF;
END IF;
-- Two changes in one transaction have two instants, or the period between them would be empty.
SELECT greatest(clock_timestamp(), max(lower(a.valid)) + interval '1 microsecond') INTO present
FROM performers_performeralias a
WHERE a.performer_id = NEW.id AND a.source = 'stage_name';
UPDATE performers_performeralias a SET valid = tstzrange(lower(a.valid), present)
WHERE a.performer_id = NEW.id AND a.source = 'stage_name' AND upper_inf(a.valid);
IF NEW.stage_name IS NOT NULL AND NEW.status <> 'offboarded' THEN
  INSERT INTO performers_performeralias (performer_id, name, slug, source, valid)
  VALUES (NEW.id, NEW.stage_name, NEW.slug, 'stage_name', tstzrange(present, NULL));
END IF;
RETURN NULL;"""


class PublishWithProfile(Trigger):
    """On `performers_performerprofile`: rows shown with the profile carry whether it is public."""

    name = "80_publish"
    words = "Carries over to languages and attributes whether the profile is public."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF (NEW.status IN ('verified', 'paused')) <> (OLD.status IN ('verified', 'paused')) THEN
  UPDATE performers_performerlanguage l SET performer_is_public = NEW.status IN ('verified', 'paused')
  WHERE l.performer_id = NEW.id;
  UPDATE performers_performerattribute a SET performer_is_public = NEW.status IN ('verified', 'paused')
  WHERE a.performer_id = NEW.id;
END IF;
RETURN NULL;"""


class PublicAsProfile(Trigger):
    """On rows shown with a profile: whether it is public comes from the profile, which stays as it is meanwhile."""

    name = "25_public"
    words = "Takes from the profile whether it is public."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: type[models.Model]) -> str:
        return """
SELECT p.status IN ('verified', 'paused') INTO NEW.performer_is_public
FROM performers_performerprofile p WHERE p.id = NEW.performer_id FOR SHARE;
NEW.performer_is_public := coalesce(NEW.performer_is_public, false);
RETURN NEW;"""
