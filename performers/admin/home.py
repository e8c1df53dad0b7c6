"""What waits on the home page of compliance."""

from django.urls import reverse

from core.admin.home import HomeCard, register_card
from core.admin.sections import Section
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.admin.queue import APPLICATIONS, RENEWALS
from performers.models import PerformerProfile
from performers.selectors_admission import WARNED_AHEAD, documents_due


def _url(query: str) -> str:
    return f"{reverse('admin:performers_performerprofile_changelist')}?{query}"


register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Applications waiting",
        roles=(Role.COMPLIANCE,),
        count=lambda limit: CountUpTo(PerformerProfile.objects.submitted(), limit),
        url=lambda: _url(f"waiting={APPLICATIONS}"),
        words="Nobody goes live before somebody has examined who they are.",
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="New documents waiting",
        roles=(Role.COMPLIANCE,),
        count=lambda limit: CountUpTo(PerformerProfile.objects.renewing(), limit),
        url=lambda: _url(f"waiting={RENEWALS}"),
        words="Verified performers who renewed in time.",
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Documents that run out",
        roles=(Role.COMPLIANCE, Role.AUDITOR),
        count=lambda limit: CountUpTo(documents_due(), limit),
        url=lambda: _url("documents=due"),
        words=f"Expired, or due within {WARNED_AHEAD.days} days.",
    )
)
