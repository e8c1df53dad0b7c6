"""Reveals: a reason, a record first, a limit, and a word to security when they are unusual."""

from typing import Any

import pytest

from accounts.models import User, UserContact
from accounts.services.contacts import contact_reveal
from audit.models import Event, SecurityEvent, SensitiveRead
from audit.services.sensitive_reads import DAILY_LIMIT, HOURLY_LIMIT, MANY_IN_AN_HOUR
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.encryption import Purpose, keys_for
from core.encryption.reveal import (
    RevealNotRecorded,
    RevealRefused,
    TooManyReveals,
    data_revealed,
    reveal,
)
from core.models.identity import uuid7, uuid7_floor
from tests.accounts.contacts import ADDRESS, add
from tests.accounts.factories import UserFactory, staff
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

REASON = "wrote to us from another address"


@pytest.fixture
def support() -> User:
    return staff(Role.SUPPORT)


@pytest.fixture
def contact() -> UserContact:
    return add(UserFactory())


def revealed(contact: UserContact, actor: User, role: Role = Role.SUPPORT, **options: Any) -> str:
    with acting(role, user_id=actor.pk):
        found = contact_reveal(contact_id=contact.pk, actor=actor, **{"reason": REASON, **options})
    return str(found.values["value"])


def kinds() -> list[str]:
    return list(SecurityEvent.objects.order_by("id").values_list("kind", flat=True))


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.COMPLIANCE, Role.ADMINISTRATOR])
def test_a_reveal_leaves_a_trace_whatever_the_role(contact: UserContact, role: Role) -> None:
    actor = staff(role)
    assert revealed(contact, actor, role, case_reference="T-1042") == ADDRESS
    reading = SensitiveRead.objects.select_related("label").get()
    assert (reading.actor, reading.acting_role, reading.person) == (actor, role, contact.user)
    assert (reading.subject_type, reading.subject_id) == ("accounts.usercontact", contact.pk)
    assert (reading.fields, reading.case_reference) == (["value"], "T-1042")
    assert reading.label.reason == REASON
    event = Event.objects.get(pk=reading.pk)
    assert (event.action, event.actor) == ("data_revealed", actor)
    assert ADDRESS not in str(event.detail)
    assert "key_use" in kinds()


def test_what_was_revealed_does_not_show_itself(contact: UserContact, support: User) -> None:
    with acting(Role.SUPPORT, user_id=support.pk):
        found = contact_reveal(contact_id=contact.pk, actor=support, reason=REASON)
    assert ADDRESS not in repr(found)
    assert ADDRESS not in str(found)


@pytest.mark.parametrize("reason", ["", "   ", "curious", "   curious   "])
def test_without_a_reason_nothing_is_revealed(contact: UserContact, support: User, reason: str) -> None:
    with pytest.raises(RevealRefused, match="at least 10 characters"):
        revealed(contact, support, reason=reason)
    assert not SensitiveRead.objects.exists()


def test_nobody_reveals_in_the_name_of_another(contact: UserContact, support: User) -> None:
    colleague = staff(Role.SUPPORT)
    with acting(Role.SUPPORT, user_id=support.pk), pytest.raises(RevealRefused, match="in their own name"):
        contact_reveal(contact_id=contact.pk, actor=colleague, reason=REASON)


def test_nobody_reveals_their_own(support: User) -> None:
    own = add(support)
    with pytest.raises(RevealRefused, match="your own data"):
        revealed(own, support)
    with refused("audit_sensitiveread_actor_check"):
        run(
            "INSERT INTO audit_sensitiveread (actor_id, acting_role, person_id, subject_type, subject_id, fields) "
            "VALUES (%s, 'vbl_support', %s, 'accounts.usercontact', %s, '{value}')",
            [support.pk, support.pk, own.pk],
        )


def test_when_nobody_records_it_nothing_is_revealed(
    contact: UserContact, support: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_revealed, "receivers", [])
    data_revealed.sender_receivers_cache.clear()
    with pytest.raises(RevealNotRecorded, match="could not be recorded"):
        revealed(contact, support)
    data_revealed.sender_receivers_cache.clear()


def test_when_the_record_fails_nothing_is_revealed(contact: UserContact, support: User) -> None:
    run("REVOKE EXECUTE ON FUNCTION sensitive_read_record FROM vbl_support")
    with pytest.raises(Exception, match="permission denied for function sensitive_read_record"):
        revealed(contact, support)
    assert not SensitiveRead.objects.exists()


class TestForging:
    def test_nobody_writes_the_record_directly(self, contact: UserContact, support: User) -> None:
        for role in STAFF_ROLES:
            with acting(role, user_id=support.pk), refused("permission denied|row-level security"):
                run(
                    "INSERT INTO audit_sensitiveread "
                    "(id, actor_id, acting_role, person_id, subject_type, subject_id, fields) "
                    "VALUES (uuidv7(), %s, 'vbl_support', %s, 'accounts.usercontact', %s, '{value}')",
                    [support.pk, contact.user_id, contact.pk],
                )

    def test_no_reading_without_its_event(self, contact: UserContact, support: User) -> None:
        with acting(Role.SUPPORT, user_id=support.pk), refused("with its event"):
            run("SELECT sensitive_read_record(%s, %s, '{value}', '')", [contact.pk, contact.user_id])

    @pytest.mark.parametrize(
        "change", ["DELETE FROM audit_sensitiveread", "UPDATE audit_sensitiveread SET fields = '{}'"]
    )
    def test_no_reading_is_changed_or_deleted(self, contact: UserContact, support: User, change: str) -> None:
        revealed(contact, support)
        with refused("append-only"):
            run(change)

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.FINANCE])
    def test_only_oversight_reads_the_record(self, role: Role) -> None:
        with acting(role), refused("permission denied"):
            run("SELECT * FROM audit_sensitiveread")


