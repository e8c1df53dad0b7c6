"""Admission: the state machine, who makes which move, what an examination rests on, and who may go live."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, Refused, StaleVersion
from performers.choices import IdentityDocumentKind, RejectionGround
from performers.errors import AdmissionRefused, IdentityRefused, OwnAdmission
from performers.models import IdentityRecord, PerformerProfile
from performers.services.admission import (
    performer_offboard,
    performer_pause,
    performer_resume,
)
from performers.services.examinations import (
    examination_accept,
    examination_reject,
)
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.performers.admission import REASON, S, decide, obstacles, status_of, submit, submitted
from tests.performers.factories_admission import (
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
            ({"birth_date": in_days(2)}, [{}], "no date of birth"),
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
