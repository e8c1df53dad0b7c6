from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

SURVEY = """
BEGIN
  destroyed := jsonb_build_object(
    'accounts_user', (SELECT count(*) FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NULL),
    'accounts_userpassword', (SELECT count(*) FROM accounts_userpassword p WHERE p.user_id = person_id),
    'accounts_usersession', (SELECT count(*) FROM accounts_usersession s WHERE s.user_id = person_id),
    'accounts_loginevent', (SELECT count(*) FROM accounts_loginevent e WHERE e.user_id = person_id),
    'accounts_usercontact', (SELECT count(*) FROM accounts_usercontact c WHERE c.user_id = person_id),
    'accounts_contactverification',
      (SELECT count(*) FROM accounts_contactverification v WHERE v.user_id = person_id),
    'accounts_totpdevice', (SELECT count(*) FROM accounts_totpdevice d WHERE d.user_id = person_id),
    'accounts_recoverycode', (SELECT count(*) FROM accounts_recoverycode r WHERE r.user_id = person_id),
    'axes_accessattempt', (SELECT count(*) FROM axes_accessattempt a WHERE a.username = person_id::text),
    'accounts_identityproviderlink',
      (SELECT count(*) FROM accounts_identityproviderlink l WHERE l.user_id = person_id),
    'accounts_viewerprofile', (SELECT count(*) FROM accounts_viewerprofile v WHERE v.user_id = person_id),
    'accounts_profilemedia', (SELECT count(*) FROM accounts_profilemedia m WHERE m.user_id = person_id),
    'accounts_historicaluser', (SELECT count(*) FROM accounts_historicaluser h WHERE h.id = person_id),
    'accounts_historicalviewerprofile',
      (SELECT count(*) FROM accounts_historicalviewerprofile h WHERE h.user_id = person_id),
    'accounts_historicalreservedhandle',
      (SELECT count(*) FROM accounts_historicalreservedhandle h WHERE h.previous_owner_id = person_id),
    'accounts_reservedhandle',
      (SELECT count(*) FROM accounts_reservedhandle r WHERE r.previous_owner_id = person_id),
    'accounts_accountflag',
      (SELECT count(*) FROM accounts_accountflag f WHERE f.user_id = person_id AND f.note <> ''),
    'accounts_historicalaccountflag',
      (SELECT count(*) FROM accounts_historicalaccountflag h WHERE h.user_id = person_id),
    'accounts_acceptance',
      (SELECT count(*) FROM accounts_acceptance a
       WHERE a.user_id = person_id AND (a.address IS NOT NULL OR a.user_agent_family <> ''))
  );
  kept := jsonb_build_object(
    'accounts_acceptance', (SELECT count(*) FROM accounts_acceptance a WHERE a.user_id = person_id),
    'accounts_consent', (SELECT count(*) FROM accounts_consent c WHERE c.user_id = person_id),
    'accounts_ageassurance', (SELECT count(*) FROM accounts_ageassurance a WHERE a.user_id = person_id),
    'accounts_restriction', (SELECT count(*) FROM accounts_restriction r WHERE r.user_id = person_id),
    'accounts_historicalrestriction',
      (SELECT count(*) FROM accounts_historicalrestriction h
       WHERE h.id IN (SELECT r.id FROM accounts_restriction r WHERE r.user_id = person_id)),
    'accounts_accountflag', (SELECT count(*) FROM accounts_accountflag f WHERE f.user_id = person_id),
    'accounts_rolegrant', (SELECT count(*) FROM accounts_rolegrant g WHERE g.user_id = person_id),
    'accounts_historicalrolegrant',
      (SELECT count(*) FROM accounts_historicalrolegrant h
       WHERE h.id IN (SELECT g.id FROM accounts_rolegrant g WHERE g.user_id = person_id)),
    'accounts_reservedhandle',
      (SELECT count(*) FROM accounts_reservedhandle r WHERE r.previous_owner_id = person_id)
      + (SELECT count(*) FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NULL),
    'accounts_user', (SELECT count(*) FROM accounts_user u WHERE u.id = person_id)
  );
  objects := ARRAY(
    SELECT m.object_key FROM accounts_profilemedia m WHERE m.user_id = person_id ORDER BY m.id
  );
  staff := EXISTS (
    SELECT FROM accounts_rolegrant g WHERE g.user_id = person_id AND g.valid @> statement_timestamp()
  );
  RETURN NEXT;
END
"""

