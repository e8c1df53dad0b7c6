"""What the demo shows of copyright notices; run again, it changes nothing."""

import pytest

from audit.demo_takedowns import load_answered_notice
from audit.models import CounterNotice, TakedownNotice
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.streams.factories_archives import make_archive

pytestmark = pytest.mark.django_db


def test_a_notice_of_today_is_carried_out_and_answered() -> None:
    assert "there before, or nobody" in load_answered_notice()
    staff(Role.COMPLIANCE, handle="demo_compliance")
    archive = make_archive()
    assert "answered" in load_answered_notice()
    notice = TakedownNotice.objects.get()
    assert (notice.status, notice.performer_ids) == ("content_disabled", [archive.performer_id])
    assert CounterNotice.objects.get().status == "received"
    assert "there before" in load_answered_notice()
    assert TakedownNotice.objects.count() == 1
