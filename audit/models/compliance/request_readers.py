"""Who works on subject requests and who reads them."""

from core.db.policies import ME
from core.db.roles import Role

HANDLERS = (Role.COMPLIANCE,)
"""They take in, confirm, carry out and answer requests; never one about themselves."""

STAFF_READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER)
"""They read every request, its steps and its moves."""

ASKERS = (Role.VIEWER, Role.PERFORMER)
"""Everybody for themselves: they file and withdraw their own request and read it and what was done about it."""

NOT_MINE = f"person_id IS DISTINCT FROM {ME}"
MINE = f"person_id = {ME}"
