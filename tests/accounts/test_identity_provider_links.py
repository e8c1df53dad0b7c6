"""Links to identity providers: one person each, and never the last way in."""

import pytest

from accounts.choices import IdentityProvider
from accounts.errors import LinkRefused
from accounts.models import IdentityProviderLink, User
from accounts.services.identity_provider_links import (
    identity_find,
    identity_link,
    identity_unlink,
    identity_used,
)
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.accounts.conftest import Announced
from tests.accounts.documents import LinkFactory
from tests.accounts.factories import UserFactory, UserPasswordFactory
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


def link(user: User, subject: str = "1234", provider: str = "google") -> IdentityProviderLink:
    with acting(Role.VIEWER, user_id=user.pk):
        return identity_link(user_id=user.pk, provider=provider, subject=subject, actor=user)


def unlink(user: User, row: IdentityProviderLink) -> None:
    with acting(Role.VIEWER, user_id=user.pk):
        identity_unlink(identity_provider_link_id=row.pk, actor=user)


def test_linked_used_and_unlinked(user: User, announced: Announced) -> None:
    UserPasswordFactory(user=user)
    row = link(user)
    assert link(user).pk == row.pk
    with acting(Role.APP):
        assert identity_find(provider="google", subject="1234") == user
        assert identity_find(provider="apple", subject="1234") is None
    with acting(Role.APP, user_id=user.pk):
        identity_used(user=user, provider="google")
    row.refresh_from_db()
    assert row.last_used_at is not None
    unlink(user, row)
    assert announced.actions == ["identity_linked", "identity_unlinked"]
    assert "1234" not in str([named["detail"] for _, named in announced])
    with pytest.raises(LinkRefused, match="not linked any more"):
        unlink(user, row)


def test_nobody_takes_over_the_subject_of_somebody_else(user: User) -> None:
    LinkFactory(subject="1234")
    with pytest.raises(LinkRefused, match="belongs to somebody already"):
        link(user)
    with refused("provider_subject_key"):
        LinkFactory(user=user, subject="1234")
    link(user, provider="apple")


def test_one_account_of_a_provider_a_person(user: User) -> None:
    link(user)
    with pytest.raises(LinkRefused, match="Unlink that one first"):
        link(user, "5678")
    with refused("user_provider_key"):
        LinkFactory(user=user, subject="5678")


def test_the_only_way_in_stays(user: User) -> None:
    first = link(user)
    with pytest.raises(LinkRefused, match="Google is the only way to sign in"):
        unlink(user, first)
    with acting(Role.VIEWER, user_id=user.pk), refused("only way to sign in"):
        run("DELETE FROM accounts_identityproviderlink")
    link(user, "5678", IdentityProvider.APPLE)
    unlink(user, first)
    with refused("only way to sign in"):
        run("DELETE FROM accounts_identityproviderlink WHERE user_id = %s", [user.pk])


@pytest.mark.parametrize(
    ("subject", "words"), [("", "1 to 255"), ("x" * 256, "1 to 255"), ("a\x00", "plain text")]
)
def test_what_is_refused_is_said(user: User, subject: str, words: str) -> None:
    with pytest.raises(LinkRefused, match=words):
        link(user, subject)


def test_the_person_and_signing_in_read_it_and_nobody_else(user: User) -> None:
    mine, _ = LinkFactory(user=user), LinkFactory()
    with acting(Role.APP):
        assert len(run("SELECT id FROM accounts_identityproviderlink")) == 2
        assert affected("UPDATE accounts_identityproviderlink SET last_used_at = now()") == 0
    for role in ACTING_ROLES:
        with acting(role, user_id=user.pk):
            if role in (Role.VIEWER, Role.PERFORMER):
                assert run("SELECT id FROM accounts_identityproviderlink") == [(mine.pk,)]
            else:
                with refused("permission denied"):
                    run("SELECT id FROM accounts_identityproviderlink")
    with acting(Role.VIEWER, user_id=user.pk), refused("row-level security"):
        run(
            "INSERT INTO accounts_identityproviderlink (user_id, provider, subject) VALUES (%s, 'apple', 'x')",
            [UserFactory().pk],
        )


@pytest.mark.parametrize("change", ["subject = 'other'", "provider = 'apple'"])
def test_a_link_is_never_turned_into_another(user: User, change: str) -> None:
    LinkFactory(user=user)
    with refused("cannot be changed"):
        run(f"UPDATE accounts_identityproviderlink SET {change}")
