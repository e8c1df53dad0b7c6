from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# Saturday and Sunday are not counted; the hour of the day stays.
WORKING_DAYS = """
DECLARE
  local_time timestamp := since AT TIME ZONE zone;
  left_over integer := days;
BEGIN
  WHILE left_over > 0 LOOP
    local_time := local_time + interval '1 day';
    IF extract(isodow FROM local_time) < 6 THEN
      left_over := left_over - 1;
    END IF;
  END LOOP;
  RETURN local_time AT TIME ZONE zone;
END
"""

# Support answers tickets of another system, of which only the number is known here.
GROUND = """
SELECT EXISTS (
    SELECT FROM audit_case c
    WHERE c.person_id = person AND reference <> '' AND c.reference = upper(reference)
  )
  OR acting_role = 'vbl_support' AND reference <> '' AND upper(reference) NOT LIKE 'C-%'
  OR EXISTS (
    SELECT FROM audit_claim k JOIN audit_case c ON c.id = k.case_id
    WHERE k.moderator_id = reader AND c.person_id = person AND upper(k.valid) > read_at - interval '30 days'
  )
  OR EXISTS (
    SELECT FROM audit_event e
    WHERE e.actor_id = reader
      AND e.id >= uuidv7(read_at - statement_timestamp() - interval '7 days')
      AND e.subject_id IN (person, subject)
      AND e.action NOT IN ('data_revealed', 'evidence_viewed')
  )
  OR EXISTS (
    SELECT FROM audit_subjectrequest q
    WHERE q.person_id = person AND reader IN (q.handled_by_id, q.identity_confirmed_by_id, q.run_by_id)
      AND (q.status IN ('received', 'verified', 'running') OR q.status_since > read_at - interval '30 days')
  )
"""

# A night worker is at home in the night: what counts is what the reader has done at this hour before, not counting the
# shift in which they are. Of somebody of whom too little is known, working hours are asked.
HABIT = """
SELECT count(DISTINCT a.day)::integer,
  (count(DISTINCT a.day) FILTER (WHERE least(abs(a.hour - now_hour), 24 - abs(a.hour - now_hour)) <= 1))::integer
FROM (
  SELECT (uuid_extract_timestamp(e.id) AT TIME ZONE 'UTC')::date AS day,
    extract(hour FROM uuid_extract_timestamp(e.id) AT TIME ZONE 'UTC')::integer AS hour,
    extract(hour FROM read_at AT TIME ZONE 'UTC')::integer AS now_hour
  FROM audit_event e
  WHERE e.actor_id = reader
    AND e.id >= uuidv7(read_at - statement_timestamp() - interval '28 days')
    AND e.id < uuidv7(read_at - statement_timestamp() - interval '12 hours')
  ORDER BY e.id DESC
  LIMIT 2000
) AS a
"""

