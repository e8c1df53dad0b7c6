"""Who reads and writes raids, goals, polls, rewards and the social side of tips."""

from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role

PEOPLE = (Role.VIEWER, Role.PERFORMER)
MODERATORS = (Role.MODERATOR, Role.LEAD_MODERATOR)
STAFF = (Role.SUPPORT, *MODERATORS, Role.COMPLIANCE, Role.AUDITOR)
"""Staff who answer for what people do to one another."""

NOT_MINE = f"performer_id <> {ME}"


def shown_to_all() -> list[Policy]:
    """What performers show to everybody is read by everybody."""
    return policies(*PEOPLE, *STAFF, Role.WORKER, command="select", using=ALL)


def kept_by_performer(*, begins: str = "", staff: str = "", worker: bool = False) -> list[Policy]:
    """The performer writes and changes her own rows; `begins` is SQL that a new row satisfies.

    `staff` is SQL for what a row is after moderators changed it, never their own; `worker`: jobs move rows too.
    """
    new = f"performer_id = {ME}" + (f" AND {begins}" if begins else "")
    found = [
        Policy(role=Role.PERFORMER, command="insert", check=new),
        Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
    ]
    if staff:
        found += policies(*MODERATORS, command="update", using=NOT_MINE, check=staff)
    if worker:
        found.append(Policy(role=Role.WORKER, command="update", using=ALL))
    return found
