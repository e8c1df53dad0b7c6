"""Triggers of identity records: an examination is of what was declared, and a document belongs to a declaration."""

import pgtrigger
from django.db import models

from core.db.triggers import Trigger
from performers.admission_triggers import ACTING_ROLE


class ExaminesDeclaration(Trigger):
    """On `performers_identityrecord`: an examination takes person, name and birth date from the declaration.

    Until when the documents are valid is noted with the verdict, so that the gate and the queue compare one column with
    the clock. Of two examiners at once the second waits for the unique rule on the declaration, and is refused.
    """

    name = "25_examine"
    words = (
        "Takes what was examined from the latest declaration; refuses an outdated one, and to accept without a valid "
        "document."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: type[models.Model]) -> str:
        return f"""
IF NEW.declaration_id IS NULL THEN
  RETURN NEW;
END IF;
IF {ACTING_ROLE} <> 'vbl_owner' THEN
  NEW.examined_at := statement_timestamp();
END IF;
SELECT r.performer_id, r.legal_name, r.birth_date INTO NEW.performer_id, NEW.legal_name, NEW.birth_date
FROM performers_identityrecord r WHERE r.id = NEW.declaration_id AND r.verdict IS NULL;
IF NOT FOUND THEN
  RAISE EXCEPTION 'An examination is of something that was declared.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_identityrecord_declaration', TABLE = TG_TABLE_NAME;
END IF;
IF EXISTS (
  SELECT FROM performers_identityrecord r
  WHERE r.performer_id = NEW.performer_id AND r.verdict IS NULL AND r.id > NEW.declaration_id
) THEN
  RAISE EXCEPTION 'The performer has declared an identity anew since; examine the latest declaration.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_identityrecord_outdated', TABLE = TG_TABLE_NAME;
END IF;
SELECT max(d.expires_at) INTO NEW.documents_until
FROM performers_identitydocument d WHERE d.record_id = NEW.declaration_id;
IF NEW.verdict = 'accepted' AND (NEW.documents_until IS NULL OR NEW.documents_until <= NEW.examined_at) THEN
  RAISE EXCEPTION 'No document of this declaration is valid any more; ask for another one.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_identityrecord_expired', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class DocumentOfDeclaration(Trigger):
    """On `performers_identitydocument`: documents come with a declaration, and none after its examination."""

    name = "25_attach"
    words = (
        "Takes the performer from the declaration; refuses one that was examined, and a document out of date."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: type[models.Model]) -> str:
        return f"""
SELECT r.performer_id INTO NEW.performer_id
FROM performers_identityrecord r
WHERE r.id = NEW.record_id AND r.verdict IS NULL AND NOT EXISTS (
  SELECT FROM performers_identityrecord e WHERE e.declaration_id = r.id
);
IF NOT FOUND THEN
  RAISE EXCEPTION 'A document belongs to a declaration that nobody has examined yet.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_identitydocument_record', TABLE = TG_TABLE_NAME;
END IF;
IF {ACTING_ROLE} <> 'vbl_owner' AND NEW.expires_on < (statement_timestamp() AT TIME ZONE 'UTC')::date THEN
  RAISE EXCEPTION 'A document that has expired proves nothing; submit a valid one.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_identitydocument_expired', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
