from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

RECORD = """
DECLARE
  kind engagement_notificationtrigger;
  acts text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
  me uuid := nullif(current_setting('app.user_id', true), '')::uuid;
  earlier uuid;
  fresh uuid := uuidv7();
  wrong text;
BEGIN
  SELECT * INTO kind FROM engagement_notificationtrigger t WHERE t.code = of_trigger;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no trigger % of notifications.', of_trigger
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_notificationevent_trigger';
  END IF;
  IF acts IN ('vbl_viewer', 'vbl_performer') THEN
    by_actor := me;
    -- What somebody changes about the own account is told to them, and to nobody else by them.
    IF me IS NULL OR NOT (
      kind.people_record OR kind.category = 'security' AND to_people IS NOT DISTINCT FROM ARRAY[me]
    ) THEN
      RAISE EXCEPTION 'People record what they do themselves, and nothing else.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_notificationevent_actor';
    END IF;
    IF acts = 'vbl_viewer' AND to_followers_of IS NOT NULL THEN
      RAISE EXCEPTION 'Only a performer tells something to followers.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_notificationevent_followers';
    END IF;
  END IF;
  SELECT k.happening_id INTO earlier FROM engagement_notificationeventkey k
  WHERE k.trigger_id = kind.id AND k.idempotency_key = once;
  IF earlier IS NULL THEN
    IF jsonb_typeof(given) IS DISTINCT FROM 'object' THEN
      RAISE EXCEPTION 'Variables are given by name.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_notificationevent_given';
    END IF;
    SELECT string_agg(k, ', ' ORDER BY k) INTO wrong FROM jsonb_object_keys(kind.variables) k WHERE NOT given ? k;
    IF wrong IS NOT NULL THEN
      RAISE EXCEPTION 'The trigger % needs: %.', of_trigger, wrong
        USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_notificationevent_missing';
    END IF;
    SELECT string_agg(k, ', ' ORDER BY k) INTO wrong FROM jsonb_object_keys(given) k WHERE NOT kind.variables ? k;
    IF wrong IS NOT NULL THEN
      RAISE EXCEPTION 'The trigger % does not know: %.', of_trigger, wrong
        USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_notificationevent_unknown';
    END IF;
    SELECT string_agg(v.key, ', ' ORDER BY v.key) INTO wrong FROM jsonb_each(given) v
    WHERE jsonb_typeof(v.value) NOT IN ('string', 'number') OR length(v.value #>> '{}') > 8000;
    IF wrong IS NOT NULL THEN
      RAISE EXCEPTION 'A variable is a number, or a text of at most 8000 characters: %.', wrong
        USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_notificationevent_values';
    END IF;
    BEGIN
      INSERT INTO engagement_notificationevent
        (id, trigger_id, idempotency_key, variables, actor_id, recipients, followers_of_id, deep_link)
      VALUES (
        fresh, kind.id, once, given, by_actor,
        coalesce((SELECT array_agg(DISTINCT r ORDER BY r) FROM unnest(to_people) r), '{}'),
        to_followers_of, link
      );
    EXCEPTION WHEN unique_violation THEN
      -- Somebody else recorded it a moment ago: theirs is the first.
      SELECT k.happening_id INTO STRICT earlier FROM engagement_notificationeventkey k
      WHERE k.trigger_id = kind.id AND k.idempotency_key = once;
    END;
  END IF;
  RETURN QUERY SELECT e.* FROM engagement_notificationevent e WHERE e.id = coalesce(earlier, fresh);
END
"""

