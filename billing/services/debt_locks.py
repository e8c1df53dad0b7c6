"""One after another where less is owed: a set-off, a write-off and money that came back would use the same debt twice.

What a payee owes is an account that may stand anywhere, so the ledger refuses nothing there.
"""

from uuid import UUID

from django.db import connection


def debts_lock(payee_id: UUID) -> None:
    """Hold what this performer or studio owes, in every unit, until the transaction ends; read balances afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('billing_debt:' || %s, 0))", [str(payee_id)]
        )
