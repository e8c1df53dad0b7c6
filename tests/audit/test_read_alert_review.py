"""Who reviews an alert: neither who read nor whose data it was; once, with a reason, on record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from audit.models import Event, ReadAlert, SecurityEvent
from audit.read_alert_errors import ReadAlertRefused
from audit.services.read_alert_erasure import _erase, _survey
from audit.services.read_alerts import read_alert_confirm, read_alert_explain
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import STAFF_ROLES, Role
from core.errors import StaleVersion
from tests.accounts.factories import UserFactory, staff
from tests.audit.readings import alert_of, minutes, read, rules
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

WHY = "the ticket T-1 was about exactly this"


@pytest.fixture
def reader() -> User:
    return staff(Role.COMPLIANCE)


@pytest.fixture
def officer() -> User:
    return staff(Role.COMPLIANCE)


@pytest.fixture
def alert(reader: User) -> ReadAlert:
    read(reader, staff(Role.MODERATOR), role=Role.COMPLIANCE)
    return alert_of(reader, "colleague")


def review(
    alert: ReadAlert, actor: User, service: Callable[..., Any] = read_alert_explain, **options: Any
) -> ReadAlert:
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return service(read_alert_id=alert.pk, actor=actor, **{"reason": WHY, **options})


def test_an_explained_alert_says_by_whom_when_and_why(alert: ReadAlert, officer: User) -> None:
    before = timezone.now() - timedelta(minutes=5)
    found = review(alert, officer)
    assert (found.status, found.reviewed_by, found.review_reason) == ("explained", officer, WHY)
    assert found.reviewed_at > before
    event = Event.objects.select_related("label").get(action="read_alert_explained")
    assert (event.subject_id, event.actor, event.label.reason) == (alert.pk, officer, WHY)
    assert not SecurityEvent.objects.filter(detail__sign="misuse").exists()


def test_misuse_is_told_to_security(alert: ReadAlert, officer: User, reader: User) -> None:
    assert review(alert, officer, read_alert_confirm).status == "misuse"
    told = SecurityEvent.objects.get(detail__sign="misuse")
    assert (told.severity, told.person, told.actor) == ("high", reader, officer)


def test_nobody_reviews_or_even_finds_their_own(alert: ReadAlert, reader: User) -> None:
    with pytest.raises(NotThere):
        review(alert, reader)
    with acting(Role.COMPLIANCE, user_id=reader.pk):
        assert not ReadAlert.objects.exists()
        assert not run("SELECT FROM audit_readalertreading")
        assert affected("UPDATE audit_readalert SET status = 'explained', reviewed_by_id = reader_id") == 0
    with refused("Nobody reviews their own readings"):
        run("SELECT set_config('app.user_id', %s, true)", [str(reader.pk)])
        run(
            "UPDATE audit_readalert SET status = 'explained', reviewed_by_id = reader_id, reviewed_at = now() "
            "WHERE id = %s",
            [alert.pk],
        )


def test_whose_data_was_read_does_not_review(reader: User, officer: User) -> None:
    read(reader, officer, role=Role.COMPLIANCE)
    alert = alert_of(reader, "colleague")
    with pytest.raises(ReadAlertRefused, match="their own data"):
        review(alert, officer)
    with acting(Role.COMPLIANCE, user_id=officer.pk), refused("or readings of their own data"):
        run(
            "UPDATE audit_readalert SET status = 'explained', reviewed_by_id = %s, review_reason = 'well meant' "
            "WHERE id = %s",
            [officer.pk, alert.pk],
        )


def test_nobody_reviews_in_the_name_of_another(alert: ReadAlert, officer: User) -> None:
    other = staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=officer.pk), refused("one's own name|row-level security"):
        run(
            "UPDATE audit_readalert SET status = 'explained', reviewed_by_id = %s WHERE id = %s",
            [other.pk, alert.pk],
        )


@pytest.mark.parametrize("reason", ["", "   ", "fine", "  too bad  "])
def test_a_review_without_a_reason_is_refused(alert: ReadAlert, officer: User, reason: str) -> None:
    with pytest.raises(ReadAlertRefused, match="at least 10 characters"):
        review(alert, officer, reason=reason)
    alert.refresh_from_db()
    assert alert.status == "open"


@pytest.mark.parametrize("reason", ["a word with \x00 in it", "a lone surrogate \udc80", "x" * 2001])
def test_a_reason_that_cannot_be_kept_is_a_sentence(alert: ReadAlert, officer: User, reason: str) -> None:
    with pytest.raises(ReadAlertRefused):
        review(alert, officer, reason=reason)


def test_what_was_found_is_never_rewritten(alert: ReadAlert, officer: User) -> None:
    review(alert, officer)
    other = staff(Role.COMPLIANCE)
    with pytest.raises(ReadAlertRefused, match="reviewed already"):
        review(alert, other, read_alert_confirm)
    with acting(Role.COMPLIANCE, user_id=officer.pk), refused("cannot move from explained to misuse"):
        run("UPDATE audit_readalert SET status = 'misuse' WHERE id = %s", [alert.pk])
    with acting(Role.COMPLIANCE, user_id=officer.pk), refused("never rewritten"):
        run("UPDATE audit_readalert SET review_reason = '' WHERE id = %s", [alert.pk])


def test_a_reading_that_joined_meanwhile_is_looked_at_first(reader: User, officer: User) -> None:
    person = UserFactory()
    for number in range(3):
        read(reader, person, at=minutes(number), role=Role.COMPLIANCE)
    alert = alert_of(reader, "same_person")
    read(reader, person, at=minutes(3), role=Role.COMPLIANCE)
    with pytest.raises(StaleVersion):
        review(alert, officer, expected_version=alert.version)


def test_after_a_review_counting_begins_anew(reader: User, officer: User) -> None:
    person = UserFactory()
    for number in range(3):
        read(reader, person, at=minutes(number), role=Role.COMPLIANCE)
    review(alert_of(reader, "same_person"), officer)
    for number in range(2):
        read(reader, person, at=minutes(10 + number), role=Role.COMPLIANCE)
    assert rules(reader).count("same_person") == 1
    read(reader, person, at=minutes(12), role=Role.COMPLIANCE)
    assert rules(reader).count("same_person") == 2


@pytest.mark.parametrize(
    "role", [role for role in STAFF_ROLES if role not in (Role.COMPLIANCE, Role.AUDITOR)]
)
def test_others_read_no_alert(alert: ReadAlert, role: Role) -> None:
    with acting(role, user_id=staff(role).pk), refused("permission denied"):
        run("SELECT FROM audit_readalert")


def test_auditors_read_and_change_nothing(alert: ReadAlert) -> None:
    auditor = staff(Role.AUDITOR)
    with acting(Role.AUDITOR, user_id=auditor.pk):
        assert ReadAlert.objects.get() == alert
        with refused("permission denied"):
            run("UPDATE audit_readalert SET status = 'explained'")


def test_it_is_due_after_three_working_days() -> None:
    ((friday, monday),) = run(
        "SELECT working_days_after('2026-11-27 15:00+00', 3, 'UTC'), "
        "working_days_after('2026-11-30 15:00+00', 3, 'UTC')"
    )
    assert (friday.isoformat(), monday.isoformat()) == (
        "2026-12-02T15:00:00+00:00",
        "2026-12-03T15:00:00+00:00",
    )


def test_the_job_says_what_is_overdue(alert: ReadAlert, capsys: pytest.CaptureFixture[str]) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE audit_readalert DISABLE TRIGGER USER")
    run("UPDATE audit_readalert SET due_at = now() - interval '1 minute' WHERE id = %s", [alert.pk])
    run("ALTER TABLE audit_readalert ENABLE TRIGGER USER")
    call_command("read_alerts_find")
    assert "0 new alerts, 1 alerts overdue" in capsys.readouterr().out


def test_words_about_the_erased_go_and_the_alert_stays(reader: User, officer: User) -> None:
    person = UserFactory()
    for number in range(3):
        read(reader, person, at=minutes(number), role=Role.COMPLIANCE)
    alert = review(alert_of(reader, "same_person"), officer)
    with acting(Role.COMPLIANCE, user_id=officer.pk), refused("somebody who is erased"):
        run("SELECT read_alerts_person_erase(%s)", [person.pk])
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE accounts_user DISABLE TRIGGER USER")
    run(
        "UPDATE accounts_user SET status = 'erased', handle = NULL, erased_at = now(), closed_at = now() WHERE id = %s",
        [person.pk],
    )
    run("ALTER TABLE accounts_user ENABLE TRIGGER USER")
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        assert _survey(person.pk).destroyed[0].rows == 1
        report = _erase(person.pk)
        assert (report.destroyed[0].rows, _erase(person.pk).destroyed[0].rows) == (1, 0)
    alert.refresh_from_db()
    assert (alert.review_reason, alert.reviewed_by, alert.status) == ("", officer, "explained")
    assert report.kept[0].rows >= 1