FIND = """
#variable_conflict use_column
DECLARE
  this record;
  setting record;
  counted record;
  habit record;
  about uuid;
  alert uuid;
  local_time timestamp;
BEGIN
  SELECT r.id, r.actor_id, r.acting_role, r.person_id, r.subject_type, r.subject_id, r.case_reference,
    uuid_extract_timestamp(r.id) AS read_at
  INTO this
  FROM audit_sensitiveread r WHERE r.id = reading;
  IF NOT FOUND THEN
    SELECT e.id, e.actor_id, e.acting_role, c.person_id, 'evidence'::text AS subject_type, e.subject_id,
      c.reference AS case_reference, uuid_extract_timestamp(e.id) AS read_at
    INTO this
    FROM audit_event e JOIN audit_case c ON c.id = e.subject_id
    WHERE e.id = reading AND e.action = 'evidence_viewed' AND e.actor_id IS NOT NULL;
    IF NOT FOUND THEN
      RETURN;
    END IF;
  END IF;
  -- Two readings of one person at once must count one another; the recording takes the same lock.
  PERFORM pg_advisory_xact_lock(hashtextextended('audit_sensitiveread ' || this.actor_id, 0));
  FOR setting IN SELECT r.* FROM audit_readalertrule r ORDER BY r.rule LOOP
    CONTINUE WHEN (setting.rule = 'evidence') <> (this.subject_type = 'evidence');
    CONTINUE WHEN EXISTS (
      SELECT FROM audit_readalertreading x JOIN audit_readalert a ON a.id = x.alert_id
      WHERE x.reading_id = reading AND a.rule = setting.rule
    );
    CONTINUE WHEN setting.rule = 'private_messages' AND this.subject_type <> 'audit.evidence'
      OR setting.rule = 'archives' AND this.subject_type <> 'audit.personalarchive'
      OR setting.rule = 'administrator' AND this.acting_role <> 'vbl_administrator'
      OR setting.rule = 'colleague' AND NOT EXISTS (
        SELECT FROM accounts_rolegrant g WHERE g.user_id = this.person_id AND g.valid @> this.read_at
      )
      OR setting.rule = 'without_case' AND read_has_ground(
        this.actor_id, this.acting_role, this.person_id, this.subject_id, this.case_reference, this.read_at
      );
    IF setting.rule IN ('unusual_hour', 'outside_hours') THEN
      SELECT h.days, h.near INTO habit FROM reader_habit(this.actor_id, this.read_at) h;
      CONTINUE WHEN setting.rule = 'unusual_hour' AND (habit.days < 5 OR habit.near > 0);
      IF setting.rule = 'outside_hours' THEN
        local_time := this.read_at AT TIME ZONE setting.zone;
        CONTINUE WHEN habit.days >= 5
          OR extract(isodow FROM local_time) < 6
            AND local_time::time >= setting.opens_at AND local_time::time < setting.closes_at;
      END IF;
    END IF;
    -- What somebody has reviewed is not counted again.
    SELECT array_agg(f.id ORDER BY f.id) AS ids,
      CASE WHEN setting.rule = 'many_people' THEN count(DISTINCT f.person_id) ELSE count(*) END::integer AS number,
      min(f.read_at) AS first_at
    INTO counted
    FROM (
      SELECT r.id, r.person_id, uuid_extract_timestamp(r.id) AS read_at
      FROM audit_sensitiveread r
      WHERE this.subject_type <> 'evidence'
        AND r.actor_id = this.actor_id
        AND r.id <= reading
        AND r.id >= uuidv7(this.read_at - statement_timestamp() - make_interval(hours => setting.hours, secs => 1))
        AND uuid_extract_timestamp(r.id) > this.read_at - make_interval(hours => setting.hours)
        AND (setting.rule NOT IN ('colleague', 'administrator', 'unusual_hour', 'outside_hours') OR r.id = reading)
        AND (setting.rule <> 'same_person' OR r.person_id = this.person_id)
        AND (setting.rule <> 'private_messages' OR r.subject_type = 'audit.evidence')
        AND (setting.rule <> 'archives' OR r.subject_type = 'audit.personalarchive')
        AND (setting.rule <> 'without_case' OR NOT read_has_ground(
          r.actor_id, r.acting_role, r.person_id, r.subject_id, r.case_reference, uuid_extract_timestamp(r.id)
        ))
      UNION ALL
      SELECT e.id, c.person_id, uuid_extract_timestamp(e.id)
      FROM audit_event e JOIN audit_case c ON c.id = e.subject_id
      WHERE this.subject_type = 'evidence'
        AND e.actor_id = this.actor_id
        AND e.action = 'evidence_viewed'
        AND e.id <= reading
        AND e.id >= uuidv7(this.read_at - statement_timestamp() - make_interval(hours => setting.hours, secs => 1))
        AND uuid_extract_timestamp(e.id) > this.read_at - make_interval(hours => setting.hours)
    ) AS f
    WHERE NOT EXISTS (
      SELECT FROM audit_readalertreading x JOIN audit_readalert a ON a.id = x.alert_id
      WHERE x.reading_id = f.id AND a.rule = setting.rule AND a.status <> 'open'
    );
    about := CASE WHEN setting.rule IN ('same_person', 'colleague') THEN this.person_id END;
    SELECT a.id INTO alert FROM audit_readalert a
    WHERE a.reader_id = this.actor_id AND a.rule = setting.rule AND a.person_id IS NOT DISTINCT FROM about
      AND a.status = 'open'
    FOR NO KEY UPDATE;
    IF alert IS NULL THEN
      CONTINUE WHEN counted.number < setting.threshold;
      alert := uuidv7();
      INSERT INTO audit_readalert (
        id, rule, reader_id, reader_role, person_id, threshold, measured, first_at, last_at, found_by, due_at
      )
      VALUES (
        alert, setting.rule, this.actor_id, this.acting_role, about, setting.threshold, counted.number,
        counted.first_at, this.read_at, noticed_by, working_days_after(statement_timestamp(), 3, 'UTC')
      );
      RETURN NEXT alert;
    ELSE
      UPDATE audit_readalert a
      SET measured = greatest(a.measured, counted.number), last_at = greatest(a.last_at, this.read_at)
      WHERE a.id = alert;
    END IF;
    INSERT INTO audit_readalertreading (id, alert_id, reading_id, read_at, person_id, subject_type)
    SELECT uuidv7(), alert, i.id, uuid_extract_timestamp(i.id), coalesce(r.person_id, c.person_id),
      coalesce(r.subject_type, 'audit.evidence')
    FROM unnest(counted.ids) AS i (id)
    LEFT JOIN audit_sensitiveread r ON r.id = i.id
    LEFT JOIN audit_event e ON e.id = i.id AND r.id IS NULL
    LEFT JOIN audit_case c ON c.id = e.subject_id
    WHERE NOT EXISTS (
      SELECT FROM audit_readalertreading x WHERE x.alert_id = alert AND x.reading_id = i.id
    );
    -- Ids of readings at once are not in the order of their commits: those after this one were counted without it.
    IF setting.rule NOT IN ('colleague', 'administrator', 'unusual_hour', 'outside_hours') THEN
      UPDATE audit_readalert a SET measured = late.number
      FROM (
        SELECT max(w.number) AS number FROM (
          SELECT CASE WHEN setting.rule = 'many_people' THEN count(DISTINCT y.person_id) ELSE count(*) END::integer AS number
          FROM audit_readalertreading x
          JOIN audit_readalertreading y ON y.alert_id = alert
            AND y.read_at <= x.read_at AND y.read_at > x.read_at - make_interval(hours => setting.hours)
          WHERE x.alert_id = alert AND x.reading_id > reading
            AND x.read_at < this.read_at + make_interval(hours => setting.hours)
          GROUP BY x.id
        ) AS w
      ) AS late
      WHERE a.id = alert AND late.number > a.measured;
    END IF;
  END LOOP;
END
"""

