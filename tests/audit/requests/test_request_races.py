"""Two at once, on connections of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from audit.models import RequestStep, SubjectRequest
from audit.request_choices import RequestChannel
from audit.request_errors import RequestRefused
from audit.services.subject_request_runs import subject_request_run, subject_request_start
from audit.services.subject_requests import subject_request_file, subject_request_withdraw
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition
from tests.accounts.documents import MediaFactory, closed
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once, refusals
from tests.audit.requests.asking import WHY, by, confirmed, officer
from tests.audit.requests.storing import stored

pytestmark = pytest.mark.django_db(transaction=True)


def files(person: User, actor: User, role: Role) -> Callable[[], Any]:
    channel = RequestChannel.FORM if actor == person else RequestChannel.EMAIL

    def act() -> Any:
        with acting(role, user_id=actor.pk):
            return subject_request_file(person_id=person.pk, kind="access", channel=channel, actor=actor)

    return act


def test_two_file_one_request() -> None:
    person, coral, carl = UserFactory(), officer(), officer()
    outcomes = at_once(
        files(person, person, Role.VIEWER),
        files(person, coral, Role.COMPLIANCE),
        files(person, carl, Role.COMPLIANCE),
    )
    assert refusals(outcomes) == [RequestRefused] * 2
    assert SubjectRequest.objects.count() == 1


def test_two_workers_run_one_erasure(monkeypatch: pytest.MonkeyPatch) -> None:
    store, person = stored(monkeypatch), closed()
    keys = [f"people/{person.pk}/{number}.webp" for number in range(6)]
    for position, key in enumerate(keys):
        MediaFactory(user=person, kind="gallery", position=position, status="approved", object_key=key)
    store.keep(*keys)
    request = by(officer(), subject_request_start, confirmed(person, "erasure"), reason=WHY)
    outcomes = at_once(*[lambda: subject_request_run(request_id=request.pk)] * 2)
    assert refusals(outcomes) == []
    assert SubjectRequest.objects.get(pk=request.pk).status == "done"
    assert RequestStep.objects.filter(request=request, category="objects").count() == 6
    assert request.transitions.filter(to_status="done").count() == 1
    assert not any(store.exists(key) for key in keys)


def test_a_withdrawal_and_a_run_end_in_one_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    stored(monkeypatch)
    person = closed()
    request = by(officer(), subject_request_start, confirmed(person, "erasure"), reason=WHY)

    def withdraw() -> Any:
        with acting(Role.VIEWER, user_id=person.pk):
            return subject_request_withdraw(request_id=request.pk, actor=person)

    outcomes = at_once(withdraw, lambda: subject_request_run(request_id=request.pk))
    row, person = SubjectRequest.objects.get(pk=request.pk), User.objects.get(pk=person.pk)
    assert (row.status, person.status) in {("withdrawn", "closed"), ("done", "erased")}
    assert set(refusals(outcomes)) <= {RequestRefused, IllegalTransition}
