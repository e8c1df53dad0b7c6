from django.db import migrations

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout

CONTENT = """
SELECT concat(
  'batch|', b.id, '|', b.provider_account_id, '|', b.currency, '|',
  to_char(b.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), chr(10),
  (SELECT string_agg(concat(
     'payout|', p.id, '|', CASE WHEN p.performer_id IS NULL THEN 'studio' ELSE 'performer' END, '|',
     coalesce(p.performer_id, p.studio_id), '|', p.destination_id, '|', p.amount, '|', p.tokens, '|', p.token_value_id,
     '|', p.exchanged, '|', p.earned, '|', p.set_off_tokens, '|', p.set_off, '|', p.held_back, '|', p.reference, chr(10),
     (SELECT string_agg(concat('item|', i.earning_id, '|', i.amount, '|', i.currency, chr(10)), '' ORDER BY i.earning_id)
      FROM billing_payoutitem i WHERE i.payout_id = p.id)
   ), '' ORDER BY p.id) FROM billing_payout p WHERE p.batch_id = b.id)
) FROM billing_payoutbatch b WHERE b.id = batch
"""

HASH = "SELECT sha256(convert_to(payout_batch_content(batch), 'UTF8'))"

SURVEY = """
BEGIN
  destroyed := jsonb_build_object('billing_payoutdestination', (
    SELECT count(*) FROM billing_payoutdestination d WHERE d.performer_id = person_id AND d.details IS NOT NULL
  ));
  kept := jsonb_build_object(
    'billing_payoutdestination',
      (SELECT count(*) FROM billing_payoutdestination d WHERE d.performer_id = person_id),
    'billing_payout', (SELECT count(*) FROM billing_payout p WHERE p.performer_id = person_id),
    'billing_payoutreturn', (SELECT count(*) FROM billing_payoutreturn r WHERE r.performer_id = person_id),
    'billing_debt', (SELECT count(*) FROM billing_debt d WHERE d.performer_id = person_id),
    'billing_reservehold', (SELECT count(*) FROM billing_reservehold h WHERE h.performer_id = person_id),
    'billing_payoutbatch',
      (SELECT count(*) FROM billing_payoutbatch b WHERE person_id IN (b.made_by_id, b.submitted_by_id))
  );
  RETURN NEXT;
END
"""

ERASE = """
BEGIN
  IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = person_id AND u.erased_at IS NOT NULL) THEN
    RAISE EXCEPTION 'The person is not erased.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payouts_person_erase_erased';
  END IF;
  SELECT s.destroyed, s.kept INTO destroyed, kept FROM payouts_person_survey(person_id) s;
  UPDATE billing_payoutdestination d
  SET holder_name = NULL, details = NULL, token = NULL, last_four = '', status = 'retired'
  WHERE d.performer_id = person_id AND d.details IS NOT NULL;
  RETURN NEXT;
END
"""


class Migration(migrations.Migration):
    """What a batch of payouts is hashed of, and what of payouts goes and stays when a person is erased."""

    dependencies = [("billing", "0009_subscriptions"), ("accounts", "0005_erasure_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "payout_batch_content",
            "batch uuid",
            "text",
            CONTENT,
            language="sql",
            volatility="stable",
            definer=True,
            comment=(
                "The canonical content of a batch of payouts: a line for the batch, one for each payout in the order "
                "of keys, below it one for each of its earnings. What is approved is the SHA-256 of this."
            ),
        ),
        CreateFunction(
            "payout_batch_hash",
            "batch uuid",
            "bytea",
            HASH,
            language="sql",
            volatility="stable",
            definer=True,
            comment="SHA-256 of the canonical content of a batch of payouts, as UTF-8; null: there is no such batch.",
        ),
        CreateFunction(
            "payouts_person_survey",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            SURVEY,
            definer=True,
            volatility="stable",
            comment=(
                "How many rows of payouts about a person an erasure would empty, and how many it would keep; changes "
                "nothing. For compliance."
            ),
        ),
        CreateFunction(
            "payouts_person_erase",
            "person_id uuid",
            "TABLE (destroyed jsonb, kept jsonb)",
            ERASE,
            definer=True,
            comment=(
                "Empties the accounts to which an erased person was paid; payouts, debts and reserves stay, as tax law "
                "demands. Does nothing twice. For compliance."
            ),
        ),
    ]
