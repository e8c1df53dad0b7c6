from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

KNOWN_FOR = """
SELECT l.performer_id, l.category_id, NULL::uuid, l.is_primary
FROM streams_performercategory l JOIN performers_performerprofile p ON p.id = l.performer_id
WHERE l.performer_id = ANY (performer_ids) AND p.status IN ('verified', 'paused')
UNION ALL
SELECT l.performer_id, NULL::uuid, l.tag_id, false
FROM streams_performertag l JOIN performers_performerprofile p ON p.id = l.performer_id
WHERE l.performer_id = ANY (performer_ids) AND p.status IN ('verified', 'paused')
"""


class Migration(migrations.Migration):
    """What the public may know of the categories and tags of performers."""

    dependencies = [("streams", "0002_streams"), ("performers", "0001_performers")]
    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "streams_known_for",
            "performer_ids uuid[]",
            "TABLE (performer_id uuid, category_id uuid, tag_id uuid, is_primary boolean)",
            KNOWN_FOR,
            language="sql",
            definer=True,
            volatility="stable",
            comment="Categories and tags of performers whom anybody may see; of drafts and applicants nothing is told.",
        ),
    ]
