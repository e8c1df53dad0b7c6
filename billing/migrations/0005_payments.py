from django.db import migrations

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout

SURVEY = """
BEGIN
  destroyed := jsonb_build_object(
    'billing_billingaddress',
      (SELECT count(*) FROM billing_billingaddress a WHERE a.user_id = person_id
        AND (a.name IS NOT NULL OR a.street IS NOT NULL OR a.town IS NOT NULL OR a.postal_code IS NOT NULL
             OR a.postal_prefix <> '')),
    'billing_paymentmethod',
      (SELECT count(*) FROM billing_paymentmethod m WHERE m.user_id = person_id
        AND (m.token IS NOT NULL OR m.fingerprint <> '' OR m.last_four <> ''))
  );
  kept := jsonb_build_object(
    'billing_order', (SELECT count(*) FROM billing_order o WHERE o.user_id = person_id),
    'billing_orderline', (SELECT count(*) FROM billing_orderline l WHERE l.user_id = person_id),
    'billing_payment', (SELECT count(*) FROM billing_payment p WHERE p.user_id = person_id),
    'billing_refund', (SELECT count(*) FROM billing_refund r WHERE r.user_id = person_id),
    'billing_paymentmethod', (SELECT count(*) FROM billing_paymentmethod m WHERE m.user_id = person_id),
    'billing_billingaddress', (SELECT count(*) FROM billing_billingaddress a WHERE a.user_id = person_id),
    'billing_billingcustomer', (SELECT count(*) FROM billing_billingcustomer c WHERE c.user_id = person_id),
    'billing_mandate', (SELECT count(*) FROM billing_mandate m WHERE m.user_id = person_id),
    'billing_approvalrequest',
      (SELECT count(*) FROM billing_approvalrequest a WHERE person_id IN (a.maker_id, a.checker_id))
  );
  RETURN NEXT;
END
"""

ERASE = """
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_person_erase_erased';
  END IF;
  SELECT s.destroyed, s.kept INTO destroyed, kept FROM billing_person_survey(person_id) s;
  UPDATE billing_billingaddress a
  SET name = NULL, street = NULL, town = NULL, postal_code = NULL, postal_prefix = ''
  WHERE a.user_id = person_id
    AND (a.name IS NOT NULL OR a.street IS NOT NULL OR a.town IS NOT NULL OR a.postal_code IS NOT NULL
         OR a.postal_prefix <> '');
  UPDATE billing_paymentmethod m
  SET token = NULL, fingerprint = '', last_four = '', is_default = false, status = 'detached'
  WHERE m.user_id = person_id
    AND (m.token IS NOT NULL OR m.fingerprint <> '' OR m.last_four <> '' OR m.status <> 'detached');
  UPDATE billing_mandate m SET status = 'revoked', revoked_at = now()
  WHERE m.user_id = person_id AND m.status = 'active';
  RETURN NEXT;
END
"""

REACHED = """
SELECT c.user_id FROM accounts_usercontact c
WHERE c.kind = 'email' AND c.value_index = ANY (digests) AND c.verified_at IS NOT NULL
"""


class Migration(migrations.Migration):
    """What of billing goes and stays when a person is erased, and whose payments an address names."""

    dependencies = [("billing", "0004_reference_at_providers"), ("accounts", "0005_erasure_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "billing_person_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many rows of billing about a person an erasure would empty, and how many it would keep; changes "
                "nothing. For compliance."
            ),
        ),
        CreateFunction(
            "billing_person_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            ERASE,
            definer=True,
            comment=(
                "Empties billing addresses and detaches payment methods of a person whose account is erased; orders, "
                "payments and refunds stay, as tax law demands. Does nothing twice. For compliance."
            ),
        ),
        CreateFunction(
            "billing_payers_reached",
            "digests bytea[]",
            "SETOF uuid",
            REACHED,
            language="sql",
            volatility="stable",
            definer=True,
            comment=(
                "Whose verified e-mail address has one of these blind indexes. For finance, which finds a payer by a "
                "whole address and reads no contacts."
            ),
        ),
    ]
