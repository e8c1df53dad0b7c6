from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

LOGIN_RECORD = """
DECLARE
  since uuid := uuidv7(interval '-15 minutes');
BEGIN
  id := uuidv7();
  user_failures := 0;
  address_failures := 0;
  INSERT INTO accounts_loginevent (id, user_id, succeeded, failure, address, user_agent)
  VALUES (
    accounts_login_record.id,
    accounts_login_record.user_id,
    accounts_login_record.failure IS NULL,
    accounts_login_record.failure,
    accounts_login_record.address,
    coalesce(accounts_login_record.user_agent, '')
  );
  IF accounts_login_record.failure IS NOT NULL THEN
    SELECT count(*) INTO user_failures FROM (
      SELECT FROM accounts_loginevent e
      WHERE e.user_id = accounts_login_record.user_id
        AND e.id BETWEEN since AND accounts_login_record.id AND NOT e.succeeded
      LIMIT 1000
    ) recent;
    SELECT count(*) INTO address_failures FROM (
      SELECT FROM accounts_loginevent e
      WHERE e.address = accounts_login_record.address
        AND e.id BETWEEN since AND accounts_login_record.id AND NOT e.succeeded
      LIMIT 1000
    ) recent;
  END IF;
  RETURN NEXT;
END
"""


class Migration(migrations.Migration):
    """The only way into the record of sign-ins: the login role writes it and cannot read it."""

    dependencies = [("accounts", "0001_people")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "accounts_login_record",
            "user_id uuid, failure text, address inet, user_agent text",
            "TABLE (id uuid, user_failures integer, address_failures integer)",
            LOGIN_RECORD,
            definer=True,
            comment=(
                "Writes one attempt to sign in (failure null: let in) and says how many failed within 15 minutes, this "
                "one included, for the account and from the address; counts stop at 1000. For the login role."
            ),
        ),
    ]
