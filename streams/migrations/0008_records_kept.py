from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# As long as a recording can be shown, or its files lie there, the consent to it is proof that is needed; no time runs.
RECORDS_SINCE = """
SELECT CASE WHEN NOT EXISTS (
  SELECT FROM streams_archive a WHERE a.stream_id = stream AND a.purged_at IS NULL
) THEN s.ended_at END
FROM streams_stream s WHERE s.id = stream
"""


class Migration(migrations.Migration):
    """From when on the time of the records of a stream's participants counts."""

    dependencies = [("streams", "0007_watching_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "streams_records_since",
            "stream uuid",
            "timestamp with time zone",
            RECORDS_SINCE,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "When a stream ended, from when on the records of its participants are kept (28 CFR 75.4); null while an "
                "archive of it is not purged."
            ),
        ),
    ]
