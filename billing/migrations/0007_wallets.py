from core.db.operations import SetLockTimeout, SetStatementTimeout
from core.db.views import CreateView
from django.db import migrations

DEFAULT_RULE = """
INSERT INTO billing_revenuesharerule (id, valid, performer_points, platform_points)
SELECT uuidv7(), tstzrange('2010-01-01 00:00:00+00', NULL, '[)'), 7000, 3000
"""

PROOF = """
SELECT w.id, w.user_id, coalesce(l.remaining, 0)::bigint, b.amount,
  (coalesce(l.came, 0) - coalesce(h.open, 0) - coalesce(s.spent, 0))::bigint,
  coalesce(h.open, 0)::bigint, hb.amount
FROM billing_wallet w
JOIN billing_ledgerbalance b ON b.account_id = w.account_id
JOIN billing_ledgerbalance hb ON hb.account_id = w.hold_account_id
LEFT JOIN LATERAL (
  SELECT sum(l.remaining) AS remaining, sum(l.quantity - l.withdrawn) AS came
  FROM billing_tokenlot l WHERE l.wallet_id = w.id
) l ON true
LEFT JOIN LATERAL (
  SELECT sum(h.tokens - h.captured - h.returned) AS open FROM billing_tokenhold h WHERE h.wallet_id = w.id
) h ON true
LEFT JOIN LATERAL (
  SELECT sum(s.tokens) AS spent FROM billing_tokenspend s
  WHERE s.wallet_id = w.id AND NOT EXISTS (SELECT FROM billing_spendreversal r WHERE r.spend_id = s.id)
) s ON true
"""


class Migration(migrations.Migration):
    """The share of the platform until finance sets another one, and the proof of wallets."""

    dependencies = [("billing", "0006_ledger_views")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        migrations.RunSQL(DEFAULT_RULE, migrations.RunSQL.noop),
        CreateView(
            "billing_walletproof",
            PROOF,
            comment="Lots, holds and the ledger of every wallet, side by side, made anew from all rows.",
            columns={
                "id": "The wallet.",
                "user_id": "Whose it is.",
                "lots": "Tokens that remain in its lots.",
                "balance": "Balance of its account in the ledger.",
                "expected": "Tokens that came, less what was withdrawn, is set aside or was spent and not taken back.",
                "holds": "Tokens set aside.",
                "hold_balance": "Balance of its account for these.",
            },
        ),
    ]