# The sender knows no more than that somebody was told or not; the event knows nothing of the sender.
TELL_OF_MESSAGE = """
DECLARE
  said engagement_directmessage;
  told uuid;
BEGIN
  SELECT * INTO said FROM engagement_directmessage m
  WHERE m.id = message AND m.sender_id = nullif(current_setting('app.user_id', true), '')::uuid;
  IF NOT FOUND OR EXISTS (
    SELECT FROM engagement_mute u
    WHERE u.muter_id = said.recipient_id AND u.person_id = said.sender_id
      AND (u.expires_at IS NULL OR u.expires_at > statement_timestamp())
  ) OR EXISTS (
    SELECT FROM engagement_conversationmember c
    JOIN LATERAL (
      SELECT b.id, b.sender_id FROM engagement_directmessage b
      WHERE b.conversation_id = said.conversation_id AND b.id < said.id ORDER BY b.id DESC LIMIT 1
    ) b ON b.sender_id = said.sender_id AND b.id > coalesce(c.last_read_id, '00000000-0000-0000-0000-000000000000')
    WHERE c.conversation_id = said.conversation_id AND c.person_id = said.recipient_id
  ) THEN
    RETURN NULL;
  END IF;
  INSERT INTO engagement_notificationevent (id, trigger_id, idempotency_key, variables, recipients, deep_link)
  SELECT uuidv7(), t.id, said.id::text, '{}', ARRAY[said.recipient_id], '/messages'
  FROM engagement_notificationtrigger t WHERE t.code = 'direct_message'
  RETURNING id INTO told;
  RETURN told;
EXCEPTION WHEN unique_violation THEN
  RETURN NULL;
END
"""

DERIVED = """
SELECT (
  left(replace(base::text, '-', ''), 12) || '7' || substr(d.digest, 1, 3) || '8' || substr(d.digest, 4, 15)
)::uuid
FROM (SELECT encode(sha256(convert_to(base::text || '/' || part, 'UTF8')), 'hex') AS digest) d
"""

# An account may hold a zone that this server no longer knows; its person is then told by UTC.
ZONED = """
  BEGIN
    here := instant AT TIME ZONE zone;
  EXCEPTION WHEN invalid_parameter_value THEN
    zone := 'UTC';
    here := instant AT TIME ZONE zone;
  END;
"""

QUIET = f"""
DECLARE
  here timestamp;
  night boolean := starts > ends;
BEGIN
{ZONED}
  IF night AND here::time >= starts THEN
    RETURN (here::date + 1 + ends) AT TIME ZONE zone;
  END IF;
  IF night AND here::time < ends OR NOT night AND here::time >= starts AND here::time < ends THEN
    RETURN (here::date + ends) AT TIME ZONE zone;
  END IF;
  RETURN instant;
END
"""

DIGEST = f"""
DECLARE
  here timestamp;
  due date;
BEGIN
{ZONED}
  due := CASE WHEN here::time < time '09:00' THEN here::date ELSE here::date + 1 END;
  IF frequency = 'weekly' THEN
    -- Mondays.
    due := due + (8 - extract(isodow FROM due)::integer) % 7;
  END IF;
  RETURN (due + time '09:00') AT TIME ZONE zone;
END
"""

SURVEY = """
BEGIN
  destroyed := jsonb_build_object(
    'engagement_notification', (SELECT count(*) FROM engagement_notification n WHERE n.recipient_id = person_id),
    'engagement_deliveryattempt',
      (SELECT count(*) FROM engagement_deliveryattempt d WHERE d.recipient_id = person_id),
    'engagement_notificationevent',
      (SELECT count(*) FROM engagement_notificationevent e
       WHERE e.variables <> '{}' AND (person_id IN (e.actor_id, e.followers_of_id) OR e.id IN (
         SELECT n.happening_id FROM engagement_notification n WHERE n.recipient_id = person_id
       ) AND e.recipients = ARRAY[person_id] OR e.status <> 'spread' AND e.recipients = ARRAY[person_id])),
    'engagement_notificationpreference',
      (SELECT count(*) FROM engagement_notificationpreference p WHERE p.user_id = person_id),
    'engagement_notificationquiethours',
      (SELECT count(*) FROM engagement_notificationquiethours q WHERE q.user_id = person_id),
    'engagement_pushsubscription',
      (SELECT count(*) FROM engagement_pushsubscription s WHERE s.user_id = person_id),
    'engagement_deliverysuppression',
      (SELECT count(*) FROM engagement_deliverysuppression s WHERE s.user_id = person_id)
  );
  kept := jsonb_build_object(
    'engagement_templateversion',
      (SELECT count(*) FROM engagement_templateversion v WHERE person_id IN (v.drafted_by_id, v.published_by_id))
  );
  RETURN NEXT;
END
"""

