"""The rooms of subject requests: the queue, the page, what they offer, and how often they ask."""

import datetime as dt
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import request_carriers
from audit.models import RequestStep, SubjectRequest
from audit.request_carriers import Provided
from audit.services.subject_request_runs import subject_request_run
from core.db.roles import Role
from tests.accounts.contacts import add
from tests.accounts.documents import closed
from tests.accounts.factories import UserFactory, ViewerProfileFactory
from tests.audit.requests.asking import confirmed, filed
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
ROOM = "admin:audit_subjectrequest_changelist"


def page_of(request: SubjectRequest) -> str:
    return reverse("admin:audit_subjectrequest_change", args=[request.pk])


def act(browser: Browser, request: SubjectRequest, name: str, **answers: Any) -> Any:
    return browser.do(reverse("admin:audit_subjectrequest_action", args=[request.pk, name]), **answers)


def done(browser: Browser, request: SubjectRequest, name: str, **answers: Any) -> None:
    response = act(browser, request, name, **answers)
    assert response.status_code == 302, response.context["form"].errors


def offered(browser: Browser, request: SubjectRequest) -> list[str]:
    return [action.name for action, _ in browser.get(page_of(request)).context["object_actions"]]


def text(browser: Browser, address: str) -> str:
    return str(browser.get(address).content.decode())


def test_a_letter_is_filed_confirmed_corrected_and_answered(staff_client: StaffClient) -> None:
    browser, person = staff_client(Role.COMPLIANCE), UserFactory(handle="anna_asks")
    ViewerProfileFactory(user=person, display_name="Ana")
    form = {"whose": "anna_asks", "kind": "rectification", "channel": "post", "asked_by": "person"}
    response = browser.send(reverse("admin:audit_subjectrequest_add"), {**form, "wish": "My name has two n."})
    assert response.status_code == 302, response.context["adminform"].form.errors
    request = SubjectRequest.objects.get()
    assert (request.person, request.filed_by) == (person, browser.user)
    assert request.reference in text(browser, reverse(ROOM))
    done(browser, request, "confirm", method="document")
    done(browser, request, "start")
    done(browser, request, "rectify", what="display_name", value="Anna")
    done(browser, request, "answer", answer="Your name is corrected.")
    assert SubjectRequest.objects.get().status == "done"
    page = text(browser, page_of(request))
    assert "Being carried out" in page and "display_name" in page and "My name has two n." in page
    assert offered(browser, request) == []
    assert request.reference in text(browser, reverse("admin:accounts_user_change", args=[person.pk]))


def test_the_overdue_come_first_and_the_home_page_counts_them(staff_client: StaffClient) -> None:
    browser, now = staff_client(Role.COMPLIANCE), timezone.now()
    later = filed(received_at=now - dt.timedelta(days=2))
    late = filed(received_at=now - dt.timedelta(days=40))
    page = text(browser, reverse(ROOM))
    assert page.index(late.reference) < page.index(later.reference)
    assert "overdue (" in page
    page = text(browser, reverse(ROOM) + "?queue=overdue")
    assert late.reference in page and later.reference not in page
    assert "Subject requests overdue" in text(browser, reverse("admin:index"))
    out = StringIO()
    call_command("subject_requests_run", stdout=out)
    assert "0 requests tried, 1 overdue" in out.getvalue() and late.reference in out.getvalue()


def test_the_page_of_an_erasure_says_what_stands_against_it(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    request = confirmed(closed(days=3), "erasure")
    assert "30 days after its closing" in text(browser, page_of(request))
    confirmation = text(browser, reverse("admin:audit_subjectrequest_action", args=[request.pk, "start"]))
    assert "This stands against it" in confirmation and "Kept, under a random key" in confirmation
    done(browser, request, "start")
    assert SubjectRequest.objects.get().status == "running"
    auditor = staff_client(Role.AUDITOR)
    assert "30 days after its closing" not in text(auditor, page_of(request))


def test_refusals_extensions_and_withdrawals_in_words(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    request = filed()
    response = act(browser, request, "refuse", ground="")
    assert "This field is required" in response.content.decode()
    done(browser, request, "extend", months="2")
    assert "extended" in text(browser, reverse(ROOM))
    done(browser, request, "refuse", ground="unfounded")
    other = filed()
    done(browser, other, "withdraw")
    assert SubjectRequest.objects.get(pk=other.pk).status == "withdrawn"
    own = confirmed(closed(), "erasure", browser.user)
    assert "Somebody else carries the erasure out" in act(browser, own, "start").content.decode()


def test_it_is_found_by_what_staff_have_in_hand(staff_client: StaffClient) -> None:
    browser, person = staff_client(Role.COMPLIANCE), UserFactory(handle="found_by")
    add(person, "anna@example.org")
    request, other = filed(person), filed()
    for words in (request.reference.lower(), "found_by", "anna@example.org", str(request.pk), str(person.pk)):
        page = text(browser, f"{reverse(ROOM)}?q={words}")
        assert request.reference in page and other.reference not in page, words
    # An auditor does not find people by their addresses.
    assert request.reference not in text(staff_client(Role.AUDITOR), f"{reverse(ROOM)}?q=anna@example.org")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_only_reads_is_offered_nothing(staff_client: StaffClient, role: Role) -> None:
    browser, request = staff_client(role), filed()
    assert offered(browser, request) == []
    address = reverse("admin:audit_subjectrequest_action", args=[request.pk, "refuse"])
    assert browser.send(address, {"ground": "unfounded", "reason": "not mine to say"}).status_code == 403
    assert browser.get(reverse("admin:audit_subjectrequest_add")).status_code == 403


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.FINANCE, Role.ANALYST])
def test_others_do_not_enter(staff_client: StaffClient, role: Role) -> None:
    browser, request = staff_client(role), filed()
    assert browser.get(reverse(ROOM)).status_code == 403
    assert browser.get(page_of(request)).status_code == 403


def queries(browser: Browser, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def test_one_row_and_twenty_ask_the_same(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    first = confirmed(kind="rectification")
    browser.get(reverse(ROOM))
    one = queries(browser, reverse(ROOM)), queries(browser, page_of(first))
    for _ in range(19):
        confirmed()
    done(browser, first, "start")
    for number in range(20):
        RequestStep.objects.create(
            request=first,
            category="part",
            outcome="refused",
            words=f"part {number}",
            legal_basis="GDPR art. 16",
        )
    twenty = queries(browser, reverse(ROOM)), queries(browser, page_of(first))
    assert twenty[0] == one[0] <= 20
    # Two panels have rows by now, and are read: steps, and who handles it.
    assert twenty[1] <= one[1] + 2


@pytest.mark.django_db(transaction=True)
def test_access_is_provided_by_who_makes_the_archive_and_answered_by_people(
    staff_client: StaffClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = staff_client(Role.COMPLIANCE)
    request = confirmed(kind="access")
    done(browser, request, "start")
    monkeypatch.delitem(request_carriers._carriers, "access", raising=False)
    assert subject_request_run(request_id=request.pk) == "waiting"
    provided = [Provided("accounts_user", "the account", 1)]
    monkeypatch.setitem(request_carriers._carriers, "access", lambda key, actor: provided)
    assert subject_request_run(request_id=request.pk) == "advanced"
    assert subject_request_run(request_id=request.pk) == "advanced"
    step = RequestStep.objects.get(request=request)
    assert (step.outcome, step.category, step.rows) == ("provided", "accounts_user", 1)
    done(browser, request, "answer", answer="Your archive lies in your account for 30 days.")
    assert SubjectRequest.objects.get().status == "done"
