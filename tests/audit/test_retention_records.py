"""Records of age and identity: kept as long as the law demands, by whoever attacks them, and released afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import AgeAssurance
from audit.models import Event, RetentionRun
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.encryption import Sealed
from performers.models import IdentityDocument, IdentityRecord, PerformerAlias
from streams.models import ObjectRemoval, Participant, Release
from tests.accounts.factories import UserFactory
from tests.audit.aging import appearance, id_of, records_of, without_triggers, years_ago
from tests.audit.holds import on_person, release
from tests.performers.factories_admission import DeclarationFactory, PerformerFactory
from tests.sql import affected, refused, run
from tests.streams.factories_archives import make_performer, make_stream

pytestmark = pytest.mark.django_db

IDENTITY = ("performers_identitydocument", "performers_identityrecord", "performers_performeralias")
TOO_EARLY = "The time of this row is not over"
ALONE = "Retention alone deletes it"


def obey(*tables: str) -> None:
    for table in tables:
        call_command("retention_run", "--table", table)


def assurance(ended: datetime, user: Any = None) -> AgeAssurance:
    """One that held for a year, until then."""
    made: AgeAssurance = AgeAssurance.objects.create(
        user=user or UserFactory(),
        method="document",
        outcome="of_age",
        age_band="18_20",
        provider="Yoti",
        receipt=f"receipt-{id_of(ended)}",
        checked_at=ended - timedelta(days=365),
        valid=(ended - timedelta(days=365), ended),
    )
    return made


class TestIdentity:
    def test_goes_seven_years_after_the_last_addition_with_its_objects_and_an_event(self) -> None:
        performer, record, document = records_of(years_ago(7, days=2))
        sealed = bytes(run("SELECT storage_reference FROM performers_identitydocument")[0][0])
        obey(*IDENTITY)
        assert not IdentityRecord.objects.filter(pk=record.pk).exists()
        assert not IdentityDocument.objects.filter(pk=document.pk).exists()
        assert not PerformerAlias.objects.filter(performer=performer).exists()
        removal = ObjectRemoval.objects.pending().get()
        assert (removal.source_table, removal.source_id) == ("performers_identitydocument", document.pk)
        assert isinstance(removal.sealed_key, Sealed)
        # Sealed as it was: nothing was opened on the way.
        assert bytes(run("SELECT sealed_key FROM streams_objectremoval")[0][0]) == sealed
        events = Event.objects.filter(action="records_released", subject_id=performer.pk)
        assert {event.detail["table"] for event in events} == set(IDENTITY)
        assert {event.area for event in events} == {"people"}
        assert Event.objects.filter(action="retention_obeyed").count() == len(IDENTITY)

    @pytest.mark.parametrize("days", [-2, -400])
    def test_not_a_day_early(self, days: int) -> None:
        performer, record, _document = records_of(years_ago(7, days=days))
        obey(*IDENTITY)
        assert IdentityRecord.objects.filter(pk=record.pk).exists()
        for table in IDENTITY:
            with acting(Role.RETENTION), refused(TOO_EARLY):
                run(f"DELETE FROM {table} WHERE performer_id = %s", [performer.pk])
        assert not ObjectRemoval.objects.exists()

    def test_one_addition_keeps_all_the_records_of_the_person(self) -> None:
        performer, _, _ = records_of(years_ago(9))
        DeclarationFactory(performer=performer, id=id_of(years_ago(6)))
        obey(*IDENTITY)
        assert IdentityRecord.objects.filter(performer=performer).count() == 2
        assert IdentityDocument.objects.filter(performer=performer).exists()
        assert PerformerAlias.objects.filter(performer=performer).exists()

    @pytest.mark.parametrize("status", ["submitted", "verified", "paused"])
    def test_no_time_runs_while_the_person_performs_or_applies(self, status: str) -> None:
        _performer, record, _ = records_of(years_ago(9), status=status)
        obey(*IDENTITY)
        assert IdentityRecord.objects.filter(pk=record.pk).exists()

    def test_a_declaration_and_its_examination_go_together(self) -> None:
        performer, declaration, _ = records_of(years_ago(8))
        when = years_ago(8, days=-1)
        examiner = UserFactory()
        IdentityRecord.objects.create(
            id=id_of(when),
            performer=performer,
            declaration=declaration,
            legal_name=declaration.legal_name,
            birth_date=declaration.birth_date,
            verdict="rejected",
            ground="mismatch",
            examined_by=examiner,
            examined_at=when,
        )
        obey(*IDENTITY)
        assert not IdentityRecord.objects.filter(performer=performer).exists()

    def test_what_a_hold_covers_stays_until_the_hold_is_released(self) -> None:
        performer, _record, _ = records_of(years_ago(8))
        _free, *_ = records_of(years_ago(8))
        hold = on_person(performer.pk)
        obey(*IDENTITY)
        assert list(IdentityRecord.objects.values_list("performer_id", flat=True)) == [performer.pk]
        for run_ in RetentionRun.objects.all():
            assert (run_.found, run_.deleted, run_.held) == (2, 1, 1), run_.policy_id
        release(hold)
        obey(*IDENTITY)
        assert not IdentityRecord.objects.exists()
        assert ObjectRemoval.objects.count() == 2

    @pytest.mark.parametrize("table", IDENTITY)
    def test_nobody_else_deletes_however_old_it_is(self, table: str) -> None:
        _performer, *_ = records_of(years_ago(30))
        somebody = UserFactory()
        for role in (Role.APP, *ACTING_ROLES):
            with acting(role, user_id=somebody.pk), refused("permission denied"):
                run(f"DELETE FROM {table}")
        with refused(f"{ALONE}|is append-only"):
            run(f"DELETE FROM {table}")
        # A setting that says so makes nobody the retention role.
        run("SELECT set_config('app.acting_role', 'vbl_retention', true)")
        with refused(f"{ALONE}|is append-only"):
            run(f"DELETE FROM {table}")

    def test_the_policy_that_is_no_longer_obeyed_lets_nothing_go(self) -> None:
        _performer, *_ = records_of(years_ago(30))
        run(
            "UPDATE audit_retentionpolicy SET is_executed = false, duty = 'waits' "
            "WHERE table_name = 'performers_performeralias'"
        )
        with acting(Role.RETENTION), refused(TOO_EARLY):
            run("DELETE FROM performers_performeralias")


class TestReleases:
    def test_go_with_their_participants_seven_years_after_the_stream(self) -> None:
        person = PerformerFactory(status="verified")
        participant, signed = appearance(make_stream(), person, years_ago(7, days=2))
        obey("streams_participant")
        # Bound: the release refers to it.
        assert Participant.objects.filter(pk=participant.pk).exists()
        assert RetentionRun.objects.get().bound == 1
        obey("streams_release", "streams_participant")
        assert not Release.objects.filter(pk=signed.pk).exists()
        assert not Participant.objects.filter(pk=participant.pk).exists()
        removal = ObjectRemoval.objects.get()
        assert (removal.source_table, removal.source_id) == ("streams_release", signed.pk)
        assert Event.objects.filter(action="records_released", subject_id=person.pk).count() == 2

    def test_not_a_day_early_and_by_nobody_else(self) -> None:
        person = PerformerFactory(status="verified")
        appearance(make_stream(), person, years_ago(7, days=-2))
        obey("streams_release", "streams_participant")
        for table in ("streams_release", "streams_participant"):
            with acting(Role.RETENTION), refused(TOO_EARLY):
                run(f"DELETE FROM {table}")
            with refused(ALONE):
                run(f"DELETE FROM {table}")

    def test_stay_while_an_archive_of_the_stream_is_not_purged(self) -> None:
        from tests.streams.factories_archives import make_archive

        archive = make_archive()
        person = PerformerFactory(status="verified")
        appearance(archive.stream, person, years_ago(8))
        obey("streams_release", "streams_participant")
        assert Release.objects.exists()

    def test_a_hold_over_the_person_or_the_performer_keeps_them(self) -> None:
        performer = make_performer()
        person = PerformerFactory(status="verified")
        appearance(make_stream(performer), person, years_ago(8))
        hold = on_person(person.pk)
        obey("streams_release", "streams_participant")
        assert Release.objects.exists() and Participant.objects.exists()
        release(hold)
        on_person(performer.pk)
        obey("streams_release", "streams_participant")
        assert Release.objects.exists() and Participant.objects.exists()


class TestAge:
    def test_goes_five_years_after_its_end_and_not_before(self) -> None:
        over, early = assurance(years_ago(5, days=2)), assurance(years_ago(5, days=-2))
        held = assurance(years_ago(6))
        on_person(held.user_id)
        obey("accounts_ageassurance")
        assert set(AgeAssurance.objects.values_list("pk", flat=True)) == {early.pk, held.pk}
        event = Event.objects.get(action="records_released")
        assert (event.subject_id, event.detail) == (
            over.user_id,
            {"table": "accounts_ageassurance", "rows": 1},
        )

    def test_nobody_else_deletes(self) -> None:
        assurance(years_ago(5, days=2))
        somebody = UserFactory()
        for role in (Role.APP, *ACTING_ROLES):
            with acting(role, user_id=somebody.pk), refused("permission denied"):
                run("DELETE FROM accounts_ageassurance")
        with refused(ALONE):
            run("DELETE FROM accounts_ageassurance")
        with acting(Role.RETENTION):
            assert affected("DELETE FROM accounts_ageassurance") == 1

    def test_one_that_has_no_end_is_never_over(self) -> None:
        user = UserFactory()
        lasting = assurance(datetime.now(UTC) - timedelta(days=3650), user)
        without_triggers(
            "accounts_ageassurance",
            (
                "UPDATE accounts_ageassurance SET valid = tstzrange(lower(valid), NULL) WHERE id = %s",
                [lasting.pk],
            ),
        )
        obey("accounts_ageassurance")
        assert AgeAssurance.objects.filter(pk=lasting.pk).exists()
