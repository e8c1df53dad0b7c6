"""Which readings are unusual: at each threshold and just below it, whoever records them."""

from datetime import timedelta

import pytest

from accounts.models import User
from accounts.services.contacts import contact_reveal
from audit.models import Event, ReadAlert, ReadAlertReading, ReadAlertRule
from audit.read_alert_choices import ReadRule
from audit.services.read_alerts import read_alerts_find
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from tests.accounts.contacts import add
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import make_case
from tests.audit.readings import NOON, act, alert_of, minutes, read, rules
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def support() -> User:
    return staff(Role.SUPPORT)


def test_every_rule_has_a_threshold_and_a_reason() -> None:
    assert set(ReadAlertRule.objects.values_list("rule", flat=True)) == set(ReadRule.values)


def test_a_few_readings_with_a_ticket_are_ordinary(support: User) -> None:
    for number in range(9):
        read(support, at=minutes(number))
    assert rules(support) == []


class TestRate:
    def test_the_tenth_within_an_hour_speaks(self, support: User) -> None:
        for number in range(10):
            read(support, at=minutes(number))
        alert = alert_of(support, "many_in_an_hour")
        assert (alert.measured, alert.threshold, alert.found_by) == (10, 10, "recording")
        assert (alert.first_at, alert.last_at) == (NOON, minutes(9))
        assert (alert.reader_role, alert.person, alert.status) == (Role.SUPPORT, None, "open")
        assert alert.readings.count() == 10

    def test_ten_in_a_little_more_than_an_hour_do_not(self, support: User) -> None:
        for number in range(10):
            read(support, at=minutes(6.7 * number))
        assert rules(support) == []

    def test_what_follows_joins_while_it_is_open(self, support: User) -> None:
        for number in range(14):
            read(support, at=minutes(number))
        alert = alert_of(support, "many_in_an_hour")
        assert (alert.measured, alert.readings.count(), alert.last_at) == (14, 14, minutes(13))

    def test_one_that_is_recorded_after_later_ones_counts_with_them(self, support: User) -> None:
        """Whoever reads at once may commit in another order than that of the ids."""
        person = UserFactory()
        for number in (1, 2, 3, 0):
            read(support, person, at=minutes(number))
        alert = alert_of(support, "same_person")
        assert (alert.measured, alert.readings.count(), alert.last_at) == (4, 4, minutes(3))

    def test_a_late_one_does_not_count_with_those_of_another_day(self, support: User) -> None:
        person = UserFactory()
        for hours in (30, 31, 32, 7):
            read(support, person, at=minutes(60 * hours))
        alert = alert_of(support, "same_person")
        assert (alert.measured, alert.readings.count()) == (3, 4)

    def test_a_day_has_a_limit_of_its_own(self, support: User) -> None:
        people = [UserFactory() for _ in range(14)]
        for number in range(39):
            read(support, people[number % 14], at=minutes(20 * number))
        assert "many_in_a_day" not in rules(support)
        read(support, people[13], at=minutes(20 * 39))
        assert set(rules(support)) == {"many_in_a_day", "same_person"}

    def test_what_colleagues_read_does_not_count(self, support: User) -> None:
        other = staff(Role.SUPPORT)
        for number in range(9):
            read(support, at=minutes(number))
            read(other, at=minutes(number))
        assert rules(support) == rules(other) == []


class TestScope:
    def test_fifteen_people_in_a_day(self, support: User) -> None:
        for number in range(14):
            read(support, at=minutes(30 * number))
        assert rules(support) == []
        read(support, at=minutes(30 * 14))
        assert rules(support) == ["many_people"]

    def test_the_third_reading_of_one_person(self, support: User) -> None:
        person = UserFactory()
        for number in range(3):
            assert rules(support) == []
            read(support, person, at=minutes(60 * number))
        assert alert_of(support, "same_person").person == person

    def test_a_colleague(self, support: User) -> None:
        colleague = staff(Role.MODERATOR)
        read(support, colleague)
        assert alert_of(support, "colleague").person == colleague

    def test_the_administrator_every_time(self) -> None:
        administrator = staff(Role.ADMINISTRATOR)
        read(administrator, role=Role.ADMINISTRATOR)
        assert rules(administrator) == ["administrator"]

    def test_private_conversations_and_archives_have_limits_of_their_own(self) -> None:
        moderator, officer = staff(Role.MODERATOR), staff(Role.COMPLIANCE)
        people = [UserFactory() for _ in range(8)]
        for number in range(15):
            read(
                moderator,
                people[number % 8],
                at=minutes(30 * number),
                role=Role.MODERATOR,
                subject_type="audit.evidence",
            )
        assert "private_messages" in rules(moderator)
        for number in range(3):
            read(officer, at=minutes(number), role=Role.COMPLIANCE, subject_type="audit.personalarchive")
        assert "archives" in rules(officer)


