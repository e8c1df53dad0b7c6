"""Who reads and writes rows of payouts: the same for all, so declared once."""

from billing.models.wallet import SHARE_READERS
from core.db.access import Rights, readers
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role


def payout_policies(*, own: str = "performer_id", update: bool = True) -> list[Policy]:
    """Finance and those who look over its shoulder read every row, performers their own; the worker alone writes."""
    found = [
        *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
        Policy(role=Role.WORKER, command="insert", check=ALL),
    ]
    if update:
        found.append(Policy(role=Role.WORKER, command="update", using=ALL))
    if own:
        found.append(Policy(role=Role.PERFORMER, command="select", using=f"{own} = {ME}"))
    return found


def payout_rights(*columns: str, own: bool = True, **may: tuple[Role, ...]) -> dict[Role, Rights]:
    """The rights that go with `payout_policies`; `columns` are those that the worker may change.

    `may` names permissions with the roles that hold them: `prepare_payoutbatch=(Role.FINANCE,)`.
    """
    rights: dict[Role, Rights] = {
        role: Rights(select=True, may=tuple(name for name, holders in may.items() if role in holders))
        for role in SHARE_READERS
    }
    return {
        **rights,
        **(readers(Role.PERFORMER) if own else {}),
        Role.WORKER: Rights(select=True, insert=True, update=columns),
    }
