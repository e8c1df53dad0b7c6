"""Who works on copyright notices and who reads them."""

from core.db.policies import ME
from core.db.roles import Role

HANDLERS = (Role.COMPLIANCE, Role.LEAD_MODERATOR)
"""They take in, assess and carry out notices; never one about themselves."""

READERS = (*HANDLERS, Role.MODERATOR, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER)

NOT_MINE = f"performer_id IS DISTINCT FROM {ME}"
MINE = f"performer_id = {ME}"
