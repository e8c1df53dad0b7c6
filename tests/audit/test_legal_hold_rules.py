"""Who may place and release a hold, with what, and that the database insists on each."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.errors import HoldRefused
from audit.models import Event, LegalHold
from audit.services.legal_holds import legal_hold_prolong, legal_hold_release, legal_hold_since
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.errors import StaleVersion
from core.models.identity import uuid7
from tests.accounts.conftest import Announced, announced  # noqa: F401
from tests.accounts.factories import UserFactory, staff
from tests.audit.holds import REASON, place, release
from tests.sql import affected, refused, run
from tests.streams.factories_archives import make_archive, make_stream

pytestmark = pytest.mark.django_db

INSERT = """
INSERT INTO audit_legalhold (
  id, valid, scope_kind, scope_id, authority_kind, authority, reference, basis, reason, placed_by_id, release_reason
) VALUES (uuidv7(), tstzrange(now(), null), 'person', %s, %s, %s, %s, %s, %s, %s, '')
"""


@pytest.fixture
def compliance(db: None) -> User:
    return staff(Role.COMPLIANCE)


@pytest.fixture
def colleague(db: None) -> User:
    return staff(Role.COMPLIANCE)


def test_a_hold_says_what_who_and_why_and_begins_at_once(compliance: User, announced: Announced) -> None:  # noqa: F811
    user = UserFactory()
    hold = place("person", user.pk, compliance)
    assert (hold.person_id, hold.placed_by_id, hold.valid.upper) == (user.pk, compliance.pk, None)
    assert abs(hold.valid.lower - timezone.now()) < timedelta(minutes=1)
    told = announced.only("legal_hold_placed")
    assert (told["subject"], told["reason"]) == (hold, REASON)
    event = Event.objects.get(action="legal_hold_placed")
    assert (event.area, event.subject_id) == ("compliance", hold.pk)
    assert event.detail == {"scope": "person", "scope_id": str(user.pk)}
    assert str(user) not in str(event.detail)
    assert hold.history.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("authority", " ", "names the authority"),
        ("authority", "...", "names the authority"),
        ("authority", "AG", "Authority must have"),
        ("reference", "", "file number"),
        ("reference", "-", "file number"),
        ("basis", "", "the law or the order"),
        ("reason", "", "Reason must have"),
        ("authority_kind", "neighbour", "one of"),
        ("until", timezone.now() - timedelta(days=1), "in the future"),
    ],
)
def test_a_hold_without_authority_is_refused_in_words(
    compliance: User, field: str, value: Any, words: str
) -> None:
    with pytest.raises(HoldRefused, match=words):
        place("person", UserFactory().pk, compliance, **{field: value})


@pytest.mark.parametrize("empty", [1, 2, 3, 4, 5])
def test_and_by_the_database(compliance: User, empty: int) -> None:
    values = [UserFactory().pk, "court", "Amtsgericht Hamburg", "57 Gs 1/26", "section 94 StPO", "why not"]
    values[empty] = ""
    with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("_check"):
        run(INSERT, [*values, compliance.pk])


def test_a_hold_covers_something_that_is_there_and_is_about_its_person(compliance: User) -> None:
    archive = make_archive()
    assert place("archive", archive.pk, compliance).person_id == archive.performer_id
    stream = make_stream()
    assert place("stream", stream.pk, compliance).person_id == stream.performer_id
    for kind in ("person", "stream", "archive"):
        with pytest.raises(HoldRefused, match=f"There is no {kind} with this id"):
            place(kind, uuid7(), compliance)


def test_an_authority_has_one_hold_on_a_thing_under_one_reference(compliance: User) -> None:
    user = UserFactory()
    first = place("person", user.pk, compliance)
    with pytest.raises(HoldRefused, match="has a hold on this already"):
        place("person", user.pk, compliance)
    place("person", user.pk, compliance, reference="57 Gs 2/26")
    release(first)
    place("person", user.pk, compliance)


def test_only_compliance_places_and_in_its_own_name(compliance: User) -> None:
    user, other = UserFactory(), UserFactory()
    values = [user.pk, "court", "Amtsgericht Hamburg", "57 Gs 1/26", "section 94 StPO", "why not"]
    for role in (Role.APP, Role.RETENTION, *ACTING_ROLES):
        if role is not Role.COMPLIANCE:
            with acting(role, user_id=compliance.pk), refused("permission denied"):
                run(INSERT, [*values, compliance.pk])
    with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("row-level security"):
        run(INSERT, [*values, other.pk])


def test_nobody_places_a_hold_about_themselves(compliance: User) -> None:
    with pytest.raises(HoldRefused, match="Nobody places a hold about themselves"):
        place("person", compliance.pk, compliance)
    values = [compliance.pk, "court", "Amtsgericht Hamburg", "57 Gs 1/26", "section 94 StPO", "why not"]
    with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("audit_legalhold_person_check"):
        run(INSERT, [*values, compliance.pk])


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_who_reads_holds(role: Role, compliance: User) -> None:
    hold = place("person", UserFactory().pk, compliance)
    readers = {Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR}
    somebody = UserFactory()
    with acting(role, user_id=somebody.pk):
        if role in readers:
            assert list(LegalHold.objects.all()) == [hold]
        else:
            with refused("permission denied"):
                run("SELECT reference FROM audit_legalhold")
        if role in readers | {Role.LEAD_MODERATOR}:
            assert legal_hold_since("person", hold.scope_id) == hold.valid.lower
            assert legal_hold_since("person", compliance.pk) is None
        else:
            with refused("permission denied"):
                run("SELECT legal_hold_since('person', %s)", [hold.scope_id])
        if role not in (Role.COMPLIANCE, Role.WORKER):
            with refused("permission denied"):
                run("SELECT legal_hold_covers(ARRAY['person'], ARRAY[%s::uuid])", [hold.scope_id])


class TestRelease:
    def test_by_somebody_else_with_a_reason(
        self,
        compliance: User,
        colleague: User,
        announced: Announced,  # noqa: F811
    ) -> None:
        hold = release(place("person", UserFactory().pk, compliance), colleague)
        assert (hold.released_by_id, hold.release_reason) == (colleague.pk, "the order was lifted")
        assert hold.valid.upper == hold.released_at
        assert announced.only("legal_hold_released")["actor"] == colleague
        assert not LegalHold.objects.in_force().exists()
        assert hold.history.count() == 2
        with pytest.raises(HoldRefused, match="ended already"):
            release(hold, colleague)

    def test_not_by_who_placed_it(self, compliance: User) -> None:
        hold = place("person", UserFactory().pk, compliance)
        with pytest.raises(HoldRefused, match="Who placed a hold does not release it"):
            release(hold, compliance)
        with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("audit_legalhold_released_by_check"):
            run(
                "UPDATE audit_legalhold SET released_by_id = %s, released_at = now(), release_reason = 'over'",
                [compliance.pk],
            )

    def test_not_by_whom_it_is_about(self, compliance: User, colleague: User) -> None:
        hold = place("person", colleague.pk, compliance)
        with pytest.raises(HoldRefused, match="Nobody releases a hold about themselves"):
            release(hold, colleague)
        with acting(Role.COMPLIANCE, user_id=colleague.pk), refused("audit_legalhold_person_check"):
            run(
                "UPDATE audit_legalhold SET released_by_id = %s, released_at = now(), release_reason = 'over'",
                [colleague.pk],
            )

    def test_not_in_the_name_of_another_and_not_without_reason(
        self, compliance: User, colleague: User
    ) -> None:
        hold = place("person", UserFactory().pk, compliance)
        with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("row-level security"):
            run(
                "UPDATE audit_legalhold SET released_by_id = %s, released_at = now(), release_reason = 'over'",
                [colleague.pk],
            )
        with pytest.raises(HoldRefused, match="by whom and why"):
            release(hold, colleague, reason="")

    def test_a_form_of_yesterday(self, compliance: User, colleague: User) -> None:
        hold = place("person", UserFactory().pk, compliance)
        until = timezone.now() + timedelta(days=9)
        with acting(Role.COMPLIANCE, user_id=compliance.pk), pytest.raises(HoldRefused, match="not later"):
            legal_hold_prolong(legal_hold_id=hold.pk, actor=compliance, reason=REASON, until=until)
        with acting(Role.COMPLIANCE, user_id=colleague.pk), pytest.raises(StaleVersion):
            legal_hold_release(legal_hold_id=hold.pk, actor=colleague, reason=REASON, expected_version=7)


class TestNothingElseChanges:
    def test_scope_and_authority_are_what_they_are(self, compliance: User) -> None:
        place("person", UserFactory().pk, compliance)
        other = UserFactory().pk
        for column, value in (
            ("scope_id", other),
            ("scope_kind", "stream"),
            ("authority", "Landgericht Hamburg"),
            ("authority_kind", "police"),
            ("reference", "1"),
            ("basis", "none"),
            ("reason", "none"),
            ("placed_by_id", other),
            ("person_id", other),
        ):
            with refused("cannot be changed"):
                run(f"UPDATE audit_legalhold SET {column} = %s", [value])
            with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("permission denied"):
                run(f"UPDATE audit_legalhold SET {column} = %s", [value])

    def test_nobody_deletes_a_hold(self, compliance: User) -> None:
        place("person", UserFactory().pk, compliance)
        with refused("never deleted"):
            run("DELETE FROM audit_legalhold")
        for role in (Role.APP, Role.RETENTION, *ACTING_ROLES):
            with acting(role, user_id=compliance.pk), refused("permission denied"):
                run("DELETE FROM audit_legalhold")

    def test_it_is_prolonged_and_never_shortened(self, compliance: User) -> None:
        end = timezone.now() + timedelta(days=10)
        hold = place("person", UserFactory().pk, compliance, until=end)
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            legal_hold_prolong(
                legal_hold_id=hold.pk, actor=compliance, reason=REASON, until=end + timedelta(days=1)
            )
            with refused("never shortened"):
                run("UPDATE audit_legalhold SET valid = tstzrange(lower(valid), now() + interval '1 second')")
            with refused("beginning of a hold never changes"):
                run("UPDATE audit_legalhold SET valid = tstzrange(now() - interval '1 day', upper(valid))")
            legal_hold_prolong(legal_hold_id=hold.pk, actor=compliance, reason=REASON)
        assert LegalHold.objects.get().valid.upper is None

    def test_it_begins_now_whatever_the_statement_says(self, compliance: User) -> None:
        user = UserFactory()
        values = [user.pk, "court", "Amtsgericht Hamburg", "57 Gs 1/26", "section 94 StPO", "why not"]
        statement = INSERT.replace("tstzrange(now(), null)", "tstzrange(now() + interval '1 year', null)")
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            assert affected(statement, [*values, compliance.pk]) == 1
        assert LegalHold.objects.get().is_in_force(timezone.now())

    def test_a_released_hold_is_over_for_good(self, compliance: User) -> None:
        release(place("person", UserFactory().pk, compliance))
        with refused("has ended"):
            run("UPDATE audit_legalhold SET valid = tstzrange(lower(valid), null)")
        with refused("has ended"):
            run("UPDATE audit_legalhold SET released_at = null, released_by_id = null, release_reason = ''")