ERASE = """
DECLARE
  actor uuid := nullif(current_setting('app.user_id', true), '')::uuid;
  old_handle text;
BEGIN
  IF coalesce(nullif(current_setting('role', true), 'none'), session_user) <> 'vbl_compliance' THEN
    RAISE EXCEPTION 'Only compliance erases people.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF actor IS NULL OR actor = person_id THEN
    RAISE EXCEPTION 'A person is erased by somebody, and by somebody else.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_person_erase_actor';
  END IF;
  SELECT u.handle INTO old_handle FROM accounts_user u WHERE u.id = person_id AND u.status = 'closed' FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Only a closed account can be erased, and only once.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_person_erase_closed';
  END IF;
  SELECT s.destroyed, s.kept, s.objects, s.staff INTO destroyed, kept, objects, staff
  FROM accounts_person_survey(person_id) s;
  IF staff THEN
    RAISE EXCEPTION 'The person holds a staff role; it has to be revoked first.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_person_erase_staff';
  END IF;

  UPDATE accounts_user u
  SET status = 'erased', erased_at = now(), handle = NULL, locale = 'und', time_zone = 'UTC', country = NULL,
      last_seen_at = NULL
  WHERE u.id = person_id;
  DELETE FROM accounts_userpassword p WHERE p.user_id = person_id;
  DELETE FROM accounts_usersession s WHERE s.user_id = person_id;
  DELETE FROM accounts_loginevent e WHERE e.user_id = person_id;
  DELETE FROM accounts_contactverification v WHERE v.user_id = person_id;
  DELETE FROM accounts_usercontact c WHERE c.user_id = person_id;
  DELETE FROM accounts_totpdevice d WHERE d.user_id = person_id;
  DELETE FROM accounts_recoverycode r WHERE r.user_id = person_id;
  DELETE FROM axes_accessattempt a WHERE a.username = person_id::text;
  DELETE FROM accounts_identityproviderlink l WHERE l.user_id = person_id;
  DELETE FROM accounts_profilemedia m WHERE m.user_id = person_id;
  DELETE FROM accounts_viewerprofile v WHERE v.user_id = person_id;
  DELETE FROM accounts_historicalviewerprofile h WHERE h.user_id = person_id;
  DELETE FROM accounts_historicaluser h WHERE h.id = person_id;
  DELETE FROM accounts_historicalreservedhandle h WHERE h.previous_owner_id = person_id;
  DELETE FROM accounts_historicalaccountflag h WHERE h.user_id = person_id;
  UPDATE accounts_accountflag f SET note = '' WHERE f.user_id = person_id AND f.note <> '';
  UPDATE accounts_acceptance a SET address = NULL, user_agent_family = ''
  WHERE a.user_id = person_id AND (a.address IS NOT NULL OR a.user_agent_family <> '');
  UPDATE accounts_reservedhandle r SET previous_owner_id = NULL WHERE r.previous_owner_id = person_id;
  INSERT INTO accounts_reservedhandle AS r (id, handle, reason, reserved_until)
  VALUES (uuidv7(), old_handle, 'quarantine', now() + interval '180 days')
  ON CONFLICT (handle_skeleton) DO UPDATE
  SET handle = EXCLUDED.handle, reserved_until = EXCLUDED.reserved_until
  WHERE r.reason = 'quarantine';
  RETURN NEXT;
END
"""


class Migration(migrations.Migration):
    """What would be erased of a person, and the only way to erase it."""

    dependencies = [("accounts", "0004_second_factor_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "accounts_person_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb, objects text[], staff boolean)",
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many rows of each table an erasure of the person would destroy or empty, how many it would keep, "
                "the keys of the person's objects in storage, and whether a staff role is in force; changes nothing. For compliance."
            ),
        ),
        CreateFunction(
            "accounts_person_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb, objects text[], staff boolean)",
            ERASE,
            definer=True,
            comment=(
                "Destroys what identifies a closed person and sets the account to erased; returns what it destroyed "
                "and kept, and the keys of objects to be deleted from storage. Checks for itself that compliance "
                "acts in the name of somebody else, and that no staff role is in force. For compliance."
            ),
        ),
    ]
