"""Copyright notices of the tests, made by the services as those who would make them."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.models import CounterNotice, TakedownNotice
from audit.services.counter_notice_intake import NewCounterNotice, counter_notice_receive
from audit.services.counter_notices import counter_notice_accept
from audit.services.takedown_intake import NewNotice, Subject, notice_receive
from audit.services.takedown_notices import notice_accept, notice_act
from audit.takedown_choices import TargetKind
from audit.takedown_elements import COUNTER_ELEMENTS, NOTICE_ELEMENTS
from core.db.context import acting
from core.db.roles import Role
from streams.models import Archive
from tests.streams.factories_archives import make_archive

ALL = frozenset(element.field for element in NOTICE_ELEMENTS)
ALL_OF_COUNTER = frozenset(element.field for element in COUNTER_ELEMENTS)
WHY = "seen by a colleague"


def as_compliance(user: User) -> AbstractContextManager[Any]:
    """Act as a member of compliance."""
    return acting(Role.COMPLIANCE, user_id=user.pk)


def new_notice(*archives: Archive, **fields: Any) -> NewNotice:
    """A complete notice about these archives."""
    return NewNotice(
        **{
            "source": "email",
            "claimant_name": "Ada Quill",
            "claimant_organisation": "Harbour Light Records",
            "subjects": [Subject(TargetKind.ARCHIVE, archive.pk) for archive in archives],
            "elements": ALL,
            "work_described": "The song Low Tide.",
            **fields,
        }
    )


def received(*archives: Archive, **fields: Any) -> TakedownNotice:
    """A notice that came to the platform."""
    new = new_notice(*(archives or (make_archive(),)), **fields)
    with acting(Role.WORKER):
        notice = notice_receive(new=new, actor=None)
    return TakedownNotice.objects.get(pk=notice.pk)


def accepted(*archives: Archive, **fields: Any) -> TakedownNotice:
    """A notice that was found complete."""
    notice = received(*archives, **fields)
    with acting(Role.WORKER):
        notice_accept(notice_id=notice.pk, actor=None, reason=WHY)
    return TakedownNotice.objects.get(pk=notice.pk)


def carried_out(*archives: Archive, **fields: Any) -> TakedownNotice:
    """A notice whose content is disabled."""
    notice = accepted(*archives, **fields)
    with acting(Role.WORKER):
        notice_act(notice_id=notice.pk, actor=None, reason=WHY)
    return TakedownNotice.objects.get(pk=notice.pk)


def answer_to(notice: TakedownNotice, **fields: Any) -> NewCounterNotice:
    """A complete counter-notice by the performer of the first target."""
    return NewCounterNotice(
        **{
            "notice_id": notice.pk,
            "performer_id": notice.performer_ids[0],
            "elements": ALL_OF_COUNTER,
            "statement": "I wrote and sang it myself.",
            **fields,
        }
    )


def answered(notice: TakedownNotice, **fields: Any) -> CounterNotice:
    """A counter-notice by the performer, as she would send it."""
    new = answer_to(notice, **fields)
    performer = User.objects.get(pk=new.performer_id)
    with acting(Role.PERFORMER, user_id=performer.pk):
        counter = counter_notice_receive(new=new, actor=performer)
    return CounterNotice.objects.get(pk=counter.pk)


def valid_answer(notice: TakedownNotice, days_ago: int = 0) -> CounterNotice:
    """A valid counter-notice that was received so many days ago."""
    with acting(Role.WORKER):
        new = answer_to(notice, source="email", received_at=timezone.now() - timedelta(days=days_ago))
        counter = counter_notice_receive(new=new, actor=None)
        counter_notice_accept(counter_notice_id=counter.pk, actor=None, reason=WHY)
    return CounterNotice.objects.get(pk=counter.pk)
