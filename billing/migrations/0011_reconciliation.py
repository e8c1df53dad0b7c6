from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

BARRED = """
SELECT EXISTS (
  SELECT FROM (
    SELECT DISTINCT ON (s.list) s.id, s.outcome
    FROM billing_sanctionsscreening s
    WHERE s.user_id = person_id OR s.studio_id = agency_id
    ORDER BY s.list, s.id DESC
  ) latest
  WHERE latest.outcome IN ('possible', 'confirmed')
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
