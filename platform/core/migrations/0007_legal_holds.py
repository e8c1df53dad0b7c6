from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

COVERS = "SELECT false"

COPY = "SELECT 0"


class Migration(migrations.Migration):
    """What triggers and jobs ask about legal holds; without the oversight storey nothing is held."""

    dependencies = [("core", "0006_dataset_offsets")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "legal_hold_covers",
            "kinds text[], ids uuid[]",
            "boolean",
            COVERS,
            language="sql",
            definer=True,
            comment=(
                "Does a legal hold cover a row of which these are the person, stream, archive or recording? Pairs of a "
                "kind and an id. Here: no."
            ),
        ),
        CreateFunction(
            "legal_hold_copy",
            "from_table text, row_id uuid, content jsonb, kinds text[], ids uuid[]",
            "integer",
            COPY,
            language="sql",
            definer=True,
            comment=(
                "Copies a row out for every legal hold that covers it, before it goes; returns for how many. Here: none."
            ),
        ),
    ]
