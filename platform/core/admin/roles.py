"""One role at a time: which roles a person may take, which one they act in, and how they switch.

The session keeps the role; `core.middleware` compares it with the grants in force at every request, so a
revoked grant ends the acting at once.
"""

from typing import Any

from django.http import HttpRequest

from core.announcements import Announcement
from core.db.roles import STAFF_ROLES, Role
from core.middleware.acting_role import SESSION_KEY

FORM_FIELD = "acting_role"
"""The hidden input by which every form says in which role it was opened: `Role.short`."""

role_switched = Announcement("role_switched", "switched acting role")

ROLE_WORDS: dict[Role, str] = {
    Role.SUPPORT: "Answers people: finds accounts, explains what happened.",
    Role.MODERATOR: "Looks at reports and flags, restricts accounts, decides cases.",
    Role.LEAD_MODERATOR: "Hears appeals, suspends and closes accounts, sets moderation rules.",
    Role.FINANCE: "Prepares payouts, refunds and corrections.",
    Role.FINANCE_APPROVER: "Approves what finance prepared; the second pair of eyes.",
    Role.COMPLIANCE: "Checks identity and age, legal holds, documents and consent.",
    Role.ANALYST: "Reads figures; sees no names.",
    Role.AUDITOR: "Reads the trail and proves that it is whole; changes nothing.",
    Role.ADMINISTRATOR: "Grants and revokes roles of colleagues.",
}


def roles_in_force(user: Any) -> list[Role]:
    """The staff roles a user may take now, in the order of `STAFF_ROLES`; none for a visitor."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    granted = set(user.roles_in_force())
    return [role for role in STAFF_ROLES if role in granted]


def take_role(request: HttpRequest, role: Role) -> None:
    """Act in `role` from the next request on.

    The caller has checked that the role is in force. Announces: nothing; a deliberate switch is `switch_role`.
    """
    request.session[SESSION_KEY] = role.value


def switch_role(request: HttpRequest, role: Role) -> None:
    """Act in `role` from the next request on, because the person chose so. Announces: `role_switched`."""
    before = request.session.get(SESSION_KEY)
    take_role(request, role)
    if before != role.value:
        role_switched.send(
            sender=type(request.user),
            actor=request.user,
            subject=request.user,
            detail={"from": Role(before).short if before in Role.values else None, "to": role.short},
        )


def role_of_form(request: HttpRequest) -> Role | None:
    """The role in which the posted form was opened; None when it says none, or one that does not exist."""
    try:
        return Role.from_short(request.POST.get(FORM_FIELD, ""))
    except ValueError:
        return None
