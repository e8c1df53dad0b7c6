from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

PERSON_REACHED = """
SELECT c.user_id
FROM accounts_usercontact c
WHERE c.kind = person_reached.kind AND c.value_index = ANY (person_reached.digests) AND c.verified_at IS NOT NULL
ORDER BY c.verified_at
LIMIT 1
"""


class Migration(migrations.Migration):
    """Signing in by address: the login role learns whose it is, and nothing else of contacts."""

    dependencies = [("accounts", "0010_contacts")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "accounts_person_reached",
            "kind text, digests bytea[]",
            "uuid",
            PERSON_REACHED.replace("person_reached.", "accounts_person_reached."),
            language="sql",
            volatility="stable",
            definer=True,
            comment=(
                "The person whose verified contact has one of these blind indexes (one for each key in use), or null. "
                "For the login role, which may not read contacts."
            ),
        ),
    ]
