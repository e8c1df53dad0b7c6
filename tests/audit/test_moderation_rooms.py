"""Reports, decisions, statements, strikes, proposals and appeals in the back office; reports that staff file."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Restriction, User
from audit.models import ActionProposal, Appeal, Decision, Report, Strike
from audit.services.appeals import appeal_file
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import make_ladder, make_policy, no_violation, violation
from tests.audit.factories_moderation import make_archive, make_case, make_report, make_stream
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
READERS = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
ROOMS = ("decision", "statementofreasons", "strike", "actionproposal", "appeal")
FILE = reverse("admin:audit_report_file")
REASONS = "The recording was looked at again from the beginning to the end."


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:audit_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:audit_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:audit_{row._meta.model_name}_action", args=[row.pk, name])


def shown(browser: Browser, model: str, query: str = "") -> set[Any]:
    response = browser.get(list_of(model, query))
    assert response.status_code == 200
    return {row.pk for row in response.context["cl"].result_list}


def appealed(decision: Decision, appellant: User, words: str = "I was quoting a film.") -> Appeal:
    with acting(Role.VIEWER, user_id=appellant.pk):
        return appeal_file(decision_id=decision.pk, appellant=appellant, words=words, actor=appellant)


def everything(moderator: User) -> Decision:
    """A row in each of the rooms."""
    make_ladder((10, "bar_stream", timedelta(days=7)))
    decision = violation(make_case(), moderator, "bar_chat", wording=make_policy(15))
    appealed(decision, decision.person)
    return decision


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_room_opens_or_is_closed_to_the_role(staff_client: StaffClient, role: Role) -> None:
    everything(staff(Role.MODERATOR))
    browser = staff_client(role)
    home = browser.get("/").content.decode()
    for model in ROOMS:
        page = browser.get(list_of(model))
        assert page.status_code == (200 if role in READERS else 403), model
        assert (f'href="{list_of(model)}"' in home) == (role in READERS), model
        if role in READERS:
            (row,) = page.context["cl"].result_list
            assert browser.get(page_of(row)).status_code == 200
    files = role in (Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE)
    assert browser.get(FILE).status_code == (200 if files else 403)


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("model", ["report", *ROOMS])
def test_lists_ask_the_same_whatever_they_show(
    staff_client: StaffClient, model: str, rows: int, django_assert_max_num_queries: Any
) -> None:
    moderator, browser = staff(Role.MODERATOR), staff_client(Role.LEAD_MODERATOR)
    make_ladder((10, "bar_stream", timedelta(days=7)))
    wording = make_policy(15)
    for _ in range(rows):
        decision = violation(make_case(), moderator, "bar_chat", wording=wording)
        appealed(decision, decision.person)
    browser.get(list_of(model))
    with django_assert_max_num_queries(20):
        page = browser.get(list_of(model))
    # Each proposal of the ladder is reported too, by the ladder.
    assert len(page.context["cl"].result_list) == (2 * rows if model == "report" else rows)


def test_support_files_reports_and_sees_its_own_alone(staff_client: StaffClient) -> None:
    browser, stream = staff_client(Role.SUPPORT), make_stream()
    make_report()
    data = {
        "subject_kind": "stream",
        "subject": str(stream.pk),
        "category": "fraud",
        "words": "A viewer telephoned: she was asked for gift cards.",
        "source": "staff",
        "submission": browser.get(FILE).context["token"],
    }
    filed = browser.send(FILE, data)
    assert filed.status_code == 302, filed.context["form"].errors
    report = Report.objects.get(reporter=browser.user)
    assert filed["Location"] == page_of(report)
    page = browser.get(page_of(report)).content.decode()
    assert "gift cards" in page
    assert reverse("admin:audit_case_change", args=[report.case_id]) not in page
    assert shown(browser, "report") == {report.pk}
    again = browser.send(FILE, data, follow=True)
    assert "was done already" in again.content.decode()
    assert Report.objects.filter(reporter=browser.user).count() == 1


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR])
def test_a_report_for_an_authority(staff_client: StaffClient, role: Role) -> None:
    browser, person = staff_client(role), UserFactory()
    data = {
        "subject_kind": "person",
        "subject": person.handle,
        "category": "hate",
        "words": "Order of 3 March",
        "source": "authority",
        "organisation": "Example Regulator",
        "organisation_reference": "ER-17",
        "submission": browser.get(FILE).context["token"],
    }
    assert browser.send(FILE, data).status_code == 302
    report = Report.objects.get(organisation_reference="ER-17")
    assert (report.reporter_id, report.person_id) == (None, person.pk)
    if role is Role.MODERATOR:
        assert shown(browser, "report", "?q=ER-17") == {report.pk}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"subject": ""}, "nothing can be reported about nothing"),
        ({"subject": "nobody_here"}, "Nobody has the handle nobody_here"),
        (
            {"subject_kind": "stream", "subject": "a title"},
            "Streams, archives, rooms and messages are named by their id",
        ),
        ({"subject": "00000000-0000-7000-8000-000000000000"}, ""),
        ({"words": ""}, "Say what is wrong, in words."),
        ({"source": "authority"}, "Give the name of the organisation"),
        ({"organisation": "Example"}, "leave the organisation out"),
    ],
)
def test_a_report_that_says_too_little_is_told_so(
    staff_client: StaffClient, answers: dict[str, str], words: str
) -> None:
    browser, person = staff_client(Role.MODERATOR), UserFactory()
    data = {
        "subject_kind": "person",
        "subject": person.handle,
        "category": "hate",
        "words": "Slurs in the chat",
        "source": "staff",
        "submission": browser.get(FILE).context["token"],
        **answers,
    }
    refused = browser.send(FILE, data)
    assert refused.status_code == 200
    assert refused.context["form"].errors
    assert words in refused.content.decode()
    assert not Report.objects.exists()


def test_nobody_reports_themselves(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    data = {
        "subject_kind": "person",
        "subject": browser.user.handle,
        "category": "other",
        "words": "I was rude",
        "source": "staff",
        "submission": browser.get(FILE).context["token"],
    }
    assert "Nobody reports themselves" in browser.send(FILE, data).content.decode()


def test_reports_are_found_by_what_people_know(staff_client: StaffClient) -> None:
    browser, stream = staff_client(Role.MODERATOR), make_stream()
    report, other = make_report(stream, kind="stream"), make_report(category="spam")
    for query, expected in {
        "": {report.pk, other.pk},
        f"?q={stream.pk}": {report.pk},
        f"?q={report.pk}": {report.pk},
        "?q=nothing": set(),
        "?category=spam": {other.pk},
        f"?case={report.case_id}": {report.pk},
        f"?reporter={other.reporter.handle}": {other.pk},
    }.items():
        assert shown(browser, "report", query) == expected, query


def test_a_decision_is_reversed_with_reasons(staff_client: StaffClient) -> None:
    decision = violation(make_case(), staff(Role.MODERATOR), "bar_chat", wording=make_policy(15))
    lead, moderator = staff_client(Role.LEAD_MODERATOR), staff_client(Role.MODERATOR)
    page = lead.get(page_of(decision)).content.decode()
    assert "Bar from chat" in page
    assert "Statement of reasons" in page
    refused = moderator.do(action_on(decision, "reverse"), reasons=REASONS)
    assert "Ask a lead moderator" in refused.content.decode()
    short = lead.do(action_on(decision, "reverse"), reasons="no")
    assert "Write at least 10 characters." in short.content.decode()
    assert lead.do(action_on(decision, "reverse"), reasons=REASONS).status_code == 302
    assert not Restriction.objects.in_force().filter(user=decision.person_id).exists()
    assert shown(lead, "strike", "?counts=revoked") == {Strike.objects.get(decision=decision).pk}
    assert shown(lead, "strike", "?counts=yes") == set()
    after = lead.get(page_of(decision))
    assert [action.name for action, _ in after.context["object_actions"]] == []
    assert "Undone" in after.content.decode()


def test_a_statement_is_read_and_printed(staff_client: StaffClient) -> None:
    browser = staff_client(Role.MODERATOR)
    decision = violation(make_case(), staff(Role.MODERATOR), "bar_chat")
    statement = decision.statement
    printed = browser.get(reverse("admin:audit_statementofreasons_print", args=[statement.pk]))
    assert statement.facts in printed.content.decode()
    assert statement.redress[:40] in printed.content.decode()
    assert shown(browser, "statementofreasons", f"?q={statement.platform_identifier}") == {statement.pk}
    address = reverse("admin:audit_statementofreasons_print", args=[decision.pk])
    assert browser.get(address).status_code == 404


def test_a_proposal_is_declined_with_a_reason(staff_client: StaffClient) -> None:
    everything(staff(Role.MODERATOR))
    proposal = ActionProposal.objects.get()
    browser = staff_client(Role.LEAD_MODERATOR)
    assert (
        "The ladder of strikes proposes"
        in browser.get(reverse("admin:audit_case_change", args=[proposal.case_id])).content.decode()
    )
    assert browser.do(action_on(proposal, "decline")).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.status, proposal.settled_by_id) == ("declined", browser.user.pk)


def test_an_appeal_of_the_author_from_the_queue_to_the_reversal(staff_client: StaffClient) -> None:
    decider = staff_client(Role.LEAD_MODERATOR)
    decision = violation(make_case(), decider.user, "bar_chat", role=Role.LEAD_MODERATOR)
    appeal = appealed(decision, decision.person, "<b>I was quoting</b> a film.")
    reviewer, moderator = staff_client(Role.LEAD_MODERATOR), staff_client(Role.MODERATOR)
    assert shown(reviewer, "appeal") == {appeal.pk}
    assert moderator.get(page_of(appeal)).context["object_actions"] == []
    assert moderator.get(action_on(appeal, "take")).status_code == 403
    own = decider.do(action_on(appeal, "take"))
    assert "You made this decision." in own.content.decode()
    page = reviewer.get(page_of(appeal)).content.decode()
    assert "&lt;b&gt;I was quoting&lt;/b&gt; a film." in page
    assert "Insults, again and again." in page
    assert "Evidence, as copied" in page
    assert reviewer.do(action_on(appeal, "take")).status_code == 302
    offered = [action.name for action, _ in reviewer.get(page_of(appeal)).context["object_actions"]]
    assert offered == ["uphold", "overturn", "inadmissible", "return"]
    assert reviewer.do(action_on(appeal, "overturn"), reasons=REASONS).status_code == 302
    appeal.refresh_from_db()
    assert appeal.status == "overturned"
    assert not Restriction.objects.in_force().filter(user=decision.person_id).exists()
    assert shown(reviewer, "appeal") == set()
    assert shown(reviewer, "appeal", "?status=all") == {appeal.pk}


def test_an_appeal_of_a_reporter_finds_a_violation(staff_client: StaffClient) -> None:
    case = make_case(make_archive(), "archive")
    decision = no_violation(case, staff(Role.MODERATOR))
    appeal = appealed(decision, case.reports.get().reporter)
    reviewer = staff_client(Role.LEAD_MODERATOR)
    reviewer.do(action_on(appeal, "take"))
    wording = make_policy()
    missing = reviewer.do(action_on(appeal, "violation"), reasons=REASONS)
    assert "Choose at least one effect" in missing.content.decode()
    answers = {"policy_version_id": str(wording.pk), "effects": ["archive_remove"], "lasts": "7"}
    done = reviewer.do(action_on(appeal, "violation"), reasons=REASONS, **answers)
    assert done.status_code == 302, done.context["form"].errors
    appeal.refresh_from_db()
    assert appeal.status == "overturned"
    assert Decision.objects.filter(case=case, outcome="violation").exists()


@pytest.mark.parametrize(("name", "status"), [("uphold", "upheld"), ("inadmissible", "inadmissible")])
def test_an_appeal_that_changes_nothing(staff_client: StaffClient, name: str, status: str) -> None:
    decision = violation(make_case(), staff(Role.MODERATOR), "bar_chat")
    appeal = appealed(decision, decision.person)
    first, second = staff_client(Role.LEAD_MODERATOR), staff_client(Role.LEAD_MODERATOR)
    first.do(action_on(appeal, "take"))
    refused = second.do(action_on(appeal, name), reasons=REASONS)
    assert "reviews this appeal. Return it first" in refused.content.decode()
    assert first.do(action_on(appeal, "return")).status_code == 302
    second.do(action_on(appeal, "take"))
    assert second.do(action_on(appeal, name), reasons=REASONS).status_code == 302
    appeal.refresh_from_db()
    assert (appeal.status, appeal.reviewer_id) == (status, second.user.pk)
    assert Restriction.objects.in_force().filter(user=decision.person_id).exists()
