"""Who reads and writes what compliance alone may know: compliance, and nobody about themselves."""

from core.db.access import Rights
from core.db.policies import ME, Policy
from core.db.roles import Role

OTHERS = f"user_id IS DISTINCT FROM {ME}"
"""Rows about anybody but whoever acts."""


def compliance_policies(*, written_by: str, update: bool) -> list[Policy]:
    """Compliance reads and writes, never about whoever acts, and in one's own name; `written_by` is that column."""
    found = [
        Policy(role=Role.COMPLIANCE, command="select", using=OTHERS),
        Policy(role=Role.COMPLIANCE, command="insert", check=f"{written_by} = {ME} AND {OTHERS}"),
    ]
    if update:
        found.append(Policy(role=Role.COMPLIANCE, command="update", using=OTHERS))
    return found


def compliance_rights(*columns: str, may: tuple[str, ...]) -> dict[Role, Rights]:
    """The rights that go with `compliance_policies`."""
    return {Role.COMPLIANCE: Rights(select=True, insert=True, update=columns, may=may)}
