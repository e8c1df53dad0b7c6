"""Files among the evidence: hidden until asked for, each asking on record, nothing in them runs."""

from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages

from audit.models import Case, Event, Evidence
from core.db.context import acting
from core.db.roles import Role
from tests.audit.factories_moderation import make_case
from tests.audit.test_case_page import page_of, step
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> InMemoryStorage:
    files = InMemoryStorage()
    monkeypatch.setitem(storages._storages, "evidence", files)
    return files


def picture_of(case: Case, key: str = "evidence/a.png", media_type: str = "image/png") -> Evidence:
    with acting(Role.OWNER):
        return Evidence.objects.create(
            case=case,
            person_id=case.person_id,
            kind="media",
            subject_kind=case.subject_kind,
            subject_id=case.subject_id,
            object_key=key,
            media_type=media_type,
            sha256=key.encode().ljust(32)[:32],
            captured_at=case.created_at,
        )


def test_a_file_is_hidden_until_asked_for_and_the_asking_is_on_record(
    staff_client: StaffClient, store: InMemoryStorage
) -> None:
    browser, case = staff_client(Role.MODERATOR), make_case()
    piece = picture_of(case)
    store.save(piece.object_key, ContentFile(b"picture"))
    file = step(case, "evidence_file", piece.pk)
    assert "<img" not in browser.get(page_of(case)).content.decode()
    assert browser.get(file).status_code == 403
    asked = browser.send(step(case, "evidence_show", piece.pk))
    event = Event.objects.get(action="evidence_viewed")
    assert (event.actor_id, event.detail) == (browser.user.pk, {"evidence": str(piece.pk)})
    page = browser.get(asked["Location"].split("#")[0])
    (shown,) = [part for part in page.context["evidence"] if part.url]
    assert shown.url.replace("&", "&amp;") in page.content.decode()
    response = browser.get(shown.url)
    assert (response.content, response["Content-Type"]) == (b"picture", "image/png")
    assert "no-store" in response["Cache-Control"]
    assert staff_client(Role.LEAD_MODERATOR).get(shown.url).status_code == 403, "a link is of one person"
    other = make_case()
    assert browser.get(shown.url.replace(str(case.pk), str(other.pk))).status_code == 404


def test_a_file_that_could_run_something_is_handed_over_as_a_file(
    staff_client: StaffClient, store: InMemoryStorage
) -> None:
    browser, case = staff_client(Role.MODERATOR), make_case()
    piece = picture_of(case, "evidence/a.svg", "image/svg+xml")
    store.save(piece.object_key, ContentFile(b"<svg onload='alert(1)'/>"))
    asked = browser.send(step(case, "evidence_show", piece.pk))
    (shown,) = [part for part in browser.get(asked["Location"].split("#")[0]).context["evidence"] if part.url]
    response = browser.get(shown.url)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]


def test_without_a_store_the_page_says_so(staff_client: StaffClient) -> None:
    browser, case = staff_client(Role.MODERATOR), make_case()
    piece = picture_of(case)
    page = browser.send(step(case, "evidence_show", piece.pk), follow=True).content.decode()
    assert "This installation has no store of evidence" in page
    assert not Event.objects.filter(action="evidence_viewed").exists()
