from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from core.db.views import CreateView
from django.db import migrations

AREA = """
SELECT CASE
  WHEN starts_with(action, 'role_') OR subject_type = 'accounts.rolegrant' THEN 'oversight'
  ELSE CASE split_part(subject_type, '.', 1)
    WHEN 'accounts' THEN 'people'
    WHEN 'performers' THEN 'people'
    WHEN 'streams' THEN 'catalogue'
    WHEN 'billing' THEN 'finance'
    WHEN 'engagement' THEN 'moderation'
    WHEN 'analytics' THEN 'insight'
    WHEN 'audit' THEN CASE
      WHEN split_part(subject_type, '.', 2) IN (
        'moderationpolicy', 'policyversion', 'queue', 'queuerule', 'savedfilter', 'report', 'case', 'claim', 'evidence',
        'decision', 'statementofreasons', 'strike', 'strikeladderstep', 'actionproposal', 'appeal', 'bulkjob', 'bulkitem'
      ) THEN 'moderation'
      WHEN split_part(subject_type, '.', 2) IN (
        'legalhold', 'heldrow', 'retentionpolicy', 'takedownnotice', 'takedowntarget', 'counternotice',
        'compliancefiling', 'accessreview', 'accessreviewitem'
      ) THEN 'compliance'
      ELSE 'oversight'
    END
    ELSE 'oversight'
  END
END
"""

DIGEST = """
SELECT sha256(
  convert_to('audit_label 1', 'UTF8') || uuid_send(event_id) || salt || string_agg(
    coalesce('\\x01'::bytea || int8send(octet_length(part)) || part, '\\x00'::bytea), ''::bytea ORDER BY place
  )
)
FROM (
  VALUES
    (1, convert_to(actor_label, 'UTF8')),
    (2, convert_to(subject_label, 'UTF8')),
    (3, substr(inet_send(address), 5)),
    (4, convert_to(reason, 'UTF8'))
) AS parts (place, part)
"""

RECORD = """
DECLARE
  event_id uuid := uuidv7();
  area text := audit_area(action, subject_type);
  salt bytea;
  digest bytea;
BEGIN
  IF coalesce(actor_label, subject_label, host(address), reason) IS NOT NULL THEN
    salt := gen_random_bytes(16);
    digest := audit_label_digest(event_id, salt, actor_label, subject_label, address, reason);
    INSERT INTO audit_label (id, area, actor_label, subject_label, address, reason, salt)
    VALUES (event_id, area, actor_label, subject_label, address, reason, salt);
  END IF;
  INSERT INTO audit_event (
    id, area, action, actor_id, acting_role, subject_type, subject_id, changed, detail, request_id, label_digest
  )
  VALUES (
    event_id,
    area,
    action,
    nullif(current_setting('app.user_id', true), '')::uuid,
    coalesce(nullif(current_setting('role', true), 'none'), session_user),
    subject_type,
    subject_id,
    coalesce(changed, '{}'),
    coalesce(detail, '{}'),
    nullif(current_setting('app.request_id', true), '')::uuid,
    digest
  );
  RETURN event_id;
END
"""

SECURITY_RECORD = """
DECLARE
  event_id uuid := uuidv7();
BEGIN
  INSERT INTO audit_securityevent (
    id, kind, severity, actor_id, acting_role, person_id, address, detail, request_id
  )
  VALUES (
    event_id,
    kind,
    severity,
    nullif(current_setting('app.user_id', true), '')::uuid,
    coalesce(nullif(current_setting('role', true), 'none'), session_user),
    person_id,
    address,
    coalesce(detail, '{}'),
    nullif(current_setting('app.request_id', true), '')::uuid
  );
  RETURN event_id;
END
"""

RUN_BEGIN = """
DECLARE
  run_id uuid := uuidv7();
BEGIN
  INSERT INTO audit_jobrun (id, name, deployment_id, acting_role, started_at, counts)
  VALUES (
    run_id, name, (SELECT d.id FROM audit_deployment d WHERE d.outcome = 'succeeded' ORDER BY d.id DESC LIMIT 1),
    coalesce(nullif(current_setting('role', true), 'none'), session_user), clock_timestamp(), '{}'
  );
  RETURN run_id;
END
"""