SWEEP = """
DECLARE
  found record;
  alert uuid;
BEGIN
  looked := 0;
  FOR found IN
    SELECT r.id FROM audit_sensitiveread r WHERE r.id >= uuidv7(-back)
    UNION ALL
    SELECT e.id FROM audit_event e WHERE e.action = 'evidence_viewed' AND e.id >= uuidv7(-back)
    ORDER BY id
  LOOP
    looked := looked + 1;
    FOR alert IN SELECT f.a FROM read_alerts_find(found.id, 'job') AS f (a) LOOP
      alerts := alerts || alert;
    END LOOP;
  END LOOP;
  alerts := coalesce(alerts, '{}');
END
"""

SURVEY = """
SELECT count(*) FROM audit_readalert a
WHERE person IN (a.reader_id, a.person_id)
  OR EXISTS (SELECT FROM audit_readalertreading r WHERE r.alert_id = a.id AND r.person_id = person)
"""

WORDS = """
SELECT count(*) FROM audit_readalert a
WHERE a.review_reason <> '' AND (
  person IN (a.reader_id, a.person_id)
  OR EXISTS (SELECT FROM audit_readalertreading r WHERE r.alert_id = a.id AND r.person_id = person)
)
"""

ERASE = """
DECLARE
  emptied bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'Only the words about somebody who is erased are emptied' USING ERRCODE = 'restrict_violation';
  END IF;
  UPDATE audit_readalert a SET review_reason = ''
  WHERE a.review_reason <> '' AND (
    person IN (a.reader_id, a.person_id)
    OR EXISTS (SELECT FROM audit_readalertreading r WHERE r.alert_id = a.id AND r.person_id = person)
  );
  GET DIAGNOSTICS emptied = ROW_COUNT;
  RETURN emptied;
END
"""

