from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

RECORD = """
DECLARE
  lately uuid := uuidv7(interval '-24 hours');
  within_hour uuid := uuidv7(interval '-1 hour');
  event audit_event;
BEGIN
  SELECT e.* INTO event
  FROM audit_event e
  WHERE e.subject_id = sensitive_read_record.subject_id
    AND e.id >= lately
    AND e.action = 'data_revealed'
    AND e.xact = pg_current_xact_id()
  ORDER BY e.id DESC
  LIMIT 1;
  IF NOT FOUND OR event.actor_id IS NULL THEN
    RAISE EXCEPTION 'A reading is recorded with its event data_revealed, in the name of a person'
      USING ERRCODE = 'restrict_violation';
  END IF;
  -- Two readings of one person at once must count one another.
  PERFORM pg_advisory_xact_lock(hashtextextended('audit_sensitiveread ' || event.actor_id, 0));
  INSERT INTO audit_sensitiveread (
    id, actor_id, acting_role, person_id, subject_type, subject_id, fields, case_reference, request_id
  )
  VALUES (
    event.id,
    event.actor_id,
    event.acting_role,
    sensitive_read_record.person_id,
    event.subject_type,
    event.subject_id,
    sensitive_read_record.fields,
    coalesce(sensitive_read_record.case_reference, ''),
    event.request_id
  );
  SELECT count(*) FILTER (WHERE r.id >= within_hour),
    count(*),
    count(*) FILTER (WHERE r.person_id = sensitive_read_record.person_id)
  INTO in_hour, in_day, of_person
  FROM audit_sensitiveread r
  WHERE r.actor_id = event.actor_id AND r.id >= lately;
  IF in_hour > 30 OR in_day > 100 THEN
    RAISE EXCEPTION 'Nobody reveals more than 30 rows within an hour, or 100 within 24 hours'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_sensitiveread_limit', TABLE = 'audit_sensitiveread';
  END IF;
  of_colleague := EXISTS (
    SELECT FROM accounts_rolegrant g
    WHERE g.user_id = sensitive_read_record.person_id AND g.valid @> statement_timestamp()
  );
  id := event.id;
  RETURN NEXT;
END
"""


class Migration(migrations.Migration):
    """The only way into the record of readings, and the limit that nobody's code can forget."""

    dependencies = [("audit", "0005_sensitive_reads"), ("accounts", "0001_people")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "sensitive_read_record",
            "subject_id uuid, person_id uuid, fields text[], case_reference text",
            "TABLE (id uuid, in_hour integer, in_day integer, of_person integer, of_colleague boolean)",
            RECORD,
            definer=True,
            comment=(
                "Writes one reading of encrypted data for the event data_revealed of this transaction, from which it "
                "takes actor, role and subject. Says how many the actor made within an hour, within 24 hours and of "
                "this person, and whether the person holds a staff role; refuses the 31st within an hour and the 101st "
                "within 24 hours. For every staff role."
            ),
        ),
    ]
