"""What waits on the home pages of moderators and administrators."""

from django.urls import reverse

from accounts.models import AccountFlag, Restriction, RoleGrant
from core.admin.home import HomeCard, register_card
from core.admin.sections import Section
from core.db.asking import CountUpTo
from core.db.roles import Role

MODERATORS = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE)


def _url(view: str, query: str) -> str:
    return f"{reverse(f'admin:{view}_changelist')}?{query}"


register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Open flags",
        roles=(*MODERATORS, Role.SUPPORT),
        count=lambda limit: CountUpTo(AccountFlag.objects.open(), limit),
        url=lambda: _url("accounts_accountflag", "resolved_at__isempty=1"),
        words="Suspicions about accounts that nobody has looked at.",
    )
)
register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Restrictions in force",
        roles=MODERATORS,
        count=lambda limit: CountUpTo(Restriction.objects.in_force(), limit),
        url=lambda: _url("accounts_restriction", "in_force=yes"),
        words="People who are barred from something now.",
    )
)
register_card(
    HomeCard(
        section=Section.PEOPLE,
        title="Roles in force",
        roles=(Role.ADMINISTRATOR, Role.AUDITOR),
        count=lambda limit: CountUpTo(RoleGrant.objects.in_force(), limit),
        url=lambda: _url("accounts_rolegrant", "in_force=yes"),
        words="Who may act in which role. Revoke what is no longer needed.",
    )
)
