from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

SCHEDULE_LOCK = """
DECLARE
  standing text;
BEGIN
  SELECT p.status INTO standing
  FROM performers_performerprofile p
  WHERE p.id = performer
    AND (current_setting('role') <> 'vbl_performer' OR p.id = nullif(current_setting('app.user_id', true), '')::uuid)
  FOR NO KEY UPDATE;
  RETURN standing;
END
"""


class Migration(migrations.Migration):
    """One lock for all that writes a performer's schedule, for roles that may not change the profile too."""

    dependencies = [("performers", "0002_admission_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "performers_schedule_lock",
            "performer uuid",
            "text",
            SCHEDULE_LOCK,
            definer=True,
            comment=(
                "Locks a performer's profile until the transaction ends, so that one at a time writes the schedule, and "
                "returns the status of the profile; null: no such performer, or, asked by a performer, another one."
            ),
        ),
    ]
