"""Who sees and works moderation."""

from core.db.policies import ME
from core.db.roles import Role

CASE_STAFF = (Role.MODERATOR, Role.LEAD_MODERATOR)
"""They work cases."""

LEADS = (Role.LEAD_MODERATOR,)
"""They hear appeals, approve bulk jobs, and work what is for leads only."""

OVERSEERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
"""They read all of it."""

PEOPLE = (Role.VIEWER, Role.PERFORMER)
"""Those who report, are decided about, and appeal; each sees their own."""

NOT_ABOUT_ME = f"person_id IS DISTINCT FROM {ME}"
"""Nobody sees or works a case about themselves."""

FOR_MODERATORS = f"{NOT_ABOUT_ME} AND NOT leads_only"
