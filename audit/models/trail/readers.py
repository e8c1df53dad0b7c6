"""Who reads the trail."""

from audit.choices import Area
from core.db.roles import ACTING_ROLES, Role

OVERSEERS = (Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR)
"""They read every event."""

AREA_READERS: dict[Role, tuple[Area, ...]] = {
    Role.SUPPORT: (Area.PEOPLE,),
    Role.MODERATOR: (Area.PEOPLE, Area.MODERATION),
    Role.LEAD_MODERATOR: (Area.PEOPLE, Area.MODERATION),
}
"""They read the events of some areas of the work."""

OWN_READERS = (Role.FINANCE, Role.FINANCE_APPROVER, Role.ANALYST)
"""They read what they did themselves."""

RECORDERS = (Role.APP, *ACTING_ROLES)
"""Whatever role is in force, what it does is recorded."""

ACTING_ROLE_CHOICES = [(role.value, role.label) for role in Role]

READ_ALERT_READERS = (Role.COMPLIANCE, Role.AUDITOR)
"""They read alerts on unusual readings, but not those about themselves."""
