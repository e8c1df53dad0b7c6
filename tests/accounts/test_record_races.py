"""Two at once: accepting, publishing, consenting, unlinking; and erasing while somebody signs in."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.choices import Channel, ConsentPurpose, MediaKind
from accounts.errors import LinkRefused
from accounts.models import Acceptance, Consent, LegalDocument, ProfileMedia, User, UserSession
from accounts.services.acceptances import documents_accept
from accounts.services.consents import consent_give
from accounts.services.erasure import user_erase
from accounts.services.identity_provider_links import identity_unlink
from accounts.services.legal_documents import document_publish
from accounts.services.profile_media import media_approve
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from tests.accounts.documents import DocumentFactory, LinkFactory, MediaFactory, closed, wording
from tests.accounts.factories import SessionFactory, UserFactory, staff
from tests.accounts.test_races import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def as_viewer(user: User, act: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with acting(Role.VIEWER, user_id=user.pk):
            return act()

    return run


def test_two_accept_once() -> None:
    user, document = UserFactory(), DocumentFactory()
    accept = as_viewer(
        user,
        lambda: documents_accept(
            user_id=user.pk, document_ids=[document.pk], actor=user, channel=Channel.WEB
        ),
    )
    outcomes = at_once(accept, accept, accept)
    assert refusals(outcomes) == []
    assert Acceptance.objects.count() == 1
    assert {rows[0].pk for rows in outcomes} == {Acceptance.objects.get().pk}


def test_two_publish_one_after_the_other() -> None:
    actor = staff(Role.COMPLIANCE)
    drafts = [DocumentFactory(published=False) for _ in range(2)]

    def publish(document: LegalDocument) -> LegalDocument:
        with acting(Role.COMPLIANCE, user_id=actor.pk):
            return document_publish(legal_document_id=document.pk, actor=actor, reason="agreed by the board")

    outcomes = at_once(*(lambda document=document: publish(document) for document in drafts))
    published = list(LegalDocument.objects.published().order_by("effective_at"))
    assert len(published) + len(refusals(outcomes)) == 2
    assert all(issubclass(kind, Refused) for kind in refusals(outcomes))
    assert [row.supersedes for row in published] == [None, *published[:-1]]


def test_the_same_draft_is_published_once() -> None:
    actor, document = staff(Role.COMPLIANCE), DocumentFactory(published=False)

    def publish() -> LegalDocument:
        with acting(Role.COMPLIANCE, user_id=actor.pk):
            return document_publish(legal_document_id=document.pk, actor=actor, reason="agreed by the board")

    outcomes = at_once(publish, publish)
    assert len(refusals(outcomes)) == 1
    assert issubclass(refusals(outcomes)[0], Refused)


def test_two_consents_and_one_is_in_force() -> None:
    user, shown = UserFactory(), wording(ConsentPurpose.ANALYTICS)
    give = as_viewer(
        user,
        lambda: consent_give(
            user_id=user.pk,
            purpose=ConsentPurpose.ANALYTICS,
            wording_id=shown.pk,
            channel=Channel.WEB,
            actor=user,
        ),
    )
    outcomes = at_once(give, give)
    assert all(issubclass(kind, Refused) for kind in refusals(outcomes))
    assert Consent.objects.count() == 1


def test_two_unlink_and_one_way_in_is_left() -> None:
    user = UserFactory()
    links = [LinkFactory(user=user, provider=provider) for provider in ("google", "apple")]
    outcomes = at_once(
        *(
            as_viewer(user, lambda row=row: identity_unlink(identity_provider_link_id=row.pk, actor=user))
            for row in links
        )
    )
    assert refusals(outcomes) == [LinkRefused]
    assert user.identity_provider_links.count() == 1


def test_two_moderators_approve_one_picture() -> None:
    media, actors = MediaFactory(kind=MediaKind.COVER), [staff(Role.MODERATOR), staff(Role.MODERATOR)]

    def approve(actor: User) -> ProfileMedia:
        with acting(Role.MODERATOR, user_id=actor.pk):
            return media_approve(profile_media_id=media.pk, actor=actor, reason="a landscape and no people")

    outcomes = at_once(*(lambda actor=actor: approve(actor) for actor in actors))
    assert len(refusals(outcomes)) == 1
    assert issubclass(refusals(outcomes)[0], Refused)


def erase(user: User, actor: User) -> Any:
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return user_erase(user_id=user.pk, actor=actor, reason="asked for it in writing")


def test_two_erase_once() -> None:
    user, actors = closed(), [staff(Role.COMPLIANCE), staff(Role.COMPLIANCE)]
    outcomes = at_once(*(lambda actor=actor: erase(user, actor) for actor in actors))
    assert len(refusals(outcomes)) == 1
    assert issubclass(refusals(outcomes)[0], Refused)
    assert User.objects.get(pk=user.pk).handle is None


def test_a_sign_in_that_began_first_is_erased_with_the_person() -> None:
    """The session is written and not committed; the erasure waits for it, and takes it along."""
    user, actor = closed(), staff(Role.COMPLIANCE)
    written, outcome = Event(), []

    def erase_meanwhile() -> None:
        written.wait(timeout=10)
        outcome.append(erase(user, actor))
        connection.close()

    thread = Thread(target=erase_meanwhile)
    thread.start()
    with transaction.atomic():
        SessionFactory(user=user)
        written.set()
        thread.join(timeout=0.5)
        assert outcome == []
    thread.join(timeout=30)
    assert len(outcome) == 1
    assert not UserSession.objects.filter(user=user).exists()


def test_a_sign_in_that_comes_later_is_refused() -> None:
    """The erasure is done and not committed; the session waits for it, and is refused."""
    user, actor = closed(), staff(Role.COMPLIANCE)
    erased, outcome = Event(), []

    def sign_in_meanwhile() -> None:
        erased.wait(timeout=10)
        try:
            SessionFactory(user=user)
        except DatabaseError as error:
            outcome.append(str(error))
        connection.close()

    thread = Thread(target=sign_in_meanwhile)
    thread.start()
    with transaction.atomic():
        erase(user, actor)
        erased.set()
        thread.join(timeout=0.5)
        assert outcome == []
    thread.join(timeout=30)
    assert len(outcome) == 1
    assert "This person was erased" in outcome[0]
    assert not UserSession.objects.filter(user=user).exists()