def earlier(contact: UserContact, actor: User, count: int, minutes: int = 10) -> None:
    """So many readings of other people by `actor`, written as the owner."""
    from datetime import timedelta

    from django.utils import timezone

    people = [UserFactory().pk for _ in range(4)]
    at = timezone.now() - timedelta(minutes=minutes)
    for number in range(count):
        run(
            "INSERT INTO audit_sensitiveread "
            "(id, actor_id, acting_role, person_id, subject_type, subject_id, fields, case_reference) "
            "VALUES (%s, %s, 'vbl_support', %s, 'accounts.usercontact', %s, '{value}', '')",
            [
                str(uuid7_floor(at))[:23] + str(uuid7())[23:],
                actor.pk,
                people[number % 4],
                contact.pk,
            ],
        )


class TestLimits:
    def test_one_too_many_within_an_hour_is_refused_and_told(
        self, contact: UserContact, support: User
    ) -> None:
        earlier(contact, support, HOURLY_LIMIT)
        with (
            acting(Role.SUPPORT, user_id=support.pk),
            pytest.raises(TooManyReveals, match="30 within an hour"),
        ):
            contact_reveal(contact_id=contact.pk, actor=support, reason=REASON)
        assert SensitiveRead.objects.count() == HOURLY_LIMIT
        assert not Event.objects.filter(action="data_revealed").exists()
        told = SecurityEvent.objects.get(kind="reveal_refused")
        assert (told.severity, told.person_id, told.actor_id) == ("high", contact.user_id, support.pk)

    def test_the_day_has_a_limit_too(self, contact: UserContact, support: User) -> None:
        earlier(contact, support, DAILY_LIMIT, minutes=120)
        with pytest.raises(TooManyReveals):
            revealed(contact, support)

    def test_what_is_long_ago_does_not_count(self, contact: UserContact, support: User) -> None:
        earlier(contact, support, DAILY_LIMIT, minutes=25 * 60)
        assert revealed(contact, support) == ADDRESS

    def test_what_colleagues_read_does_not_count(self, contact: UserContact, support: User) -> None:
        earlier(contact, staff(Role.SUPPORT), HOURLY_LIMIT)
        assert revealed(contact, support) == ADDRESS

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_count_one_another(self) -> None:
        from tests.accounts.test_races import at_once, refusals

        support, contact = staff(Role.SUPPORT), add(UserFactory())
        earlier(contact, support, HOURLY_LIMIT - 1)
        outcomes = at_once(*[lambda: revealed(contact, support)] * 3)
        assert refusals(outcomes) == [TooManyReveals] * 2
        assert SensitiveRead.objects.count() == HOURLY_LIMIT


class TestUnusual:
    def signs(self) -> list[tuple[str, str]]:
        return [
            (event.detail["sign"], event.severity)
            for event in SecurityEvent.objects.filter(kind="unusual_reading").order_by("id")
        ]

    def test_one_reading_is_ordinary(self, contact: UserContact, support: User) -> None:
        revealed(contact, support)
        assert self.signs() == []

    def test_many_in_an_hour_are_not(self, contact: UserContact, support: User) -> None:
        earlier(contact, support, MANY_IN_AN_HOUR - 1)
        revealed(contact, support)
        assert self.signs() == [("many_in_an_hour", "medium")]

    def test_going_on_is_urgent(self, contact: UserContact, support: User) -> None:
        earlier(contact, support, 2 * MANY_IN_AN_HOUR - 1)
        revealed(contact, support)
        assert self.signs() == [("many_in_an_hour", "high")]

    def test_one_person_again_and_again_is_not(self, contact: UserContact, support: User) -> None:
        for _ in range(3):
            revealed(contact, support)
        assert self.signs() == [("same_person", "medium")]

    def test_a_colleagues_data_is_not(self, support: User) -> None:
        revealed(add(staff(Role.MODERATOR)), support)
        assert self.signs() == [("colleague", "medium")]


def test_a_role_that_may_not_see_the_row_reveals_nothing(contact: UserContact) -> None:
    moderator = staff(Role.MODERATOR)
    with pytest.raises(Exception, match="permission denied for table accounts_usercontact"):
        revealed(contact, moderator, Role.MODERATOR)
    assert not SensitiveRead.objects.exists()


def test_taking_the_keys_past_the_service_is_recorded(contact: UserContact, support: User) -> None:
    with acting(Role.SUPPORT, user_id=support.pk), keys_for(Purpose.REVEAL, actor=support, reason=REASON):
        UserContact.objects.get(pk=contact.pk)
    assert kinds() == ["key_use"]


def test_a_reveal_of_nothing_encrypted_is_still_a_reveal(contact: UserContact, support: User) -> None:
    with acting(Role.SUPPORT, user_id=support.pk):
        found = reveal(
            subject=contact, fields=["kind"], person_id=contact.user_id, actor=support, reason=REASON
        )
    assert found.values == {"kind": "email"}
    assert SensitiveRead.objects.get().fields == ["kind"]
