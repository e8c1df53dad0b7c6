from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# The cursor lives until the end of the transaction; its query was planned with the rights of the owner, and reads for the
# one person of the request, which stays locked as it is.
OPEN_ROWS = """
DECLARE
  result refcursor := 'personal_rows';
  asked record;
  wanted text;
BEGIN
  SELECT r.person_id, r.kind INTO asked
  FROM audit_subjectrequest r
  WHERE r.id = personal_rows_open.request AND r.status = 'running' AND r.kind IN ('access', 'portability')
  FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Rows of a person are handed out for a request for access or portability that is being carried out.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_personalarchive_running';
  END IF;
  SELECT CASE asked.kind WHEN 'access' THEN s.access_query ELSE s.portability_query END INTO wanted
  FROM audit_personaldatasource s
  WHERE s.source_table = personal_rows_open.source;
  IF coalesce(wanted, '') = '' THEN
    RAISE EXCEPTION 'Rows of % are not handed out for such a request.', source USING ERRCODE = 'restrict_violation';
  END IF;
  IF relation <> source
    AND (relation !~ ('^archive\\.' || source || '_p[0-9_]+$') OR to_regclass(relation) IS NULL) THEN
    RAISE EXCEPTION '% is no part of %.', relation, source USING ERRCODE = 'restrict_violation';
  END IF;
  OPEN result NO SCROLL FOR EXECUTE replace(wanted, '{relation}', relation) USING asked.person_id, salt;
  RETURN result;
END
"""

ARCHIVES = """
  SELECT count(*) FILTER (WHERE a.deleted_at IS NULL), count(*) INTO files, kept
  FROM audit_personalarchive a
  WHERE a.person_id = person;
"""

SURVEY = f"""
BEGIN
{ARCHIVES}
END
"""

ERASE = f"""
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.' USING ERRCODE = 'check_violation';
  END IF;
{ARCHIVES}
  UPDATE audit_personalarchive a SET file_key = NULL, deleted_at = clock_timestamp()
  WHERE a.person_id = person AND a.deleted_at IS NULL;
END
"""


class Migration(migrations.Migration):
    """How rows of one person are handed out, and what erasing that person does to archives of them."""

    dependencies = [("audit", "0009_subject_requests")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "personal_rows_open",
            "request uuid, source text, relation text, salt text",
            "refcursor",
            OPEN_ROWS,
            definer=True,
            settings=(("cursor_tuple_fraction", "1"),),
            comment=(
                "Opens a cursor personal_rows over the rows of one table, or of one of its archived partitions, that "
                "are about the person of a running request for access or portability, as JSON. The query is that of "
                "audit_personaldatasource; salt makes the stand-ins of other people. For the worker."
            ),
        ),
        CreateFunction(
            "personal_archives_survey",
            "person uuid, OUT files bigint, OUT kept bigint",
            "record",
            SURVEY,
            definer=True,
            volatility="stable",
            comment="How many archives of a person have a file, and how many were made.",
        ),
        CreateFunction(
            "personal_archives_erase",
            "person uuid, OUT files bigint, OUT kept bigint",
            "record",
            ERASE,
            definer=True,
            comment=(
                "Destroys the keys of all archives of an erased person, so that their files do not open any more; "
                "personal_archives_expire deletes them. Says how many."
            ),
        ),
    ]