class TestGround:
    def without(self, reader: User, role: Role, reference: str = "") -> None:
        for number in range(3):
            read(reader, at=minutes(number), role=role, reference=reference)

    def test_three_people_without_a_case_speak(self, support: User) -> None:
        self.without(support, Role.SUPPORT)
        assert rules(support) == ["without_case"]

    def test_a_ticket_is_a_ground_for_support_alone(self, support: User) -> None:
        self.without(support, Role.SUPPORT, "T-77")
        officer = staff(Role.COMPLIANCE)
        self.without(officer, Role.COMPLIANCE, "T-77")
        assert (rules(support), rules(officer)) == ([], ["without_case"])

    def test_a_case_about_somebody_else_is_none(self, support: User) -> None:
        self.without(support, Role.SUPPORT, make_case().reference)
        assert rules(support) == ["without_case"]

    def test_a_case_about_the_person_is_one(self) -> None:
        officer, case = staff(Role.COMPLIANCE), make_case()
        for number in range(2):
            read(officer, case.person, at=minutes(number), role=Role.COMPLIANCE, reference=case.reference)
        self.without(officer, Role.COMPLIANCE)
        assert alert_of(officer, "without_case").measured == 3

    def test_whoever_acted_upon_the_person_has_one(self) -> None:
        officer, person = staff(Role.COMPLIANCE), UserFactory()
        act(officer, NOON - DAY, person.pk)
        for number in range(2):
            read(officer, person, at=minutes(number), role=Role.COMPLIANCE, reference="")
        for number in range(2):
            read(officer, at=minutes(10 + number), role=Role.COMPLIANCE, reference="")
        assert rules(officer) == []


class TestHour:
    def habit(self, reader: User, hour: int, days: int) -> None:
        for day in range(1, days + 1):
            act(reader, NOON.replace(hour=hour) - day * DAY)

    def test_an_hour_at_which_the_reader_never_works(self, support: User) -> None:
        self.habit(support, 9, 5)
        read(support, at=NOON)
        assert rules(support, clock=True) == []
        read(support, at=NOON.replace(hour=3))
        assert rules(support, clock=True) == ["unusual_hour"]

    def test_whoever_works_at_night_reads_at_night(self, support: User) -> None:
        self.habit(support, 0, 5)
        read(support, at=NOON.replace(hour=23))
        assert rules(support, clock=True) == []

    def test_the_shift_at_work_is_no_habit(self, support: User) -> None:
        self.habit(support, 9, 5)
        act(support, NOON.replace(hour=2, minute=50))
        read(support, at=NOON.replace(hour=3))
        assert rules(support, clock=True) == ["unusual_hour"]

    @pytest.mark.parametrize(
        ("at", "spoken"),
        [
            (NOON, []),
            (NOON.replace(hour=3), ["outside_hours"]),
            (NOON.replace(hour=22), ["outside_hours"]),
            (NOON + 3 * DAY, ["outside_hours"]),
        ],
    )
    def test_of_somebody_new_the_hours_of_the_office_are_asked(
        self, support: User, at: object, spoken: list[str]
    ) -> None:
        read(support, at=at)  # type: ignore[arg-type]
        assert rules(support, clock=True) == spoken


class TestWhoeverRecords:
    def test_a_reveal_is_watched(self, support: User) -> None:
        contact = add(staff(Role.MODERATOR))
        with acting(Role.SUPPORT, user_id=support.pk):
            contact_reveal(contact_id=contact.pk, actor=support, reason="wrote from another address")
        alert = alert_of(support, "colleague")
        reading = alert.readings.get()
        assert Event.objects.get(pk=reading.reading_id).action == "data_revealed"
        assert (reading.person_id, reading.subject_type) == (contact.user_id, "accounts.usercontact")

    def test_files_of_evidence_are_counted_by_their_event(self) -> None:
        moderator, case = staff(Role.MODERATOR), make_case()
        for number in range(60):
            assert rules(moderator) == []
            act(moderator, minutes(number / 2), case.pk, "evidence_viewed")
        alert = alert_of(moderator, "evidence")
        assert (alert.measured, alert.readings.filter(person=case.person).count()) == (60, 60)

    def test_the_job_finds_what_the_recording_did_not(self, support: User) -> None:
        run("ALTER TABLE audit_sensitiveread DISABLE TRIGGER USER")
        for number in range(10):
            read(support, at=minutes(number))
        run("ALTER TABLE audit_sensitiveread ENABLE TRIGGER USER")
        assert rules(support) == []
        with acting(Role.WORKER):
            looked, found = read_alerts_find()
        alert = alert_of(support, "many_in_an_hour")
        assert (looked, alert.found_by, alert.measured) == (10, "job", 10)
        told = Event.objects.get(action="read_alert_found", subject_id=alert.pk)
        assert (told.actor_id, told.detail) == (None, {"rule": "many_in_an_hour"})
        with acting(Role.WORKER):
            assert read_alerts_find() == (10, 0)
        assert (found, ReadAlertReading.objects.filter(alert=alert).count()) == (
            ReadAlert.objects.count(),
            10,
        )

    def test_nobody_writes_or_silences(self, support: User) -> None:
        for role in STAFF_ROLES:
            for statement in (
                "INSERT INTO audit_readalert (rule) VALUES ('colleague')",
                "DELETE FROM audit_readalert",
                "UPDATE audit_readalert SET measured = 1",
                "UPDATE audit_readalertrule SET threshold = 1000",
                "DELETE FROM audit_readalertreading",
                "SELECT read_alerts_find(uuidv7(), 'job')",
                "SELECT read_alerts_sweep(interval '1 day')",
            ):
                with acting(role, user_id=support.pk), refused("permission denied"):
                    run(statement)
