from importlib import import_module

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


def landed(name):
    """The function as an earlier migration of this app made it."""
    operations = import_module("audit.migrations.0002_trail_functions").Migration.operations
    return next(operation for operation in operations if getattr(operation, "name", None) == name)


def part(expression):
    """One part of an encoding: byte 0 where it is null, else byte 1, its length in eight bytes, and its bytes."""
    return f"coalesce('\\x01'::bytea || int8send(octet_length({expression})) || {expression}, '\\x00'::bytea)"


def text(name):
    """A text as bytes."""
    return f"convert_to({name}, 'UTF8')"


def parts(*expressions):
    """Several parts, one after the other."""
    return "\n  || ".join(part(expression) for expression in expressions)


# In PL/pgSQL, which keeps its plan: as SQL functions they took four times as long.
EVENT_DIGEST = f"""
BEGIN RETURN sha256(
  '\\x00'::bytea || convert_to('audit_event 1', 'UTF8')
  || {parts(
      "uuid_send(id)",
      text("area"),
      text("action"),
      "uuid_send(actor_id)",
      text("acting_role"),
      text("subject_type"),
      "uuid_send(subject_id)",
      text("changed::text"),
      text("detail::text"),
      "uuid_send(request_id)",
      "label_digest",
      "xid8send(xact)",
  )}
); END
"""

SEAL_HEAD = f"""
BEGIN RETURN sha256(
  convert_to('audit_seal 1', 'UTF8')
  || int8send(number)
  || {part("previous_head")}
  || int2send(epoch)
  || xid8send(horizon)
  || int8send(cluster)
  || int8send(event_count)
  || coalesce(uuid_send(first_id), '\\x00000000000000000000000000000000'::bytea)
  || coalesce(uuid_send(last_id), '\\x00000000000000000000000000000000'::bytea)
  || {part("root")}
  || int8send((extract(epoch FROM sealed_at) * 1000000)::bigint)
  || int2send(key_number)
); END
"""

LABEL_DIGEST = f"""
BEGIN RETURN sha256(
  convert_to('audit_label 1', 'UTF8') || uuid_send(event_id) || salt
  || {parts(text("actor_label"), text("subject_label"), "substr(inet_send(address), 5)", text("reason"))}
); END
"""

RECORD = """
DECLARE
  event_id uuid := uuidv7();
  acting_id uuid := nullif(current_setting('app.user_id', true), '')::uuid;
  area text := audit_area(action, subject_type);
  salt bytea;
  digest bytea;
BEGIN
  IF coalesce(actor_label, subject_label, host(address), reason) IS NOT NULL THEN
    IF EXISTS (SELECT FROM accounts_user u WHERE u.id = acting_id AND u.status = 'erased') THEN
      actor_label := NULL;
      address := NULL;
      reason := NULL;
    END IF;
    IF subject_type = 'accounts.user'
      AND EXISTS (SELECT FROM accounts_user u WHERE u.id = audit_record.subject_id AND u.status = 'erased')
    THEN
      subject_label := NULL;
    END IF;
  END IF;
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
    acting_id,
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

LABELS_ERASE = """
DECLARE
  acting_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
  by_actor bigint;
  by_subject bigint;
BEGIN
  IF acting_role NOT IN ('vbl_compliance', 'vbl_owner')
    AND NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.status = 'erased')
  THEN
    RAISE EXCEPTION 'The words about a person are erased by compliance, or when the account is erased.'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM set_config('app.erased_person', person_id::text, true);
  DELETE FROM audit_label l USING audit_event e WHERE l.id = e.id AND e.actor_id = person_id;
  GET DIAGNOSTICS by_actor = ROW_COUNT;
  DELETE FROM audit_label l USING audit_event e
  WHERE l.id = e.id AND e.subject_id = person_id AND e.subject_type = 'accounts.user';
  GET DIAGNOSTICS by_subject = ROW_COUNT;
  PERFORM set_config('app.erased_person', '', true);
  RETURN by_actor + by_subject;
