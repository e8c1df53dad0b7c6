"""Codes: made when they are sent, kept as a digest, tried five times, spent once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.channels import channel_of
from accounts.choices import ContactKind, UserStatus, VerificationOutcome
from accounts.models import ContactVerification, User, UserContact
from accounts.services.contacts import ContactRefused
from accounts.services.verifications import (
    CodeRefused,
    Delivery,
    VerificationRefused,
    contact_verify,
    verification_code_make,
    verification_request,
    verifications_forget,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import Refused
from tests.accounts.conftest import Announced
from tests.accounts.contacts import ADDRESS, NUMBER, add, verified
from tests.accounts.factories import UserFactory
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def asked(contact: UserContact) -> ContactVerification:
    with acting(Role.VIEWER, user_id=contact.user_id):
        return verification_request(contact_id=contact.pk, actor=contact.user)


def sent(verification: ContactVerification) -> Delivery:
    with acting(Role.WORKER):
        delivery = verification_code_make(verification_id=verification.pk)
    assert delivery is not None
    return delivery


def tried(contact: UserContact, code: str) -> UserContact:
    """Send a code as the site does: its transaction goes on after a refusal."""
    refusal: Refused | None = None
    with acting(Role.VIEWER, user_id=contact.user_id):
        try:
            return contact_verify(contact_id=contact.pk, code=code, actor=contact.user)
        except Refused as error:
            refusal = error
    raise refusal


def outcome(verification: ContactVerification) -> str | None:
    return ContactVerification.objects.values_list("outcome", flat=True).get(pk=verification.pk)


def aged(verification: ContactVerification, **by: float) -> None:
    """Everything about the code happened so much earlier."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE accounts_contactverification DISABLE TRIGGER USER")
    ContactVerification.objects.filter(pk=verification.pk).update(
        **{
            name: value - timedelta(**by)
            for name in ("created_at", "sent_at", "expires_at")
            if (value := getattr(ContactVerification.objects.get(pk=verification.pk), name))
        }
    )
    run("ALTER TABLE accounts_contactverification ENABLE TRIGGER USER")


@pytest.fixture
def contact(user: User) -> UserContact:
    return add(user)


def test_the_code_verifies_the_contact_and_the_account_becomes_active(announced: Announced) -> None:
    contact = add(UserFactory(status=UserStatus.PENDING))
    verification = asked(contact)
    delivery = sent(verification)
    assert (delivery.kind, delivery.address) == (ContactKind.EMAIL, ADDRESS)
    tried(contact, f" {delivery.code[:4].lower()}-{delivery.code[4:]} ")
    contact.refresh_from_db()
    assert contact.verified_at is not None
    assert contact.is_primary
    assert outcome(verification) == VerificationOutcome.VERIFIED
    assert User.objects.get(pk=contact.user_id).status == UserStatus.ACTIVE
    assert {"contact_verified", "user_activated"} <= set(announced.actions)


def test_the_code_is_kept_nowhere(contact: UserContact) -> None:
    delivery = sent(asked(contact))
    ((row,),) = run("SELECT v::text FROM accounts_contactverification v")
    assert delivery.code not in row
    assert delivery.code.encode().hex() not in row
    assert delivery.code not in repr(delivery)
    assert delivery.address not in repr(delivery)


def test_a_code_is_spent_once(contact: UserContact) -> None:
    delivery = sent(asked(contact))
    tried(contact, delivery.code)
    with pytest.raises(CodeRefused, match="No code is open"):
        tried(contact, delivery.code)


def test_five_wrong_codes_are_enough(contact: UserContact) -> None:
    verification = asked(contact)
    delivery = sent(verification)
    for _ in range(5):
        with pytest.raises(CodeRefused):
            tried(contact, "WRONGONE")
    assert outcome(verification) == VerificationOutcome.EXHAUSTED
    with pytest.raises(CodeRefused, match="No code is open"):
        tried(contact, delivery.code)
    contact.refresh_from_db()
    assert contact.verified_at is None


def test_a_wrong_code_is_counted_although_it_is_refused(contact: UserContact) -> None:
    verification = asked(contact)
    sent(verification)
    with acting(Role.VIEWER, user_id=contact.user_id), pytest.raises(CodeRefused):
        contact_verify(contact_id=contact.pk, code="WRONGONE", actor=contact.user)
    assert ContactVerification.objects.get().attempts == 1


def test_an_expired_code_does_not_count(contact: UserContact) -> None:
    verification = asked(contact)
    delivery = sent(verification)
    aged(verification, minutes=31)
    with pytest.raises(CodeRefused, match="has expired"):
        tried(contact, delivery.code)
    assert outcome(verification) == VerificationOutcome.EXPIRED


