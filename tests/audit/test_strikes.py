"""Strikes, the ladder that proposes, and the person who decides."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Restriction, User
from audit.decision_errors import DecisionRefused, ProposalRefused
from audit.models import ActionProposal, Case, PolicyVersion, Report, Strike
from audit.moderation_choices import EffectKind
from audit.services.strikes import proposal_decline
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import (
    make_case,
    make_ladder,
    make_policy,
    no_violation,
    reverse,
    violation,
)
from tests.audit.factories_moderation import make_archive, without_triggers
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> User:
    return staff(Role.LEAD_MODERATOR)


@pytest.fixture
def wording() -> PolicyVersion:
    return make_policy(points=2, days=30)


@pytest.fixture(autouse=True)
def ladder(db: None) -> None:
    make_ladder(
        (2, "warn", None), (4, "bar_chat", timedelta(days=7)), (6, "suspend", timedelta(days=30)),
        (7, "suspend", None),
    )  # fmt: skip


def strike(person: User, lead: User, wording: PolicyVersion, **options: Any) -> Any:
    archive_or_person = options.pop("subject", None)
    case = make_case(*(archive_or_person or (person, "person")))
    return violation(case, lead, role=Role.LEAD_MODERATOR, wording=wording, **options)


def proposals(person: User) -> list[tuple[str, int, str]]:
    rows = ActionProposal.objects.filter(person=person).order_by("pk")
    return [(row.action, row.points, row.status) for row in rows]


def test_strikes_add_up_and_the_ladder_proposes(
    lead: User, wording: PolicyVersion, announced: Announced
) -> None:
    archive = make_archive()
    person = User.objects.get(pk=archive.performer_id)
    first = strike(person, lead, wording, subject=(archive, "archive"))
    assert first.strike.expires_at == first.decided_at + timedelta(days=30)
    proposal = ActionProposal.objects.get()
    assert (proposal.action, proposal.points, proposal.triggered_by) == ("warn", 2, first)
    assert (proposal.case.subject_kind, proposal.case.subject_id, proposal.case.status) == (
        "person",
        person.pk,
        "open",
    )
    report = Report.objects.get(case=proposal.case)
    assert (report.source, report.category, report.detector) == (
        "automatic",
        "repeated_violations",
        "strike ladder",
    )
    assert not Restriction.objects.exists(), "the ladder never acts"
    assert announced.only("action_proposed")["detail"] == {"action": "warn", "points": 2}
    second = violation(make_case(archive, "archive"), lead, role=Role.LEAD_MODERATOR, wording=wording)
    assert ActionProposal.objects.get(triggered_by=second).action == "bar_chat"
    assert Case.objects.filter(subject_kind="person").count() == 1, (
        "proposals share the open case about the person"
    )


def test_only_the_highest_step_newly_reached(lead: User) -> None:
    person = UserFactory()
    strike(person, lead, make_policy(points=6))
    assert proposals(person) == [("suspend", 6, "open")]
    quiet = UserFactory()
    strike(quiet, lead, make_policy(points=1))
    assert proposals(quiet) == []
    # The case about the person that the ladder opened is decided with this; nothing between 1 and 2 but the first step.
    strike(quiet, lead, make_policy(points=1))
    assert proposals(quiet) == [("warn", 2, "open")]


def test_expired_and_revoked_strikes_count_no_more(lead: User, wording: PolicyVersion) -> None:
    archive = make_archive()
    person = User.objects.get(pk=archive.performer_id)
    first = strike(person, lead, wording, subject=(archive, "archive"))
    assert Strike.objects.in_force(person.pk).count() == 1
    with without_triggers("audit_strike"):
        run(
            "UPDATE audit_strike SET issued_at = now() - interval '40 days', expires_at = now() - interval '1 second' "
            "WHERE decision_id = %s",
            [first.pk],
        )
    assert not Strike.objects.in_force(person.pk).exists()
    strike(person, lead, wording, subject=(archive, "archive"))
    assert [points for _, points, _ in proposals(person)] == [2, 2]


def test_a_proposal_is_accepted_by_a_decision_that_does_it(lead: User, wording: PolicyVersion) -> None:
    archive = make_archive()
    person = User.objects.get(pk=archive.performer_id)
    for _ in range(2):
        violation(make_case(archive, "archive"), lead, role=Role.LEAD_MODERATOR, wording=wording)
    warn, bar = ActionProposal.objects.order_by("pk")
    case, silent = bar.case, make_policy()
    with pytest.raises(ProposalRefused, match="does not do what was proposed: bar from chat"):
        violation(case, lead, role=Role.LEAD_MODERATOR, wording=silent, proposal_id=bar.pk)
    with pytest.raises(ProposalRefused, match="proposed on another case"):
        violation(
            make_case(),
            lead,
            EffectKind.BAR_CHAT,
            role=Role.LEAD_MODERATOR,
            wording=silent,
            proposal_id=bar.pk,
        )
    with pytest.raises(DecisionRefused, match="accepted by a violation"):
        no_violation(case, lead, role=Role.LEAD_MODERATOR, proposal_id=bar.pk)
    decision = violation(
        case, lead, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR, wording=silent, proposal_id=bar.pk
    )
    bar.refresh_from_db()
    warn.refresh_from_db()
    assert (bar.status, bar.decision, bar.settled_by) == ("accepted", decision, lead)
    assert bar.settled_at is not None
    assert (warn.status, warn.settled_by) == ("declined", lead), "the decision settles what else was proposed"
    assert Restriction.objects.get(user=person).kind == "chat"
    with (
        pytest.raises(ProposalRefused, match="settled: accepted"),
        acting(Role.LEAD_MODERATOR, user_id=lead.pk),
    ):
        proposal_decline(action_proposal_id=bar.pk, actor=lead, reason="too hard")


def test_declining_says_why(lead: User, wording: PolicyVersion, announced: Announced) -> None:
    person = UserFactory()
    strike(person, lead, wording)
    proposal = ActionProposal.objects.get()
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        with pytest.raises(ProposalRefused, match="says why"):
            proposal_decline(action_proposal_id=proposal.pk, actor=lead, reason=" ")
        proposal_decline(action_proposal_id=proposal.pk, actor=lead, reason="a first mistake")
    assert proposals(person) == [("warn", 2, "declined")]
    assert announced.only("proposal_declined")["reason"] == "a first mistake"
    assert Strike.objects.in_force(person.pk).count() == 1


def test_a_reversal_revokes_the_strike_and_withdraws_what_it_led_to(
    lead: User, wording: PolicyVersion
) -> None:
    archive = make_archive()
    person = User.objects.get(pk=archive.performer_id)
    first = violation(make_case(archive, "archive"), lead, role=Role.LEAD_MODERATOR, wording=wording)
    violation(make_case(archive, "archive"), lead, role=Role.LEAD_MODERATOR, wording=wording)
    reverse(first, lead)
    assert proposals(person) == [("warn", 2, "withdrawn"), ("bar_chat", 4, "open")]
    assert Strike.objects.in_force(person.pk).count() == 1


def test_strikes_and_proposals_attacked_by_raw_sql(lead: User, wording: PolicyVersion) -> None:
    person = UserFactory()
    decision = strike(person, lead, wording)
    proposal = ActionProposal.objects.get()
    settle = "UPDATE audit_actionproposal SET status = %s, decision_id = %s, settled_by_id = %s, settled_at = now()"
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        for status, by, words in (
            ("accepted", decision.pk, "by a decision on its case"),
            ("withdrawn", None, "by the reversal of what led to it"),
            ("declined", None, "reason_check"),
        ):
            with refused(words):
                run(settle, [status, by, lead.pk])
        with refused("nobody else does"):
            run(
                "INSERT INTO audit_actionproposal (id, person_id, case_id, triggered_by_id, step_id, points, action, "
                "status, reason) SELECT uuidv7(), person_id, case_id, triggered_by_id, step_id, 99, 'suspend', 'open', "
                "'' FROM audit_actionproposal"
            )
        with refused("permission denied"):
            run("DELETE FROM audit_strike")
    for role in (Role.VIEWER, Role.PERFORMER):
        with acting(role, user_id=person.pk):
            assert run("SELECT points FROM audit_strike") == [(2,)]
            with refused("permission denied"):
                run("SELECT FROM audit_actionproposal")
        with acting(role, user_id=lead.pk):
            assert run("SELECT points FROM audit_strike") == []
    assert proposal.status == "open"