END
"""

SEAL_LAG = """
DECLARE
  latest audit_seal%ROWTYPE;
  waiting record;
BEGIN
  SELECT * INTO latest FROM audit_seal ORDER BY number DESC LIMIT 1;
  IF latest.cluster <> (SELECT system_identifier FROM pg_control_system())
    OR latest.horizon > pg_snapshot_xmax(pg_current_snapshot())
  THEN
    RETURN extract(epoch FROM clock_timestamp() - latest.sealed_at);
  END IF;
  -- One by one: a join would read every leaf, to find the first event without one.
  FOR waiting IN
    SELECT e.id, e.created_at FROM audit_event e
    WHERE e.xact >= coalesce(latest.horizon, '0'::xid8) AND e.xact < pg_snapshot_xmax(pg_current_snapshot())
    ORDER BY e.xact
  LOOP
    IF NOT EXISTS (SELECT FROM audit_sealleaf l WHERE l.id = waiting.id) THEN
      RETURN greatest(extract(epoch FROM clock_timestamp() - waiting.created_at), 0);
    END IF;
  END LOOP;
  RETURN NULL;
END
"""


class Migration(migrations.Migration):
    """What seals hash, how far sealing is behind, and how the words about a person are erased."""

    dependencies = [("audit", "0002_trail_functions"), ("accounts", "0001_people")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "audit_event_digest",
            "id uuid, area text, action text, actor_id uuid, acting_role text, subject_type text, subject_id uuid, "
            "changed text[], detail jsonb, request_id uuid, label_digest bytea, xact xid8",
            "bytea",
            EVENT_DIGEST,
            volatility="immutable",
            comment=(
                "The leaf of an event in a seal: SHA-256 over byte 0 (RFC 6962), 'audit_event 1', and every column in "
                "order as byte 0 for null, else byte 1, eight bytes of length and the bytes (text in UTF-8; changed and "
                "detail as PostgreSQL writes them)."
            ),
        ),
        CreateFunction(
            "audit_seal_head",
            "number bigint, previous_head bytea, epoch smallint, horizon xid8, cluster bigint, event_count bigint, "
            "first_id uuid, last_id uuid, root bytea, sealed_at timestamptz, key_number smallint",
            "bytea",
            SEAL_HEAD,
            volatility="immutable",
            comment=(
                "The head of a seal: SHA-256 over 'audit_seal 1' and every column in order, numbers big-endian, the "
                "instant in microseconds since 1970, a missing id as 16 bytes 0, the previous head and the root as byte "
                "0 for null, else byte 1, eight bytes of length and the bytes."
            ),
        ),
        CreateFunction(
            "audit_label_digest",
            landed("audit_label_digest").arguments,
            "bytea",
            LABEL_DIGEST,
            volatility="immutable",
            comment=landed("audit_label_digest").comment,
            previous=landed("audit_label_digest"),
        ),
        CreateFunction(
            "audit_record",
            landed("audit_record").arguments,
            "uuid",
            RECORD,
            definer=True,
            comment=(
                "Writes one event of the trail and its words; returns its id. Actor, role and request are those of the "
                "transaction, so that nobody writes in the name of another. Who was erased is not named again. For "
                "every role."
            ),
            previous=landed("audit_record"),
        ),
        CreateFunction(
            "audit_labels_erase",
            "person_id uuid",
            "bigint",
            LABELS_ERASE,
            definer=True,
            comment=(
                "Erases the words of every event that the person caused or that was about the person; returns how many. "
                "For compliance, and for whoever erases an account once its status says so."
            ),
        ),
        CreateFunction(
            "audit_seal_lag",
            "",
            "double precision",
            SEAL_LAG,
            definer=True,
            volatility="stable",
            comment=(
                "Seconds since the oldest event without a seal was written; null: every event has one. In a cluster "
                "other than that of the last seal: seconds since that seal. For health and the overseers."
            ),
        ),
    ]
