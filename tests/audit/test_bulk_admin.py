"""The rooms of bulk jobs: choosing, preview, submission, approval, outcome, undoing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import BulkItem, BulkJob
from audit.moderation_choices import BulkStatus
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.audit.bulk_rows import make_cases, make_ground, make_job
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
LIST, ITEMS, NEW = (
    "admin:audit_bulkjob_changelist",
    "admin:audit_bulkitem_changelist",
    "admin:audit_bulkjob_new",
)
REASONS = "The same advertisement was sent to hundreds of people."


def page_of(job: BulkJob) -> str:
    return reverse("admin:audit_bulkjob_change", args=[job.pk])


def action_on(job: BulkJob, name: str) -> str:
    return reverse("admin:audit_bulkjob_action", args=[job.pk, name])


def sent(browser: Browser, cases: Any, **fields: Any) -> HttpResponse:
    written = cases if isinstance(cases, str) else "\n".join(str(case.reference) for case in cases)
    values = {"title": "Spam", "cases": written, "outcome": "no_violation", "reasons": REASONS, **fields}
    return browser.send(reverse(NEW), values)


def refusal(response: HttpResponse) -> str:
    assert response.status_code == 200
    errors: dict[str, list[str]] = response.context["form"].errors
    return " ".join(sentence for sentences in errors.values() for sentence in sentences)


def offered(browser: Browser, job: BulkJob) -> list[str]:
    return [action.name for action, _ in browser.get(page_of(job)).context["object_actions"]]


def test_from_the_form_to_the_submission(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    cases = make_cases(3)
    response = sent(browser, cases)
    job = BulkJob.objects.get()
    assert (response.status_code, response["Location"]) == (302, page_of(job))
    page = browser.get(page_of(job)).content.decode()
    assert all(case.reference in page for case in cases)
    assert "Would be decided" in page
    assert offered(browser, job) == ["submit", "cancel"]
    assert browser.do(action_on(job, "submit")).status_code == 302
    assert BulkJob.objects.get().status == BulkStatus.APPROVED


def test_a_violation_with_effects(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    version = make_ground()
    assert f"{version.policy.code}: {version.title}" in browser.get(reverse(NEW)).content.decode()
    sent(
        browser,
        make_cases(1),
        outcome="violation",
        policy_version=str(version.pk),
        effects=["bar_chat", "warn"],
        days="7",
    )
    job = BulkJob.objects.get()
    assert "Warn, Bar from chat, for 7 days" in browser.get(page_of(job)).content.decode()


def test_what_makes_no_sense_is_said(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    for cases, fields, words in (
        ("", {}, "required"),
        ("C-1234", {}, "C-1234 is neither a reference nor an id"),
        ("C-12345678", {}, "C-12345678 names no case that you see"),
        (" ".join(["C-12345678"] * 1001), {}, "more than 1,000 cases"),
        ("x" * 60_000, {}, "at most"),
        (make_cases(1), {"outcome": "violation"}, "names its ground"),
        (make_cases(1), {"days": "0"}, "greater than or equal to 1"),
        (make_cases(1), {"days": "7"}, "ends by itself"),
        (make_cases(1), {"effects": "vanish"}, "not one of the available choices"),
    ):
        assert words in refusal(sent(browser, cases, **fields))
    assert not BulkJob.objects.exists()


def test_ids_are_taken_too(staff_client: StaffClient) -> None:
    case = make_cases(1)[0]
    sent(staff_client(Role.MODERATOR), f"{case.pk}, {case.reference}")
    assert BulkJob.objects.get().item_count == 1


def test_a_second_person_approves(staff_client: StaffClient) -> None:
    mona = staff(Role.MODERATOR)
    job = make_job(mona, make_cases(26))
    assert staff_client(Role.MODERATOR, user=mona).do(action_on(job, "submit")).status_code == 302
    lead = staff_client(Role.LEAD_MODERATOR)
    home = lead.get(reverse("admin:index")).content.decode()
    assert "Bulk jobs waiting" in home
    assert offered(lead, job) == ["approve", "cancel"]
    assert lead.do(action_on(job, "approve")).status_code == 302
    assert BulkJob.objects.get().approved_by == lead.user


def test_who_may_do_what(staff_client: StaffClient) -> None:
    job = make_job(staff(Role.MODERATOR), make_cases(1))
    for role, status, actions in (
        (Role.MODERATOR, 200, []),
        (Role.LEAD_MODERATOR, 200, ["cancel"]),
        (Role.AUDITOR, 200, []),
        (Role.COMPLIANCE, 200, []),
        (Role.SUPPORT, 403, None),
        (Role.FINANCE, 403, None),
    ):
        browser = staff_client(role)
        response = browser.get(page_of(job))
        assert response.status_code == browser.get(reverse(LIST)).status_code == status, role
        if actions is not None:
            assert offered(browser, job) == actions, role
        may_create = role in (Role.MODERATOR, Role.LEAD_MODERATOR)
        assert browser.get(reverse(NEW)).status_code == (200 if may_create else 403), role
        assert (reverse(NEW) in browser.get(reverse(LIST)).content.decode()) == may_create, role
        if not may_create:
            assert sent(browser, make_cases(1)).status_code == 403, role


def test_undoing_asks_for_reasons(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    job = make_job(browser.user, make_cases(1))
    BulkJob.objects.filter(pk=job.pk).update(status="approved")
    BulkJob.objects.filter(pk=job.pk).update(status="running")
    BulkItem.objects.filter(job=job).update(status="refused", outcome_words="<b>No.</b>")
    BulkJob.objects.filter(pk=job.pk).update(status="done")
    page = browser.get(page_of(job)).content.decode()
    assert "&lt;b&gt;No.&lt;/b&gt;" in page
    assert offered(browser, job) == ["undo"]
    short = browser.do(action_on(job, "undo"), reasons="No.")
    assert "at least 10 characters" in refusal(short)
    nothing = browser.do(action_on(job, "undo"), reasons="It was a mistake of mine.")
    assert "nothing to undo" in refusal(nothing)


@pytest.mark.parametrize("address", [LIST, ITEMS])
def test_lists_ask_as_often_with_many_rows(staff_client: StaffClient, address: str) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    counts = []
    for _ in range(2):
        for number in range(1, 11):
            make_job(staff(Role.MODERATOR), make_cases(number % 2 + 1))
        browser.get(reverse(address))
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(reverse(address)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_page_asks_as_often_with_many_cases(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    counts = []
    for number in (1, 20):
        job = make_job(browser.user, make_cases(number))
        browser.get(page_of(job))
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(page_of(job)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_cases_of_a_list_are_taken_over(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    cases = make_cases(3)
    page = browser.get(f"{reverse(NEW)}?list=").content.decode()
    assert all(case.reference in page for case in cases)
    chosen = browser.send(
        reverse("admin:audit_case_changelist"),
        {"action": "decide_in_bulk", "_selected_action": [str(cases[0].pk)], "index": "0"},
    ).content.decode()
    assert "Nothing is decided by this form" in chosen
    assert cases[0].reference in chosen
    assert cases[1].reference not in chosen
    narrowed = browser.get(f"{reverse(NEW)}?list=q%3D{cases[2].reference}").content.decode()
    assert cases[2].reference in narrowed
    assert cases[0].reference not in narrowed


def test_who_cannot_decide_in_bulk_is_not_offered_it(staff_client: StaffClient) -> None:
    make_cases(1)
    address = reverse("admin:audit_case_changelist")
    for role, is_offered in ((Role.MODERATOR, True), (Role.AUDITOR, False), (Role.COMPLIANCE, False)):
        page = staff_client(role).get(address).content.decode()
        assert ("decide_in_bulk" in page) == ("Decide all of this list in bulk" in page) == is_offered, role
