"""Who reads ties between people: those who tied them, and staff who look after people; never the crowd."""

from core.db.policies import ME, Policy, policies
from core.db.roles import Role

PEOPLE = (Role.VIEWER, Role.PERFORMER)
TIE_READERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.WORKER,
)
"""Staff who answer for people, and the jobs."""


def own_rows(column: str, *commands: str) -> list[Policy]:
    """People do these commands to the rows in which `column` names them, as viewers and as performers."""
    mine = f"{column} = {ME}"
    found: list[Policy] = []
    for command in commands:
        words = {"check": mine} if command == "insert" else {"using": mine}
        found += policies(*PEOPLE, command=command, **words)
    return found
