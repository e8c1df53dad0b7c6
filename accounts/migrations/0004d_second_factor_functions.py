from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

RESET = """
DECLARE
  found boolean;
BEGIN
  IF accounts_second_factor_reset.user_id IS NOT DISTINCT FROM
     (SELECT nullif(current_setting('app.user_id', true), '')::uuid) THEN
    RAISE EXCEPTION 'Nobody resets their own second factor.' USING ERRCODE = '42501';
  END IF;
  DELETE FROM accounts_recoverycode c WHERE c.user_id = accounts_second_factor_reset.user_id;
  DELETE FROM accounts_totpdevice d WHERE d.user_id = accounts_second_factor_reset.user_id
    RETURNING true INTO found;
  RETURN coalesce(found, false);
END
"""

STATE = """
BEGIN
  RETURN QUERY
  SELECT d.confirmed_at, d.last_used_at,
    (SELECT count(*)::integer FROM accounts_recoverycode c WHERE c.user_id = d.user_id AND c.used_at IS NULL)
  FROM accounts_totpdevice d
  WHERE d.user_id = accounts_second_factor_state.user_id;
END
"""


class Migration(migrations.Migration):
    """What administrators do about second factors of colleagues, without a right to read a secret."""

    dependencies = [("accounts", "0004c_failures_of_the_second_factor")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "accounts_second_factor_reset",
            "user_id uuid",
            "boolean",
            RESET,
            definer=True,
            comment=(
                "Deletes the authenticator app and the recovery codes of somebody else; says whether there was an app. "
                "For administrators, who may not read what they delete."
            ),
        ),
        CreateFunction(
            "accounts_second_factor_state",
            "user_id uuid",
            "TABLE (confirmed_at timestamptz, last_used_at timestamptz, codes_left integer)",
            STATE,
            definer=True,
            volatility="stable",
            comment="Since when somebody has a second factor, when it last served, and how many recovery codes are left.",
        ),
    ]
