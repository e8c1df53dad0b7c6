"""The rooms of archives and of the map: what they show to whom, how often they ask, and how a file leaves."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event, PersonalArchive, PersonalDataSource, SensitiveRead
from core.db.context import acting
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory
from tests.audit.personal_data.archives import made, running, unpacked
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


def list_of(model: str, query: str = "") -> str:
    return reverse(f"admin:audit_{model}_changelist") + query


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def fetching(archive: PersonalArchive) -> str:
    return reverse("admin:audit_personalarchive_action", args=[archive.pk, "fetch"])


def text(browser: Browser, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def row_for(number: int) -> PersonalArchive:
    """The row of an archive whose file nobody asks for."""
    request = running(UserFactory())
    key = uuid7()
    with acting(Role.WORKER), keys_for(Purpose.STORE, actor=None):
        PersonalArchive.objects.create(
            id=key,
            request=request,
            object_key=f"{request.pk}/{key}",
            file_key="AAAA",
            sha256=bytes(32),
            content_sha256=bytes(32),
            stored_bytes=number,
            content_bytes=number,
            rows=number,
            expires_at=request.deadline,
        )
    return PersonalArchive.objects.get(pk=key)


def test_compliance_finds_the_archive_and_fetches_it_with_a_reason(staff_client: StaffClient) -> None:
    person = UserFactory(handle="wants_hers")
    archive = made(running(person))
    browser = staff_client(Role.COMPLIANCE)
    reference = archive.request.reference
    for query in (
        f"?q={reference}",
        "?q=wants_hers",
        f"?q={archive.pk}",
        f"?person={person.pk}",
        f"?request={reference}",
    ):
        response = browser.get(list_of("personalarchive", query), follow=True)
        assert reference in response.content.decode(), query
    assert reference not in text(browser, list_of("personalarchive", "?q=SR-2611-AAAAAAAA"))
    assert "Archives of their data" in text(browser, page_of(person))
    assert "wants_hers" in text(browser, fetching(archive))
    refused = browser.do(fetching(archive), reason="short")
    assert "at least 10 characters" in refused.content.decode()
    assert not SensitiveRead.objects.exists()
    response = browser.do(fetching(archive))
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    assert response["Content-Disposition"] == f'attachment; filename="{reference}.zip"'
    assert "no-store" in response["Cache-Control"]
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert len(content) == int(response["Content-Length"]) == archive.content_bytes
    assert unpacked(content).rows["accounts_user"][0]["handle"] == "wants_hers"
    assert SensitiveRead.objects.get().actor_id == browser.user.pk
    assert Event.objects.filter(action="personal_archive_opened", subject_id=archive.pk).count() == 1


def test_a_form_that_is_sent_twice_hands_out_once(staff_client: StaffClient) -> None:
    archive, browser = made(running(UserFactory())), staff_client(Role.COMPLIANCE)
    answers = browser.fill_in(fetching(archive))
    assert browser.send(fetching(archive), answers)["Content-Type"] == "application/zip"
    again = browser.send(fetching(archive), answers)
    assert again.status_code == 302
    assert SensitiveRead.objects.count() == 1


def test_a_file_that_was_changed_is_refused_on_the_page_and_nothing_is_recorded_as_handed_out(
    staff_client: StaffClient, archive_files: Any
) -> None:
    archive, browser = made(running(UserFactory())), staff_client(Role.COMPLIANCE)
    archive_files.delete(archive.object_key)
    with archive_files.open(archive.object_key, "wb") as file:
        file.write(b"something else")
    response = browser.do(fetching(archive))
    assert "not the one that was made" in response.content.decode()
    assert not Event.objects.filter(action="personal_archive_opened").exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_overseers_read_that_there_is_one_and_fetch_nothing(staff_client: StaffClient, role: Role) -> None:
    archive, browser = made(running(UserFactory())), staff_client(role)
    assert archive.request.reference in text(browser, list_of("personalarchive"))
    assert bytes(archive.content_sha256).hex() in text(browser, page_of(archive))
    assert browser.get(fetching(archive)).status_code == 403
    assert browser.send(fetching(archive), {"reason": "I would like to see"}).status_code == 403


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.FINANCE, Role.ANALYST])
def test_others_have_no_such_room(staff_client: StaffClient, role: Role) -> None:
    archive, browser = made(running(UserFactory())), staff_client(role)
    assert browser.get(list_of("personalarchive")).status_code == 403
    assert browser.get(list_of("personaldatasource")).status_code == 403
    assert browser.get(page_of(archive)).status_code == 403


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.AUDITOR])
def test_the_map_says_where_personal_data_stands(staff_client: StaffClient, role: Role) -> None:
    browser = staff_client(role)
    assert "accounts_usercontact" in text(browser, list_of("personaldatasource", "?q=accounts_usercontact"))
    assert "billing_kyccase" in text(browser, list_of("personaldatasource", "?treatment=withheld"))
    source = PersonalDataSource.objects.get(source_table="accounts_userpassword")
    page = text(browser, page_of(source))
    assert "password_hash" in page
    assert "GDPR art. 32" in page


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(("model", "most"), [("personalarchive", 14), ("personaldatasource", 14)])
def test_lists_ask_the_same_number_of_queries(
    staff_client: StaffClient, model: str, rows: int, most: int
) -> None:
    for number in range(1, rows + 1):
        row_for(number)
    browser = staff_client(Role.COMPLIANCE)
    browser.get(list_of(model))
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(list_of(model)).status_code == 200
    assert len(asked) <= most, len(asked)
