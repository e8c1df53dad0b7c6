"""Who reads and writes the rows of notifications: declared once."""

from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role

PEOPLE = (Role.VIEWER, Role.PERFORMER)
"""People who read and keep their own rows."""

DELIVERY_STAFF = (Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
"""Staff who read whether people were told, and why not; never what they read in the app."""

DELIVERY_KEEPERS = (Role.SUPPORT, Role.ADMINISTRATOR)
"""Staff who have a delivery tried again, and suppress or free an address."""

TEMPLATE_WRITERS = (Role.COMPLIANCE, Role.ADMINISTRATOR)
"""Staff who word what people are told: one writes, another one publishes."""

NOT_MINE = f"IS DISTINCT FROM {ME}"


def own_rows(column: str, *commands: str) -> list[Policy]:
    """People do these to rows where `column` is theirs."""
    found: list[Policy] = []
    for command in commands:
        if command == "insert":
            found += policies(*PEOPLE, command=command, check=f"{column} = {ME}")
        else:
            found += policies(*PEOPLE, command=command, using=f"{column} = {ME}")
    return found


def worker_rows(*commands: str) -> list[Policy]:
    """The worker does these to every row."""
    return [
        Policy(role=Role.WORKER, command=command, check=ALL)
        if command == "insert"
        else Policy(role=Role.WORKER, command=command, using=ALL)
        for command in commands
    ]
