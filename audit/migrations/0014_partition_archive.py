from importlib import import_module

from django.db import migrations

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout


def landed(migration, name):
    """The function as an earlier migration of the app made it."""
    operations = import_module(f"audit.migrations.{migration}").Migration.operations
    return next(operation for operation in reversed(operations) if getattr(operation, "name", None) == name)


LABELS_ERASE = landed("0005_legal_hold_functions", "audit_labels_erase")

# Whoever makes keys for the archive holds this alone: keys that are being made are waited for, and then destroyed.
KEY_DESTROY = """
DECLARE
  acting_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
  destroyed bigint;
BEGIN
  IF acting_role NOT IN ('vbl_compliance', 'vbl_owner')
    AND NOT EXISTS (
      SELECT FROM accounts_user u WHERE u.id = archive_key_destroy.person AND u.status = 'erased'
    )
  THEN
    RAISE EXCEPTION 'The words about a person are erased by compliance, or when the account is erased.'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('archive keys', 0));
  DELETE FROM audit_archivekey k WHERE k.person_id = archive_key_destroy.person;
  GET DIAGNOSTICS destroyed = ROW_COUNT;
  RETURN destroyed;
END
"""

KEY_SURVEY = "SELECT count(*) FROM audit_archivekey k WHERE k.person_id = archive_key_survey.person"

# Partitions of labels that have left their table and are not in the archive yet are reached too; their events have not
# left, since labels go first.
DETACHED_LABELS = """
  PERFORM archive_key_destroy(person_id);
  FOR detached IN
    SELECT c.oid::regclass FROM pg_class c
    WHERE c.relnamespace = to_regnamespace('archive') AND c.relkind = 'r' AND c.relname ~ '^audit_label_p[0-9_]+$'
  LOOP
    EXECUTE format(
      'DELETE FROM %s l USING audit_event e WHERE l.id = e.id AND (e.actor_id = $1 OR e.subject_id = $1 '
      'AND e.subject_type = ''accounts.user'')', detached
    ) USING person_id;
    GET DIAGNOSTICS by_detached = ROW_COUNT;
    by_actor := by_actor + by_detached;
  END LOOP;
"""

ERASE = LABELS_ERASE.body.replace(
    "  by_subject bigint;\n", "  by_subject bigint;\n  by_detached bigint;\n  detached regclass;\n", 1
).replace(
    "  PERFORM set_config('app.erased_person', '', true);\n",
    DETACHED_LABELS + "  PERFORM set_config('app.erased_person', '', true);\n",
    1,
)


class Migration(migrations.Migration):
    """Keys of persons in the archive of partitions are destroyed when the words about them are erased."""

    dependencies = [("audit", "0013_filings")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "archive_key_survey",
            "person uuid",
            "bigint",
            KEY_SURVEY,
            language="sql",
            definer=True,
            volatility="stable",
            comment="How many keys in the archive of partitions a person has: one or none.",
        ),
        CreateFunction(
            "archive_key_destroy",
            "person uuid",
            "bigint",
            KEY_DESTROY,
            definer=True,
            comment=(
                "Destroys the key of a person in the archive of partitions: the words about them in every file are lost. For "
                "compliance, and for whoever erases an account once its status says so."
            ),
        ),
        CreateFunction(
            "audit_labels_erase",
            LABELS_ERASE.arguments,
            LABELS_ERASE.returns,
            ERASE,
            definer=True,
            comment=f"{LABELS_ERASE.comment} Reaches what left for the archive, by destroying the key of the person.",
            previous=LABELS_ERASE,
        ),
    ]
