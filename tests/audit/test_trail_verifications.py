"""Verifying the trail at somebody's wish: one at a time, by a worker, on record whatever comes of it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.choices import SecurityKind, Severity, VerificationOutcome
from audit.errors import HeadMalformed, VerificationRefused
from audit.models import Event, Seal, SecurityEvent, TrailVerification
from audit.seals.head import head_json
from audit.seals.signing import GivenKeys
from audit.services.events import event_record
from audit.services.seals import events_seal
from audit.services.trail_verifications import trail_verification_ask, trail_verification_run
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.models import QueuedJob
from tests.accounts.test_races import at_once
from tests.audit.conftest import SignIn, person
from tests.audit.sealing import Trail
from tests.sql import refused, run

V = VerificationOutcome
OVERSEERS = (Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR)


def ask(actor: User | None = None, **options: Any) -> TrailVerification:
    role = Role.AUDITOR if actor else Role.WORKER
    with acting(role, user_id=actor.pk if actor else None):
        return trail_verification_ask(actor=actor, reason="before the yearly audit", **options)


@pytest.mark.django_db(transaction=True)
class TestOutcomes:
    def test_an_honest_trail_is_proven(self, trail: Trail, ann: User) -> None:
        asked = ask(ann)
        assert (asked.outcome, asked.asked_by_id) == (V.WAITING, ann.pk)
        done = trail_verification_run(verification_id=asked.pk)
        assert (done.outcome, done.found, done.error) == (V.PROVEN, 0, "")
        assert (done.seals, done.events, done.unsealed) == (4, 14, 2)
        assert done.last_seal == Seal.objects.get(number=4)
        actions = list(Event.objects.order_by("pk").values_list("action", flat=True))
        assert actions[-2:] == ["trail_verification_asked", "trail_verification_ended"]
        assert not SecurityEvent.objects.filter(kind=SecurityKind.TRAIL_FAULTY).exists()

    def test_what_is_wrong_is_on_record_and_somebody_is_told(self, trail: Trail, ann: User) -> None:
        asked = ask(ann)
        trail.tamper("UPDATE audit_event SET action = 'restriction_lifted' WHERE id = %s", [trail.events[6]])
        done = trail_verification_run(verification_id=asked.pk)
        assert (done.outcome, done.found) == (V.FAULTY, 1)
        assert done.findings[0]["fault"] == "event_changed"
        assert done.findings[0]["event"] == str(trail.events[6])
        told = SecurityEvent.objects.get(kind=SecurityKind.TRAIL_FAULTY)
        assert (told.severity, told.detail["faults"]) == (Severity.CRITICAL, {"event_changed": 1})

    def test_a_head_that_was_kept_shows_that_the_end_was_cut_off(self, trail: Trail, ann: User) -> None:
        head = json.dumps(head_json(Seal.objects.get(number=4)))
        ((seal_id,),) = run("SELECT id FROM audit_seal WHERE number = 4")
        for table, condition, value in (
            ("audit_label", "id = ANY(%s)", trail.events[12:]),
            ("audit_event", "id = ANY(%s)", trail.events[12:]),
            ("audit_sealleaf", "seal_id = %s", seal_id),
            ("audit_seal", "id = %s", seal_id),
        ):
            trail.tamper(f"DELETE FROM {table} WHERE {condition}", [value])
        without = trail_verification_run(verification_id=ask(ann).pk)
        assert without.outcome == V.PROVEN
        compared = trail_verification_run(verification_id=ask(ann, head=head).pk)
        assert compared.outcome == V.FAULTY
        assert [finding["fault"] for finding in compared.findings] == ["head_missing"]

    def test_without_the_public_key_it_is_faulty_and_says_so(self, trail: Trail) -> None:
        done = trail_verification_run(verification_id=ask().pk, keys=GivenKeys({}))
        assert (done.outcome, done.findings[0]["fault"]) == (V.FAULTY, "key_unknown")

    def test_what_could_not_be_found_out_says_why(self, trail: Trail) -> None:
        asked = ask()
        run("REVOKE SELECT ON audit_sealleaf FROM vbl_auditor")
        try:
            done = trail_verification_run(verification_id=asked.pk)
        finally:
            run("GRANT SELECT ON audit_sealleaf TO vbl_auditor")
        assert done.outcome == V.FAILED
        assert "42501" in done.error

    def test_run_again_after_its_end_it_is_left_as_it_is(self, trail: Trail) -> None:
        asked = ask()
        done = trail_verification_run(verification_id=asked.pk)
        again = trail_verification_run(verification_id=asked.pk)
        assert (again.started_at, again.finished_at) == (done.started_at, done.finished_at)

    def test_a_lost_worker_is_followed_by_another(self, trail: Trail) -> None:
        asked = ask()
        with acting(Role.WORKER):
            TrailVerification.objects.filter(pk=asked.pk).update(
                outcome=V.RUNNING, started_at=asked.created_at
            )
        done = trail_verification_run(verification_id=asked.pk)
        assert done.outcome == V.PROVEN
        assert done.started_at is not None
        assert done.started_at > asked.created_at

    def test_the_command_runs_it_nightly(self, trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("trail_verify")
        assert "4 seals, 14 events: proven" in capsys.readouterr().out
        trail.tamper("DELETE FROM audit_event WHERE id = %s", [trail.events[0]])
        with pytest.raises(CommandError, match="Something is wrong: 2 findings"):
            call_command("trail_verify")
        assert TrailVerification.objects.filter(asked_by=None).count() == 2

    def test_of_many_who_ask_at_once_one_is_served(self, trail: Trail) -> None:
        people = [person(f"auditor_{number}") for number in range(4)]
        outcomes = at_once(*(lambda by=by: ask(by) for by in people))
        assert sum(isinstance(outcome, TrailVerification) for outcome in outcomes) == 1
        assert [type(other) for other in outcomes if not isinstance(other, TrailVerification)] == [
            VerificationRefused
        ] * 3


@pytest.mark.django_db
class TestAsking:
    def test_while_one_is_under_way_no_other_begins(self, ann: User) -> None:
        ask(ann)
        with pytest.raises(VerificationRefused, match="being verified already"):
            ask(ann)
        assert TrailVerification.objects.count() == 1

    def test_one_that_was_lost_for_a_day_stands_in_nobodys_way(
        self, ann: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = ask(ann)
        monkeypatch.setattr("audit.services.trail_verifications.LOST_AFTER", timedelta(seconds=-1))
        second = ask(ann)
        first.refresh_from_db()
        assert (first.outcome, second.outcome) == (V.FAILED, V.WAITING)
        assert "worker was lost" in first.error

    @pytest.mark.parametrize("head", ["{", "[]", '{"format": "versbottomlex audit head 1", "number": 1}'])
    def test_what_is_no_head_is_refused(self, ann: User, head: str) -> None:
        with pytest.raises(HeadMalformed):
            ask(ann, head=head)
        assert not TrailVerification.objects.exists()

    def test_nobody_but_the_worker_writes_an_outcome(self, ann: User) -> None:
        asked = ask(ann)
        for role in STAFF_ROLES:
            with acting(role, user_id=ann.pk), refused("permission denied"):
                run("UPDATE audit_trailverification SET outcome = 'running' WHERE id = %s", [asked.pk])
            with acting(role, user_id=ann.pk), refused("permission denied"):
                run("DELETE FROM audit_trailverification")
        with acting(Role.WORKER), refused("cannot move from waiting to proven"):
            run(
                "UPDATE audit_trailverification SET outcome = 'proven', finished_at = statement_timestamp() "
                "WHERE id = %s",
                [asked.pk],
            )

    def test_an_outcome_is_never_written_over(self, ann: User) -> None:
        asked = trail_verification_run(verification_id=ask(ann).pk)
        with acting(Role.WORKER):
            run("UPDATE audit_trailverification SET notes = '[\"fine\"]' WHERE id = %s", [asked.pk])
        asked.refresh_from_db()
        assert asked.notes != ["fine"]


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def sealed(self, bob: User) -> Seal:
        for _ in range(3):
            event_record(action="flag_raised", subject=bob)
        (made,) = events_seal()
        return made

    def text(self, client: Client, address: str, *arguments: object) -> str:
        response = client.get(reverse(address, args=arguments))
        assert response.status_code == 200
        return response.content.decode()

    @pytest.mark.parametrize("role", STAFF_ROLES)
    @pytest.mark.parametrize("page", ["admin:trail_state", "admin:audit_trailverification_changelist"])
    def test_they_are_for_those_who_oversee(
        self,
        role: Role,
        page: str,
        sign_in: SignIn,
        sealed: Seal,
    ) -> None:
        assert sign_in(role).get(reverse(page)).status_code == (200 if role in OVERSEERS else 403)

    @pytest.mark.parametrize("role", OVERSEERS)
    def test_from_asking_to_the_outcome(self, role: Role, sign_in: SignIn, sealed: Seal) -> None:
        client = sign_in(role)
        assert "The trail was not verified within" in self.text(client, "admin:trail_state")
        assert "Trail not proven" in self.text(client, "admin:index")
        response = client.post(
            reverse("admin:audit_trailverification_add"),
            {"why": "before the yearly audit", "head": "", "acting_role": role.short},
        )
        assert response.status_code == 302, response.content.decode()
        asked = TrailVerification.objects.get()
        assert QueuedJob.objects.filter(task_name="trail_verification_carry_out").count() == 1
        assert "Under way" in self.text(client, "admin:trail_state")
        trail_verification_run(verification_id=asked.pk)
        state = self.text(client, "admin:trail_state")
        assert "Under way" not in state
        assert f"{asked.asked_by}" in state
        assert "Proven" in self.text(client, "admin:audit_trailverification_change", asked.pk)

    def test_a_refusal_stands_on_the_form(self, sign_in: SignIn, ann: User) -> None:
        ask(ann)
        client = sign_in(Role.AUDITOR)
        asked = {"why": "before the yearly audit", "head": "", "acting_role": "auditor"}
        address = reverse("admin:audit_trailverification_add")
        assert "being verified already" in client.post(address, asked, follow=True).content.decode()
        assert "is no JSON" in client.post(address, {**asked, "head": "{"}).content.decode()
        assert TrailVerification.objects.count() == 1

    def test_a_proof_is_saved_from_the_page(self, sign_in: SignIn, sealed: Seal) -> None:
        client = sign_in(Role.AUDITOR)
        address = reverse("admin:trail_state")
        assert f"?event={sealed.first_id}#proof" in self.text(
            client, "admin:audit_event_change", sealed.first_id
        )
        sent = {"event": str(sealed.first_id), "reason": "for the court of Hamburg", "acting_role": "auditor"}
        response = client.post(address, sent)
        assert response["Content-Disposition"] == f'attachment; filename="proof-{sealed.first_id}.json"'
        assert response.json()["words"] is None
        assert Event.objects.filter(action="event_proof_made").count() == 1
        for wrong, words in (
            ({"event": str(sealed.pk)}, "no event with this id"),
            ({"event": "one"}, "valid UUID"),
            ({"reason": ""}, "required"),
        ):
            response = client.post(address, {**sent, **wrong})
            assert words in response.content.decode()
        assert Event.objects.filter(action="event_proof_made").count() == 1

    def test_the_list_asks_as_often_for_twenty_as_for_one(
        self,
        sign_in: SignIn,
        ann: User,
    ) -> None:
        client = sign_in(Role.AUDITOR)
        counts = []
        for wanted in (1, 20):
            while TrailVerification.objects.count() < wanted:
                trail_verification_run(verification_id=ask(ann).pk)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                self.text(client, "admin:audit_trailverification_changelist")
            counts.append(len(asked))
        assert counts[0] == counts[1]
