"""Rooms of documents, consents, ages and pictures, and erasing on the page of a person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import DocumentStatus, MediaStatus, UserStatus
from accounts.models import LegalDocument, ProfileMedia, User
from core.db.roles import STAFF_ROLES, Role
from tests.accounts.back_office.addresses import action_on, list_of, page_of
from tests.accounts.documents import (
    TEXT,
    AcceptanceFactory,
    AgeFactory,
    ConsentFactory,
    DocumentFactory,
    MediaFactory,
    closed,
)
from tests.accounts.factories import SessionFactory, UserFactory, ViewerProfileFactory
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
COMPLIANCE_READS = {Role.COMPLIANCE, Role.AUDITOR}
READERS: dict[str, set[Role]] = {
    "acceptance": COMPLIANCE_READS,
    "consent": COMPLIANCE_READS,
    "ageassurance": COMPLIANCE_READS,
    "profilemedia": {Role.MODERATOR, Role.LEAD_MODERATOR, Role.AUDITOR},
    "legaldocument": set(STAFF_ROLES),
}
FACTORIES: dict[str, Any] = {
    "acceptance": AcceptanceFactory,
    "consent": ConsentFactory,
    "ageassurance": AgeFactory,
    "profilemedia": MediaFactory,
    "legaldocument": DocumentFactory,
}


def done(browser: Browser, row: Any, name: str, **answers: Any) -> str:
    response = browser.do(action_on(row, name), **answers)
    assert response.status_code == 302, response.context["form"].errors
    page = browser.get(response["Location"])
    assert page.status_code == 200
    return " ".join(str(message) for message in page.context["messages"])


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_room_opens_or_is_closed_to_the_role(staff_client: StaffClient, role: Role) -> None:
    rows = {model: factory() for model, factory in FACTORIES.items()}
    browser = staff_client(role)
    for model, readers in READERS.items():
        expected = 200 if role in readers else 403
        assert browser.get(list_of(model)).status_code == expected, model
        assert browser.get(page_of(rows[model])).status_code == expected, model


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("model", READERS)
def test_lists_ask_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, model: str, django_assert_max_num_queries: Any
) -> None:
    browser = staff_client(Role.AUDITOR)
    FACTORIES[model].create_batch(rows)
    browser.get(list_of(model))
    with django_assert_max_num_queries(13):
        assert browser.get(list_of(model)).status_code == 200


class TestDocuments:
    @pytest.fixture
    def browser(self, staff_client: StaffClient) -> Browser:
        return staff_client(Role.COMPLIANCE)

    def words(self, **changes: str) -> dict[str, str]:
        return {
            "kind": "terms",
            "version_label": "7",
            "language": "en",
            "title": "Terms",
            "text": TEXT,
            **changes,
        }

    def test_from_draft_to_publication(self, browser: Browser) -> None:
        before = DocumentFactory(version_label="6", text="These are the words of long ago, all of them.")
        response = browser.send(reverse("admin:accounts_legaldocument_add"), self.words())
        assert response.status_code == 302, response.context["adminform"].form.errors
        document = LegalDocument.objects.get(version_label="7")
        page = browser.get(page_of(document)).content.decode()
        assert "-These are the words of long ago" in page
        assert f"+{TEXT}" in page
        changed = {"version_label": "7", "title": "Terms", "text": TEXT + " And more."}
        assert browser.send(page_of(document), changed).status_code == 302
        assert "is published" in done(browser, document, "publish")
        document.refresh_from_db()
        assert (document.status, document.text) == (DocumentStatus.PUBLISHED, TEXT + " And more.")
        assert document.supersedes == before

    def test_a_published_one_has_no_form(self, browser: Browser) -> None:
        document = DocumentFactory()
        page = browser.get(page_of(document))
        assert "<textarea" not in page.content.decode()
        assert browser.send(page_of(document), self.words(text="Other words altogether.")).status_code == 403
        assert "does not apply" in browser.get(action_on(document, "publish"), follow=True).content.decode()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"text": "short"}, "20 to 200000"),
            ({"language": "English!"}, "A language is a tag"),
            ({"version_label": "taken"}, "already|of this kind"),
            ({"kind": "poem"}, "not one of the available choices"),
            ({"text": TEXT + "\x00"}, "Null characters"),
        ],
    )
    def test_what_is_refused_stands_on_the_form(
        self, browser: Browser, changes: dict[str, str], words: str
    ) -> None:
        DocumentFactory(version_label="taken", published=False)
        response = browser.send(reverse("admin:accounts_legaldocument_add"), self.words(**changes))
        assert response.status_code == 200
        page = response.content.decode()
        assert any(word in page for word in words.split("|"))
        assert LegalDocument.objects.count() == 1

    def test_others_only_look(self, staff_client: StaffClient) -> None:
        browser, draft = staff_client(Role.AUDITOR), DocumentFactory(published=False)
        assert browser.get(reverse("admin:accounts_legaldocument_add")).status_code == 403
        assert browser.get(action_on(draft, "publish")).status_code == 403
        assert browser.send(page_of(draft), self.words()).status_code == 403


def test_consents_and_ages_are_ended(staff_client: StaffClient) -> None:
    browser, consent, age = staff_client(Role.COMPLIANCE), ConsentFactory(), AgeFactory()
    assert TEXT in browser.get(page_of(consent)).content.decode()
    assert "is withdrawn" in done(browser, consent, "withdraw")
    assert "is revoked" in done(browser, age, "revoke")
    for row, ended in ((consent, "withdrawn_channel"), (age, "ending")):
        row.refresh_from_db()
        assert getattr(row, ended)


class TestPictures:
    def test_the_queue(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.MODERATOR)
        rows = [MediaFactory() for _ in range(3)]
        shown = MediaFactory(status=MediaStatus.APPROVED)
        assert list(browser.get(list_of("profilemedia")).context["cl"].result_list) == rows
        page = browser.get(list_of("profilemedia") + "?status=all").context["cl"].result_list
        assert list(page) == [*rows, shown]
        handle = rows[1].user.handle.upper()
        assert list(browser.get(list_of("profilemedia"), {"q": handle}).context["cl"].result_list) == [
            rows[1]
        ]
        assert "is shown" in done(browser, rows[0], "approve")
        assert "is not shown" in done(browser, rows[1], "reject")
        assert list(browser.get(list_of("profilemedia")).context["cl"].result_list) == [rows[2]]
        assert ProfileMedia.objects.shown().count() == 2

    def test_it_pages_in_the_order_of_arrival(self, staff_client: StaffClient) -> None:
        browser = staff_client(Role.MODERATOR)
        rows = [MediaFactory() for _ in range(53)]
        first = browser.get(list_of("profilemedia")).context["cl"]
        assert list(first.result_list) == rows[:50]
        second = browser.get(list_of("profilemedia") + first.older_url).context["cl"]
        assert list(second.result_list) == rows[50:]
        back = browser.get(list_of("profilemedia") + second.newer_url).context["cl"]
        assert list(back.result_list) == rows[:50]

    def test_no_address_on_the_web_is_shown(self, staff_client: StaffClient) -> None:
        media = MediaFactory()
        page = staff_client(Role.MODERATOR).get(page_of(media)).content.decode()
        assert media.object_key in page
        assert "<img" not in page.split('id="content-main"')[-1]


class TestErasing:
    def test_the_page_says_what_goes_and_what_stays(self, staff_client: StaffClient) -> None:
        browser, user = staff_client(Role.COMPLIANCE), closed(handle="zoe_was_here")
        SessionFactory.create_batch(2, user=user)
        ViewerProfileFactory(user=user)
        AcceptanceFactory(user=user)
        page = browser.get(action_on(user, "erase")).content.decode()
        for words in (
            "Destroyed for good",
            "devices with their addresses",
            "Kept, under a random key",
            "GDPR art. 17(3)",
        ):
            assert words in page, words
        assert "stands against it" not in page
        message = done(browser, user, "erase")
        assert "is destroyed" in message
        assert "zoe_was_here" not in message
        page = browser.get(page_of(user)).content.decode()
        assert "zoe_was_here" not in page.split('id="content-main"')[1].split("Trail")[0]
        assert "which documents were accepted" in page
        assert User.objects.get(pk=user.pk).status == UserStatus.ERASED

    def test_vetoes_are_shown_before_and_refuse(self, staff_client: StaffClient) -> None:
        browser, user = staff_client(Role.COMPLIANCE), closed(days=2)
        page = browser.get(action_on(user, "erase")).content.decode()
        assert "This stands against it: An account is erased 30 days after its closing" in page
        response = browser.do(action_on(user, "erase"))
        assert response.status_code == 200
        assert "30 days after its closing at the earliest" in response.content.decode()
        assert User.objects.get(pk=user.pk).status == UserStatus.CLOSED

    @pytest.mark.parametrize("role", [role for role in STAFF_ROLES if role is not Role.COMPLIANCE])
    def test_nobody_else_does_it(self, staff_client: StaffClient, role: Role) -> None:
        browser, user = staff_client(role), closed()
        assert browser.get(action_on(user, "erase")).status_code == 403
        answers = {"reason": "because I can do it", "version": user.version}
        assert browser.send(action_on(user, "erase"), answers).status_code == 403
        assert User.objects.get(pk=user.pk).status == UserStatus.CLOSED

    def test_an_open_account_has_no_such_button(self, staff_client: StaffClient) -> None:
        browser, user = staff_client(Role.COMPLIANCE), UserFactory()
        assert "erase" not in {
            action.name for action, _ in browser.get(page_of(user)).context["object_actions"]
        }
        assert "does not apply" in browser.get(action_on(user, "erase"), follow=True).content.decode()


@pytest.mark.parametrize("rows", [1, 6])
def test_a_persons_page_asks_the_same_number_of_queries(
    staff_client: StaffClient, rows: int, django_assert_max_num_queries: Any
) -> None:
    browser, user = staff_client(Role.COMPLIANCE), UserFactory()
    for _ in range(rows):
        AcceptanceFactory(user=user)
    for purpose in ("analytics", "cookies", "personalisation", "marketing_mail", "special_category")[:rows]:
        ConsentFactory(user=user, purpose=purpose)
    AgeFactory(user=user)
    browser.get(page_of(user))
    with django_assert_max_num_queries(24):
        assert browser.get(page_of(user)).status_code == 200
