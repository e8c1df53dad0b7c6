from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations


class Migration(migrations.Migration):
    """What triggers tell about rows that are counted; without the storey of figures nobody listens."""

    dependencies = [("core", "0008_retention")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "figures_changed",
            "source text, subject uuid, at timestamp with time zone",
            "void",
            "SELECT",
            language="sql",
            definer=True,
            comment="Told of each subject and hour of which something that is counted changed. Here: nothing.",
        ),
    ]
