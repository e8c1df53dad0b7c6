from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# In PL/pgSQL, which looks for the table when it is called: policies of the tables that come next need the function.
MODERATED_PERFORMERS = """
BEGIN
  RETURN (
    SELECT coalesce(array_agg(r.performer_id), '{}') || nullif(current_setting('app.user_id', true), '')::uuid
    FROM engagement_roomrole r
    WHERE r.person_id = nullif(current_setting('app.user_id', true), '')::uuid AND r.kind = 'moderator'
      AND r.valid @> statement_timestamp()
  );
END
"""

HIDDEN_ROOMS = """
BEGIN
  RETURN (SELECT coalesce(array_agg(r.id), '{}') FROM engagement_chatroom r WHERE r.hidden_at IS NOT NULL);
END
"""


class Migration(migrations.Migration):
    """What policies of the rooms' tables ask, which have to find it when they are made."""

    dependencies = [("core", "0007_legal_holds")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "engagement_moderated_performers",
            "",
            "uuid[]",
            MODERATED_PERFORMERS,
            definer=True,
            volatility="stable",
            comment="In whose rooms the signed-in person moderates now, her own included; policies ask once a query.",
        ),
        CreateFunction(
            "engagement_hidden_rooms",
            "",
            "uuid[]",
            HIDDEN_ROOMS,
            definer=True,
            volatility="stable",
            comment="The rooms that staff hid; policies of messages ask once a query.",
        ),
    ]
