from core.db.operations import SetLockTimeout, SetStatementTimeout
from core.db.views import CreateView
from django.db import migrations

JOURNAL = """
SELECT p.id, p.entry_id, p.position, j.booked_on, j.period_id, j.kind, j.description, p.account_id, a.code, p.currency,
  CASE WHEN p.amount < 0 THEN -p.amount END, CASE WHEN p.amount > 0 THEN p.amount END, j.source_table, j.source_id
FROM billing_posting p
JOIN billing_journalentry j ON j.id = p.entry_id
JOIN billing_ledgeraccount a ON a.id = p.account_id
"""

TRIAL_BALANCE = """
SELECT s.account_id, s.code, s.type, s.currency, greatest(-s.balance, 0), greatest(s.balance, 0)
FROM (
  SELECT a.id AS account_id, a.code, a.type, a.currency,
    CASE WHEN a.guard = 'running' THEN b.amount ELSE b.amount + coalesce((
      SELECT sum(p.amount) FROM billing_posting p WHERE p.account_id = a.id AND p.moment >= b.settled_until
    ), 0)::bigint END AS balance
  FROM billing_ledgeraccount a JOIN billing_ledgerbalance b ON b.account_id = a.id
) s WHERE s.balance <> 0
"""

STATEMENT = """
SELECT p.id, p.account_id, p.entry_id, j.booked_on, p.moment, p.position, j.kind, j.description, p.currency,
  CASE WHEN p.amount < 0 THEN -p.amount END, CASE WHEN p.amount > 0 THEN p.amount END,
  (sum(p.amount) OVER (
    PARTITION BY p.account_id ORDER BY j.booked_on, p.moment, p.entry_id, p.position ROWS UNBOUNDED PRECEDING
  ))::bigint
FROM billing_posting p JOIN billing_journalentry j ON j.id = p.entry_id
"""

PROOF = """
SELECT a.id, a.code, a.currency, a.guard,
  b.amount + CASE WHEN a.guard = 'running' THEN 0 ELSE coalesce(sum(p.amount) FILTER (
    WHERE p.moment >= b.settled_until
  ), 0)::bigint END,
  coalesce(sum(p.amount), 0)::bigint,
  coalesce(b.amount, 0) + CASE WHEN a.guard = 'running' THEN 0 ELSE coalesce(sum(p.amount) FILTER (
    WHERE p.moment >= b.settled_until
  ), 0)::bigint END - coalesce(sum(p.amount), 0)::bigint
FROM billing_ledgeraccount a
LEFT JOIN billing_ledgerbalance b ON b.account_id = a.id
LEFT JOIN billing_posting p ON p.account_id = a.id
GROUP BY a.id, a.code, a.currency, a.guard, b.amount, b.settled_until
"""


class Migration(migrations.Migration):
    """Journal, trial balance, statement and proof, as an accountant reads them."""

    dependencies = [("billing", "0005_payments")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateView(
            "billing_journalline",
            JOURNAL,
            comment="Postings with entry and account, debit and credit in columns of their own. Reads with the reader's rights.",
            columns={
                "id": "The posting.",
                "entry_id": "The entry.",
                "position": "Place within the entry.",
                "booked_on": "The day (UTC) on which it counts.",
                "period_id": "The accounting period.",
                "kind": "What happened.",
                "description": "In words.",
                "account_id": "The account.",
                "code": "Code of the account.",
                "currency": "Code of the currency.",
                "debit": "Minor units; null: it is a credit.",
                "credit": "Minor units; null: it is a debit.",
                "source_table": "Table of the row for which it was posted.",
                "source_id": "Key of the row for which it was posted.",
            },
        ),
        CreateView(
            "billing_trialbalanceline",
            TRIAL_BALANCE,
            comment="Accounts with their balance at present, on the side on which it stands. Reads with the reader's rights.",
            columns={
                "account_id": "The account.",
                "code": "Code of the account.",
                "type": "Kind of account.",
                "currency": "Code of the currency.",
                "debit": "Minor units by which debits exceed credits; 0: they do not.",
                "credit": "Minor units by which credits exceed debits; 0: they do not.",
            },
        ),
        CreateView(
            "billing_accountstatementline",
            STATEMENT,
            comment="Postings of an account with the balance after each. Reads with the reader's rights.",
            columns={
                "id": "The posting.",
                "account_id": "The account; filter by it, or every account is summed.",
                "entry_id": "The entry.",
                "booked_on": "The day (UTC) on which it counts.",
                "moment": "The ledger's own time.",
                "position": "Place within the entry.",
                "kind": "What happened.",
                "description": "In words.",
                "currency": "Code of the currency.",
                "debit": "Minor units; null: it is a credit.",
                "credit": "Minor units; null: it is a debit.",
                "balance": "Minor units after this line, credit above zero.",
            },
        ),
        CreateView(
            "billing_ledgerproof",
            PROOF,
            comment="Balances beside the sums of all postings. Reads with the reader's rights.",
            columns={
                "account_id": "The account.",
                "code": "Code of the account.",
                "currency": "Code of the currency.",
                "guard": "What keeps it from falling below zero.",
                "shown": "The balance as asked; null: it has none.",
                "recomputed": "The sum of all postings.",
                "difference": "What is shown too much; 0: proven.",
            },
        ),
    ]
