"""Subject requests of the demo: one in the account, one by letter that is overdue, one that waits for its erasure."""

from datetime import timedelta

from accounts.models import User
from audit.models import SubjectRequest
from audit.request_choices import IdentityMethod, RequestChannel, RequestKind
from audit.services.subject_requests import subject_request_confirm, subject_request_file
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step

LETTERS = ((RequestKind.RECTIFICATION, 3), (RequestKind.PORTABILITY, 35), (RequestKind.ERASURE, 12))
"""What was asked for by letter, and how many days ago it came."""


def load_requests() -> str:
    """A queue in which something is overdue, something new and something confirmed."""
    officer = User.objects.with_handle(f"demo_{Role.COMPLIANCE.short}").first()
    with acting(Role.WORKER):
        people = list(
            User.objects.filter(status="active").exclude(handle__startswith="demo_").order_by("-pk")[:4]
        )
        known = SubjectRequest.objects.exists()
    if officer is None or len(people) < 4 or known:
        return "there before, or nobody to show it with"
    asker, *others = people
    with acting(Role.VIEWER, user_id=asker.pk):
        subject_request_file(
            person_id=asker.pk, kind=RequestKind.ACCESS, channel=RequestChannel.FORM, actor=asker
        )
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        now = database_now()
        for person, (kind, days) in zip(others, LETTERS, strict=True):
            request = subject_request_file(
                person_id=person.pk,
                kind=kind,
                channel=RequestChannel.EMAIL,
                actor=officer,
                wish="I write to you about my data.",
                received_at=now - timedelta(days=days),
            )
            if kind is RequestKind.ERASURE:
                subject_request_confirm(
                    request_id=request.pk,
                    method=IdentityMethod.CONTACT_CODE,
                    actor=officer,
                    reason="the code sent to the confirmed address came back",
                )
    return f"{len(people)} requests"


register_step(DemoStep(73, "Subject requests", load_requests))
