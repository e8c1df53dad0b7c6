"""One after another where files of an account are judged and their lines matched.

Two files at once would both follow the same one, and the two sides of a transfer, in a report of the provider and in a
statement of the bank, would not see each other, or be matched with each other twice.
"""

from uuid import UUID

from django.db import connection

from billing.models import SettlementFile


def files_lock(provider_account_id: UUID) -> None:
    """Hold the files of an account at a provider until the transaction ends; taken before any of their rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"billing_settlementfile {provider_account_id}"],
        )


def file_of_account_lock(settlement_file_id: UUID) -> None:
    """Hold the files of the account to which a file belongs; nothing where there is no such file. As the worker."""
    account_id = (
        SettlementFile.objects.filter(pk=settlement_file_id)
        .values_list("provider_account_id", flat=True)
        .first()
    )
    if account_id is not None:
        files_lock(account_id)
