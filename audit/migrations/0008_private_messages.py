from importlib import import_module

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


def landed(name):
    """The function as a migration of engagement made it: a question to which this floor has the answer."""
    operations = import_module("engagement.migrations.0004_messages").Migration.operations
    return next(operation for operation in operations if getattr(operation, "name", None) == name)


NEEDED = """
SELECT EXISTS (
  SELECT FROM engagement_attachment a
  JOIN audit_case c ON c.subject_kind = 'direct_message' AND c.subject_id = a.message_id
  JOIN audit_evidence e ON e.case_id = c.id AND e.object_key = a.object_key
  WHERE a.id = attachment
)
"""

# Who is refused a reading is told why by a sentence; that it was not recorded is no mistake of a person.
PRIVATE_WORDS = """
DECLARE
  me uuid := nullif(current_setting('app.user_id', true), '')::uuid;
  acting_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
  about audit_case%ROWTYPE;
BEGIN
  IF NOT EXISTS (
    SELECT FROM audit_event e JOIN audit_sensitiveread r ON r.id = e.id
    WHERE e.subject_id = evidence AND e.id >= uuidv7(interval '-1 hour') AND e.action = 'data_revealed'
      AND e.xact = pg_current_xact_id() AND e.actor_id = me
  ) THEN
    RAISE EXCEPTION 'Private messages are opened with a reason, which is recorded in the same transaction'
      USING ERRCODE = 'restrict_violation';
  END IF;
  SELECT c.* INTO about FROM audit_case c JOIN audit_evidence e ON e.case_id = c.id WHERE e.id = evidence;
  IF about.person_id = me OR EXISTS (
    SELECT FROM audit_privatecopy p WHERE p.evidence_id = evidence AND me IN (p.sender_id, p.reporter_id)
  ) THEN
    RAISE EXCEPTION 'Nobody works a case about their own messages. Leave it to a colleague.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_privatecopy_own', TABLE = 'audit_privatecopy';
  END IF;
  IF acting_role <> 'vbl_compliance'
    AND (about.claimed_by_id IS DISTINCT FROM me OR about.claimed_until <= statement_timestamp()
      OR about.leads_only AND acting_role <> 'vbl_lead_moderator') THEN
    RAISE EXCEPTION 'Claim the case first: private messages are opened by whoever works it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_privatecopy_claim', TABLE = 'audit_privatecopy';
  END IF;
  RETURN QUERY
    SELECT p.position, p.sender_id, u.handle, p.written_at, p.status, p.files, p.body
    FROM audit_privatecopy p JOIN accounts_user u ON u.id = p.sender_id
    WHERE p.evidence_id = evidence ORDER BY p.position;
END
"""


class Migration(migrations.Migration):
    """How reported private messages are opened, and that their files stay while a case needs them."""

    dependencies = [("audit", "0007_moderation_reference_data"), ("engagement", "0004_messages")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "engagement_attachment_needed",
            landed("engagement_attachment_needed").arguments,
            "boolean",
            NEEDED,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Whether somebody still needs the file of an attachment. Here: evidence names it.",
            previous=landed("engagement_attachment_needed"),
        ),
        CreateFunction(
            "moderation_private_words",
            "evidence uuid",
            "TABLE (place smallint, sender_id uuid, handle text, written_at timestamptz, status text, "
            "files smallint, body text)",
            PRIVATE_WORDS,
            definer=True,
            comment=(
                "The private messages that were copied with a report, for whoever holds the case, and compliance. "
                "Refuses unless this transaction has recorded the reading with its reason (sensitive_read_record)."
            ),
        ),
    ]