RULES = (
    ("many_in_an_hour", 10, 1, "A reader looks up a person for each ticket, four to six an hour; ten is twice that, and a third of what is refused."),
    ("many_in_a_day", 40, 24, "A full day of the busiest reader has 30 readings; 40 is beyond it and well below the 100 that are refused."),
    ("many_people", 15, 24, "Copying data for somebody else takes many people once each; a day of work is about fewer than fifteen."),
    ("same_person", 3, 24, "The second look at one person is forgetfulness; the third in a day is interest in the person."),
    ("colleague", 1, 24, "A colleague is known to the reader: every such reading has a reason that somebody else should hear."),
    ("administrator", 1, 24, "The administrator answers no tickets and works no cases: there is no everyday reason to read."),
    ("unusual_hour", 1, 24, "On at least five days of the last 28 the reader has worked, and never within an hour of this time."),
    ("without_case", 3, 24, "One reading may answer a telephone call; three people in a day about whom the reader has nothing to do are a pattern."),
    ("private_messages", 15, 24, "A moderator opens the messages of the cases they hold; fifteen conversations are more than a day of such cases."),
    ("archives", 3, 24, "An archive is a whole life: a request is answered by one download, and a repeated one has a reason."),
    ("evidence", 60, 1, "A file a minute for an hour is faster than anybody decides."),
)


def seed(apps, schema_editor):
    """The thresholds with their reasons. Another one is set by another migration."""
    rules = apps.get_model("audit", "ReadAlertRule")
    for rule, threshold, hours, why in RULES:
        rules.objects.create(rule=rule, threshold=threshold, hours=hours, why=why)
    rules.objects.create(
        rule="outside_hours",
        threshold=1,
        hours=24,
        zone="Europe/Berlin",
        opens_at="07:00",
        closes_at="22:00",
        why="Of somebody who worked on fewer than five of the last 28 days no habit is known: the hours of the office hold.",
    )


class Migration(migrations.Migration):
    """What is unusual about a reading, and the only way in which alerts come about."""

    dependencies = [("audit", "0010_personal_archives")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        migrations.RunPython(seed, migrations.RunPython.noop, elidable=False),
        CreateFunction(
            "working_days_after",
            "since timestamptz, days integer, zone text",
            "timestamptz",
            WORKING_DAYS,
            volatility="stable",
            comment="The same time of day so many working days later: Saturday and Sunday are not counted.",
        ),
        CreateFunction(
            "read_has_ground",
            "reader uuid, acting_role text, person uuid, subject uuid, reference text, read_at timestamptz",
            "boolean",
            GROUND,
            language="sql",
            volatility="stable",
            comment=(
                "Whether somebody who read has to do with the person: the reading names a case about them, or support's "
                "ticket; the reader held such a case within 30 days, or acted upon the person or the row within 7."
            ),
        ),
        CreateFunction(
            "reader_habit",
            "reader uuid, read_at timestamptz",
            "TABLE (days integer, near integer)",
            HABIT,
            language="sql",
            volatility="stable",
            comment=(
                "On how many of the last 28 days a member of staff has acted, and on how many within an hour of this "
                "time of day; the last twelve hours are not counted. At most the last 2,000 events are asked."
            ),
        ),
        CreateFunction(
            "read_alerts_find",
            "reading uuid, noticed_by text",
            "SETOF uuid",
            FIND,
            definer=True,
            comment=(
                "Asks every rule of audit_readalertrule about one reading of encrypted data, private messages, archives "
                "or evidence; opens an alert or lets the reading join the one that is open. Returns the new alerts. "
                "Twice is once. For triggers and read_alerts_sweep."
            ),
        ),
        CreateFunction(
            "read_alerts_sweep",
            "back interval, OUT looked integer, OUT alerts uuid[]",
            "record",
            SWEEP,
            definer=True,
            comment="Asks the rules again about every reading of the time back from now. For the worker.",
        ),
        CreateFunction(
            "read_alerts_person_survey",
            "person uuid",
            "bigint",
            SURVEY,
            language="sql",
            definer=True,
            volatility="stable",
            comment="How many alerts are about readings by or of a person. For the erasure, as compliance.",
        ),
        CreateFunction(
            "read_alerts_person_words",
            "person uuid",
            "bigint",
            WORDS,
            language="sql",
            definer=True,
            volatility="stable",
            comment="In how many of these alerts a reviewer wrote something. For the erasure, as compliance.",
        ),
        CreateFunction(
            "read_alerts_person_erase",
            "person uuid",
            "bigint",
            ERASE,
            definer=True,
            comment=(
                "Empties what reviewers wrote about readings by or of somebody who is erased; returns how many. Refuses a "
                "person who is not erased. For compliance."
            ),
        ),
    ]
