"""The room of attachments: what the scanner found, without what is in a file and without to whom it went."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage
from django.urls import reverse

from core.db.context import acting
from core.db.roles import Role
from engagement.models import Attachment
from tests.accounts.factories import UserFactory
from tests.browser import Browser
from tests.engagement.messages_data import accepted, scanned, write

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
LIST = "admin:engagement_attachment_changelist"


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_asks_the_same_whatever_its_length(
    staff_client: StaffClient, files: InMemoryStorage, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        scanned(UserFactory(), files, "Eicar")
    browser = staff_client(Role.MODERATOR)
    browser.get(reverse(LIST))
    with django_assert_max_num_queries(12):
        page = browser.get(reverse(LIST))
    assert page.status_code == 200
    assert page.content.decode().count("Eicar") == rows


def test_staff_do_not_learn_to_whom_a_file_was_sent(
    staff_client: StaffClient, files: InMemoryStorage
) -> None:
    ann, bob = UserFactory(), UserFactory()
    attachment = scanned(ann, files)
    message = write(accepted(ann, bob), ann, "", attachment_ids=[attachment.pk])
    browser = staff_client(Role.MODERATOR)
    page = browser.get(reverse("admin:engagement_attachment_change", args=[attachment.pk]))
    shown = page.content.decode()
    assert page.status_code == 200
    assert ann.handle in shown
    for secret in (bob.handle, str(bob.pk), str(message.pk), attachment.object_key):
        assert secret not in shown


def test_a_moderator_has_a_file_scanned_again(staff_client: StaffClient, files: InMemoryStorage) -> None:
    attachment = scanned(UserFactory(), files, "Eicar")
    browser = staff_client(Role.MODERATOR)
    response = browser.do(reverse("admin:engagement_attachment_action", args=[attachment.pk, "rescan"]))
    assert response.status_code == 302
    with acting(Role.OWNER):
        assert Attachment.objects.get().status == "waiting"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.FINANCE, Role.ANALYST])
def test_others_have_no_such_room(staff_client: StaffClient, role: Role) -> None:
    assert staff_client(role).get(reverse(LIST)).status_code == 403


def test_what_is_found_stands_on_the_home_page(staff_client: StaffClient, files: InMemoryStorage) -> None:
    scanned(UserFactory(), files, "Eicar")
    assert "Malicious files" in staff_client(Role.MODERATOR).get(reverse("admin:index")).content.decode()
