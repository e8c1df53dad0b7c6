"""The rooms of compliance: holds and retention, what they offer to whom, and how often they ask."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import LegalHold, RetentionPolicy
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff
from tests.audit.holds import on_person, place
from tests.browser import Browser
from tests.streams.factories_archives import make_archive

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]

FORM = {
    "scope_kind": "person",
    "authority_kind": "court",
    "authority": "Amtsgericht Hamburg",
    "reference": "57 Gs 1/26",
    "basis": "sections 94 and 98 StPO",
    "why": "the court ordered it to be kept",
    "until": "",
}
ADD = "admin:audit_legalhold_add"


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:audit_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:audit_{row._meta.model_name}_action", args=[row.pk, name])


def text(browser: Browser, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_hold_is_placed_by_handle_found_and_released_by_a_colleague(staff_client: StaffClient) -> None:
    user = UserFactory(handle="held_one")
    browser = staff_client(Role.COMPLIANCE)
    assert browser.send(reverse(ADD), {**FORM, "which": "held_one"}).status_code == 302
    hold = LegalHold.objects.get()
    assert (hold.scope_id, hold.placed_by) == (user.pk, browser.user)
    for query in (
        "?q=57+Gs+1/26",
        "?q=held_one",
        f"?person={user.pk}",
        "?reference=57+Gs+1/26",
        "?in_force=yes",
    ):
        assert "Amtsgericht Hamburg" in text(browser, list_of("legalhold", query)), query
    assert "Amtsgericht Hamburg" not in text(browser, list_of("legalhold", "?q=57"))
    assert "Amtsgericht Hamburg" in text(browser, page_of(user))
    refusal = browser.do(action_on(hold, "release"))
    assert "Who placed a hold does not release it" in refusal.content.decode()
    colleague = staff_client(Role.COMPLIANCE)
    assert colleague.do(action_on(hold, "release")).status_code == 302
    assert not LegalHold.objects.in_force().exists()
    assert "released" in text(colleague, page_of(hold)).lower()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"which": "nobody_here"}, "Nobody has the handle"),
        ({"scope_kind": "archive", "which": "an evening"}, "Give the id"),
        ({"authority": ""}, "This field is required"),
        ({"why": "short"}, "at least 10 characters"),
    ],
)
def test_a_form_that_says_too_little_is_shown_again(
    staff_client: StaffClient, answers: dict[str, str], words: str
) -> None:
    UserFactory(handle="held_one")
    browser = staff_client(Role.COMPLIANCE)
    response = browser.send(reverse(ADD), {**FORM, "which": "held_one", **answers})
    assert words in response.content.decode()
    assert not LegalHold.objects.exists()


def test_what_the_database_refuses_is_told_in_words(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    response = browser.send(reverse(ADD), {**FORM, "which": str(browser.user.pk)}, follow=False)
    assert response.status_code == 302
    assert "Nobody places a hold about themselves" in text(browser, reverse(ADD))
    assert not LegalHold.objects.exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_overseers_read_and_place_nothing(staff_client: StaffClient, role: Role) -> None:
    hold = on_person(UserFactory().pk)
    browser = staff_client(role)
    assert "Amtsgericht Hamburg" in text(browser, list_of("legalhold"))
    assert "Amtsgericht Hamburg" in text(browser, page_of(hold))
    assert browser.send(reverse(ADD), {**FORM, "which": "x"}).status_code == 403
    assert browser.get(action_on(hold, "release")).status_code == 403


def test_leads_learn_that_something_is_held_and_nothing_else(staff_client: StaffClient) -> None:
    archive = make_archive()
    held = User.objects.get(pk=archive.performer_id)
    place("person", held.pk)
    browser = staff_client(Role.LEAD_MODERATOR)
    for row in (held, archive, archive.stream):
        page = text(browser, page_of(row))
        assert "Kept since" in page
        assert "Amtsgericht" not in page
    assert "Nothing is kept by a legal hold" in text(browser, page_of(UserFactory()))
    assert browser.get(list_of("legalhold")).status_code == 403
    other = staff_client(Role.MODERATOR)
    assert "Kept since" not in text(other, page_of(held))


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("model", ["legalhold", "heldrow", "retentionpolicy", "retentionrun"])
def test_lists_ask_the_same_number_of_queries(staff_client: StaffClient, model: str, rows: int) -> None:
    compliance = staff(Role.COMPLIANCE)
    for _ in range(rows):
        place("person", UserFactory().pk, compliance)
    browser = staff_client(Role.COMPLIANCE)
    browser.get(list_of(model))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get(list_of(model)).status_code == 200
    assert len(asked) <= 20, [query["sql"][:80] for query in asked]


def test_a_period_changes_by_two_people(staff_client: StaffClient) -> None:
    policy = RetentionPolicy.objects.get(table_name="accounts_usersession")
    browser = staff_client(Role.COMPLIANCE)
    assert "90 days after its end" in text(browser, list_of("retentionpolicy", "?q=accounts_usersession"))
    wrong = browser.do(action_on(policy, "propose"), period="3 weeks", basis="an order")
    assert "P90D (days)" in wrong.content.decode()
    right = browser.do(action_on(policy, "propose"), period="P180D", basis="an order of the regulator")
    assert right.status_code == 302
    assert browser.get(action_on(policy, "approve")).status_code == 403
    assert "180 days, by" in text(browser, list_of("retentionpolicy", "?proposed=yes"))
    administrator = staff_client(Role.ADMINISTRATOR)
    assert "instead of 90 days" in text(administrator, action_on(policy, "approve"))
    assert administrator.do(action_on(policy, "approve")).status_code == 302
    policy.refresh_from_db()
    assert policy.period == "P180D"


def test_the_home_page_of_compliance_counts_holds_that_end_soon(staff_client: StaffClient) -> None:
    from datetime import timedelta

    from django.utils import timezone

    place("person", UserFactory().pk, until=timezone.now() + timedelta(days=9))
    place("person", UserFactory().pk, until=timezone.now() + timedelta(days=90))
    page = text(staff_client(Role.COMPLIANCE), reverse("admin:index"))
    assert "Holds that end soon" in page
