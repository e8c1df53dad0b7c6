"""The room of alerts: who finds which, by what is in hand, what is offered to whom, and how often it asks."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import ReadAlert
from core.db.roles import STAFF_ROLES, Role
from tests.accounts.factories import UserFactory, staff
from tests.audit.readings import alert_of, minutes, read
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
LIST = "admin:audit_readalert_changelist"


def page_of(alert: ReadAlert) -> str:
    return reverse("admin:audit_readalert_change", args=[alert.pk])


def action_on(alert: ReadAlert, name: str) -> str:
    return reverse("admin:audit_readalert_action", args=[alert.pk, name])


def text(browser: Browser, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


@pytest.fixture
def reader() -> User:
    return staff(Role.SUPPORT, handle="curious_one")


@pytest.fixture
def alert(reader: User) -> ReadAlert:
    person = UserFactory(handle="looked_at")
    for number in range(3):
        read(reader, person, at=minutes(number))
    return alert_of(reader, "same_person")


def test_an_alert_is_found_by_reader_and_by_person(staff_client: StaffClient, alert: ReadAlert) -> None:
    browser = staff_client(Role.COMPLIANCE)
    for query in (
        "?q=curious_one",
        "?q=looked_at",
        f"?q={alert.pk}",
        "?reader=curious_one",
        "?person=looked_at",
        "?waiting=yes",
        "?rule=same_person",
    ):
        assert page_of(alert) in text(browser, reverse(LIST) + query), query
    for query in ("?q=curious", "?waiting=overdue", "?status=misuse"):
        assert page_of(alert) not in text(browser, reverse(LIST) + query), query
    assert "Nobody has the handle" in text(browser, reverse(LIST) + "?person=nobody_here")


def test_compliance_reviews_and_the_card_goes(staff_client: StaffClient, alert: ReadAlert) -> None:
    browser = staff_client(Role.COMPLIANCE)
    assert "Ask the reader why" in text(browser, reverse("admin:index"))
    page = text(browser, page_of(alert))
    assert "looked_at" in page
    assert "The second look at one person" in page
    assert browser.do(action_on(alert, "explain")).status_code == 302
    alert.refresh_from_db()
    assert (alert.status, alert.reviewed_by_id) == ("explained", browser.user.pk)
    assert ReadAlert.objects.open().filter(rule="same_person").count() == 0


def test_the_reader_is_compliance_and_finds_nothing(staff_client: StaffClient) -> None:
    browser = staff_client(Role.COMPLIANCE)
    read(browser.user, staff(Role.MODERATOR), role=Role.COMPLIANCE)
    alert = alert_of(browser.user, "colleague")
    assert page_of(alert) not in text(browser, reverse(LIST))
    assert browser.get(page_of(alert)).status_code in (302, 404)
    assert browser.get(action_on(alert, "explain")).status_code in (302, 404)


def test_auditors_read_and_are_offered_nothing(staff_client: StaffClient, alert: ReadAlert) -> None:
    browser = staff_client(Role.AUDITOR)
    assert "There was a good reason" not in text(browser, page_of(alert))
    assert browser.get(action_on(alert, "explain")).status_code == 403


@pytest.mark.parametrize(
    "role", [role for role in STAFF_ROLES if role not in (Role.COMPLIANCE, Role.AUDITOR)]
)
def test_others_have_no_such_room(staff_client: StaffClient, alert: ReadAlert, role: Role) -> None:
    browser = staff_client(role)
    assert browser.get(reverse(LIST)).status_code == 403
    assert browser.get(page_of(alert)).status_code == 403


def test_pages_ask_the_same_number_of_questions(staff_client: StaffClient, alert: ReadAlert) -> None:
    browser = staff_client(Role.COMPLIANCE)

    def asked(url: str) -> int:
        text(browser, url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text(browser, url)
        return len(queries)

    one, page = asked(reverse(LIST)), asked(page_of(alert))
    for number in range(19):
        other = staff(Role.SUPPORT)
        read(other, staff(Role.MODERATOR), at=minutes(number))
        read(alert.reader, alert.person, at=minutes(10 + number))
    assert asked(reverse(LIST)) == one
    assert asked(page_of(alert)) == page
    assert one <= 20
    assert page <= 24
