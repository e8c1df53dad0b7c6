"""Two at once, on connections of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from audit.models import CounterNotice, TakedownNotice, TakedownTarget
from audit.services.counter_notice_intake import counter_notice_receive
from audit.services.takedown_notices import notice_act, notice_retract
from audit.takedown_errors import CounterNoticeRefused
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition
from streams.models import Archive, ArchiveDecision
from tests.accounts.factories import staff
from tests.accounts.test_races import at_once, refusals
from tests.audit.takedowns import WHY, accepted, answer_to, carried_out
from tests.streams.factories_archives import make_archive

pytestmark = pytest.mark.django_db(transaction=True)


def by(user: User, role: Role, service: Callable[..., Any], notice: TakedownNotice) -> Callable[[], Any]:
    def act() -> Any:
        with acting(role, user_id=user.pk):
            return service(notice_id=notice.pk, actor=user, reason=WHY)

    return act


def test_two_staff_two_notices_two_answers() -> None:
    coral, leah = staff(Role.COMPLIANCE), staff(Role.LEAD_MODERATOR)
    archive = make_archive()
    # One notice, two members of staff: it is carried out once.
    notice = accepted(archive)
    outcomes = at_once(
        by(coral, Role.COMPLIANCE, notice_act, notice), by(leah, Role.LEAD_MODERATOR, notice_act, notice)
    )
    assert refusals(outcomes) == [IllegalTransition]
    assert ArchiveDecision.objects.filter(archive=archive, kind="remove").count() == 1
    assert notice.transitions.filter(to_status="content_disabled").count() == 1
    # Two counter-notices about the same: one is open.
    performer = User.objects.get(pk=archive.performer_id)

    def answer() -> Any:
        with acting(Role.PERFORMER, user_id=performer.pk):
            return counter_notice_receive(
                new=answer_to(TakedownNotice.objects.get(pk=notice.pk)), actor=performer
            )

    assert refusals(at_once(answer, answer)) == [CounterNoticeRefused]
    assert CounterNotice.objects.count() == 1
    # Two notices about one archive, both taken back at the same moment: it comes back.
    second = carried_out(archive)
    outcomes = at_once(
        by(coral, Role.COMPLIANCE, notice_retract, notice),
        by(leah, Role.LEAD_MODERATOR, notice_retract, second),
    )
    assert refusals(outcomes) == []
    assert Archive.objects.get(pk=archive.pk).status == "approved"
    assert not TakedownTarget.objects.filter(restored_at__isnull=True).exists()
    # An answer that arrives while the notice is taken back is refused, or settled by it.
    third = carried_out(archive)

    def late() -> Any:
        with acting(Role.PERFORMER, user_id=performer.pk):
            return counter_notice_receive(
                new=answer_to(TakedownNotice.objects.get(pk=third.pk), performer_id=performer.pk),
                actor=performer,
            )

    settled = at_once(late, by(coral, Role.COMPLIANCE, notice_retract, third))
    assert refusals(settled) in ([], [CounterNoticeRefused]), settled
    assert not CounterNotice.objects.live().exists()
    assert TakedownNotice.objects.get(pk=third.pk).status == "withdrawn"
