"""The room of jobs: who enters, what is seen, what staff decide."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from core.admin.site import backoffice
from core.choices import IncidentKind
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.jobs.decisions import job_give_up, job_run_again
from core.jobs.errors import JobNotFailed, JobNotWaiting, JobUnknown, SameWorkWaits
from core.models import JobIncident, QueuedJob
from tests.accounts.factories import staff as member
from tests.sql import run

pytestmark = pytest.mark.django_db

LIST = "admin:core_queuedjob_changelist"
REASON = "the provider is back since this morning"
READERS = (Role.AUDITOR, Role.ADMINISTRATOR)
Enqueued = Callable[..., int]


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return unescape(response.content.decode())


def page(number: int) -> str:
    return reverse("admin:core_queuedjob_change", args=[number])


def action(number: int, name: str) -> str:
    return reverse("admin:core_queuedjob_action", args=[number, name])


@pytest.fixture
def dead(enqueued: Enqueued) -> int:
    number = enqueued(name="quarantines_end", status="failed")
    JobIncident.objects.create(job_id=number, kind=IncidentKind.FAILED, attempt=1, words="Refused: The moon.")
    return number


class TestReading:
    @pytest.mark.parametrize("role", STAFF_ROLES)
    def test_administrators_and_auditors_enter(self, role: Role, staff_client: Any, dead: int) -> None:
        browser = staff_client(role)
        expected = 200 if role in READERS else 403
        assert browser.get(reverse(LIST)).status_code == expected
        assert browser.get(page(dead)).status_code == expected

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({}, {"quarantines_end", "restrictions_expire", "sessions_forget"}),
            ({"state": "failed"}, {"quarantines_end"}),
            ({"state": "waiting"}, {"restrictions_expire"}),
            ({"state": "running"}, {"sessions_forget"}),
            ({"state": "done"}, set()),
            ({"name": "restrictions_expire"}, {"restrictions_expire"}),
            ({"queue": "maintenance"}, set()),
            ({"queue": "default", "state": "failed"}, {"quarantines_end"}),
        ],
    )
    def test_the_list_is_narrowed(
        self, query: dict[str, str], shown: set[str], staff_client: Any, dead: int, enqueued: Enqueued
    ) -> None:
        enqueued("restrictions_expire")
        enqueued("sessions_forget", status="doing")
        text = text_of(staff_client(Role.AUDITOR).get(reverse(LIST), query))
        names = ("quarantines_end", "restrictions_expire", "sessions_forget")
        assert {name for name in names if f">{name} " in text} == shown

    def test_nonsense_is_named(self, staff_client: Any, dead: int) -> None:
        browser = staff_client(Role.AUDITOR)
        for query in ({"number": "seven"}, {"state": "lazy"}, {"after": "x"}, {"name": "%00"}):
            assert browser.get(reverse(LIST), query).status_code == 200
        assert browser.get(page(999_999)).status_code == 404

    def test_a_job_tells_its_story(self, staff_client: Any, dead: int) -> None:
        text = text_of(staff_client(Role.AUDITOR).get(page(dead)))
        for words in (
            "Has failed",
            "Refused: The moon.",
            "Put into the queue",
            "Begun by a worker",
            "the schedule",
        ):
            assert words in text

    def test_a_long_list_asks_no_more_and_counts_nothing(self, staff_client: Any, enqueued: Enqueued) -> None:
        browser = staff_client(Role.ADMINISTRATOR)
        enqueued()
        browser.get(reverse(LIST))
        with CaptureQueriesContext(connection) as one:
            browser.get(reverse(LIST))
        for _ in range(60):
            enqueued()
        with CaptureQueriesContext(connection) as many:
            text = text_of(browser.get(reverse(LIST)))
        assert len(many) <= len(one) + 1  # the planner's estimate, once there is a second page
        assert len(many) <= 20
        assert not [query for query in many if "COUNT(" in query["sql"].upper()]
        assert text.count(">test_effect ") == 50

    def test_nothing_is_added_changed_or_deleted_by_hand(self, staff_client: Any, dead: int) -> None:
        browser = staff_client(Role.ADMINISTRATOR)
        assert browser.get(reverse("admin:core_queuedjob_add")).status_code == 403
        assert browser.get(reverse("admin:core_queuedjob_delete", args=[dead])).status_code == 403

    def test_the_librarys_own_page_is_not_offered(self) -> None:
        from procrastinate.contrib.django.models import ProcrastinateJob

        assert not backoffice.is_registered(ProcrastinateJob)

    def test_dead_letters_wait_on_the_home_page_of_administrators(self, staff_client: Any, dead: int) -> None:
        assert "Dead letters" in text_of(staff_client(Role.ADMINISTRATOR).get("/"))
        assert "Dead letters" not in text_of(staff_client(Role.AUDITOR).get("/"))


class TestDeciding:
    def confirm(self, browser: Any, number: int, name: str) -> Any:
        form = browser.get(action(number, name))
        assert form.status_code == 200
        return browser.post(
            action(number, name),
            {
                "reason": REASON,
                "submission": form.context["token"],
                "acting_role": Role.ADMINISTRATOR.short,
            },
            follow=True,
        )

    def test_a_dead_letter_is_run_again_and_the_trail_knows_why(self, staff_client: Any, dead: int) -> None:
        browser = staff_client(Role.ADMINISTRATOR)
        text = text_of(self.confirm(browser, dead, "run-again"))
        assert f"quarantines_end {dead} waits in the queue again." in text
        assert QueuedJob.objects.get(pk=dead).status == "todo"
        event = Event.objects.select_related("label").get(action="job_run_again")
        assert (event.actor_id, event.detail) == (browser.user.pk, {"job": dead, "name": "quarantines_end"})
        assert event.label.reason == REASON
        assert JobIncident.objects.filter(job_id=dead, kind=IncidentKind.RUN_AGAIN).exists()

    @pytest.mark.parametrize("status", ["todo", "failed"])
    def test_a_job_is_given_up(self, status: str, staff_client: Any, enqueued: Enqueued) -> None:
        number = enqueued(status=status)
        text_of(self.confirm(staff_client(Role.ADMINISTRATOR), number, "give-up"))
        assert QueuedJob.objects.get(pk=number).status == "cancelled"
        assert Event.objects.filter(action="job_given_up").exists()

    @pytest.mark.parametrize("name", ["run-again", "give-up"])
    def test_an_auditor_decides_nothing(self, name: str, staff_client: Any, dead: int) -> None:
        browser = staff_client(Role.AUDITOR)
        assert action(dead, name) not in text_of(browser.get(page(dead)))
        assert browser.get(action(dead, name)).status_code == 403

    @pytest.fixture
    def adam(self) -> User:
        return member(Role.ADMINISTRATOR, handle="adam")

    @pytest.mark.parametrize("status", ["todo", "doing", "succeeded", "cancelled"])
    def test_only_what_failed_is_run_again(self, status: str, adam: User, enqueued: Enqueued) -> None:
        number = enqueued(name="quarantines_end", status=status)
        with (
            acting(Role.ADMINISTRATOR, user_id=adam.pk),
            pytest.raises(JobNotFailed, match="only a job that has failed"),
        ):
            job_run_again(job_id=number, actor=adam, reason=REASON)
        assert not JobIncident.objects.exists()

    @pytest.mark.parametrize("status", ["doing", "succeeded", "cancelled"])
    def test_only_what_waits_or_failed_is_given_up(self, status: str, adam: User, enqueued: Enqueued) -> None:
        number = enqueued(status=status)
        with acting(Role.ADMINISTRATOR, user_id=adam.pk), pytest.raises(JobNotWaiting):
            job_give_up(job_id=number, actor=adam, reason=REASON)

    def test_without_its_code_it_is_not_run_again(self, adam: User, enqueued: Enqueued) -> None:
        number = enqueued("pigeon_send", status="failed")
        with acting(Role.ADMINISTRATOR, user_id=adam.pk):
            with pytest.raises(JobUnknown, match="This release has no job called pigeon_send"):
                job_run_again(job_id=number, actor=adam, reason=REASON)
            with pytest.raises(JobUnknown, match="There is no job"):
                job_give_up(job_id=999_999, actor=adam, reason=REASON)

    def test_the_same_work_does_not_wait_twice(self, adam: User, enqueued: Enqueued) -> None:
        number = enqueued("quarantines_end", status="failed", key="x")
        enqueued("quarantines_end", key="x")
        with acting(Role.ADMINISTRATOR, user_id=adam.pk), pytest.raises(SameWorkWaits):
            job_run_again(job_id=number, actor=adam, reason=REASON)
        assert run("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [number]) == [("failed",)]
