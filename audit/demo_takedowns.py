"""Copyright notices of the demo: the real ones, and one of today that the performer has answered."""

from pathlib import Path

from accounts.models import User
from audit.models import TakedownNotice
from audit.services.counter_notice_intake import NewCounterNotice, counter_notice_receive
from audit.services.takedown_intake import NewNotice, Subject, notice_receive
from audit.services.takedown_notices import notice_accept, notice_act
from audit.takedown_choices import NoticeSource, NoticeStatus, TargetKind
from audit.takedown_elements import COUNTER_ELEMENTS, NOTICE_ELEMENTS
from core.datasets.importing import dataset_import
from core.datasets.registry import dataset
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step
from streams.models import Archive

DATA = Path(__file__).parent / "data" / "complaints"
REASON = "every element is there, and the recording is the claimant's"
MAIL = "<low-tide@harbour-light.example>"


def load_complaints() -> str:
    """The real notices of thirteen years, the newest of which wait for somebody."""
    with acting(Role.WORKER):
        report = dataset_import(dataset=dataset("complaints"), path=DATA, all_or_nothing=True)
        waiting = TakedownNotice.objects.waiting().count()
    return f"{report.new:,} new, {waiting} waiting"


def load_answered_notice() -> str:
    """A notice that was carried out today, and the counter-notice that waits for compliance."""
    officer = User.objects.with_handle(f"demo_{Role.COMPLIANCE.short}").first()
    with acting(Role.WORKER):
        archive = Archive.objects.listed().order_by("-pk").first()
        known = TakedownNotice.objects.filter(source_reference=MAIL).exists()
    if officer is None or archive is None or known:
        return "there before, or nobody and nothing to show it with"
    new = NewNotice(
        source=NoticeSource.EMAIL,
        source_reference=MAIL,
        claimant_name="Ada Quill",
        claimant_organisation="Harbour Light Records",
        email="ada.quill@versbottomlex.me",
        work_described="The recording Low Tide (2019), played from the second minute on.",
        subjects=[Subject(TargetKind.ARCHIVE, archive.pk)],
        elements=frozenset(element.field for element in NOTICE_ELEMENTS),
        urls_named=1,
        words_count=240,
    )
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        notice = notice_receive(new=new, actor=officer)
        notice_accept(notice_id=notice.pk, actor=officer, reason=REASON)
        notice_act(notice_id=notice.pk, actor=officer, reason=REASON)
    performer = User.objects.get(pk=archive.performer_id)
    with acting(Role.PERFORMER, user_id=performer.pk):
        counter_notice_receive(
            new=NewCounterNotice(
                notice_id=notice.pk,
                performer_id=performer.pk,
                elements=frozenset(element.field for element in COUNTER_ELEMENTS),
                statement="I have a licence for this recording; the contract is from March.",
            ),
            actor=performer,
        )
    return f"{notice.reference}: {NoticeStatus.CONTENT_DISABLED.label.lower()}, and answered"


register_step(DemoStep(70, "Copyright notices of thirteen years", load_complaints))
register_step(DemoStep(71, "A copyright notice of today, and its counter-notice", load_answered_notice))
