from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

WORDS = "r.person_id = person_id AND (r.wish <> '' OR r.asker <> '' OR r.answer <> '')"

SURVEY = f"""
BEGIN
  RETURN QUERY SELECT
    jsonb_build_object('audit_subjectrequest', (SELECT count(*) FROM audit_subjectrequest r WHERE {WORDS})),
    jsonb_build_object(
      'audit_subjectrequest', (SELECT count(*) FROM audit_subjectrequest r WHERE r.person_id = $1),
      'audit_requeststep', (SELECT count(*) FROM audit_requeststep s WHERE s.person_id = $1),
      'audit_subjectrequesttransition', (
        SELECT count(*) FROM audit_subjectrequesttransition t
        JOIN audit_subjectrequest r ON r.id = t.request_id WHERE r.person_id = $1
      )
    );
END
"""
ERASE = f"""
DECLARE
  report record;
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.' USING ERRCODE = 'check_violation';
  END IF;
  SELECT s.destroyed, s.kept INTO report FROM requests_person_survey($1) s;
  UPDATE audit_subjectrequest r SET wish = '', asker = '', answer = '' WHERE {WORDS};
  RETURN QUERY SELECT report.destroyed, report.kept;
END
"""


def made(body):
    """The body, in which the argument is named by its place: columns of the tables have the same name."""
    return body.replace("= person_id", "= $1")


class Migration(migrations.Migration):
    """What is destroyed and what is kept of subject requests when their person is erased."""

    dependencies = [("audit", "0008_private_messages")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "requests_person_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            made(SURVEY),
            definer=True,
            volatility="stable",
            comment=(
                "How many subject requests of a person have words that the erasure would empty, and what it would keep; "
                "changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "requests_person_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            made(ERASE),
            definer=True,
            comment="Empties the words in subject requests of an erased person; the requests stay. For compliance.",
        ),
    ]
