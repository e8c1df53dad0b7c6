"""Whatever moderators, leads, reporters and the worker do to a case, in any order: what holds, holds."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from audit.models import Case, CaseEvent, Claim, Report
from audit.services.cases import case_close, case_escalate, case_move_queue, case_reopen
from audit.services.claims import case_claim, claim_next, claim_release, claim_renew, claims_settle
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import decided, lease_runs_out, make_report, queue, without_triggers
from tests.sql import run

pytestmark = pytest.mark.django_db

ACTORS = st.sampled_from(["first", "second", "lead"])


class CaseLife(RuleBasedStateMachine):
    """One subject, two moderators and a lead; the model knows only who holds the case."""

    def __init__(self) -> None:
        super().__init__()
        self.subject = UserFactory()
        self.people = {
            "first": (staff(Role.MODERATOR), Role.MODERATOR),
            "second": (staff(Role.MODERATOR), Role.MODERATOR),
            "lead": (staff(Role.LEAD_MODERATOR), Role.LEAD_MODERATOR),
        }
        self.case_id = make_report(self.subject).case_id
        self.holder: str | None = None
        self.reports = 1

    @property
    def case(self) -> Case:
        return Case.objects.get(pk=self.case_id)

    def attempt(self, who, act, **arguments) -> bool:  # type: ignore[no-untyped-def]
        person, role = self.people[who]
        try:
            with acting(role, user_id=person.pk):
                act(case_id=self.case_id, actor=person, **arguments)
        except Refused:
            return False
        return True

    @rule(who=ACTORS)
    def claim(self, who: str) -> None:
        case = self.case
        waits = case.status in ("open", "reopened", "escalated", "claimed")
        mine = who == "lead" or case.escalation_route is None
        done = self.attempt(who, case_claim)
        assert done == (waits and mine and self.holder in (None, who))
        if done:
            self.holder = who

    @rule(who=ACTORS)
    def take_the_next(self, who: str) -> None:
        person, role = self.people[who]
        with acting(role, user_id=person.pk):
            case = claim_next(actor=person)
        if case is not None:
            assert self.holder is None and case.pk == self.case_id
            self.holder = who

    @rule(who=ACTORS)
    def renew(self, who: str) -> None:
        assert self.attempt(who, claim_renew) == (self.holder == who)

    @rule(who=ACTORS)
    def release(self, who: str) -> None:
        if self.attempt(who, claim_release):
            assert self.holder == who
            self.holder = None

    @rule()
    def run_out(self) -> None:
        if self.holder is not None:
            lease_runs_out(self.case)
            self.holder = None

    @rule()
    def settle(self) -> None:
        with acting(Role.WORKER):
            claims_settle()

    @rule(who=ACTORS)
    def escalate(self, who: str) -> None:
        if self.attempt(who, case_escalate, route="lead", reason="above me"):
            assert self.holder in (None, who)
            self.holder = None

    @rule(code=st.sampled_from(["rights", "general"]))
    def move(self, code: str) -> None:
        self.attempt("lead", case_move_queue, queue_id=queue(code).pk, reason="there")

    @precondition(lambda self: self.holder is not None)
    @rule(closed=st.booleans())
    def decide(self, closed: bool) -> None:
        decided(self.case, closed=closed)
        # What the trigger of the move does, which the factory switches off.
        with without_triggers("audit_claim"):
            run(
                "UPDATE audit_claim SET valid = tstzrange(lower(valid), statement_timestamp()) "
                "WHERE upper(valid) > statement_timestamp()"
            )
        self.holder = None

    @rule(who=ACTORS)
    def close(self, who: str) -> None:
        before = self.case.status
        assert self.attempt(who, case_close, reason="done") == (before == "decided")

    @rule(who=ACTORS)
    def reopen(self, who: str) -> None:
        before = self.case.status
        done = self.attempt(who, case_reopen, reason="again")
        assert done == (before in ("decided", "closed"))

    @precondition(lambda self: self.case.status != "closed")
    @rule()
    def report(self) -> None:
        assert make_report(self.subject).case_id == self.case_id
        self.reports += 1

    @invariant()
    def one_case_and_every_report_counted(self) -> None:
        case = Case.objects.get()
        assert case.report_count == Report.objects.count() == self.reports

    @invariant()
    def the_case_says_what_the_claims_say(self) -> None:
        case, claims = self.case, list(Claim.objects.in_force())
        assert len(claims) <= 1
        if self.holder is None:
            assert claims == []
        else:
            (claim,) = claims
            assert claim.moderator_id == case.claimed_by_id == self.people[self.holder][0].pk
            assert case.status == "claimed" and case.claimed_until == claim.valid.upper

    @invariant()
    def times_fit_the_state(self) -> None:
        case = self.case
        assert (case.closed_at is not None) == (case.status == "closed")
        assert case.decided_at is not None or case.status not in ("decided", "closed")
        assert (case.escalated_at is None) == (case.escalation_route is None)
        assert case.status != "escalated" or case.escalated_at is not None

    @invariant()
    def moves_are_on_record(self) -> None:
        kinds = set(CaseEvent.objects.values_list("kind", flat=True))
        assert "opened" in kinds
        assert self.case.status != "escalated" or "escalated" in kinds
        assert self.case.status != "reopened" or "reopened" in kinds


class CaseLifeInTransaction(CaseLife):
    """Each run in a transaction of its own, which leaves nothing."""

    def __init__(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        super().__init__()

    def teardown(self) -> None:
        """Take back what the run wrote."""
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)


def test_life_of_a_case() -> None:
    run_state_machine_as_test(
        CaseLifeInTransaction,
        settings=settings(max_examples=12, stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
