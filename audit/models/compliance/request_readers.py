"""Who works on subject requests and who reads them."""

from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role

HANDLERS = (Role.COMPLIANCE,)
"""They take in, confirm, carry out and answer requests; never one about themselves."""

STAFF_READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER)
"""They read every request, its steps and its moves."""

ASKERS = (Role.VIEWER, Role.PERFORMER)
"""Everybody for themselves: they file and withdraw their own request and read it and what was done about it."""

NOT_MINE = f"person_id IS DISTINCT FROM {ME}"
MINE = f"person_id = {ME}"

REQUEST_POLICIES: list[Policy] = [
    *policies(*STAFF_READERS, command="select", using=ALL),
    *policies(*ASKERS, command="select", using=MINE),
    *policies(
        *ASKERS,
        command="insert",
        check=f"{MINE} AND channel = 'form' AND asked_by = 'person'",
    ),
    *policies(
        *ASKERS,
        command="update",
        using=f"{MINE} AND status IN ('received', 'verified', 'running')",
        check=f"{MINE} AND status = 'withdrawn'",
    ),
    *policies(*HANDLERS, command="insert", check=f"{NOT_MINE} AND channel <> 'form'"),
    *policies(*HANDLERS, command="update", using=NOT_MINE),
    Policy(role=Role.WORKER, command="update", using=ALL),
]
"""Which requests each role reads and writes; the steps and moves of one follow it."""
