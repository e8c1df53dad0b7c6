"""Contacts: kept encrypted, found by the exact address, bound to one account once verified."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.choices import ContactKind
from accounts.errors import DisposableAddress
from accounts.models import User, UserContact
from accounts.services.addresses import MalformedAddress, MalformedNumber, address_check, number_check
from accounts.services.contacts import (
    ContactRefused,
    contact_add,
    contact_make_primary,
    contact_remove,
    contacts_import,
    mark_verified,
    person_reached_at,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.encryption import Encrypted, Purpose, keys_for
from tests.accounts.conftest import Announced
from tests.accounts.contacts import ADDRESS, NUMBER, add, verified
from tests.accounts.factories import UserFactory
from tests.browser import connected_as
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def plaintext(contact: UserContact) -> str:
    with keys_for(Purpose.DELIVER, actor=None, reason="test"):
        return str(UserContact.objects.values_list("value", flat=True).get(pk=contact.pk))


def test_an_address_is_kept_encrypted(user: User, announced: Announced) -> None:
    contact = add(user)
    ((stored, index),) = run("SELECT value, value_index FROM accounts_usercontact")
    assert ADDRESS.encode() not in bytes(stored)
    assert len(bytes(index)) == 33
    assert isinstance(UserContact.objects.get().value, Encrypted)
    assert plaintext(contact) == ADDRESS
    said = announced.only("contact_added")
    assert said["detail"] == {"kind": "email"}
    assert "example.org" not in str(said)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Anna@Example.ORG ", "Anna@example.org"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna+news@example.org", "anna+news@example.org"),
    ],
)
def test_the_domain_has_one_spelling(given: str, kept: str) -> None:
    assert address_check(given) == kept


@pytest.mark.parametrize(
    "given", ["", "anna", "anna@", "@example.net", "a b@example.org", "anna@exa mple.org", "a@b\0.org"]
)
def test_no_address_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(MalformedAddress) as refusal:
        address_check(given)
    assert not given or given not in str(refusal.value)


def test_a_number_is_kept_in_e164(user: User) -> None:
    assert plaintext(add(user, NUMBER, ContactKind.PHONE)) == "+442079460958"


@pytest.mark.parametrize(
    "given", ["", "020 7946 0958", "+44", "+999 123456789", "+1 555", "hello", "+44 20 7946 0958 99999"]
)
def test_no_number_is_refused(given: str) -> None:
    with pytest.raises(MalformedNumber):
        number_check(given)


def test_a_disposable_address_is_refused_and_nothing_is_written(user: User) -> None:
    with pytest.raises(DisposableAddress):
        add(user, "anna@mailinator.com")
    assert not UserContact.objects.exists()


def test_an_account_has_an_address_once_whatever_the_letter_case(user: User) -> None:
    add(user)
    with pytest.raises(ContactRefused, match="has this contact already"):
        add(user, ADDRESS.upper().replace("EXAMPLE.ORG", "example.org"))


def test_an_unverified_address_bars_nobody_else_from_it(user: User) -> None:
    squatter = UserFactory()
    add(squatter)
    assert add(user).pk


def test_a_verified_address_belongs_to_one_account(user: User) -> None:
    verified(UserFactory())
    contact = add(user)
    with pytest.raises(ContactRefused, match="belongs to another account"):
        mark_verified(contact)
    with pytest.raises(IntegrityError, match="accounts_usercontact_verified_key"), transaction.atomic():
        UserContact.objects.filter(pk=contact.pk).update(verified_at=timezone.now())


def test_the_first_verified_contact_of_a_kind_becomes_the_primary_one(user: User) -> None:
    first, second = add(user), add(user, "anna@example.net")
    phone = add(user, NUMBER, ContactKind.PHONE)
    for contact in (first, second, phone):
        mark_verified(contact)
    assert list(UserContact.objects.order_by("pk").values_list("is_primary", flat=True)) == [
        True,
        False,
        True,
    ]
    with acting(Role.VIEWER, user_id=user.pk):
        contact_make_primary(contact_id=second.pk, actor=user)
    assert list(UserContact.objects.order_by("pk").values_list("is_primary", flat=True)) == [
        False,
        True,
        True,
    ]


def test_only_a_verified_contact_is_primary(user: User) -> None:
    contact = add(user)
    with pytest.raises(ContactRefused, match="Verify it first"), acting(Role.VIEWER, user_id=user.pk):
        contact_make_primary(contact_id=contact.pk, actor=user)
    with refused("accounts_usercontact_is_primary_check"):
        run("UPDATE accounts_usercontact SET is_primary = true")


def test_the_primary_contact_stays_while_there_is_another_verified_one(user: User) -> None:
    primary, other = verified(user), add(user, "anna@example.net", verified_at=timezone.now())
    with acting(Role.VIEWER, user_id=user.pk):
        with pytest.raises(ContactRefused, match="another one primary first"):
            contact_remove(contact_id=primary.pk, actor=user)
        contact_remove(contact_id=other.pk, actor=user)
        contact_remove(contact_id=primary.pk, actor=user)
    assert not UserContact.objects.exists()


def test_contacts_are_found_by_the_whole_address_only(user: User) -> None:
    contact = verified(user)
    assert UserContact.objects.reaching(ADDRESS.lower()).get() == contact
    assert not UserContact.objects.reaching("Anna.Example").exists()
    assert not UserContact.objects.reaching(ADDRESS + "x").exists()


class TestSigningIn:
    def test_the_login_role_learns_whose_verified_address_it_is(self, user: User) -> None:
        verified(user)
        with connected_as(Role.APP):
            assert person_reached_at(ADDRESS.upper()) == user.pk
            assert person_reached_at("nobody@example.org") is None

    def test_an_unverified_address_signs_nobody_in(self, user: User) -> None:
        add(user)
        assert person_reached_at(ADDRESS) is None

    def test_a_number_signs_nobody_in(self, user: User) -> None:
        verified(user, NUMBER, ContactKind.PHONE)
        assert person_reached_at("+442079460958") is None

    def test_the_login_role_reads_no_contact(self, user: User) -> None:
        add(user)
        with connected_as(Role.APP), refused("permission denied for table accounts_usercontact"):
            run("SELECT * FROM accounts_usercontact")


class TestWhoReads:
    def test_a_person_has_their_own_contacts_and_no_others(self, user: User) -> None:
        add(user)
        other = UserFactory()
        theirs = add(other, "other@example.org")
        with acting(Role.VIEWER, user_id=user.pk):
            assert [contact.user_id for contact in UserContact.objects.all()] == [user.pk]
            with pytest.raises(NotThere):
                contact_remove(contact_id=theirs.pk, actor=user)

    def test_nobody_adds_a_contact_to_somebody_else(self, user: User) -> None:
        with (
            acting(Role.VIEWER, user_id=UserFactory().pk),
            refused("row-level security"),
            keys_for(Purpose.STORE, actor=None, reason="test"),
        ):
            UserContact.objects.create(user=user, kind="email", value="eve@example.org")

    @pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD_MODERATOR, Role.FINANCE, Role.ANALYST])
    def test_other_staff_do_not_even_see_that_there_is_one(self, user: User, role: Role) -> None:
        add(user)
        with acting(role), refused("permission denied"):
            run("SELECT id FROM accounts_usercontact")


class TestImport:
    def test_many_at_once_and_a_second_time_nothing(self, announced: Announced) -> None:
        people = {UserFactory().pk: f"person{number}@example.org" for number in range(20)}
        with acting(Role.WORKER):
            assert contacts_import(addresses=people) == 20
            assert contacts_import(addresses=people) == 0
        assert announced.actions.count("contact_added") == 20
        assert UserContact.objects.verified().filter(is_primary=True).count() == 20
        assert person_reached_at("PERSON7@example.org") == list(people)[7]

    def test_one_bad_address_keeps_everybody_out(self) -> None:
        people = {UserFactory().pk: "good@example.org", UserFactory().pk: "bad"}
        with pytest.raises(MalformedAddress), acting(Role.WORKER):
            contacts_import(addresses=people)
        assert not UserContact.objects.exists()


def test_without_keys_nothing_is_added(user: User, settings: Any, tmp_path: Any) -> None:
    settings.KEYS_MADE_WHEN_MISSING = False
    settings.KEYS_DIRECTORY = tmp_path
    with pytest.raises(Exception, match=r"holds no .*_1\.key"), acting(Role.VIEWER, user_id=user.pk):
        contact_add(user=user, kind=ContactKind.EMAIL, value=ADDRESS, actor=user)
    assert not UserContact.objects.exists()
