from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

IS_OVER = "SELECT false"

RELEASED = "SELECT"


class Migration(migrations.Migration):
    """What triggers ask about the time of rows; without the oversight storey nothing is over."""

    dependencies = [("core", "0007_legal_holds")]

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
            comment="Is a row of the table over, whose period counts from then on? Here: no.",
        ),
        CreateFunction(
            "retention_released",
            "from_table text, row_id uuid, sealed_key bytea",
            "void",
            RELEASED,
            language="sql",
            definer=True,
            comment=(
                "Told of each record that the law let go, with the sealed place of its object in storage. Here: nothing."
            ),
        ),
    ]
