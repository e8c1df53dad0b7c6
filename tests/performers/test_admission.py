"""Admission: the state machine, who makes which move, what an examination rests on, and who may go live."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, Refused, StaleVersion
from core.models.identity import uuid7
from performers.choices import IdentityDocumentKind, PerformerStatus, RejectionGround, Verdict
from performers.errors import AdmissionRefused, IdentityRefused, OwnAdmission
from performers.models import IdentityRecord, PerformerProfile
from performers.services.admission import (
    admission_obstacles,
    application_submit,
    performer_offboard,
    performer_pause,
    performer_resume,
    performers_expire,
)
from performers.services.examinations import (
    examination_accept,
    examination_decide,
    examination_reject,
    identity_declare,
)
from tests.accounts.conftest import Announced
from tests.accounts.factories import RestrictionFactory, UserFactory, staff
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
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

REASON = "passport and photograph agree"
S = PerformerStatus


def submit(performer: PerformerProfile) -> PerformerProfile:
    with acting(Role.PERFORMER, user_id=performer.pk):
        return application_submit(performer_id=performer.pk, actor=performer.user)


def decide(performer: PerformerProfile, actor: User, verdict: str = Verdict.ACCEPTED, **options: Any) -> Any:
    options = {"adult_at_examination": True, **options} if verdict == Verdict.ACCEPTED else options
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return examination_decide(
            performer_id=performer.pk, verdict=verdict, actor=actor, reason=REASON, **options
        )


def submitted() -> PerformerProfile:
    performer = PerformerFactory()
    declare(performer)
    return submit(performer)


def obstacles(performer: PerformerProfile, at: datetime | None = None) -> list[str]:
    with acting(Role.WORKER):
        return [
            found.code for found in admission_obstacles(performer_ids=[performer.pk], at=at)[performer.pk]
        ]


def status_of(performer: PerformerProfile) -> str:
    return PerformerProfile.objects.get(pk=performer.pk).status


class TestWay:
    """From the draft to the gate, and back."""

    def test_from_draft_to_the_gate(self, compliance: User, announced: Announced) -> None:
        performer = PerformerFactory()
        assert obstacles(performer) == ["not_verified", "no_identity_record"]
        declare(performer)
        submit(performer)
        record = decide(performer, compliance)
        assert (record.verdict, record.examined_by, record.adult_at_examination) == (
            "accepted",
            compliance,
            True,
        )
        record.refresh_from_db()
        assert record.documents_until == datetime.combine(in_days(366), time(), UTC)
        assert status_of(performer) == S.VERIFIED
        assert obstacles(performer) == []
        assert announced.actions == ["identity_declared", "performer_submitted", "performer_accepted"]
        assert announced.only("performer_accepted")["reason"] == REASON
        with acting(Role.PERFORMER, user_id=performer.pk):
            performer_pause(performer_id=performer.pk, actor=performer.user)
            assert obstacles(performer) == ["paused"]
            performer_resume(performer_id=performer.pk, actor=performer.user)
        assert obstacles(performer) == []

    def test_a_rejected_application_is_declared_and_submitted_anew(self, compliance: User) -> None:
        performer = submitted()
        record = decide(performer, compliance, "rejected", ground="unreadable")
        assert (status_of(performer), record.ground) == (S.REJECTED, RejectionGround.UNREADABLE)
        with pytest.raises(AdmissionRefused, match="nothing waits to be examined"):
            submit(performer)
        declare(performer)
        submit(performer)
        decide(performer, compliance)
        assert obstacles(performer) == []

    def test_a_minor_is_stated_to_be_one(self, compliance: User) -> None:
        performer = submitted()
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            record = examination_reject(
                performer_id=performer.pk, ground="not_adult", actor=compliance, reason=REASON
            )
        assert record.adult_at_examination is False

    def test_leaving_is_for_good_and_frees_the_name_after_a_rest(self, announced: Announced) -> None:
        performer = verified(stage_name="Bella", slug="bella")
        with acting(Role.PERFORMER, user_id=performer.pk):
            performer_offboard(performer_id=performer.pk, actor=performer.user, reason="")
            with pytest.raises(IllegalTransition, match="Nothing follows"):
                performer_offboard(performer_id=performer.pk, actor=performer.user, reason="")
        assert announced.only("performer_offboarded")["changed"] == ("status", "offboarded_at")
        with refused("until lately|slug_key"):
            PerformerFactory(stage_name="Bella", slug="bella")

    @pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.LEAD_MODERATOR])
    def test_staff_offboard_others(self, role: Role) -> None:
        performer, actor = verified(), staff(role)
        with acting(role, user_id=actor.pk):
            performer_offboard(performer_id=performer.pk, actor=actor, reason="against the agreement")
        assert status_of(performer) == S.OFFBOARDED


class TestRefusals:
    """What is refused in words, with nothing half-written."""

    def test_nothing_is_submitted_without_a_declaration_or_in_the_wrong_state(self) -> None:
        performer = PerformerFactory()
        with pytest.raises(AdmissionRefused, match="Declare your identity"):
            submit(performer)
        declare(performer)
        submit(performer)
        with pytest.raises(IllegalTransition):
            submit(performer)
        with pytest.raises(AdmissionRefused, match="being examined"):
            declare(performer)

    def test_a_document_that_expires_before_it_is_submitted(self) -> None:
        performer = PerformerFactory()
        declared(performer, in_days(-1))
        with pytest.raises(AdmissionRefused, match="has expired"):
            submit(performer)

    def test_accepting_needs_an_adult_a_declaration_and_a_valid_document(self, compliance: User) -> None:
        performer = submitted()
        for stated in (None, False):
            with pytest.raises(AdmissionRefused, match="Only an adult"):
                decide(performer, compliance, adult_at_examination=stated)
        with pytest.raises(AdmissionRefused, match="on which ground"):
            decide(performer, compliance, "rejected")
        late = PerformerFactory(status="submitted")
        with pytest.raises(AdmissionRefused, match="no declaration"):
            decide(late, compliance)
        declared(late, in_days(-1))
        with pytest.raises(AdmissionRefused, match="valid any more"):
            decide(late, compliance)
        assert not IdentityRecord.objects.filter(verdict__isnull=False).exists()
        with pytest.raises(AdmissionRefused, match="Nothing waits"):
            decide(verified(), compliance)
        with pytest.raises(StaleVersion):
            decide(performer, compliance, expected_version=99)

    def test_nobody_decides_about_themselves(self, compliance: User) -> None:
        own = PerformerFactory(user=compliance)
        declare(own)
        submit(own)
        with pytest.raises((NotThere, OwnAdmission)):
            decide(own, compliance)
        with acting(Role.OWNER), pytest.raises(OwnAdmission):
            examination_accept(
                performer_id=own.pk, adult_at_examination=True, actor=compliance, reason=REASON
            )
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            assert affected("UPDATE performers_performerprofile SET status = 'verified'") == 0
            with pytest.raises(NotThere):
                performer_offboard(performer_id=own.pk, actor=compliance, reason=REASON)
        with refused("examined_by_check"):
            examined(own, examiner=compliance)

    def test_a_performer_cannot_go_on_before_she_was_verified(self) -> None:
        performer = submitted()
        with acting(Role.PERFORMER, user_id=performer.pk), pytest.raises(Refused):
            performer_resume(performer_id=performer.pk, actor=performer.user)
        assert status_of(performer) == S.SUBMITTED

    @pytest.mark.parametrize(
        ("declaration", "documents", "words"),
        [
            ({"legal_name": " "}, [{}], "as the document shows it"),
            ({"legal_name": "An\x07na"}, [{}], "as the document shows it"),
            ({"legal_name": "x" * 201}, [{}], "as the document shows it"),
            ({"birth_date": date(1850, 1, 1)}, [{}], "no date of birth"),
            ({"birth_date": in_days(1)}, [{}], "no date of birth"),
            ({}, [{"expires_on": in_days(-1)}], "This document expired on"),
            ({}, [{"expires_on": None}], "until when it is valid"),
            ({}, [{"issuing_country": "XX"}], "no country with the code XX"),
            ({}, [{"issuing_country": "Germany"}], "no country with the code GERMANY"),
            ({}, [{"sha256": b"short"}], "32 bytes"),
            ({}, [{"storage_reference": ""}], "not stored"),
            ({}, [{"kind": IdentityDocumentKind.PHOTOGRAPH, "expires_on": None}], "proves who you are"),
            ({}, [{"sha256": b"x" * 32}, {"sha256": b"x" * 32}], "submitted with the declaration already"),
        ],
    )
    def test_what_cannot_be_declared(
        self, declaration: dict[str, Any], documents: list[dict[str, Any]], words: str
    ) -> None:
        performer = PerformerFactory()
        with pytest.raises(IdentityRefused, match=words):
            declare(performer, *(passport(**fields) for fields in documents), **declaration)
        assert not IdentityRecord.objects.exists()


LEGAL = {(old, new) for old, news in PerformerProfile.status_machine.moves.items() for new in news}


@pytest.mark.parametrize("old", list(S))
def test_the_database_refuses_every_move_that_does_not_exist(old: S) -> None:
    """By the owner, whom neither grants nor policies hold back."""
    performer = PerformerFactory(status=old)
    stamps = "submitted_at = now(), verified_at = now()"
    for new in S:
        move = (
            f"UPDATE performers_performerprofile SET status = '{new}', {stamps}, "
            f"offboarded_at = {'now()' if new == S.OFFBOARDED else 'NULL'} WHERE id = %s"
        )
        if old == new:
            continue
        if (old, new) in LEGAL:
            continue
        with refused("cannot move"):
            run(move, [performer.pk])
    with refused("cannot begin as"):
        user = UserFactory()
        run(
            "INSERT INTO performers_performerprofile (id, user_id, stage_name, slug, headline, biography, pronouns, "
            "displayed_location, status, submitted_at, verified_at) "
            "VALUES (%s, %s, 'Other', 'other', '', '', '', '', 'verified', now(), now())",
            [user.pk, user.pk],
        )


MAY = {
    Role.PERFORMER: {("verified", "paused"), ("paused", "verified")} | {(old, "offboarded") for old in S},
    Role.COMPLIANCE: {("submitted", "rejected")} | {(old, "offboarded") for old in S},
    Role.LEAD_MODERATOR: {(old, "offboarded") for old in S},
}
"""Moves without anything to rest on; submitting and verifying are below."""


@pytest.mark.parametrize("role", list(MAY))
def test_the_database_lets_each_role_make_its_own_moves_only(role: Role) -> None:
    stranger = UserFactory()
    for old, new in sorted(LEGAL):
        performer = PerformerFactory(status=old)
        me = performer.pk if role is Role.PERFORMER else stranger.pk
        move = f"UPDATE performers_performerprofile SET status = '{new}'"
        move += ", submitted_at = now()" if new == S.SUBMITTED else ""
        move += ", offboarded_at = now()" if new == S.OFFBOARDED else ""
        with acting(role, user_id=me):
            if (old, new) in MAY[role]:
                assert affected(f"{move} WHERE id = %s", [performer.pk]) == 1, (old, new)
            else:
                with refused("may not move|declared identity|by an examination|check"):
                    run(f"{move} WHERE id = %s", [performer.pk])


def test_raw_sql_of_a_performer_neither_submits_nor_verifies_on_its_own() -> None:
    performer = PerformerFactory()
    declared(performer, in_days(-1))
    with acting(Role.PERFORMER, user_id=performer.pk):
        with refused("declared identity with a valid document"):
            run("UPDATE performers_performerprofile SET status = 'submitted', submitted_at = now()")
        with refused("permission denied"):
            run("UPDATE performers_performerprofile SET verified_at = now()")
    verified_one = verified(status="submitted")
    with acting(Role.COMPLIANCE, user_id=UserFactory().pk):
        assert affected(
            "UPDATE performers_performerprofile SET status = 'verified', verified_at = now() WHERE id = %s",
            [verified_one.pk],
        )


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
