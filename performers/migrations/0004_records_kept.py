from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# 28 CFR 75.4: seven years from the creation of the records or the last amendment or addition. What is written about the
# person's identity is one: declarations, examinations, documents, names and the end of a name. While the person is, or
# may soon be, admitted to perform, the records are in use and no time runs.
RECORDS_SINCE = """
SELECT CASE WHEN p.status NOT IN ('submitted', 'verified', 'paused') THEN greatest(
  (SELECT max(uuid_extract_timestamp(r.id)) FROM performers_identityrecord r WHERE r.performer_id = performer),
  (SELECT max(uuid_extract_timestamp(d.id)) FROM performers_identitydocument d WHERE d.performer_id = performer),
  (
    SELECT max(greatest(uuid_extract_timestamp(a.id), lower(a.valid), upper(a.valid)))
    FROM performers_performeralias a WHERE a.performer_id = performer
  )
) END
FROM performers_performerprofile p WHERE p.id = performer
"""


class Migration(migrations.Migration):
    """From when on the time of a performer's records counts."""

    dependencies = [("performers", "0003_schedule_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "performers_records_since",
            "performer uuid",
            "timestamp with time zone",
            RECORDS_SINCE,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "When the last addition was made to the records of a performer's identity (28 CFR 75.4); null while the "
                "person performs, applies or has none."
            ),
        ),
    ]
