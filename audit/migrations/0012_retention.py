from importlib import import_module

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


def landed(name):
    """The function as the kernel made it: a question to which this floor has the answer."""
    operations = import_module("core.migrations.0008_retention").Migration.operations
    return next(operation for operation in operations if getattr(operation, "name", None) == name)


# The period is data that two people may change; the law's shortest is kept by a trigger of the policy itself.
IS_OVER = """
SELECT coalesce(
  (
    SELECT retention_is_over.since < statement_timestamp() - p.period::interval
    FROM audit_retentionpolicy p
    WHERE p.table_name = retention_is_over.of_table AND p.duty = 'rows'
  ),
  false
)
"""

RELEASED = """
INSERT INTO streams_objectremoval (id, sealed_key, source_table, source_id)
SELECT uuidv7(), retention_released.sealed_key, retention_released.from_table, retention_released.row_id
WHERE retention_released.sealed_key IS NOT NULL
"""


class Migration(migrations.Migration):
    """When the time of rows is over by the policies, and what becomes of the objects that records name."""

    dependencies = [
        ("audit", "0011_read_alerts"),
        ("core", "0008_retention"),
        ("performers", "0004_records_kept"),
        ("streams", "0008_records_kept"),
    ]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "retention_is_over",
            "of_table text, since timestamp with time zone",
            "boolean",
            IS_OVER,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "Is a row of the table over, whose period counts from then on? Asked of the policy of retention; no where "
                "the run deletes no rows by one, or the period has not begun."
            ),
            previous=landed("retention_is_over"),
        ),
        CreateFunction(
            "retention_released",
            "from_table text, row_id uuid, sealed_key bytea",
            "void",
            RELEASED,
            language="sql",
            definer=True,
            comment="Lists the object of a record that the law let go for removal from storage, its key sealed as it was.",
            previous=landed("retention_released"),
        ),
    ]
