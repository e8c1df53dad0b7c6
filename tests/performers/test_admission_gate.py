"""Who may go on air: what is asked at the gate, and what runs out."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.models.identity import uuid7
from performers.choices import Verdict
from performers.models import PerformerProfile
from performers.services.admission import (
    admission_obstacles,
    performer_pause,
    performers_expire,
)
from performers.services.examinations import (
    identity_declare,
)
from tests.accounts.conftest import Announced
from tests.accounts.factories import RestrictionFactory, UserFactory
from tests.performers.admission import S, decide, obstacles, status_of
from tests.performers.factories_admission import (
    BORN,
    PerformerFactory,
    declare,
    declared,
    examined,
    in_days,
    passport,
    verified,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


class TestGate:
    """`admission_obstacles`, to the second, whatever the job did."""

    def test_a_document_is_valid_through_the_end_of_its_last_day(self) -> None:
        performer = verified(date(2031, 3, 9))
        midnight = datetime(2031, 3, 10, tzinfo=UTC)
        second = timedelta(seconds=1)
        assert obstacles(performer, midnight - second) == []
        assert obstacles(performer, midnight) == ["document_expired"]
        assert obstacles(performer, midnight + second) == ["document_expired"]
        assert status_of(performer) == S.VERIFIED

    def test_by_the_clock_of_the_database_before_the_job_ran(self) -> None:
        assert obstacles(verified(in_days(0))) == []
        late = verified(in_days(-1))
        assert (status_of(late), obstacles(late)) == (S.VERIFIED, ["document_expired"])

    def test_the_last_of_several_documents_counts_and_later_ones_unexamined_do_not(self) -> None:
        performer = verified(in_days(-1))
        declared(performer, in_days(900))
        assert obstacles(performer) == ["document_expired"]
        examined(performer, expires_on=in_days(900))
        assert obstacles(performer) == []
        examined(performer, Verdict.REJECTED)
        assert obstacles(performer) == []

    def test_other_obstacles_several_at_once_and_people_without_a_profile(self) -> None:
        barred, nobody = verified(), uuid7()
        RestrictionFactory(user=barred.user, kind="stream")
        closed = verified()
        User.objects.filter(pk=closed.pk).update(status="closed", closed_at=timezone.now())
        unexamined = PerformerFactory(status="verified")
        paused = verified(in_days(-1), status="paused")
        asked = [barred.pk, closed.pk, unexamined.pk, paused.pk, nobody]
        for role, me in ((Role.WORKER, None), (Role.PERFORMER, barred.pk), (Role.COMPLIANCE, nobody)):
            with acting(role, user_id=me):
                found = admission_obstacles(performer_ids=asked)
            assert [[obstacle.code for obstacle in found[number]] for number in asked] == [
                ["barred"],
                ["account_closed"],
                ["no_identity_record"],
                ["paused", "document_expired"],
                ["not_verified"],
            ]
        assert all(obstacle.words.endswith(".") for obstacle in found[paused.pk])
        with acting(Role.WORKER):
            assert admission_obstacles(performer_ids=[]) == {}
        with acting(Role.VIEWER, user_id=nobody), refused("permission denied"):
            run("SELECT performers_obstacles(ARRAY[]::uuid[])")


class TestExpiry:
    def expire(self, batch: int = 500) -> int:
        with acting(Role.WORKER):
            return performers_expire(batch=batch)

    def test_documents_that_ran_out_end_the_admission(self, announced: Announced) -> None:
        late = [verified(in_days(-days), status=status) for days, status in ((1, "verified"), (9, "paused"))]
        fine = [verified(in_days(0)), PerformerFactory(status="verified")]
        assert self.expire(batch=1) == 1
        assert status_of(late[1]) == S.EXPIRED, "the longest expired comes first"
        assert self.expire() == 1
        assert self.expire() == 0
        assert [status_of(row) for row in (*late, *fine)] == [S.EXPIRED] * 2 + [S.VERIFIED] * 2
        assert announced.actions == ["performer_expired"] * 2
        assert PerformerProfile.history.filter(id=late[0].pk, status=S.EXPIRED).count() == 1

    def test_new_documents_that_wait_become_an_application(
        self, compliance: User, announced: Announced
    ) -> None:
        performer = verified(in_days(-1))
        declare(performer)
        self.expire()
        assert status_of(performer) == S.SUBMITTED
        assert announced.actions == ["identity_declared", "performer_expired", "performer_submitted"]
        decide(performer, compliance)
        assert obstacles(performer) == []

    def test_renewing_ahead_leaves_the_admission_as_it_is(self, compliance: User) -> None:
        performer = verified(in_days(5))
        declare(performer)
        assert PerformerProfile.objects.renewing().get() == performer
        decide(performer, compliance, "rejected", ground="unreadable")
        assert (status_of(performer), obstacles(performer)) == (S.VERIFIED, [])
        declare(performer, passport(expires_on=in_days(800)))
        decide(performer, compliance)
        assert obstacles(performer, timezone.now() + timedelta(days=700)) == []
        assert not PerformerProfile.objects.renewing().exists()

    def test_the_command(self, capsys: pytest.CaptureFixture[str]) -> None:
        performer = verified(in_days(-1))
        call_command("performers_expire", "--dry-run")
        assert "1 would expire" in capsys.readouterr().out
        assert status_of(performer) == S.VERIFIED
        call_command("performers_expire")
        assert "1 expired" in capsys.readouterr().out
        assert status_of(performer) == S.EXPIRED


def test_the_service_of_another_person_finds_nothing() -> None:
    performer, stranger = verified(), UserFactory()
    with acting(Role.PERFORMER, user_id=stranger.pk):
        with pytest.raises(NotThere):
            performer_pause(performer_id=performer.pk, actor=stranger)
        with pytest.raises(NotThere):
            identity_declare(
                performer_id=performer.pk,
                legal_name="Somebody Else",
                birth_date=BORN,
                documents=[passport()],
                actor=stranger,
            )
