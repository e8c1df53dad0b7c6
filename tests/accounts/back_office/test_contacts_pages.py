"""Contacts in the back office: found by the whole address, shown as bullets, revealed once with a reason."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.choices import ContactKind
from accounts.models import User, UserContact
from audit.models import SecurityEvent, SensitiveRead
from core.db.roles import Role
from tests.accounts.back_office.addresses import action_on, list_of, page_of
from tests.accounts.contacts import ADDRESS, NUMBER, add, verified
from tests.accounts.factories import UserFactory
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
FINDERS = (Role.SUPPORT, Role.COMPLIANCE, Role.ADMINISTRATOR)
REASON = "wrote to us from another address"


@pytest.fixture
def contact(user: User) -> UserContact:
    return verified(user)


def reveal(browser: Browser, contact: UserContact, **answers: str) -> str:
    response = browser.do(action_on(contact, "reveal"), **{"reason": REASON, **answers})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", FINDERS)
def test_reveal_with_a_reason(staff_client: StaffClient, contact: UserContact, role: Role) -> None:
    browser = staff_client(role)
    url = action_on(contact, "reveal")
    response = browser.do(url, reason=REASON, case_reference="T-7")
    assert ADDRESS in response.content.decode()
    assert response["Refresh"] == f"60; url={page_of(contact)}"
    assert "no-store" in response["Cache-Control"]
    reading = SensitiveRead.objects.get()
    assert (reading.actor, reading.acting_role, reading.case_reference) == (browser.user, role, "T-7")


def test_what_was_shown_is_not_shown_again(staff_client: StaffClient, contact: UserContact) -> None:
    browser = staff_client(Role.SUPPORT)
    url = action_on(contact, "reveal")
    form = browser.fill_in(url, reason=REASON)
    assert ADDRESS in browser.send(url, form).content.decode()
    again = browser.send(url, form)
    assert (again.status_code, again["Location"]) == (302, page_of(contact))
    page = browser.get(again["Location"]).content.decode()
    assert "was shown already" in page
    assert ADDRESS not in page
    assert SensitiveRead.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "curious"])
def test_no_reason_no_reveal(staff_client: StaffClient, contact: UserContact, reason: str) -> None:
    page = reveal(staff_client(Role.SUPPORT), contact, reason=reason)
    assert ADDRESS not in page
    assert "reason" in page.lower()
    assert not SensitiveRead.objects.exists()


def test_opening_the_question_reveals_nothing(staff_client: StaffClient, contact: UserContact) -> None:
    page = staff_client(Role.SUPPORT).get(action_on(contact, "reveal")).content.decode()
    assert ADDRESS not in page
    assert "shown once, for 60 seconds" in page


def test_ones_own_contact_is_for_colleagues_and_the_attempt_is_told(staff_client: StaffClient) -> None:
    browser = staff_client(Role.SUPPORT)
    own = add(browser.user)
    page = reveal(browser, own)
    assert ADDRESS not in page
    assert "your own data" in page
    assert SecurityEvent.objects.get().kind == "reveal_refused"


@pytest.mark.parametrize(
    "role", [Role.MODERATOR, Role.LEAD_MODERATOR, Role.FINANCE, Role.ANALYST, Role.AUDITOR]
)
def test_others_may_not(staff_client: StaffClient, contact: UserContact, role: Role) -> None:
    browser = staff_client(role)
    assert browser.get(action_on(contact, "reveal")).status_code == 403
    response = browser.send(action_on(contact, "reveal"), {"reason": REASON, "submission": "x"})
    assert response.status_code == 403
    assert not SensitiveRead.objects.exists()


@pytest.mark.parametrize("role", FINDERS)
def test_search_by_the_whole_address_opens_the_person(
    staff_client: StaffClient, user: User, contact: UserContact, role: Role
) -> None:
    found = staff_client(role).get(reverse("admin:search"), {"q": f" {ADDRESS.upper()} "})
    assert (found.status_code, found["Location"]) == (302, page_of(user))


def test_search_by_number(staff_client: StaffClient, user: User) -> None:
    add(user, NUMBER, ContactKind.PHONE)
    found = staff_client(Role.SUPPORT).get(reverse("admin:search"), {"q": NUMBER})
    assert found["Location"] == page_of(user)


def test_search_by_half_an_address_finds_nothing(staff_client: StaffClient, contact: UserContact) -> None:
    page = staff_client(Role.SUPPORT).get(reverse("admin:search"), {"q": "anna.example@"})
    assert page.status_code == 200
    assert page.context["result"].groups == []


def test_search_for_an_address_tells_a_moderator_nothing(
    staff_client: StaffClient, contact: UserContact
) -> None:
    page = staff_client(Role.MODERATOR).get(reverse("admin:search"), {"q": ADDRESS})
    assert page.context["result"].groups == []


def test_several_accounts_with_one_unverified_address_are_listed(
    staff_client: StaffClient, user: User
) -> None:
    other = UserFactory()
    add(user)
    add(other)
    page = staff_client(Role.SUPPORT).get(reverse("admin:search"), {"q": ADDRESS})
    ((_, hits),) = page.context["result"].groups
    assert {hit.title for hit in hits} == {str(user), str(other)}
    assert all("not verified" in hit.words for hit in hits)


def test_the_list_is_searched_by_the_whole_address(staff_client: StaffClient, contact: UserContact) -> None:
    add(UserFactory(), "other@example.org")
    browser = staff_client(Role.SUPPORT)
    page = browser.get(list_of("usercontact"), {"q": ADDRESS})
    assert list(page.context["cl"].result_list) == [contact]
    assert not browser.get(list_of("usercontact"), {"q": "anna"}).context["cl"].result_list


@pytest.mark.parametrize("role", [*FINDERS, Role.AUDITOR])
def test_pages_show_that_there_is_one_and_not_what_it_is(
    staff_client: StaffClient, user: User, contact: UserContact, role: Role
) -> None:
    browser = staff_client(role)
    for url in (page_of(user), page_of(contact), list_of("usercontact")):
        page = browser.get(url).content.decode()
        assert "E-mail address" in page
        assert ADDRESS not in page
        assert "•" not in page


def test_a_moderator_does_not_see_the_panel(
    staff_client: StaffClient, user: User, contact: UserContact
) -> None:
    browser = staff_client(Role.MODERATOR)
    assert "Contacts" not in browser.get(page_of(user)).content.decode()
    assert browser.get(list_of("usercontact")).status_code == 403


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_asks_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Callable
) -> None:
    for number in range(rows):
        add(UserFactory(), f"person{number}@example.org")
    browser = staff_client(Role.SUPPORT)
    browser.get(list_of("usercontact"))
    with django_assert_max_num_queries(12) as asked:
        assert browser.get(list_of("usercontact")).status_code == 200
    assert not any("crypt." in query["sql"] for query in asked.captured_queries)
    assert not any('"value",' in query["sql"] for query in asked.captured_queries)


def test_compliance_removes_a_contact(staff_client: StaffClient, contact: UserContact) -> None:
    browser = staff_client(Role.COMPLIANCE)
    response = browser.do(action_on(contact, "remove"), reason="belongs to somebody else")
    assert response.status_code == 302
    assert not UserContact.objects.exists()


def test_readings_are_seen_by_oversight(staff_client: StaffClient, user: User, contact: UserContact) -> None:
    reveal(staff_client(Role.SUPPORT), contact, case_reference="T-9")
    auditor = staff_client(Role.AUDITOR)
    for url in (reverse("admin:audit_sensitiveread_changelist"), page_of(user)):
        page = auditor.get(url).content.decode()
        assert "contact: value" in page
        assert REASON in page
    one = reverse("admin:audit_sensitiveread_change", args=[SensitiveRead.objects.get().pk])
    assert "T-9" in auditor.get(one).content.decode()
    listed = auditor.get(reverse("admin:audit_sensitiveread_changelist"), {"person": user.handle})
    assert len(listed.context["cl"].result_list) == 1
