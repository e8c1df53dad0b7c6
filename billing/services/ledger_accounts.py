"""Accounts of the ledger are opened when they are needed first."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from billing.chart import AccountSpec
from billing.errors import JournalRefused
from core.db.context import acting, current_actor_id
from core.db.refusals import refused_as
from core.db.roles import Role

OPEN = "SELECT ledger_accounts_open(%s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::uuid[])"


@transaction.atomic
def ledger_accounts_open(*specs: AccountSpec) -> list[UUID]:
    """The keys of these accounts, in the order asked; those that do not exist are opened. One statement.

    Runs as the worker, whoever asked. Locks: nothing, unless somebody is opening the same account.
    Raises: JournalRefused (a code that exists with another type, currency or guard; an unknown currency).
    """
    if not specs:
        return []
    columns: list[Any] = [
        [spec.code for spec in specs],
        [spec.type.value for spec in specs],
        [spec.currency for spec in specs],
        [spec.guard.value for spec in specs],
        [spec.person_id for spec in specs],
        [spec.studio_id for spec in specs],
    ]
    with (
        acting(Role.WORKER, user_id=current_actor_id()),
        refused_as(JournalRefused),
        connection.cursor() as cursor,
    ):
        cursor.execute(OPEN, columns)
        return list(cursor.fetchone()[0])
