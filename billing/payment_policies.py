"""Who reads and writes the rows of orders, payments, refunds and approvals: the same for all, so declared once."""

from core.db.access import Rights
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role

PAYMENT_READERS = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
"""Staff who read every row of money."""

PAYERS = (Role.VIEWER, Role.PERFORMER)
"""People who read their own rows."""


def payment_policies(*, own: str = "", update: bool = True) -> list[Policy]:
    """Staff read every row, payers those where `own` (a column) is theirs; the worker alone writes."""
    found = [
        *policies(*PAYMENT_READERS, Role.WORKER, command="select", using=ALL),
        Policy(role=Role.WORKER, command="insert", check=ALL),
    ]
    if update:
        found.append(Policy(role=Role.WORKER, command="update", using=ALL))
    if own:
        found += policies(*PAYERS, command="select", using=f"{own} = {ME}")
    return found


def payment_rights(*columns: str, own: bool = False, **may: tuple[Role, ...]) -> dict[Role, Rights]:
    """The rights that go with `payment_policies`; `columns` are those the worker may change.

    `may` names permissions with the roles that hold them: `refund_payment=(Role.FINANCE,)`.
    """
    readers = (*PAYMENT_READERS, *(PAYERS if own else ()))
    rights = {
        role: Rights(
            select=True, may=tuple(permission for permission, holders in may.items() if role in holders)
        )
        for role in readers
    }
    return {**rights, Role.WORKER: Rights(select=True, insert=True, update=columns)}
