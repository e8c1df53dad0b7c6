from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

NOBODY = "SELECT 0"


class Migration(migrations.Migration):
    """What triggers tell of spends and of those taken back; a higher floor gives the functions their bodies."""

    dependencies = [("billing", "0007_wallets")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "billing_spends_made",
            "spend_ids uuid[]",
            "integer",
            NOBODY,
            language="sql",
            definer=True,
            comment="Hears which spends of tokens were written, in their statement; returns how many rows hang on them. Here: none.",
        ),
        CreateFunction(
            "billing_spends_taken_back",
            "reversal_ids uuid[]",
            "integer",
            NOBODY,
            language="sql",
            definer=True,
            comment="Hears which spends were taken back, by the keys of their reversals; returns how many rows follow. Here: none.",
        ),
    ]
