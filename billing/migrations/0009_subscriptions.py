from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

ANCHORED_END = """
SELECT ((first + (least(day, extract(day FROM first + interval '1 month' - interval '1 day')::integer) - 1)
  * interval '1 day')::date + clock) AT TIME ZONE 'UTC'
FROM (SELECT date_trunc('month', starts AT TIME ZONE 'UTC') + months * interval '1 month' AS first) m
"""


class Migration(migrations.Migration):
    """Where a period of a subscription ends."""

    dependencies = [("billing", "0008_spends_told")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "billing_anchored_end",
            "starts timestamptz, months integer, day integer, clock time",
            "timestamptz",
            ANCHORED_END,
            language="sql",
            volatility="immutable",
            comment=(
                "So many months after the month of an instant, on the day and at the time of an anchor (UTC); a shorter "
                "month has its last day. As billing.anchoring.anchored_end."
            ),
        ),
    ]
