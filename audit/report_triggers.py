"""Triggers of reports: who may report what, the case that a report joins, and what it does to that."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger

HOURLY = 30
"""So many reports may somebody make within an hour."""


class AdmitsReport(Trigger):
    """Finds whose subject it is and the case it belongs to; refuses what cannot be reported and who may not report.

    Several reports of one person, and the reports of one subject, go one after the other.
    """

    name = "16_admit"
    words = (
        "Finds the person and the open case of a report, or opens one. Refuses what is not there, erased people, "
        f"people who are barred from reporting, and more than {HOURLY} reports of one person within an hour."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("lately", "uuid := uuidv7(interval '-3 hours')")]

    def get_func(self, model: Any) -> str:
        return f"""
NEW.entered_by_id := nullif(current_setting('app.user_id', true), '')::uuid;
NEW.leads_only := false;
IF NEW.source = 'user' AND NEW.reporter_id IS NOT NULL THEN
  IF EXISTS (
    SELECT FROM accounts_restriction r
    WHERE r.user_id = NEW.reporter_id AND r.kind = 'report' AND r.valid @> statement_timestamp()
  ) THEN
    RAISE EXCEPTION 'You are barred from reporting at the moment.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_report_barred', TABLE = TG_TABLE_NAME;
  END IF;
  -- The ids of a person's reports say when they were made, so that the latest are found by the index of ids.
  IF abs(extract(epoch FROM uuid_extract_timestamp(NEW.id) - statement_timestamp())) > 3600 THEN
    RAISE EXCEPTION 'The id of a report is of the time at which it is made.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_report_id', TABLE = TG_TABLE_NAME;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('audit_report by ' || NEW.reporter_id, 0));
  IF (
    SELECT count(*) FROM audit_report r
    WHERE r.reporter_id = NEW.reporter_id AND r.source = 'user'
      AND r.id > lately AND r.created_at > statement_timestamp() - interval '1 hour'
  ) >= {HOURLY} THEN
    RAISE EXCEPTION 'You have made {HOURLY} reports within the last hour. Those are looked at first; try again later.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_report_hourly', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
NEW.person_id := moderation_subject_person(NEW.subject_kind, NEW.subject_id);
IF NEW.person_id IS NULL THEN
  RAISE EXCEPTION 'There is no such %: nothing was reported.', NEW.subject_kind
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_report_subject', TABLE = TG_TABLE_NAME;
END IF;
IF EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.person_id AND u.erased_at IS NOT NULL) THEN
  RAISE EXCEPTION 'The account was erased; nothing of it is left to report.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_report_erased', TABLE = TG_TABLE_NAME;
END IF;
IF NEW.reporter_id = NEW.person_id THEN
  -- The CHECK on the columns says the same; here before a case is opened for it.
  RAISE EXCEPTION 'Nobody reports themselves, or what is their own.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_report_own_check', TABLE = TG_TABLE_NAME;
END IF;
NEW.case_id := moderation_case_for(NEW.subject_kind, NEW.subject_id, NEW.person_id);
RETURN NEW;"""


class FeedsCase(Trigger):
    """Counts the report on its case, copies what is reported, and asks the rules again.

    A case that was decided and left open is taken up again: somebody says that it is not over.
    """

    name = "90_feed"
    words = "Counts a report on its case, keeps the subject as evidence, and triages the case anew."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("known", "audit_case%ROWTYPE"), ("copy", "jsonb")]

    def get_func(self, model: Any) -> str:
        return """
SELECT * INTO known FROM audit_case c WHERE c.id = NEW.case_id FOR UPDATE;
UPDATE audit_case c
SET report_count = c.report_count + 1,
    last_reported_at = greatest(c.last_reported_at, statement_timestamp()),
    categories = CASE WHEN NEW.category = ANY (c.categories) THEN c.categories
                      ELSE c.categories || NEW.category END,
    sources = CASE WHEN NEW.source = ANY (c.sources) THEN c.sources ELSE c.sources || NEW.source END,
    status = CASE c.status WHEN 'decided' THEN 'reopened' ELSE c.status END
WHERE c.id = NEW.case_id;
copy := moderation_snapshot(NEW.subject_kind, NEW.subject_id);
INSERT INTO audit_evidence (id, case_id, kind, subject_kind, subject_id, content, object_key, media_type, sha256)
VALUES (
  uuidv7(), NEW.case_id, 'snapshot', NEW.subject_kind, NEW.subject_id, copy, '', '',
  sha256(convert_to(copy::text, 'UTF8'))
)
ON CONFLICT (case_id, sha256) DO NOTHING;
INSERT INTO audit_evidence (id, case_id, kind, subject_kind, subject_id, content, object_key, media_type, sha256)
SELECT uuidv7(), NEW.case_id, 'media', NEW.subject_kind, NEW.subject_id, media.content, media.object_key,
  media.media_type, media.sha256
FROM moderation_media(NEW.subject_kind, NEW.subject_id) AS media
ON CONFLICT (case_id, sha256) DO NOTHING;
IF known.report_count > 0
  AND NOT (NEW.category = ANY (known.categories) AND NEW.source = ANY (known.sources)) THEN
  PERFORM moderation_event(NEW.case_id, 'reported', '');
END IF;
PERFORM moderation_triage(NEW.case_id);
RETURN NULL;"""
