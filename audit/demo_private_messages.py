"""A private message that was reported, for the desk of moderation in the demo."""

from audit.models import Case
from audit.moderation_choices import ReportCategory, ReportSource, SubjectKind
from audit.services.reports import report_file
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step
from core.errors import Refused
from engagement.message_demo import UNWANTED
from engagement.models import DirectMessage
from performers.demo import admitted


def demo_report_load() -> str:
    """A performer reports what she was written; run again, it changes nothing."""
    for star in admitted(2):
        with acting(Role.WORKER):
            if Case.objects.filter(subject_kind=SubjectKind.DIRECT_MESSAGE).exists():
                return "there before"
        with acting(Role.PERFORMER, user_id=star.pk):
            said = DirectMessage.objects.filter(recipient=star.pk, body=UNWANTED[-1]).first()
            if said is None:
                continue
            try:
                report_file(
                    subject_kind=SubjectKind.DIRECT_MESSAGE,
                    subject_id=said.pk,
                    category=ReportCategory.VIOLENCE,
                    source=ReportSource.USER,
                    actor=star.user,
                    words="He says that he will find out where I live. I am afraid.",
                    good_faith=True,
                )
            except Refused as refusal:
                return str(refusal)
        return "a private message was reported"
    return "nothing was written that anybody would report"


register_step(DemoStep(75, "A private message that was reported", demo_report_load))
