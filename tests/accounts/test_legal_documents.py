"""Legal documents from draft to acceptance."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils import timezone

from accounts.choices import Channel, DocumentKind
from accounts.errors import DocumentRefused
from accounts.models import Acceptance, LegalDocument, User
from accounts.selectors import documents_to_accept
from accounts.services.acceptances import acceptances_import, documents_accept
from accounts.services.legal_documents import document_draft, document_publish, document_revise
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from core.errors import StaleVersion
from tests.accounts.conftest import Announced
from tests.accounts.documents import TEXT, AcceptanceFactory, DocumentFactory
from tests.accounts.factories import UserFactory
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def draft(actor: User, label: str = "1.0", text: str = TEXT, language: str = "en") -> LegalDocument:
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return document_draft(
            kind=DocumentKind.TERMS,
            version_label=label,
            title="Terms",
            text=text,
            actor=actor,
            language=language,
        )


def publish(document: LegalDocument, actor: User, **options: object) -> LegalDocument:
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return document_publish(
            legal_document_id=document.pk, actor=actor, reason="agreed by the board", **options
        )


def test_a_draft_is_revised_published_and_fixed(compliance: User, announced: Announced) -> None:
    document = draft(compliance)
    with acting(Role.COMPLIANCE, user_id=compliance.pk):
        document_revise(
            legal_document_id=document.pk,
            version_label="1.0",
            title="Terms",
            text=TEXT + " All.",
            actor=compliance,
        )
    document.refresh_from_db()
    assert bytes(document.digest) == sha256((TEXT + " All.").encode()).digest()
    publish(document, compliance)
    document.refresh_from_db()
    assert document.published_at == document.effective_at
    assert announced.only("document_published")["detail"]["kind"] == "terms"
    with acting(Role.COMPLIANCE, user_id=compliance.pk), pytest.raises(DocumentRefused, match="new version"):
        document_revise(
            legal_document_id=document.pk, version_label="1.0", title="Other", text=TEXT, actor=compliance
        )
    with pytest.raises(DocumentRefused, match="is published and stays"):
        publish(document, compliance)


@pytest.mark.parametrize(
    "change",
    ["text = 'Something else altogether.'", "title = 'Other'", "effective_at = now()", "status = 'draft'",
     "version_label = '9'", "kind = 'privacy'", "supersedes_id = null", "digest = '\\x00'"],
)  # fmt: skip
def test_nothing_of_a_published_document_changes(change: str) -> None:
    document = DocumentFactory()
    with refused("never changed"):
        run(f"UPDATE accounts_legaldocument SET {change} WHERE id = %s", [document.pk])
    with refused("never changed"):
        run("DELETE FROM accounts_legaldocument WHERE id = %s", [document.pk])


def test_versions_follow_one_another(compliance: User) -> None:
    first = publish(draft(compliance, "1.0"), compliance)
    later = timezone.now() + timedelta(days=30)
    second = publish(draft(compliance, "2.0"), compliance, effective_at=later)
    assert second.supersedes == first
    in_force = LegalDocument.objects.in_force
    assert in_force("terms").get() == first
    assert in_force("terms", at=later).get() == second
    assert not in_force("terms", at=timezone.now() - timedelta(days=1)).exists()
    assert not in_force("terms", "de").exists()
    third = draft(compliance, "3.0")
    with pytest.raises(DocumentRefused, match="follow later than that"):
        publish(third, compliance, effective_at=later - timedelta(days=1))
    with pytest.raises(DocumentRefused, match="now or later"):
        publish(third, compliance, effective_at=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"text": "too short"}, "20 to 200000 characters"),
        ({"label": ""}, "1 to 40 characters"),
        ({"language": "english"}, "A language is a tag"),
        ({"text": TEXT + "\x00"}, "plain text"),
        ({"label": "taken"}, "of this kind, version and language"),
    ],
)
def test_what_is_refused_is_said(compliance: User, words: dict[str, str], message: str) -> None:
    draft(compliance, "taken")
    with pytest.raises(DocumentRefused, match=message):
        draft(compliance, **words)


def test_a_stale_form_publishes_nothing(compliance: User) -> None:
    document = draft(compliance)
    with pytest.raises(StaleVersion):
        publish(document, compliance, expected_version=9)
    nothing = UserFactory().pk
    with pytest.raises(NotThere), acting(Role.COMPLIANCE, user_id=compliance.pk):
        document_publish(legal_document_id=nothing, actor=compliance, reason="no such document")


def test_drafts_are_seen_by_compliance_and_oversight_alone() -> None:
    draft_row, published = DocumentFactory(published=False), DocumentFactory()
    for role in (Role.APP, *ACTING_ROLES):
        with acting(role, user_id=UserFactory().pk):
            seen = {key for (key,) in run("SELECT id FROM accounts_legaldocument")}
        expected = {published.pk} | ({draft_row.pk} if role in (Role.COMPLIANCE, Role.AUDITOR) else set())
        assert seen == expected, role


class TestAcceptance:
    def accept(self, user: User, *documents: LegalDocument) -> list[Acceptance]:
        with acting(Role.VIEWER, user_id=user.pk):
            return documents_accept(
                user_id=user.pk,
                document_ids=[document.pk for document in documents],
                actor=user,
                channel=Channel.WEB,
                address="192.0.2.9",
                user_agent_family="Firefox",
            )

    def test_it_is_noted_once(self, user: User, announced: Announced) -> None:
        terms, privacy = DocumentFactory(), DocumentFactory(kind=DocumentKind.PRIVACY)
        first = self.accept(user, terms)
        rows = self.accept(user, terms, privacy)
        assert {row.document_id for row in rows} == {terms.pk, privacy.pk}
        assert first[0].pk in {row.pk for row in rows}
        self.accept(user, terms, privacy)
        assert announced.actions == ["documents_accepted"] * 2
        assert Acceptance.objects.count() == 2

    def test_drafts_and_wordings_are_not_accepted(self, user: User) -> None:
        for document in (DocumentFactory(published=False), DocumentFactory(kind="consent_analytics")):
            with pytest.raises(DocumentRefused):
                self.accept(user, document)
            with refused("Only a published document"):
                AcceptanceFactory(user=user, document=document)
        with refused("Only a published document"):
            AcceptanceFactory(user=user, accepted_at=timezone.now() - timedelta(days=9))
        with refused("Only a published document"):
            AcceptanceFactory(user=user, accepted_at=timezone.now() + timedelta(days=9))

    def test_nobody_accepts_for_somebody_else(self, user: User) -> None:
        document = DocumentFactory()
        statement = (
            "INSERT INTO accounts_acceptance (user_id, document_id, channel, user_agent_family) "
            "VALUES (%s, %s, 'web', '')"
        )
        with acting(Role.VIEWER, user_id=user.pk), refused("row-level security"):
            run(statement, [UserFactory().pk, document.pk])
        with acting(Role.COMPLIANCE, user_id=UserFactory().pk), refused("permission denied"):
            run(statement, [user.pk, document.pk])
        with acting(Role.WORKER), refused("row-level security"):
            run(statement, [user.pk, document.pk])

    def test_what_is_still_to_accept(self, user: User) -> None:
        old = DocumentFactory(version_label="1", since=timezone.now() - timedelta(days=9))
        terms = DocumentFactory(version_label="2", since=timezone.now() - timedelta(days=2))
        DocumentFactory(version_label="3", since=timezone.now() + timedelta(days=9))
        privacy = DocumentFactory(kind=DocumentKind.PRIVACY)
        german = DocumentFactory(
            kind=DocumentKind.PRIVACY, version_label=privacy.version_label, language="de"
        )
        DocumentFactory(kind=DocumentKind.GUIDELINES, published=False)
        DocumentFactory(kind=DocumentKind.COOKIES)
        AcceptanceFactory(user=user, document=old)
        assert documents_to_accept(user) == [terms, privacy]
        user.locale = "de-AT"
        assert documents_to_accept(user) == [terms, german]
        AcceptanceFactory(user=user, document=privacy)
        assert documents_to_accept(user) == [terms], "a version accepted in one language is accepted in all"

    def test_it_takes_two_queries(self, user: User, django_assert_num_queries: object) -> None:
        for kind in ("terms", "privacy", "guidelines"):
            AcceptanceFactory(user=user, document=DocumentFactory(kind=kind))
        with django_assert_num_queries(2):  # type: ignore[operator]
            assert documents_to_accept(user) == []

    def test_everybody_imported_accepts_at_once(self) -> None:
        UserFactory.create_batch(3, sign_up_source="import")
        UserFactory()
        document = DocumentFactory()
        with acting(Role.WORKER):
            assert acceptances_import(document=document) == 3
            assert acceptances_import(document=document) == 0
            with pytest.raises(DocumentRefused, match="is a draft"):
                acceptances_import(document=DocumentFactory.build())
