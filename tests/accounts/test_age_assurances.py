"""Ages: what providers said, the one in force, and its end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from accounts.choices import AgeBand, AgeEnding, AgeMethod, AgeOutcome
from accounts.errors import AgeRefused, OwnAccount
from accounts.models import AgeAssurance, User
from accounts.selectors import is_of_age
from accounts.services.age_assurances import AgeCheck, age_assurance_record, age_assurance_revoke
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.accounts.conftest import Announced
from tests.accounts.documents import AgeFactory
from tests.accounts.factories import UserFactory, staff
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def ago(**options: int) -> datetime:
    return timezone.now() - timedelta(**options)


def record(user: User, receipt: str = "receipt-a", **options: Any) -> AgeAssurance:
    fields = {
        "method": AgeMethod.FACIAL_ESTIMATION,
        "outcome": AgeOutcome.OF_AGE,
        "age_band": AgeBand.FROM_21,
        "provider": "Proof of Age Ltd",
        "receipt": receipt,
        "checked_at": ago(minutes=1),
        **options,
    }
    with acting(Role.WORKER):
        return age_assurance_record(user_id=user.pk, check=AgeCheck(**fields), actor=None)


def test_the_newest_check_counts_whatever_it_says(user: User, announced: Announced) -> None:
    assert not is_of_age(user.pk)
    first = record(user)
    assert is_of_age(user.pk)
    record(user, "receipt-b", outcome=AgeOutcome.UNDER_AGE, age_band=AgeBand.UNDER_18)
    assert not is_of_age(user.pk)
    first.refresh_from_db()
    assert first.ending == AgeEnding.REPLACED
    assert AgeAssurance.objects.in_force().filter(user=user).count() == 1
    assert announced.actions == ["age_assured"] * 2


def test_the_same_receipt_twice_changes_nothing(user: User, announced: Announced) -> None:
    assert record(user).pk == record(user).pk
    assert announced.actions == ["age_assured"]
    with pytest.raises(AgeRefused, match="receipt of the provider is recorded already"):
        record(UserFactory())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"age_band": None}, "belongs to the outcome"),
        ({"age_band": AgeBand.UNDER_18}, "belongs to the outcome"),
        ({"outcome": AgeOutcome.UNDER_AGE}, "belongs to the outcome"),
        ({"outcome": AgeOutcome.INCONCLUSIVE}, "belongs to the outcome"),
        ({"receipt": ""}, "4 to 200 characters"),
        ({"receipt": "a\x00bcd"}, "plain text"),
        ({"provider": "x"}, "2 to 60 characters"),
        ({"checked_at": timezone.now() + timedelta(days=2)}, "lies in the future"),
        ({"until": ago(days=1)}, "run out already"),
    ],
)
def test_what_contradicts_itself_is_refused(user: User, options: dict[str, Any], words: str) -> None:
    with pytest.raises(AgeRefused, match=words):
        record(user, **options)
    assert not AgeAssurance.objects.exists()


def test_revoked_by_a_colleague(user: User, announced: Announced) -> None:
    actor, assurance = staff(Role.COMPLIANCE), record(user)
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        age_assurance_revoke(age_assurance_id=assurance.pk, actor=actor, reason="the document was forged")
        with pytest.raises(AgeRefused, match="over already"):
            age_assurance_revoke(age_assurance_id=assurance.pk, actor=actor, reason="the document was forged")
    assert not is_of_age(user.pk)
    assert announced.only("age_assurance_revoked")["subject"] == user
    own = AgeFactory(user=actor)
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        with pytest.raises(Exception, match="may not change it"):
            age_assurance_revoke(age_assurance_id=own.pk, actor=actor, reason="my own, not yours")
        with pytest.raises(OwnAccount):
            age_assurance_record(
                user_id=actor.pk,
                check=AgeCheck(method=AgeMethod.DOCUMENT, outcome=AgeOutcome.INCONCLUSIVE, provider="Me",
                               receipt="mine", checked_at=ago(days=1)),
                actor=actor,
            )  # fmt: skip


def test_expiry_follows_time_and_the_job_says_so(
    user: User, announced: Announced, capsys: pytest.CaptureFixture[str]
) -> None:
    over = AgeFactory(user=user, valid=DateTimeTZRange(ago(days=9), ago(days=1), "[)"))
    AgeFactory(valid=DateTimeTZRange(ago(days=9), timezone.now() + timedelta(days=9), "[)"))
    assert not is_of_age(user.pk)
    call_command("age_assurances_expire", dry_run=True)
    call_command("age_assurances_expire")
    call_command("age_assurances_expire")
    assert capsys.readouterr().out.splitlines() == ["1 would be marked", "1 expired", "0 expired"]
    over.refresh_from_db()
    assert over.ending == AgeEnding.EXPIRED
    assert announced.only("age_assurance_expired")["subject"] == user


def test_compliance_oversight_worker_and_the_person_read_it(user: User) -> None:
    mine, other = AgeFactory(user=user), AgeFactory()
    everybody = (Role.COMPLIANCE, Role.AUDITOR, Role.WORKER)
    for role in ACTING_ROLES:
        with acting(role, user_id=user.pk):
            if role in everybody:
                assert len(run("SELECT id FROM accounts_ageassurance")) == 2
            elif role in (Role.VIEWER, Role.PERFORMER):
                assert run("SELECT id FROM accounts_ageassurance") == [(mine.pk,)]
            else:
                with refused("permission denied"):
                    run("SELECT id FROM accounts_ageassurance")
    assert other.pk != mine.pk


def test_no_column_could_hold_a_birth_date_or_a_document() -> None:
    kinds = dict(
        run(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = 'accounts_ageassurance'"
        )
    )
    assert not {"date", "bytea", "jsonb"} & set(kinds.values())


@pytest.mark.parametrize(
    "change",
    ["outcome = 'under_age'", "age_band = '18_20'", "receipt = 'another'", "checked_at = now()",
     "valid = tstzrange(lower(valid), upper(valid) + interval '1 year')"],
)  # fmt: skip
def test_what_was_recorded_stays(user: User, change: str) -> None:
    AgeFactory(user=user, valid=DateTimeTZRange(ago(days=9), timezone.now() + timedelta(days=9), "[)"))
    with refused("cannot be changed|can only be ended"):
        run(f"UPDATE accounts_ageassurance SET {change}")