def test_a_code_of_another_contact_does_not_count(user: User, contact: UserContact) -> None:
    other = add(user, "anna@example.net")
    sent(asked(contact))
    delivery = sent(asked(other))
    with pytest.raises(CodeRefused):
        tried(contact, delivery.code)


def test_a_new_code_replaces_the_one_before(contact: UserContact) -> None:
    first = sent(asked(contact))
    second = sent(asked(contact))
    with pytest.raises(CodeRefused):
        tried(contact, first.code)
    assert tried(contact, second.code).verified_at


def test_sending_again_makes_another_code(contact: UserContact) -> None:
    verification = asked(contact)
    first, second = sent(verification), sent(verification)
    assert first.code != second.code
    assert tried(contact, second.code).verified_at


def test_nothing_is_sent_for_what_has_ended(contact: UserContact) -> None:
    verification = asked(contact)
    tried(contact, sent(verification).code)
    with acting(Role.WORKER):
        assert verification_code_make(verification_id=verification.pk) is None


def test_five_codes_an_hour_are_enough(contact: UserContact) -> None:
    for _ in range(5):
        last = asked(contact)
    with pytest.raises(VerificationRefused, match="within an hour"):
        asked(contact)
    for verification in ContactVerification.objects.all():
        aged(verification, hours=2)
    assert asked(contact).pk != last.pk


def test_a_verified_contact_needs_no_code(user: User) -> None:
    with pytest.raises(VerificationRefused, match="verified already"):
        asked(verified(user))


def test_a_kind_without_a_channel_is_refused_in_words(user: User) -> None:
    with pytest.raises(VerificationRefused, match="telephone number"):
        asked(add(user, NUMBER, ContactKind.PHONE))


def test_whoever_verifies_second_is_refused(user: User, contact: UserContact) -> None:
    delivery = sent(asked(contact))
    verified(UserFactory())
    with pytest.raises(ContactRefused, match="another account"):
        tried(contact, delivery.code)


def test_nobody_asks_for_a_code_to_somebody_elses_contact(contact: UserContact) -> None:
    stranger = UserFactory()
    with acting(Role.VIEWER, user_id=stranger.pk):
        with pytest.raises(NotThere):
            verification_request(contact_id=contact.pk, actor=stranger)
        with refused("no such contact"):
            run(
                "INSERT INTO accounts_contactverification (contact_id, user_id) VALUES (%s, %s)",
                [contact.pk, stranger.pk],
            )


def test_one_code_is_open_per_contact(contact: UserContact) -> None:
    asked(contact)
    with refused("accounts_contactverification_open_key"):
        run(
            "INSERT INTO accounts_contactverification (contact_id, user_id) VALUES (%s, %s)",
            [contact.pk, contact.user_id],
        )


def test_the_mail_says_the_code_and_goes_to_the_address_alone(contact: UserContact) -> None:
    delivery = sent(asked(contact))
    channel = channel_of(delivery.kind)
    assert channel is not None
    channel(delivery)
    (message,) = mail.outbox
    assert message.to == [ADDRESS]
    assert delivery.code in message.body
    assert "30 minutes" in message.body


def test_codes_are_forgotten_after_a_week(contact: UserContact) -> None:
    old, young = asked(contact), asked(contact)
    aged(old, days=8)
    with acting(Role.WORKER):
        assert verifications_forget() == 1
    assert ContactVerification.objects.get() == young


def test_the_worker_deletes_no_younger_one(contact: UserContact) -> None:
    asked(contact)
    with acting(Role.WORKER):
        assert run("DELETE FROM accounts_contactverification RETURNING id") == []


@pytest.mark.django_db(transaction=True)
def test_one_code_in_two_requests_counts_once(user: User) -> None:
    from tests.accounts.test_races import at_once, refusals

    contact = add(user)
    code = sent(asked(contact)).code
    outcomes: list[Any] = at_once(*[lambda: tried(contact, code)] * 3)
    assert refusals(outcomes) == [CodeRefused] * 2
    assert ContactVerification.objects.get().outcome == VerificationOutcome.VERIFIED


def test_time_of_sending_and_end_go_together(contact: UserContact) -> None:
    verification = asked(contact)
    for broken in (
        "sent_at = now()",
        "code_digest = sha256('x') || '\\x01', sent_at = now(), expires_at = now() - interval '1 minute'",
        "code_digest = sha256('x'), sent_at = now(), expires_at = now() + interval '1 minute'",
        "outcome = 'verified'",
        "ended_at = now()",
        "attempts = 6",
        "outcome = 'guessed', ended_at = now()",
    ):
        with refused("_check"):
            run(f"UPDATE accounts_contactverification SET {broken} WHERE id = %s", [verification.pk])
    assert timezone.now() >= ContactVerification.objects.get().created_at
