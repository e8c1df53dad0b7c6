"""The PostgreSQL roles of the project: who connects, who owns, and whom a person may act as."""

from django.db.models import TextChoices


class Role(TextChoices):
    """One PostgreSQL role; the value is its name in the cluster.

    `OWNER` and `APP` log in. `RETENTION` deletes what the retention policy names. The others are
    taken by `SET LOCAL ROLE` for one transaction (`core.db.context.acting`).
    """

    OWNER = "vbl_owner", "Owner of the schema"
    APP = "vbl_app", "Application"
    RETENTION = "vbl_retention", "Retention"
    VIEWER = "vbl_viewer", "Viewer"
    PERFORMER = "vbl_performer", "Performer"
    SUPPORT = "vbl_support", "Support"
    MODERATOR = "vbl_moderator", "Moderator"
    LEAD_MODERATOR = "vbl_lead_moderator", "Lead moderator"
    FINANCE = "vbl_finance", "Finance"
    FINANCE_APPROVER = "vbl_finance_approver", "Finance approver"
    COMPLIANCE = "vbl_compliance", "Compliance"
    ANALYST = "vbl_analyst", "Analyst"
    AUDITOR = "vbl_auditor", "Auditor"
    ADMINISTRATOR = "vbl_administrator", "Administrator"
    WORKER = "vbl_worker", "Worker"

    @property
    def short(self) -> str:
        """The role without its prefix, which is also the name of its Django group: `moderator`."""
        return self.value.removeprefix("vbl_")

    @classmethod
    def from_short(cls, short: str) -> "Role":
        """The role whose short name is given. Raises ValueError when there is none."""
        return cls(f"vbl_{short}")


#: Roles that a member of staff may be granted and act in, one at a time.
STAFF_ROLES: tuple[Role, ...] = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.ANALYST,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)

#: Every role that the login `vbl_app` may take with SET ROLE.
ACTING_ROLES: tuple[Role, ...] = (Role.VIEWER, Role.PERFORMER, *STAFF_ROLES, Role.WORKER)

#: Roles that log in. Settings such as time-outs belong to these: SET ROLE does not apply a role's own.
LOGIN_ROLES: tuple[Role, ...] = (Role.OWNER, Role.APP)
