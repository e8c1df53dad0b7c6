"""The page of a case: everything in one place, in few queries; the steps of a moderator; deciding with a preview."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import (
    Case,
    CaseEvent,
    CasePresence,
    CaseSkip,
    Decision,
    Event,
    StatementOfReasons,
)
from audit.services.presences import presence_note
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.models.identity import uuid7
from tests.accounts.factories import FlagFactory, RestrictionFactory, staff
from tests.audit.factories_decisions import violation
from tests.audit.factories_moderation import (
    claimed,
    decided,
    lease_runs_out,
    make_archive,
    make_case,
    make_report,
    make_stream,
    policy_version,
)
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
READERS = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
REASONS = "On Monday the person wrote threats into the chat of the stream."
OWN_QUERIES = 12
"""The most that the page of a case asks for itself, beyond what every page of the site asks."""


def page_of(case: Case) -> str:
    return reverse("admin:audit_case_change", args=[case.pk])


def step(case: Case, name: str, *more: Any) -> str:
    return reverse(f"admin:audit_case_{name}", args=[case.pk, *more])


def filled(browser: Browser, case: Case, **answers: Any) -> dict[str, Any]:
    context = browser.get(page_of(case)).context
    return {
        "submission": context["decide_token"],
        "version": case.version,
        "outcome": "violation",
        "policy_version_id": str(policy_version().pk),
        "effect_warn": "on",
        "reasons": REASONS,
        "close": "on",
        **answers,
    }


def decide(browser: Browser, case: Case, button: str = "decide", **answers: Any) -> Any:
    case.refresh_from_db()
    return browser.send(step(case, "decide"), {**filled(browser, case, **answers), button: "1"})


def busy_case(moderator: Any, reports: int) -> Case:
    """A case with something in every part of its page."""
    archive = make_archive()
    person = archive.performer.user
    violation(make_case(person), moderator, "bar_chat", wording=policy_version())
    RestrictionFactory(user=person, kind="tip")
    FlagFactory(user=person)
    for _ in range(reports):
        report = make_report(archive, kind="archive")
    make_report(archive, kind="archive", category="fraud")
    return Case.objects.get(pk=report.case_id)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_who_reads_a_case(staff_client: StaffClient, role: Role) -> None:
    case = make_case(make_stream(), "stream")
    page = staff_client(role).get(page_of(case))
    assert page.status_code == (200 if role in READERS else 403)
    if role in READERS:
        assert (page.context["form"] is not None) == (role in (Role.MODERATOR, Role.LEAD_MODERATOR))


@pytest.mark.parametrize("reports", [1, 20])
def test_everything_within_twelve_queries(staff_client: StaffClient, reports: int) -> None:
    """Any page of the site asks 16 (session, person, roles, context); that of a case 24, so 8 of its own."""
    browser, colleague = staff_client(Role.MODERATOR), staff(Role.MODERATOR)
    case = busy_case(colleague, reports)
    with acting(Role.MODERATOR, user_id=colleague.pk):
        presence_note(case_id=case.pk, actor=colleague)
    browser.get(page_of(case))
    with CaptureQueriesContext(connection) as of_site:
        assert browser.get(reverse("admin:audit_report_file")).status_code == 200
    with CaptureQueriesContext(connection) as of_page:
        page = browser.get(page_of(case))
    assert page.status_code == 200
    asked = len(of_page) - len(of_site)
    assert asked <= OWN_QUERIES, (len(of_site), len(of_page))
    words = page.content.decode()
    for expected in (
        "Harassment",
        "Fraud or scam",
        "Insults, again and again.",
        "Evidence, as copied",
        "points in force",
        "Bar from chat",
        "Policies, as they held then",
        str(colleague.handle),
    ):
        assert expected in words, expected


def test_no_such_case(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    for address in ("not-an-id", uuid7()):
        assert browser.get(reverse("admin:audit_case_change", args=[address])).status_code == 404
    own = make_case(browser.user)
    assert browser.get(page_of(own)).status_code == 404, "nobody sees a case about themselves"


def test_what_reporters_write_is_text(staff_client: StaffClient) -> None:
    case = make_case(words='<img src=x onerror="alert(1)"> & more')
    page = staff_client(Role.MODERATOR).get(page_of(case)).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; more" in page


def test_claim_release_and_pass_over(staff_client: StaffClient) -> None:
    browser, case = staff_client(Role.MODERATOR), make_case()
    browser.send(step(case, "claim"))
    case.refresh_from_db()
    assert case.claimed_by_id == browser.user.pk
    assert "You hold this case until" in browser.get(page_of(case)).content.decode()
    browser.send(step(case, "release"))
    case.refresh_from_db()
    assert case.claimed_by_id is None
    browser.send(step(case, "claim"))
    browser.send(step(case, "skip"))
    case.refresh_from_db()
    assert (case.claimed_by_id, CaseSkip.objects.filter(case=case, moderator=browser.user).count()) == (
        None,
        1,
    )
    nothing = browser.send(reverse("admin:audit_case_next"), follow=True).content.decode()
    assert "Nothing waits here" in nothing


def test_a_case_that_a_colleague_holds_is_read_but_not_decided(staff_client: StaffClient) -> None:
    browser, colleague, case = staff_client(Role.MODERATOR), staff(Role.MODERATOR), make_case()
    data = filled(browser, case)
    claimed(case, colleague)
    page = browser.get(page_of(case))
    assert page.context["form"] is None
    assert f"{colleague.handle} works on this case until" in page.content.decode()
    refused = browser.send(step(case, "decide"), {**data, "decide": "1"})
    assert refused.status_code == 200
    assert str(colleague.handle) in refused.content.decode()
    assert not Decision.objects.filter(case=case).exists()
    refused = browser.send(step(case, "claim"), follow=True).content.decode()
    assert f"{colleague.handle} holds this case until" in refused
    lease_runs_out(case)
    assert browser.get(page_of(case)).context["form"] is not None


def test_the_page_tells_colleagues_and_renews_the_lease(staff_client: StaffClient) -> None:
    browser, other, case = staff_client(Role.MODERATOR), staff_client(Role.LEAD_MODERATOR), make_case()
    browser.get(page_of(case))
    assert f">{browser.user.handle}</span>" in other.get(page_of(case)).content.decode()
    browser.send(step(case, "claim"))
    case.refresh_from_db()
    before = case.claimed_until
    answer = browser.send(step(case, "present")).json()
    case.refresh_from_db()
    assert answer == {"looking": [other.user.handle], "mine": True, "version": case.version}
    assert before is not None and case.claimed_until is not None and case.claimed_until > before
    assert other.send(step(case, "present")).json()["mine"] is False
    assert CasePresence.objects.filter(case=case).count() == 2
    assert staff_client(Role.AUDITOR).send(step(case, "present")).status_code == 403


def test_a_decision_with_preview_statement_note_and_the_next_case(staff_client: StaffClient) -> None:
    browser, stream = staff_client(Role.MODERATOR), make_stream()
    case = make_case(stream, "stream")
    answers = {"effect_bar_chat": "on", "lasts_bar_chat": "7", "note": "Look again in a week."}
    previewed = decide(browser, case, "preview", **answers)
    page = previewed.content.decode()
    assert "What this decision would do" in page
    assert "You may not chat, until" in page
    assert REASONS in page
    assert not Decision.objects.filter(case=case).exists()
    assert not Event.objects.filter(action="decision_made").exists()
    case.refresh_from_db()
    assert case.status == "open", "a preview leaves no claim"
    done = decide(browser, case, **answers)
    assert done.status_code == 302, done.context["form"].errors
    decision = Decision.objects.get(case=case)
    assert StatementOfReasons.objects.filter(decision=decision).exists()
    effect = decision.effects.get(kind="bar_chat")
    assert timedelta(days=6, hours=23) < effect.ends_at - decision.decided_at <= timedelta(days=7)
    assert CaseEvent.objects.filter(case=case, kind="note", words="Look again in a week.").exists()
    case.refresh_from_db()
    assert case.status == "closed"
    after = browser.get(done["Location"]).content.decode()
    assert "Next case of this queue" in after
    assert "Decisions on this case" in after


def test_the_form_sent_twice_decides_once(staff_client: StaffClient) -> None:
    browser, case = staff_client(Role.MODERATOR), make_case()
    data = {**filled(browser, case), "decide": "1"}
    assert browser.send(step(case, "decide"), data).status_code == 302
    again = browser.send(step(case, "decide"), data, follow=True)
    assert "was done already" in again.content.decode()
    assert Decision.objects.filter(case=case).count() == 1


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"outcome": ""}, "Say whether it is a violation."),
        ({"policy_version_id": ""}, "Name the ground"),
        ({"policy_version_id": str(uuid7())}, "This policy is not in force"),
        ({"effect_warn": ""}, "A violation has at least one effect"),
        ({"reasons": ""}, "Write the facts and circumstances"),
        ({"reasons": "bad"}, "Write at least 10 characters"),
        ({"outcome": "no_violation"}, "Nothing is violated, so leave the ground out"),
        ({"outcome": "no_violation", "policy_version_id": ""}, "leave the effects out"),
        ({"effect_archive_restrict": "on", "effect_archive_remove": "on"}, "contradict each other"),
        ({"effect_suspend": "on", "lasts_suspend": "unlimited"}, "Choose one of these lengths"),
        ({"version": "1000"}, "Somebody changed this case"),
    ],
)
@pytest.mark.parametrize("button", ["preview", "decide"])
def test_what_is_missing_is_told_beside_the_field(
    staff_client: StaffClient, answers: dict[str, Any], words: str, button: str
) -> None:
    browser, case = staff_client(Role.MODERATOR), make_case(make_archive(), "archive")
    refused = decide(browser, case, button, **answers)
    assert refused.status_code == 200
    page = refused.content.decode()
    assert words in page
    assert "Error: " in page
    assert not Decision.objects.filter(case=case).exists()
    case.refresh_from_db()
    assert case.status == "open"


def test_a_closed_case_is_not_decided_again(staff_client: StaffClient) -> None:
    browser, case = staff_client(Role.MODERATOR), make_case()
    data = filled(browser, case)
    case = decided(case)
    refused = browser.send(step(case, "decide"), {**data, "version": case.version, "decide": "1"})
    assert "is closed. Reopen it first" in refused.content.decode()
    assert not Decision.objects.filter(case=case).exists()


def test_leads_suspend_without_end_and_moderators_do_not(staff_client: StaffClient) -> None:
    lead, moderator = staff_client(Role.LEAD_MODERATOR), staff_client(Role.MODERATOR)
    case = make_case()
    offered = {
        browser.role: [
            value for value, _ in browser.get(page_of(case)).context["form"].fields["lasts_suspend"].choices
        ]
        for browser in (lead, moderator)
    }
    assert "unlimited" in offered[Role.LEAD_MODERATOR]
    assert "unlimited" not in offered[Role.MODERATOR]
    assert decide(lead, case, effect_suspend="on", lasts_suspend="unlimited").status_code == 302
    case.person.refresh_from_db()
    assert case.person.status == "suspended"


def test_notes_and_moves_with_a_reason(staff_client: StaffClient) -> None:
    browser, case = staff_client(Role.LEAD_MODERATOR), make_case()
    token = browser.get(page_of(case)).context["note_token"]
    note = {"words": "Seen before.", "audience": "internal", "submission": token}
    browser.send(step(case, "note"), note)
    browser.send(step(case, "note"), note)
    assert CaseEvent.objects.filter(case=case, kind="note").count() == 1
    token = browser.get(page_of(case)).context["note_token"]
    empty = browser.send(step(case, "note"), {"words": " ", "submission": token}, follow=True)
    assert "A note says something" in empty.content.decode()
    action = reverse("admin:audit_case_action", args=[case.pk, "escalate"])
    assert browser.do(action, route="legal").status_code == 302
    case.refresh_from_db()
    assert (case.status, case.escalation_route) == ("escalated", "legal")
    assert browser.get(page_of(case)).context["form"] is None, "it is for legal counsel now"
    compliance = staff_client(Role.COMPLIANCE)
    assert compliance.get(page_of(case)).context["form"] is not None
    assert "seen by a colleague" in compliance.get(page_of(case)).content.decode()


def test_cases_stand_on_the_pages_of_what_they_are_about(staff_client: StaffClient) -> None:
    browser, archive = staff_client(Role.MODERATOR), make_archive()
    case = make_case(archive, "archive")
    about_stream = make_case(archive.stream, "stream")
    person = archive.performer.user
    for address, expected in (
        (reverse("admin:accounts_user_change", args=[person.pk]), {case.reference, about_stream.reference}),
        (reverse("admin:performers_performerprofile_change", args=[person.pk]), {case.reference}),
        (reverse("admin:streams_archive_change", args=[archive.pk]), {case.reference}),
        (reverse("admin:streams_stream_change", args=[archive.stream_id]), {about_stream.reference}),
    ):
        page = browser.get(address).content.decode()
        assert all(reference in page for reference in expected), address
    finance = staff_client(Role.FINANCE).get(reverse("admin:accounts_user_change", args=[person.pk]))
    assert case.reference not in finance.content.decode()