ERASE = """
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_notifications_erase_erased';
  END IF;
  SELECT s.destroyed, s.kept INTO destroyed, kept FROM engagement_notifications_survey(person_id) s;
  UPDATE engagement_notificationevent e SET variables = '{}'
  WHERE e.variables <> '{}' AND (person_id IN (e.actor_id, e.followers_of_id) OR e.id IN (
    SELECT n.happening_id FROM engagement_notification n WHERE n.recipient_id = person_id
  ) AND e.recipients = ARRAY[person_id] OR e.status <> 'spread' AND e.recipients = ARRAY[person_id]);
  DELETE FROM engagement_deliveryattempt d WHERE d.recipient_id = person_id;
  DELETE FROM engagement_notification n WHERE n.recipient_id = person_id;
  DELETE FROM engagement_notificationpreference p WHERE p.user_id = person_id;
  DELETE FROM engagement_notificationquiethours q WHERE q.user_id = person_id;
  DELETE FROM engagement_pushsubscription s WHERE s.user_id = person_id;
  DELETE FROM engagement_deliverysuppression s WHERE s.user_id = person_id;
  RETURN NEXT;
END
"""


class Migration(migrations.Migration):
    """Recording an event, ids that follow from it, hours of people, and what goes when a person is erased."""

    dependencies = [("engagement", "0005_interaction"), ("accounts", "0005_erasure_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "engagement_notification_event_record",
            "of_trigger text, once text, given jsonb, to_people uuid[], to_followers_of uuid, by_actor uuid, link text",
            "SETOF engagement_notificationevent",
            RECORD,
            definer=True,
            comment=(
                "Records a happening of which people are told, and returns it; the same key of the same trigger returns "
                "the first. Refuses missing and unknown variables. Viewers and performers record what they do "
                "themselves; nobody inserts into the table."
            ),
        ),
        CreateFunction(
            "engagement_direct_message_tell",
            "message uuid",
            "uuid",
            TELL_OF_MESSAGE,
            definer=True,
            comment=(
                "Records for the recipient of a private message that there is one, unless an earlier one is still unread "
                "or the sender is muted; returns the event, null: nobody is told. For the sender. The event names the "
                "recipient alone."
            ),
        ),
        CreateFunction(
            "engagement_derived_id",
            "base uuid, part text",
            "uuid",
            DERIVED,
            language="sql",
            volatility="immutable",
            strict=True,
            comment="The UUIDv7 of the instant of base that the same base and part always give.",
        ),
        CreateFunction(
            "engagement_quiet_until",
            "instant timestamp with time zone, zone text, starts time without time zone, ends time without time zone",
            "timestamp with time zone",
            QUIET,
            volatility="stable",
            comment="The end of the quiet hours in which the instant lies on the clock of the zone, or the instant.",
        ),
        CreateFunction(
            "engagement_digest_at",
            "instant timestamp with time zone, zone text, frequency text",
            "timestamp with time zone",
            DIGEST,
            volatility="stable",
            comment="The next nine o'clock of a day, or of a Monday for weekly, on the clock of the zone.",
        ),
        CreateFunction(
            "engagement_notifications_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            SURVEY,
            definer=True,
            volatility="stable",
            comment="How many rows of notifications an erasure would destroy and keep; changes nothing. For compliance.",
        ),
        CreateFunction(
            "engagement_notifications_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            ERASE,
            definer=True,
            comment=(
                "Deletes what a person was told, their wishes, browsers and suppressions, and empties what events say "
                "of them, once the account is erased. Does nothing twice. For compliance."
            ),
        ),
    ]
