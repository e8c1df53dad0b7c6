"""Several who decide, appeal and review at once, on connections of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Restriction, User
from audit.models import ActionProposal, Appeal, Case, Decision, Report
from audit.moderation_choices import DecisionOutcome, EffectKind
from audit.moderation_errors import CaseHeld
from audit.services.appeals import appeal_file, appeal_take
from audit.services.decisions import case_decide
from audit.services.reversals import decision_reverse
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from tests.accounts.factories import UserFactory, staff
from tests.accounts.test_races import at_once, refusals
from tests.audit.factories_decisions import (
    REASONS,
    asked,
    make_case,
    make_ladder,
    make_policy,
    no_violation,
    person_of,
    violation,
)
from tests.audit.factories_moderation import make_archive

pytestmark = pytest.mark.django_db(transaction=True)


def deciding(case: Case, wording: Any, kind: EffectKind = EffectKind.BAR_CHAT) -> Callable[[], Decision]:
    actor = staff(Role.MODERATOR)

    def act() -> Decision:
        with acting(Role.MODERATOR, user_id=actor.pk):
            return case_decide(
                case_id=case.pk, actor=actor, outcome=DecisionOutcome.VIOLATION, reasons=REASONS,
                policy_version_id=wording.pk, effects=asked(kind),
            )  # fmt: skip

    return act


def test_one_of_two_moderators_decides_and_the_other_is_told() -> None:
    case, wording = make_case(), make_policy(points=1)
    outcomes = at_once(*(deciding(case, wording) for _ in range(3)))
    failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(failed) == 2
    for refusal in failed:
        assert isinstance(refusal, Refused)
        assert isinstance(refusal, CaseHeld) or "is closed. Reopen it first" in str(refusal)
    decision = Decision.objects.get()
    assert Restriction.objects.get().decided_by == decision.decided_by
    assert Report.objects.get().status == "upheld"


def test_a_decision_is_reversed_once() -> None:
    decision = violation(make_case(), staff(Role.MODERATOR), EffectKind.BAR_CHAT)

    def reversing() -> Callable[[], Decision]:
        lead = staff(Role.LEAD_MODERATOR)

        def act() -> Decision:
            with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
                return decision_reverse(
                    decision_id=decision.pk, actor=lead, reasons="A mix-up of two people."
                )

        return act

    outcomes = at_once(reversing(), reversing())
    assert len(refusals(outcomes)) == 1
    assert "reversed already" in str(next(outcome for outcome in outcomes if isinstance(outcome, Exception)))
    assert Decision.objects.filter(reverses=decision).count() == 1


def test_one_appeal_of_a_person_and_one_reviewer() -> None:
    lead, reporter = staff(Role.LEAD_MODERATOR), UserFactory()
    decision = no_violation(make_case(reporter=reporter), lead, role=Role.LEAD_MODERATOR)

    def file() -> Appeal:
        with acting(Role.VIEWER, user_id=reporter.pk):
            return appeal_file(
                decision_id=decision.pk, appellant=reporter, words="Look again.", actor=reporter
            )

    outcomes = at_once(file, file)
    assert len(refusals(outcomes)) == 1
    filed = Appeal.objects.get()

    def taking() -> Callable[[], Appeal]:
        reviewer = staff(Role.LEAD_MODERATOR)

        def act() -> Appeal:
            with acting(Role.LEAD_MODERATOR, user_id=reviewer.pk):
                return appeal_take(appeal_id=filed.pk, actor=reviewer)

        return act

    assert len(refusals(at_once(taking(), taking()))) == 1
    assert Appeal.objects.get().reviewer is not None


def test_two_strikes_at_once_count_one_another() -> None:
    make_ladder((4, "suspend", None))
    archive = make_archive()
    person = User.objects.get(pk=archive.performer_id)
    wording = make_policy(points=2)
    cases = [make_case(archive, "archive"), make_case(archive.stream, "stream")]
    outcomes = at_once(*(deciding(case, wording, EffectKind.WARN) for case in cases))
    assert refusals(outcomes) == []
    proposal = ActionProposal.objects.get()
    assert (proposal.points, proposal.person) == (4, person)
    assert person_of(proposal.case) == person
