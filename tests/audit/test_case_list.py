"""The list of cases: the order of urgency, filters, search, the next case, kept filters, how often it asks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.admin.moderation.cases import CaseAdmin
from audit.models import Case, SavedFilter
from audit.services.presences import presence_note
from audit.services.reports import report_file
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import (
    claimed,
    decided,
    lease_runs_out,
    make_archive,
    make_case,
    make_performer,
    make_report,
    make_stream,
    queue,
    without_triggers,
)
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
READERS = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
LIST = reverse("admin:audit_case_changelist")


def shown(browser: Browser, query: str = "") -> list[Case]:
    response = browser.get(LIST + query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def urgency(case: Case, priority: int, due_in: timedelta = timedelta(hours=5)) -> Case:
    with without_triggers("audit_case"):
        Case.objects.filter(pk=case.pk).update(priority=priority, due_at=timezone.now() + due_in)
    return Case.objects.get(pk=case.pk)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_who_reads_cases(staff_client: StaffClient, role: Role) -> None:
    make_case()
    browser = staff_client(role)
    assert browser.get(LIST).status_code == (200 if role in READERS else 403)
    takes = "Take the next case" in browser.get(LIST).content.decode()
    assert takes == (role in (Role.MODERATOR, Role.LEAD_MODERATOR))


def test_the_most_urgent_come_first_and_no_page_loses_one(
    staff_client: StaffClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CaseAdmin, "list_per_page", 3)
    due = timezone.now() + timedelta(hours=1)
    cases = [make_case() for _ in range(11)]
    with without_triggers("audit_case"):
        for number, case in enumerate(cases):
            # Many equal priorities, several equal times: only the key tells them apart.
            Case.objects.filter(pk=case.pk).update(
                priority=(number % 3) * 100, due_at=due + timedelta(minutes=number // 6)
            )
    expected = list(Case.objects.waiting().values_list("pk", flat=True))
    browser = staff_client(Role.MODERATOR)
    pages, address = [], LIST
    while address:
        cl = browser.get(address).context["cl"]
        pages.append([row.pk for row in cl.result_list])
        address = LIST + cl.older_url if cl.older_url else ""
    assert [pk for page in pages for pk in page] == expected
    back, address = [], LIST + cl.newer_url
    while address:
        cl = browser.get(address).context["cl"]
        back.append([row.pk for row in cl.result_list])
        address = LIST + cl.newer_url if cl.newer_url else ""
    assert back == pages[-2::-1]


@pytest.mark.parametrize("cursor", ["zzz", "1~2~3", "", "5", "1~2026-01-01~", "99999999999~x~y", "~~~~"])
def test_a_marker_that_is_none_of_ours_is_told(staff_client: StaffClient, cursor: str) -> None:
    make_case()
    response = staff_client(Role.MODERATOR).get(LIST, {"after": cursor})
    assert response.status_code == 200
    assert "The page marker in the address is not one of ours" in response.content.decode()


@pytest.mark.parametrize("rows", [1, 20])
def test_a_list_asks_the_same_whatever_it_shows(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Any
) -> None:
    browser, colleague = staff_client(Role.MODERATOR), staff(Role.MODERATOR)
    performer = make_performer()
    make_case(make_archive(), "archive")
    make_case(make_stream(performer), "stream")
    make_case(performer, "profile")
    for _ in range(rows):
        case = make_case()
        with acting(Role.MODERATOR, user_id=colleague.pk):
            presence_note(case_id=case.pk, actor=colleague)
    browser.get(LIST)
    with django_assert_max_num_queries(26):
        page = browser.get(LIST).content.decode()
    assert f"open at {colleague.handle}" in page


def test_every_filter_finds_its_own(staff_client: StaffClient) -> None:
    browser, colleague = staff_client(Role.MODERATOR), staff(Role.MODERATOR)
    mine, theirs, late, over = make_case(), make_case(), make_case(category="spam"), decided(make_case())
    stream = make_case(make_stream(), "stream", category="fraud")
    claimed(mine, browser.user)
    claimed(theirs, colleague)
    urgency(late, 10, timedelta(hours=-2))
    everything = {mine.pk, theirs.pk, late.pk, stream.pk}
    for query, expected in {
        "": everything,
        "?held=mine": {mine.pk},
        "?held=others": {theirs.pk},
        "?held=free": {late.pk, stream.pk},
        "?due=overdue": {late.pk},
        "?category=spam": {late.pk},
        "?category=fraud": {stream.pk},
        "?source=user": everything,
        "?source=authority": set(),
        "?subject_kind__exact=stream": {stream.pk},
        "?status=closed": {over.pk},
        "?status=all": {*everything, over.pk},
        "?status=claimed": {mine.pk, theirs.pk},
        f"?person={late.person.handle}": {late.pk},
        f"?queue={late.queue.code}": {pk for pk in everything if Case.objects.get(pk=pk).queue == late.queue},
        "?queue=no_such_queue": set(),
        "?escalated=lead": set(),
    }.items():
        assert {row.pk for row in shown(browser, query)} == expected, query


def test_a_lease_that_has_run_out_holds_nothing(staff_client: StaffClient) -> None:
    browser, colleague = staff_client(Role.MODERATOR), staff(Role.MODERATOR)
    case = make_case()
    claimed(case, colleague)
    lease_runs_out(case)
    assert [row.pk for row in shown(browser, "?held=free")] == [case.pk]
    assert "Free again" in browser.get(LIST).content.decode()


def test_search_finds_by_all_that_people_quote(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    performer = make_performer()
    archive = make_archive(performer)
    about_archive = make_case(archive, "archive")
    other = make_case()
    closed = decided(make_case())
    with acting(Role.OWNER):
        reported = make_report(UserFactory())
    for text, expected in {
        about_archive.reference: {about_archive.pk},
        about_archive.reference.lower(): {about_archive.pk},
        about_archive.reference.removeprefix("C-"): {about_archive.pk},
        str(archive.pk): {about_archive.pk},
        str(other.pk): {other.pk},
        performer.stage_name: {about_archive.pk},
        other.person.handle: {other.pk},
        closed.reference: {closed.pk},
        str(reported.person_id): {reported.case_id},
        "nobody_at_all": set(),
        "somebody@example.org": set(),
        str(uuid7()): set(),
    }.items():
        assert {row.pk for row in shown(browser, f"?q={text}")} == expected, text
    hit = browser.get(reverse("admin:search"), {"q": closed.reference})
    assert (hit.status_code, hit["Location"]) == (302, reverse("admin:audit_case_change", args=[closed.pk]))


def test_the_file_number_of_an_organisation_finds_its_case(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    person = UserFactory()
    with acting(Role.MODERATOR, user_id=browser.user.pk):
        filed = report_file(
            subject_kind="person",
            subject_id=person.pk,
            category="hate",
            source="authority",
            words="Order of the court",
            organisation="Landgericht",
            organisation_reference="7 O 12/26",
            actor=browser.user,
        )
    assert [row.pk for row in shown(browser, "?q=7+O+12%2F26")] == [filed.case_id]


def test_the_next_case_is_the_most_urgent_free_one(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    urgency(make_case(), 10)
    first = urgency(make_case(), 700)
    claimed(urgency(make_case(), 900), staff(Role.MODERATOR))
    took = browser.send(reverse("admin:audit_case_next"))
    assert took["Location"] == reverse("admin:audit_case_change", args=[first.pk])
    first.refresh_from_db()
    assert (first.status, first.claimed_by_id) == ("claimed", browser.user.pk)
    empty = browser.send(reverse("admin:audit_case_next"), {"queue": "legal"}, follow=True)
    assert "Nothing waits here that you could take" in empty.content.decode()


def test_who_does_not_work_cases_takes_none(staff_client: StaffClient) -> None:
    make_case()
    browser = staff_client(Role.AUDITOR)
    assert browser.send(reverse("admin:audit_case_next")).status_code == 403
    assert browser.get(reverse("admin:audit_case_next")).status_code == 403
    assert staff_client(Role.MODERATOR).get(reverse("admin:audit_case_next")).status_code == 302


def test_filters_are_kept_shared_and_deleted(staff_client: StaffClient) -> None:
    browser, other = staff_client(Role.MODERATOR), staff_client(Role.LEAD_MODERATOR)
    save = reverse("admin:audit_savedfilter_save")
    query = "category=spam&held=free&after=1&nonsense=2"
    kept = browser.send(save, {"name": "Free spam", "parameters": query, "is_shared": "1"})
    assert kept["Location"] == f"{LIST}?category=spam&held=free"
    browser.send(save, {"name": "Mine alone", "parameters": "held=mine"})
    assert "Free spam" in other.get(LIST).content.decode()
    assert "Mine alone" not in other.get(LIST).content.decode()
    row = SavedFilter.objects.get(name="Free spam")
    other.send(reverse("admin:audit_savedfilter_delete", args=[row.pk]))
    assert SavedFilter.objects.filter(pk=row.pk).exists(), "only its owner deletes it"
    browser.send(reverse("admin:audit_savedfilter_delete", args=[row.pk]))
    assert not SavedFilter.objects.filter(pk=row.pk).exists()
    nothing = browser.send(save, {"name": "Nothing", "parameters": ""}, follow=True).content.decode()
    assert "there is nothing to keep" in nothing


def test_leads_only_stays_hidden_from_moderators(staff_client: StaffClient) -> None:
    case = make_case(category="minor_safety")
    assert case.queue.leads_only
    moderator, lead = staff_client(Role.MODERATOR), staff_client(Role.LEAD_MODERATOR)
    assert shown(moderator) == []
    assert [row.pk for row in shown(lead)] == [case.pk]
    assert moderator.get(reverse("admin:audit_case_change", args=[case.pk])).status_code == 404
    assert f'href="?queue={queue().code}"' in moderator.get(LIST).content.decode()


def test_the_home_page_counts_what_waits(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    urgency(make_case(), 10, timedelta(hours=-1))
    claimed(make_case(), browser.user, Role.LEAD_MODERATOR)
    cards = {item.card.title: item.number for item in browser.get("/").context["cards"]}
    expected = {"My cases": 1, "Cases waiting": 1, "Cases overdue": 1, "Appeals waiting": 0}
    assert {title: cards[title] for title in expected} == expected


def test_words_of_people_are_text_in_the_list(staff_client: StaffClient) -> None:
    make_case(make_stream(title="<script>alert(1)</script>"), "stream")
    page = staff_client(Role.MODERATOR).get(LIST).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
