from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

OBSTACLES = """
SELECT asked.id, obstacle.code
FROM (SELECT DISTINCT unnest(performer_ids)) AS asked (id)
CROSS JOIN LATERAL (SELECT coalesce(performers_obstacles.at, statement_timestamp())) AS clock (instant)
LEFT JOIN performers_performerprofile p ON p.id = asked.id
LEFT JOIN accounts_user u ON u.id = asked.id
LEFT JOIN LATERAL (
  SELECT r.documents_until
  FROM performers_identityrecord r
  WHERE r.performer_id = asked.id AND r.verdict = 'accepted'
  ORDER BY r.id DESC
  LIMIT 1
) AS current_record ON true
CROSS JOIN LATERAL (
  VALUES
    (1, 'not_verified', coalesce(p.status NOT IN ('verified', 'paused'), true)),
    (2, 'paused', p.status = 'paused'),
    (3, 'no_identity_record', p.id IS NOT NULL AND current_record.documents_until IS NULL),
    (4, 'document_expired', current_record.documents_until <= clock.instant),
    (5, 'account_closed', u.status NOT IN ('active', 'restricted')),
    (6, 'barred', EXISTS (
      SELECT FROM accounts_restriction b
      WHERE b.user_id = asked.id AND b.kind IN ('stream', 'sign_in') AND b.valid @> clock.instant
    ))
) AS obstacle (place, code, stands)
WHERE obstacle.stands
ORDER BY asked.id, obstacle.place
"""

RUN_OUT = """
SELECT r.performer_id
FROM performers_identityrecord r
JOIN performers_performerprofile p ON p.id = r.performer_id AND p.status IN ('verified', 'paused')
WHERE r.verdict = 'accepted' AND r.documents_until <= coalesce(performers_run_out.at, statement_timestamp())
  AND r.id = (
    SELECT latest.id FROM performers_identityrecord latest
    WHERE latest.performer_id = r.performer_id AND latest.verdict = 'accepted'
    ORDER BY latest.id DESC
    LIMIT 1
  )
ORDER BY r.documents_until, r.performer_id
LIMIT performers_run_out.most
"""

SURVEY = """
BEGIN
  destroyed := jsonb_build_object(
    'performers_performerprofile',
      (SELECT count(*) FROM performers_performerprofile p WHERE p.id = person_id AND p.stage_name IS NOT NULL),
    'performers_historicalperformerprofile',
      (SELECT count(*) FROM performers_historicalperformerprofile h WHERE h.id = person_id),
    'performers_performerresidence',
      (SELECT count(*) FROM performers_performerresidence r WHERE r.performer_id = person_id),
    'performers_performerlanguage',
      (SELECT count(*) FROM performers_performerlanguage l WHERE l.performer_id = person_id),
    'performers_performerattribute',
      (SELECT count(*) FROM performers_performerattribute a WHERE a.performer_id = person_id),
    'performers_scheduleoccurrence', (SELECT count(*) FROM performers_scheduleoccurrence t WHERE t.performer_id = person_id),
    'performers_scheduleseries', (SELECT count(*) FROM performers_scheduleseries t WHERE t.performer_id = person_id),
    'performers_timeoff', (SELECT count(*) FROM performers_timeoff t WHERE t.performer_id = person_id),
    'performers_streamingdefault', (SELECT count(*) FROM performers_streamingdefault t WHERE t.performer_id = person_id),
    'performers_presence', (SELECT count(*) FROM performers_presence t WHERE t.performer_id = person_id),
    'performers_geoblock', (SELECT count(*) FROM performers_geoblock t WHERE t.performer_id = person_id),
    'performers_payoutpreference', (SELECT count(*) FROM performers_payoutpreference t WHERE t.performer_id = person_id),
    'performers_performermetric', (SELECT count(*) FROM performers_performermetric t WHERE t.performer_id = person_id)
  );
  kept := jsonb_build_object(
    'performers_performerprofile', (SELECT count(*) FROM performers_performerprofile p WHERE p.id = person_id),
    'performers_performeralias', (SELECT count(*) FROM performers_performeralias a WHERE a.performer_id = person_id),
    'performers_identityrecord',
      (SELECT count(*) FROM performers_identityrecord r WHERE r.performer_id = person_id),
    'performers_identitydocument',
      (SELECT count(*) FROM performers_identitydocument d WHERE d.performer_id = person_id),
    'performers_studiomembership',
      (SELECT count(*) FROM performers_studiomembership m WHERE m.performer_id = person_id)
  );
  RETURN NEXT;
END
"""

ERASE = """
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'performers_person_erase_erased';
  END IF;
  SELECT s.destroyed, s.kept INTO destroyed, kept FROM performers_person_survey(person_id) s;
  UPDATE performers_performerprofile p
  SET stage_name = NULL, slug = NULL, headline = '', biography = '', pronouns = '', displayed_location = '',
      status = 'offboarded', offboarded_at = coalesce(p.offboarded_at, now()), renewal_submitted_at = NULL
  WHERE p.id = person_id AND p.stage_name IS NOT NULL;
  DELETE FROM performers_performerattribute a WHERE a.performer_id = person_id;
  DELETE FROM performers_performerlanguage l WHERE l.performer_id = person_id;
  DELETE FROM performers_performerresidence r WHERE r.performer_id = person_id;
  DELETE FROM performers_scheduleoccurrence t WHERE t.performer_id = person_id;
  DELETE FROM performers_scheduleseries t WHERE t.performer_id = person_id;
  DELETE FROM performers_timeoff t WHERE t.performer_id = person_id;
  DELETE FROM performers_streamingdefault t WHERE t.performer_id = person_id;
  DELETE FROM performers_presence t WHERE t.performer_id = person_id;
  DELETE FROM performers_geoblock t WHERE t.performer_id = person_id;
  DELETE FROM performers_payoutpreference t WHERE t.performer_id = person_id;
  DELETE FROM performers_performermetric t WHERE t.performer_id = person_id;
  DELETE FROM performers_historicalperformerprofile h WHERE h.id = person_id;
  RETURN NEXT;
END
"""


class Migration(migrations.Migration):
    """Who may go live, whose documents have run out, and what goes when a performer is erased."""

    dependencies = [("performers", "0001_performers"), ("accounts", "0005_erasure_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "performers_obstacles",
            "performer_ids uuid[], at timestamptz DEFAULT NULL",
            "TABLE (performer_id uuid, obstacle text)",
            OBSTACLES,
            language="sql",
            volatility="stable",
            definer=True,
            comment=(
                "What keeps each of these performers from going live at an instant (null: now, by the database's clock), "
                "a row for each obstacle; no row: nothing does. Tells nothing else of identity records. For the gate, which "
                "acts as the performer or the worker, and for staff."
            ),
        ),
        CreateFunction(
            "performers_run_out",
            "at timestamptz, most integer",
            "SETOF uuid",
            RUN_OUT,
            language="sql",
            volatility="stable",
            definer=True,
            comment=(
                "Verified and paused performers whose documents have all expired at an instant (null: now), those first "
                "whose expired first. For the job that ends their admission as the worker, which reads no identity records."
            ),
        ),
        CreateFunction(
            "performers_person_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many rows about a performer an erasure of the person would destroy or empty, and how many it would "
                "keep; changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "performers_person_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            ERASE,
            definer=True,
            comment=(
                "Empties the profile of a performer whose account is erased, and deletes residences, languages, attributes "
                "and history; aliases and identity records stay, as the law demands. Does nothing twice. For compliance."
            ),
        ),
    ]