RUN_END = """
BEGIN
  UPDATE audit_jobrun run
  SET outcome = job_run_end.outcome,
      counts = coalesce(job_run_end.counts, '{}'),
      error = job_run_end.error,
      finished_at = greatest(clock_timestamp(), run.started_at)
  WHERE run.id = run_id AND run.outcome = 'running';
  RETURN FOUND;
END
"""

ADMINISTRATIVE_ACTIONS = """
SELECT e.id,
  e.created_at,
  e.area,
  e.actor_id,
  coalesce(l.actor_label, u.handle),
  substr(e.acting_role, 5),
  coalesce(a.words, replace(e.action, '_', ' ')),
  e.subject_type,
  e.subject_id,
  coalesce(l.subject_label, e.subject_type || ' ' || e.subject_id),
  l.reason,
  e.changed,
  e.request_id
FROM audit_event e
LEFT JOIN audit_label l ON l.id = e.id
LEFT JOIN audit_action a ON a.action = e.action
LEFT JOIN accounts_user u ON u.id = e.actor_id
WHERE e.acting_role IN (
  'vbl_support', 'vbl_moderator', 'vbl_lead_moderator', 'vbl_finance', 'vbl_finance_approver', 'vbl_compliance',
  'vbl_analyst', 'vbl_auditor', 'vbl_administrator'
)
"""


class Migration(migrations.Migration):
    """The only ways into the trail, and what staff did, in words."""

    dependencies = [("audit", "0001_oversight"), ("accounts", "0001_people")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "audit_area",
            "action text, subject_type text",
            "text",
            AREA,
            language="sql",
            volatility="immutable",
            comment="To which area of the work an event belongs; who reads it follows from that.",
        ),
        CreateFunction(
            "audit_label_digest",
            "event_id uuid, salt bytea, actor_label text, subject_label text, address inet, reason text",
            "bytea",
            DIGEST,
            language="sql",
            volatility="immutable",
            comment=(
                "SHA-256 over the words of an event, by which anybody can prove that they are those written: over "
                "'audit_label 1', the id, the salt, and each word as byte 0 for null, else byte 1, eight bytes of "
                "length and the bytes (text in UTF-8, an address as its 4 or 16 bytes)."
            ),
        ),
        CreateFunction(
            "audit_record",
            "action text, subject_type text, subject_id uuid, changed text[], detail jsonb, "
            "actor_label text, subject_label text, address inet, reason text",
            "uuid",
            RECORD,
            definer=True,
            comment=(
                "Writes one event of the trail and its words; returns its id. Actor, role and request are those of the "
                "transaction, so that nobody writes in the name of another. For every role."
            ),
        ),
        CreateFunction(
            "security_record",
            "kind text, severity text, person_id uuid, address inet, detail jsonb",
            "uuid",
            SECURITY_RECORD,
            definer=True,
            comment=(
                "Writes one security event; returns its id. Actor, role and request are those of the transaction. "
                "For every role."
            ),
        ),
        CreateFunction(
            "job_run_begin",
            "name text",
            "uuid",
            RUN_BEGIN,
            definer=True,
            comment="Writes that a job begins; returns the id of its run. For jobs.",
        ),
        CreateFunction(
            "job_run_end",
            "run_id uuid, outcome text, counts jsonb, error text",
            "boolean",
            RUN_END,
            definer=True,
            comment="Writes how a run ended; returns false when it had ended before or never began. For jobs.",
        ),
        CreateView(
            "audit_administrativeaction",
            ADMINISTRATIVE_ACTIONS,
            comment="What staff did, in words: events of the trail with their labels. Reads with the reader's rights.",
            columns={
                "id": "The event's id; it carries the instant.",
                "acted_at": "When (UTC); filter by the id instead.",
                "area": "Part of the work it belongs to.",
                "actor_id": "Who acted.",
                "who": "Handle of the actor, at that time if it is kept. Privacy: personal.",
                "acting_role": "The role acted in, without its prefix.",
                "did": "What was done, in words.",
                "subject_type": "Which model the subject is of, as app.model.",
                "subject_id": "Identity of the row it was done to.",
                "whom": "What the subject was called, or its type and id. Privacy: personal.",
                "reason": "Why, in the words of the actor; null if erased. Privacy: personal.",
                "changed": "Names of the columns that changed.",
                "request_id": "The request in which it was done.",
            },
        ),
    ]
