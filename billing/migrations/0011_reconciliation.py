from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# What one decision or screening says lifts no other match: a possible one bars until it is decided itself, a confirmed
# one until the same person or studio is screened against the same list again and is clear.
BARRED = """
SELECT EXISTS (
  SELECT FROM billing_sanctionsscreening s
  WHERE (s.user_id = person_id OR s.studio_id = agency_id) AND (
    s.outcome = 'possible' AND NOT EXISTS (
      SELECT FROM billing_sanctionsscreening d WHERE d.decides_id = s.id
    ) OR s.outcome = 'confirmed' AND NOT EXISTS (
      SELECT FROM billing_sanctionsscreening c
      WHERE (c.user_id = s.user_id OR c.studio_id = s.studio_id)
        AND c.list = s.list AND c.outcome = 'clear' AND c.id > s.id
    )
  )
) OR EXISTS (
  SELECT FROM (
    SELECT DISTINCT ON (k.cause) k.status
    FROM billing_kyccase k
    WHERE (k.user_id = person_id OR k.studio_id = agency_id) AND k.status IN ('cleared', 'rejected')
    ORDER BY k.cause, k.id DESC
  ) latest
  WHERE latest.status = 'rejected'
)
"""


class Migration(migrations.Migration):
    """Whether payouts to somebody are barred, told without a reason to those who may not know it."""

    dependencies = [("billing", "0010_payouts")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "billing_payout_barred",
            "person_id uuid, agency_id uuid",
            "boolean",
            BARRED,
            language="sql",
            definer=True,
            volatility="stable",
            comment=(
                "Whether nothing may be paid out to this person or studio: a possible or confirmed match of sanctions, "
                "or a rejected identity case. Tells no reason, which compliance alone knows."
            ),
        ),
    ]
