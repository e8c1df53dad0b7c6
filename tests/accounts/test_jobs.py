"""Jobs of accounts as commands, with the record of their run."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.choices import ReservationReason, UserStatus
from accounts.models import ReservedHandle, User
from audit.models import JobRun
from tests.accounts.factories import RestrictionFactory, UserFactory

pytestmark = pytest.mark.django_db

AGO = datetime.now(UTC) - timedelta(days=3)


def test_people_are_set_free_and_the_run_is_on_record(capsys: pytest.CaptureFixture[str]) -> None:
    freed, barred = (UserFactory(status=UserStatus.RESTRICTED) for _ in range(2))
    RestrictionFactory(user=freed, valid=DateTimeTZRange(AGO, AGO + timedelta(days=1)))
    RestrictionFactory(user=barred)
    call_command("restrictions_expire")
    assert "1 freed" in capsys.readouterr().out
    assert {user.pk: user.status for user in User.objects.filter(pk__in=[freed.pk, barred.pk])} == {
        freed.pk: "active",
        barred.pk: "restricted",
    }
    assert JobRun.objects.values_list("name", "outcome", "counts").get() == (
        "restrictions_expire",
        "succeeded",
        {"freed": 1},
    )


def test_handles_are_released_when_their_quarantine_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    quarantine = ReservationReason.QUARANTINE
    ReservedHandle.objects.create(handle="rested", reason=quarantine, reserved_until=AGO)
    ReservedHandle.objects.create(
        handle="resting", reason=quarantine, reserved_until=datetime.now(UTC) + timedelta(days=3)
    )
    call_command("quarantines_end", dry_run=True)
    assert ReservedHandle.objects.filter(handle="rested").exists()
    call_command("quarantines_end")
    assert capsys.readouterr().out.splitlines() == ["1 would be released", "1 released"]
    assert set(ReservedHandle.objects.filter(reason=quarantine).values_list("handle", flat=True)) == {
        "resting"
    }
