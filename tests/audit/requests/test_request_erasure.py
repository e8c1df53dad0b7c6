"""An erasure end to end: what stands against it, failures half-way, objects in storage, and that it is resumed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import ProfileMedia, RoleGrant, User
from audit.models import Event, RequestStep, SubjectRequest
from audit.request_choices import AttemptOutcome
from audit.request_errors import FourEyes, RequestRefused
from audit.services.subject_request_runs import subject_request_run, subject_request_start
from audit.services.subject_requests import subject_request_refuse, subject_request_withdraw
from core.db.context import acting
from core.db.roles import Role
from core.erasure import Eraser, ErasureReport, register_eraser, remove_eraser
from tests.accounts.documents import MediaFactory, closed
from tests.accounts.erasing import full_life
from tests.accounts.factories import RoleGrantFactory, UserFactory, ViewerProfileFactory
from tests.audit.holds import place, release
from tests.audit.requests.asking import WHY, asked, by, confirmed, officer
from tests.audit.requests.storing import Stubborn, stored
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

WAITING, FAILED, ADVANCED = AttemptOutcome.WAITING, AttemptOutcome.FAILED, AttemptOutcome.ADVANCED


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Stubborn:
    return stored(monkeypatch)


def begun(person: User, actor: User | None = None) -> SubjectRequest:
    """An erasure that runs: one of compliance confirmed who asks, another one begins it."""
    return by(actor or officer(), subject_request_start, confirmed(person, "erasure"), reason=WHY)


def again(request: SubjectRequest) -> SubjectRequest:
    return SubjectRequest.objects.get(pk=request.pk)


def status_of(person: User) -> str:
    return User.objects.get(pk=person.pk).status


def test_from_the_letter_to_the_answer(store: Stubborn) -> None:
    person = full_life()
    keys = list(ProfileMedia.objects.filter(user=person).values_list("object_key", flat=True))
    store.keep(*keys)
    coral = officer()
    request = begun(person, coral)
    assert subject_request_run(request_id=request.pk) == ADVANCED
    request = again(request)
    assert (request.status, request.answered_by, request.wish) == ("done", coral, "")
    assert "destroyed" in request.answer
    assert status_of(person) == "erased"
    assert len(keys) == 2 and not any(store.exists(key) for key in keys)
    steps = RequestStep.objects.filter(request=request)
    assert steps.filter(category="objects", outcome="destroyed", object_key="").count() == 2
    kept = {step.category: step for step in steps.filter(outcome="kept")}
    assert "accounts_consent" in kept and "audit_subjectrequest" in kept
    assert all(step.legal_basis and step.until and step.rows for step in kept.values())
    assert [row.to_status for row in request.transitions.order_by("pk")] == [
        "received", "verified", "running", "done",
    ]  # fmt: skip
    actions = set(Event.objects.filter(subject_id=request.pk).values_list("action", flat=True))
    assert actions >= {
        "subject_request_filed",
        "subject_request_confirmed",
        "subject_request_begun",
        "subject_request_advanced",
        "subject_request_object_removed",
        "subject_request_answered",
    }
    # Nothing is left for a second run.
    assert subject_request_run(request_id=request.pk) is None


def test_an_open_account_is_closed_and_erased_when_the_cooling_period_is_over(store: Stubborn) -> None:
    person = UserFactory()
    request = begun(person)
    assert status_of(person) == "closed"
    assert subject_request_run(request_id=request.pk) == WAITING
    assert (again(request).status, again(request).attempt) == ("running", "waiting")
    run("UPDATE accounts_user SET closed_at = now() - interval '31 days' WHERE id = %s", [person.pk])
    assert subject_request_run(request_id=request.pk) == ADVANCED
    assert (again(request).status, status_of(person)) == ("done", "erased")


def test_who_objects_within_the_cooling_period_takes_it_back() -> None:
    person = UserFactory()
    request = begun(person)
    with acting(Role.VIEWER, user_id=person.pk):
        subject_request_withdraw(request_id=request.pk, actor=person)
    assert subject_request_run(request_id=request.pk) is None
    assert (again(request).status, status_of(person)) == ("withdrawn", "closed")


def test_a_hold_keeps_it_waiting_and_says_nothing_to_the_person(store: Stubborn) -> None:
    person, coral = closed(), officer()
    ViewerProfileFactory(user=person, display_name="Kept by a court")
    hold = place("person", person.pk)
    request = begun(person, coral)
    assert subject_request_run(request_id=request.pk) == WAITING
    assert not RequestStep.objects.exists()
    assert run("SELECT display_name FROM accounts_viewerprofile") == [("Kept by a court",)]
    with acting(Role.VIEWER, user_id=person.pk):
        row = run("SELECT to_jsonb(r)::text FROM audit_subjectrequest r")[0][0]
    assert "hold" not in row.lower()
    # It can be refused on a ground that says nothing of the hold, or waits until that is lifted.
    release(hold)
    assert subject_request_run(request_id=request.pk) == ADVANCED
    assert status_of(person) == "erased"


def test_a_staff_role_and_money_owed_stand_against_it(store: Stubborn) -> None:
    from tests.billing.payouts_data import payable

    member = closed()
    grant = RoleGrantFactory(user=member, role=Role.SUPPORT.value)
    request = begun(member)
    assert subject_request_run(request_id=request.pk) == WAITING
    RoleGrant.objects.filter(pk=grant.pk).update(valid=(grant.valid.lower, timezone.now()))
    assert subject_request_run(request_id=request.pk) == ADVANCED
    star = payable().user
    run(
        "UPDATE accounts_user SET status = 'closed', closed_at = now() - interval '31 days' WHERE id = %s",
        [star.pk],
    )
    owed = begun(star)
    assert subject_request_run(request_id=owed.pk) == WAITING
    assert status_of(star) == "closed"
    coral = officer()
    refused = by(
        coral, subject_request_refuse, owed, ground="claims", reason="earnings have to be paid out first"
    )
    assert refused.status == "refused"


@pytest.fixture
def broken() -> Iterator[None]:
    """A storey that fails when everything below it is erased already."""

    def erase(person_id: Any) -> ErasureReport:
        assert run("SELECT erased_at IS NOT NULL FROM accounts_user WHERE id = %s", [person_id]) == [(True,)]
        raise ConnectionError("half-way")

    register_eraser(Eraser(99, "broken", survey=lambda person_id: ErasureReport(), erase=erase))
    yield
    remove_eraser("broken")


def test_a_failure_half_way_leaves_nothing_half_erased_and_the_next_run_completes(
    store: Stubborn, broken: None
) -> None:
    person = full_life()
    tables = ("accounts_usersession", "accounts_usercontact", "accounts_viewerprofile", "accounts_loginevent")
    counts = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    before = run(counts)
    request = begun(person)
    with pytest.raises(ConnectionError):
        subject_request_run(request_id=request.pk)
    assert (again(request).status, again(request).attempt) == ("running", "failed")
    assert run(counts) == before
    assert User.objects.get(pk=person.pk).handle == person.handle
    assert not RequestStep.objects.exists()
    remove_eraser("broken")
    assert subject_request_run(request_id=request.pk) == ADVANCED
    assert again(request).status == "done"


def test_objects_that_stay_are_tried_again_one_by_one(store: Stubborn) -> None:
    person = closed()
    keys = [f"people/{person.pk}/{name}.webp" for name in ("one", "two", "three")]
    for position, key in enumerate(keys):
        MediaFactory(user=person, kind="gallery", position=position, status="approved", object_key=key)
    store.keep(*keys)
    store.stuck = {keys[1]}
    request = begun(person)
    with pytest.raises(OSError, match="does not answer"):
        subject_request_run(request_id=request.pk)
    assert [store.exists(key) for key in keys] == [False, True, False]
    assert list(RequestStep.objects.pending().values_list("object_key", flat=True)) == [keys[1]]
    assert (again(request).status, again(request).attempt, status_of(person)) == (
        "running",
        "failed",
        "erased",
    )
    store.stuck = set()
    assert subject_request_run(request_id=request.pk) == ADVANCED
    assert again(request).status == "done" and not store.exists(keys[1])
    assert not RequestStep.objects.exclude(object_key="").exists()


def test_without_a_store_objects_wait() -> None:
    person = closed()
    MediaFactory(user=person, object_key=f"people/{person.pk}/one.webp")
    request = begun(person)
    with pytest.raises(RequestRefused, match="no store of objects"):
        _removed(request)
    assert again(request).status == "running"


def _removed(request: SubjectRequest) -> None:
    """The objects, as the run removes them, which tells a refusal as something that waits."""
    from audit.services.subject_request_runs import _remove_objects

    assert subject_request_run(request_id=request.pk) == WAITING
    _remove_objects(request.pk)


def test_who_confirmed_does_not_carry_out_and_a_colleague_takes_over(store: Stubborn) -> None:
    person, first, second = closed(), officer(), officer()
    request = confirmed(person, "erasure", first)
    with pytest.raises(FourEyes):
        by(first, subject_request_start, request, reason=WHY)
    by(second, subject_request_start, request, reason=WHY)
    RoleGrant.objects.filter(user=second).update(valid=("2020-01-01", "2020-02-01"))
    assert subject_request_run(request_id=request.pk) == WAITING
    assert status_of(person) == "closed"
    third = officer()
    by(third, subject_request_start, again(request), reason="the colleague left")
    assert subject_request_run(request_id=request.pk) == ADVANCED
    assert (again(request).status, again(request).run_by) == ("done", third)


def test_somebody_erased_by_another_way_is_answered_all_the_same(store: Stubborn) -> None:
    from tests.accounts.erasing import erase

    person = closed()
    request = begun(person)
    erase(person, officer())
    assert subject_request_run(request_id=request.pk) == ADVANCED
    assert again(request).status == "done"
    assert RequestStep.objects.filter(request=request, outcome="kept").exists()


def test_words_of_earlier_requests_go_with_the_person(store: Stubborn) -> None:
    person = closed()
    with acting(Role.OWNER):
        run("UPDATE accounts_user SET status = 'closed' WHERE id = %s", [person.pk])
    earlier = confirmed(
        person, "access", asked_by="guardian", asker="Grandmother Gerda", wish="About little Ada"
    )
    by(officer(), subject_request_refuse, earlier, ground="others", reason="others are in it")
    request = begun(person)
    assert subject_request_run(request_id=request.pk) == ADVANCED
    row = again(earlier)
    assert (row.wish, row.asker, row.status, row.refusal_ground) == ("", "", "refused", "others")
    assert asked(UserFactory()).status == "received"
