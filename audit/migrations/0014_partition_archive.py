from importlib import import_module

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.lookups
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.db.indexes
import core.db.policies
import core.db.triggers
import core.encryption.fields
import core.models.identity
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
    """Partitions leave for an archive of files, whose personal columns open with keys of persons."""

    dependencies = [
        ("audit", "0013_filings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        # What goes to the archive says when from now on: the copy of the models, after migrate, says so again.
        migrations.RunSQL(
            "UPDATE audit_retentionpolicy SET action = 'delete' WHERE action = 'archive'",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="ArchivedPartition",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="Identity of the row: UUIDv7, which carries its instant of creation.",
                        db_default=core.models.identity.UUIDv7(),
                        default=core.models.identity.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_comment="When the row was written (UTC); kept by trigger.",
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_comment="When the row last changed (UTC); kept by trigger.",
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                    ),
                ),
                ("table_name", models.TextField(db_comment="The table whose partition it was: audit_event.")),
                ("partition_name", models.TextField(db_comment="The partition: audit_event_p2020_03.")),
                ("lower_id", models.UUIDField(db_comment="The smallest id that could be in it.")),
                ("upper_id", models.UUIDField(db_comment="The smallest id after those that could be in it.")),
                ("rows", models.BigIntegerField(db_comment="How many rows the file holds.")),
                (
                    "rows_sha256",
                    models.BinaryField(
                        db_comment="SHA-256 over its rows in the order of their ids, without personal columns; 32 bytes."
                    ),
                ),
                (
                    "schema_version",
                    models.TextField(
                        db_comment="The last migration of the app when it was written: 0014_name."
                    ),
                ),
                (
                    "place",
                    models.TextField(db_comment="Where the file lies below PARTITION_ARCHIVE_DIRECTORY."),
                ),
                ("file_bytes", models.BigIntegerField(db_comment="Size of the file, in bytes.")),
                ("file_sha256", models.BinaryField(db_comment="SHA-256 of the file; 32 bytes.")),
                (
                    "manifest_sha256",
                    models.BinaryField(db_comment="SHA-256 of the manifest beside it; 32 bytes."),
                ),
                (
                    "file_key",
                    core.encryption.fields.EncryptedTextField(
                        db_comment="The key of the file, 32 bytes in Base64; null: the file is destroyed. Privacy: encrypted.",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("written", "Written and proven, rows still in the database"),
                            ("cold", "In the archive"),
                            ("restored", "Back in the database"),
                            ("destroyed", "Destroyed"),
                        ],
                        db_comment="Where its rows are: the life of the file.",
                        db_default="written",
                    ),
                ),
                (
                    "written_at",
                    models.DateTimeField(
                        db_comment="When the file had been read back and proven (UTC).",
                        db_default=django.db.models.functions.datetime.Now(),
                    ),
                ),
                (
                    "cold_at",
                    models.DateTimeField(
                        db_comment="When its rows left the database (UTC); null: they have not.", null=True
                    ),
                ),
                (
                    "restored_at",
                    models.DateTimeField(
                        db_comment="When its rows came back (UTC); null: they have not.", null=True
                    ),
                ),
                (
                    "restored_until",
                    models.DateTimeField(
                        db_comment="Until when retention leaves the rows that came back (UTC); null: they have not.",
                        null=True,
                    ),
                ),
                (
                    "destroyed_at",
                    models.DateTimeField(
                        db_comment="When its file and key were destroyed (UTC); null: they are there.",
                        null=True,
                    ),
                ),
                (
                    "destroyed_because",
                    models.TextField(
                        blank=True,
                        db_comment="Why the file was destroyed; empty: it was not. Privacy: none.",
                        db_default="",
                        default="",
                    ),
                ),
            ],
            options={
                "verbose_name": "archived partition",
                "db_table_comment": "One row per file to which a partition left the database: its rows, its place, its digests. Written by audit.services.partition_archives. Kept for ever.",
            },
        ),
        migrations.CreateModel(
            name="ArchiveKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="Identity of the row: UUIDv7, which carries its instant of creation.",
                        db_default=core.models.identity.UUIDv7(),
                        default=core.models.identity.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "key",
                    core.encryption.fields.EncryptedTextField(
                        db_comment="32 random bytes in Base64. Privacy: encrypted.", editable=False
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(
                        db_comment="When it was made (UTC).",
                        db_default=django.db.models.functions.datetime.Now(),
                    ),
                ),
            ],
            options={
                "verbose_name": "key of a person in the archive",
                "verbose_name_plural": "keys of people in the archive",
                "db_table_comment": "One row per person about whom personal columns lie in the archive of partitions: the key that they need. Written by audit.services.archive_keys. Kept until the words about the person are erased.",
            },
        ),
        migrations.AlterModelTableComment(
            name="event",
            table_comment="One row per thing that somebody did, without words that may have to be erased. Written by audit_record in the transaction of the change. Kept 7 years, of them 2 in the database.",
        ),
        migrations.AlterModelTableComment(
            name="label",
            table_comment="One row per event of the trail that has erasable words: names, address, reason; its id is the event's. Written by audit_record. Kept 7 years unless erased before, of them 2 in the database.",
        ),
        migrations.AlterModelTableComment(
            name="sealleaf",
            table_comment="One row per sealed event, whose id it has: its seal and its digest. Written by audit.services.seals. Kept 7 years, of them 2 in the database, as events are.",
        ),
        migrations.AlterModelTableComment(
            name="securityevent",
            table_comment="One row per thing that may be an attack. Written by security_record. Kept 2 years, of them 13 months in the database.",
        ),
        migrations.AlterModelTableComment(
            name="sensitiveread",
            table_comment="One row per reading of encrypted or sealed data; its id is that of the event in the trail, whose words hold the reason. Written by sensitive_read_record before anything is decrypted. Kept 7 years, of them 2 in the database.",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="retentionpolicy",
            name="46_minimum",
        ),
        migrations.RemoveConstraint(
            model_name="retentionpolicy",
            name="audit_retentionpolicy_is_executed_check",
        ),
        migrations.RemoveConstraint(
            model_name="retentionpolicy",
            name="audit_retentionpolicy_executed_duty_check",
        ),
        migrations.RemoveConstraint(
            model_name="retentionrun",
            name="audit_retentionrun_counts_check",
        ),
        migrations.RemoveConstraint(
            model_name="retentionrun",
            name="audit_retentionrun_dry_run_check",
        ),
        migrations.AddField(
            model_name="historicalretentionpolicy",
            name="online_period",
            field=models.TextField(
                blank=True,
                db_comment="How long partitions stay in the database before they leave for the archive, as an ISO 8601 duration; null: they do not go there.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="retentionpolicy",
            name="online_period",
            field=models.TextField(
                blank=True,
                db_comment="How long partitions stay in the database before they leave for the archive, as an ISO 8601 duration; null: they do not go there.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="retentionrun",
            name="archived",
            field=models.BigIntegerField(
                db_comment="Rows that left for the archive; in a rehearsal none.", db_default=0, default=0
            ),
        ),
        migrations.AlterField(
            model_name="historicalretentionpolicy",
            name="action",
            field=models.TextField(
                choices=[
                    ("delete", "The rows are deleted"),
                    ("archive", "The partition leaves for the archive, and is destroyed there"),
                    ("blank", "What identifies is emptied, the row stays"),
                    ("keep", "Nothing: the rows stay"),
                ],
                db_comment="What happens when the time is over.",
            ),
        ),
        migrations.AlterField(
            model_name="historicalretentionpolicy",
            name="is_executed",
            field=models.BooleanField(db_comment="Does manage.py retention_run obey this policy?"),
        ),
        migrations.AlterField(
            model_name="retentionpolicy",
            name="action",
            field=models.TextField(
                choices=[
                    ("delete", "The rows are deleted"),
                    ("archive", "The partition leaves for the archive, and is destroyed there"),
                    ("blank", "What identifies is emptied, the row stays"),
                    ("keep", "Nothing: the rows stay"),
                ],
                db_comment="What happens when the time is over.",
            ),
        ),
        migrations.AlterField(
            model_name="retentionpolicy",
            name="is_executed",
            field=models.BooleanField(db_comment="Does manage.py retention_run obey this policy?"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="retentionpolicy",
            trigger=core.db.triggers.CompiledTrigger(
                name="46_minimum",
                sql=core.db.triggers.TriggerSql(
                    declare="DECLARE asked text; asked_months integer; least_months integer;",
                    func="\nleast_months := extract(year FROM NEW.minimum::interval) * 12 + extract(month FROM NEW.minimum::interval);\nFOREACH asked IN ARRAY array_remove(ARRAY[NEW.period, NEW.proposed_period], NULL) LOOP\n  -- What is no period is refused by its rule.\n  CONTINUE WHEN asked !~ '^P(T[1-9][0-9]{0,4}M|[1-9][0-9]{0,4}[DMY])$';\n  IF NEW.online_period ~ '^P(T[1-9][0-9]{0,4}M|[1-9][0-9]{0,4}[DMY])$' THEN\n    IF NEW.online_period::interval >= asked::interval THEN\n      RAISE EXCEPTION 'Rows of % stay in the database for %: a period is longer than that.',\n          NEW.table_name, NEW.online_period\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_retentionpolicy_online', TABLE = TG_TABLE_NAME;\n    END IF;\n  END IF;\n  CONTINUE WHEN NEW.minimum IS NULL;\n  asked_months := extract(year FROM asked::interval) * 12 + extract(month FROM asked::interval);\n  CONTINUE WHEN CASE\n    WHEN least_months > 0 AND asked_months > 0 THEN asked_months >= least_months\n    WHEN least_months > 0\n      THEN extract(day FROM asked::interval) >= least_months / 12 * 366 + least_months % 12 * 31\n    ELSE asked::interval >= NEW.minimum::interval\n  END;\n  RAISE EXCEPTION 'The law does not allow a shorter period than % (%).', NEW.minimum, NEW.minimum_basis\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_retentionpolicy_shorter', TABLE = TG_TABLE_NAME;\nEND LOOP;\nRETURN NEW;",
                    hash="27636d072db5d9c3ef0551facf55207fd1eb898a",
                    operation="INSERT OR UPDATE",
                    pgid="audit_retentionpolicy_46_minimum",
                    security="",
                    table="audit_retentionpolicy",
                    when="BEFORE",
                    words="Refuses a period, and the proposal of one, that is shorter than the law allows, or over before the rows leave for the archive.",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_executed", False),
                    models.Q(("action__in", ["delete", "archive"]), ("period__isnull", False)),
                    _connector="OR",
                ),
                name="audit_retentionpolicy_is_executed_check",
                violation_error_message="Only rows with a period are deleted by the job.",
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("online_period__regex", "^P(T[1-9][0-9]{0,4}M|[1-9][0-9]{0,4}[DMY])$")),
                name="audit_retentionpolicy_online_period_format_check",
                violation_error_message="A period is written as P90D, P13M or P7Y.",
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", "archive"), ("online_period__isnull", False)),
                    models.Q(models.Q(("action", "archive"), _negated=True), ("online_period__isnull", True)),
                    _connector="OR",
                ),
                name="audit_retentionpolicy_online_period_check",
                violation_error_message="What goes to the archive says when.",
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("duty__in", ("rows", "partitions")), ("is_executed", True)),
                    models.Q(
                        ("is_executed", False), models.Q(("duty__in", ("rows", "partitions")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="audit_retentionpolicy_executed_duty_check",
                violation_error_message="The job deletes by those policies that are its duty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "found__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("deleted"), "+", models.F("archived")
                                ),
                                "+",
                                models.F("held"),
                            ),
                            "+",
                            models.F("bound"),
                        ),
                    ),
                    ("archived__gte", 0),
                    ("bound__gte", 0),
                    ("deleted__gte", 0),
                    ("held__gte", 0),
                    ("partitions__gte", 0),
                ),
                name="audit_retentionrun_counts_check",
                violation_error_message="No more is deleted, archived, held and bound than was found.",
            ),
        ),
        migrations.AddConstraint(
            model_name="retentionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dry_run", False), models.Q(("archived", 0), ("deleted", 0)), _connector="OR"
                ),
                name="audit_retentionrun_dry_run_check",
                violation_error_message="A rehearsal deletes nothing.",
            ),
        ),
        migrations.AddIndex(
            model_name="archivedpartition",
            index=core.db.indexes.BTree(
                fields=["table_name", "-lower_id"],
                name="audit_archivedpartition_table_name_lower_id_idx",
                serves="docs/queries/partitions_of_table_in_archive.sql: the archive of a table, newest first",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("written", "cold"))),
                fields=("table_name", "lower_id"),
                name="audit_archivedpartition_there_key",
                violation_error_message="This partition is in the archive already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.UniqueConstraint(
                fields=("place",),
                name="audit_archivedpartition_place_key",
                nulls_distinct=False,
                violation_error_message="Another file lies there.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(("table_name__regex", "^[a-z][a-z0-9_]{0,62}$")),
                name="audit_archivedpartition_table_name_format_check",
                violation_error_message="A table has a name in small letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(("partition_name__regex", "^[a-z][a-z0-9_]{0,62}$")),
                name="audit_archivedpartition_partition_name_format_check",
                violation_error_message="A partition has a name in small letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__regex", "^[a-z0-9_]+/[a-z0-9_]+[.][0-9a-f-]{36}[.]parquet$")),
                name="audit_archivedpartition_place_format_check",
                violation_error_message="A place is made of names.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(("schema_version__length__gte", 1), ("schema_version__length__lte", 200)),
                name="audit_archivedpartition_schema_version_length_check",
                violation_error_message="Schema version must have 1 to 200 characters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("destroyed_because__length__gte", 0), ("destroyed_because__length__lte", 500)
                ),
                name="audit_archivedpartition_destroyed_because_length_check",
                violation_error_message="Destroyed because must have 0 to 500 characters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("rows_sha256"), function="octet_length", output_field=models.IntegerField()
                    ),
                    32,
                ),
                name="audit_archivedpartition_rows_sha256_check",
                violation_error_message="A SHA-256 has 32 bytes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("file_sha256"), function="octet_length", output_field=models.IntegerField()
                    ),
                    32,
                ),
                name="audit_archivedpartition_file_sha256_check",
                violation_error_message="A SHA-256 has 32 bytes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("manifest_sha256"),
                        function="octet_length",
                        output_field=models.IntegerField(),
                    ),
                    32,
                ),
                name="audit_archivedpartition_manifest_sha256_check",
                violation_error_message="A SHA-256 has 32 bytes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("file_bytes__gt", 0), ("rows__gte", 0), ("upper_id__gt", models.F("lower_id"))
                ),
                name="audit_archivedpartition_size_check",
                violation_error_message="A file has a size and a span.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cold_at__isnull", True), ("restored_at__isnull", True), ("status", "written")),
                    models.Q(("cold_at__isnull", False), ("restored_at__isnull", True), ("status", "cold")),
                    models.Q(
                        ("cold_at__isnull", False), ("restored_at__isnull", False), ("status", "restored")
                    ),
                    ("status", "destroyed"),
                    _connector="OR",
                ),
                name="audit_archivedpartition_times_check",
                violation_error_message="The times are those of its status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("restored_at__isnull", True), ("restored_until__isnull", True)),
                    models.Q(("restored_at__isnull", False), ("restored_until__gt", models.F("restored_at"))),
                    _connector="OR",
                ),
                name="audit_archivedpartition_restored_until_check",
                violation_error_message="What comes back comes back for a time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("destroyed_at__isnull", True),
                        ("destroyed_because", ""),
                        ("file_key__isnull", False),
                        models.Q(("status", "destroyed"), _negated=True),
                    ),
                    models.Q(
                        ("destroyed_at__isnull", False),
                        ("destroyed_because__length__gt", 0),
                        ("file_key__isnull", True),
                        ("status", "destroyed"),
                    ),
                    _connector="OR",
                ),
                name="audit_archivedpartition_destroyed_check",
                violation_error_message="A file and its key go together, for a reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=core.db.policies.Policy(
                command="select",
                name="audit_archivedpartition_compliance_select",
                role="vbl_compliance",
                using="true",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=core.db.policies.Policy(
                command="select",
                name="audit_archivedpartition_auditor_select",
                role="vbl_auditor",
                using="true",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=core.db.policies.Policy(
                command="select",
                name="audit_archivedpartition_administrator_select",
                role="vbl_administrator",
                using="true",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["written", "cold", "restored", "destroyed"])),
                name="audit_archivedpartition_status_check",
                violation_error_message="Status must be one of: written, cold, restored, destroyed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivedpartition",
            constraint=core.db.policies.OwnerPolicy(name="audit_archivedpartition_owner_all"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="archivedpartition",
            trigger=core.db.triggers.CompiledTrigger(
                name="30_keep",
                sql=core.db.triggers.TriggerSql(
                    func="\nIF NEW.table_name IS DISTINCT FROM OLD.table_name OR NEW.partition_name IS DISTINCT FROM OLD.partition_name OR NEW.lower_id IS DISTINCT FROM OLD.lower_id OR NEW.upper_id IS DISTINCT FROM OLD.upper_id OR NEW.rows IS DISTINCT FROM OLD.rows OR NEW.rows_sha256 IS DISTINCT FROM OLD.rows_sha256 OR NEW.schema_version IS DISTINCT FROM OLD.schema_version OR NEW.place IS DISTINCT FROM OLD.place OR NEW.file_bytes IS DISTINCT FROM OLD.file_bytes OR NEW.file_sha256 IS DISTINCT FROM OLD.file_sha256 OR NEW.manifest_sha256 IS DISTINCT FROM OLD.manifest_sha256 OR NEW.written_at IS DISTINCT FROM OLD.written_at THEN\n  RAISE EXCEPTION '% of % cannot be changed', 'table_name, partition_name, lower_id, upper_id, rows, rows_sha256, schema_version, place, file_bytes, file_sha256, manifest_sha256, written_at', TG_TABLE_NAME\n    USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NEW;",
                    hash="be18e10fd335f1bd0bff7b63e17ebbccc72bd790",
                    operation="UPDATE",
                    pgid="audit_archivedpartition_30_keep",
                    security="",
                    table="audit_archivedpartition",
                    when="BEFORE",
                    words="Never changed after the row was written: table_name, partition_name, lower_id, upper_id, rows, rows_sha256, schema_version, place, file_bytes, file_sha256, manifest_sha256, written_at.",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="archivedpartition",
            trigger=core.db.triggers.CompiledTrigger(
                name="10_touch",
                sql=core.db.triggers.TriggerSql(
                    func="\nIF TG_OP = 'INSERT' THEN\n  NEW.created_at := now(); NEW.updated_at := now(); \nELSE\n  NEW.created_at := OLD.created_at; NEW.updated_at := OLD.updated_at; \n  IF NOT (coalesce(current_setting('app.key_purpose', true), '') = 'rotate' AND current_user = 'vbl_owner' AND ROW(NEW.id, NEW.table_name, NEW.partition_name, NEW.lower_id, NEW.upper_id, NEW.rows, NEW.rows_sha256, NEW.schema_version, NEW.place, NEW.file_bytes, NEW.file_sha256, NEW.manifest_sha256, NEW.status, NEW.written_at, NEW.cold_at, NEW.restored_at, NEW.restored_until, NEW.destroyed_at, NEW.destroyed_because) IS NOT DISTINCT FROM ROW(OLD.id, OLD.table_name, OLD.partition_name, OLD.lower_id, OLD.upper_id, OLD.rows, OLD.rows_sha256, OLD.schema_version, OLD.place, OLD.file_bytes, OLD.file_sha256, OLD.manifest_sha256, OLD.status, OLD.written_at, OLD.cold_at, OLD.restored_at, OLD.restored_until, OLD.destroyed_at, OLD.destroyed_because)) THEN NEW.updated_at := now();  ELSE NEW.updated_at := OLD.updated_at; END IF;\nEND IF;\nRETURN NEW;",
                    hash="4a25a163de8a028263f05e4994c90cda3b077169",
                    operation="INSERT OR UPDATE",
                    pgid="audit_archivedpartition_10_touch",
                    security="",
                    table="audit_archivedpartition",
                    when="BEFORE",
                    words="Sets the times of creation and last change, whatever the statement says.",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="archivedpartition",
            trigger=core.db.triggers.CompiledTrigger(
                name="40_move",
                sql=core.db.triggers.TriggerSql(
                    func="\nIF TG_OP = 'INSERT' THEN\n  IF NEW.status NOT IN ('written') THEN\n    RAISE EXCEPTION '% cannot begin as %', TG_TABLE_NAME, NEW.status\n      USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_archivedpartition_status_transition', TABLE = TG_TABLE_NAME;\n  END IF;\nELSIF NEW.status IS DISTINCT FROM OLD.status\n  AND OLD.status || '>' || NEW.status NOT IN ('written>cold', 'written>destroyed', 'cold>restored', 'cold>destroyed', 'restored>destroyed') THEN\n  RAISE EXCEPTION '% cannot move from % to %', TG_TABLE_NAME, OLD.status, NEW.status\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_archivedpartition_status_transition', TABLE = TG_TABLE_NAME;\nEND IF;\nRETURN NEW;",
                    hash="d893a44f1ec86b276fac7305e8432ab010bba783",
                    operation="INSERT OR UPDATE",
                    pgid="audit_archivedpartition_40_move",
                    security="",
                    table="audit_archivedpartition",
                    when="BEFORE",
                    words="Enforces the state machine declared on the model, for inserts too.",
                ),
            ),
        ),
        migrations.AddField(
            model_name="archivekey",
            name="person",
            field=models.OneToOneField(
                db_comment="Whose words it opens, together with the key of a file.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="archive_key",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="archivekey",
            constraint=core.db.policies.Policy(
                command="select",
                name="audit_archivekey_compliance_select",
                role="vbl_compliance",
                using="true",
            ),
        ),
        migrations.AddConstraint(
            model_name="archivekey",
            constraint=core.db.policies.Policy(
                command="select", name="audit_archivekey_auditor_select", role="vbl_auditor", using="true"
            ),
        ),
        migrations.AddConstraint(
            model_name="archivekey",
            constraint=core.db.policies.OwnerPolicy(name="audit_archivekey_owner_all"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="archivekey",
            trigger=core.db.triggers.CompiledTrigger(
                name="15_not_of_the_erased",
                sql=core.db.triggers.TriggerSql(
                    func="\nPERFORM FROM accounts_user u WHERE u.id = NEW.person_id AND u.status <> 'erased' FOR SHARE;\nIF NOT FOUND THEN\n  RAISE EXCEPTION 'There is no key in the archive for a person who is erased.'\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_archivekey_erased', TABLE = TG_TABLE_NAME;\nEND IF;\nRETURN NEW;",
                    hash="073e7129a411a4e4347e0f1243a20c0eea1f3af4",
                    operation="INSERT",
                    pgid="audit_archivekey_15_not_of_the_erased",
                    security=" SECURITY DEFINER",
                    table="audit_archivekey",
                    when="BEFORE",
                    words="Refuses a key for a person who is erased; waits for an erasure that is under way.",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="archivekey",
            trigger=core.db.triggers.CompiledTrigger(
                name="30_keep",
                sql=core.db.triggers.TriggerSql(
                    func="\nIF (NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.key IS DISTINCT FROM OLD.key OR NEW.made_at IS DISTINCT FROM OLD.made_at) AND NOT (coalesce(current_setting('app.key_purpose', true), '') = 'rotate' AND current_user = 'vbl_owner' AND ROW(NEW.id, NEW.person_id, NEW.made_at) IS NOT DISTINCT FROM ROW(OLD.id, OLD.person_id, OLD.made_at)) THEN\n  RAISE EXCEPTION '% of % cannot be changed', 'person_id, key, made_at', TG_TABLE_NAME\n    USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NEW;",
                    hash="04c00f89bee084cbb00e6c5af2c1433fdb7b6019",
                    operation="UPDATE",
                    pgid="audit_archivekey_30_keep",
                    security="",
                    table="audit_archivekey",
                    when="BEFORE",
                    words="Never changed after the row was written: person, key, made_at.",
                ),
            ),
        ),
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
                "Destroys the key of a person in the archive of partitions: the words about them in every file are lost. "
                "For compliance, and for whoever erases an account once its status says so."
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
