"""Decisions on cases: everything in one transaction or nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import AlreadyRestricted
from accounts.models import Restriction, User
from audit.decision_errors import DecisionRefused, EffectRefused, StatementIncomplete
from audit.effects import EffectRequest
from audit.models import (
    CaseEvent,
    Claim,
    DecisionEffect,
    Evidence,
    PolicyVersion,
    Report,
    StatementOfReasons,
)
from audit.moderation_choices import EffectKind
from audit.moderation_errors import CaseHeld, CaseRefused
from audit.services.cases import case_escalate, case_reopen
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from core.models.identity import uuid7
from streams.models import Archive
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import (
    REASONS,
    counts,
    make_case,
    make_policy,
    make_report,
    no_violation,
    reverse,
    told,
    violation,
)
from tests.audit.factories_moderation import claimed, lease_runs_out, make_archive
from tests.sql import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator() -> User:
    return staff(Role.MODERATOR)


@pytest.fixture
def lead() -> User:
    return staff(Role.LEAD_MODERATOR)


def test_one_decision_does_all_that_belongs_to_it(moderator: User, announced: Announced) -> None:
    archive = make_archive()
    reporter, another = UserFactory(), UserFactory()
    case = make_case(archive, "archive", reporter=reporter)
    make_report(archive, another, "archive")
    wording = make_policy(points=2)
    decision = violation(
        case,
        moderator,
        EffectKind.ARCHIVE_REMOVE,
        EffectKind.BAR_CHAT,
        wording=wording,
        territories=("FR", "DE"),
    )
    assert (decision.person_id, decision.acting_role, decision.decided_by) == (
        archive.performer_id,
        "vbl_moderator",
        moderator,
    )
    assert decision.territories == ["DE", "FR"]
    six_months = run("SELECT %s::timestamptz + interval '6 months'", [decision.decided_at])[0][0]
    assert decision.appeal_until == six_months
    assert Archive.all_objects.get(pk=archive.pk).status == "removed"
    bar = Restriction.objects.get(user=archive.performer_id)
    assert (bar.kind, bar.decided_by, bar.reason) == ("chat", moderator, f"{case.reference}: {REASONS}")
    effects = DecisionEffect.objects.order_by("kind")
    assert [(effect.kind, effect.axis, effect.slot, effect.result) for effect in effects] == [
        ("archive_remove", "visibility", "visibility", "done"),
        ("bar_chat", "service", "chat", "done"),
    ]
    assert {effect.applied_to for effect in effects} == {bar.pk, archive.decisions.get(kind="remove").pk}
    statement = StatementOfReasons.objects.get()
    assert statement.restrictions == ["service", "visibility"]
    assert (decision.strike.points, decision.strike.person_id) == (2, archive.performer_id)
    assert set(Report.objects.values_list("status", flat=True)) == {"upheld"}
    case.refresh_from_db()
    assert (case.status, case.claimed_by) == ("closed", None)
    assert not Claim.objects.in_force().exists()
    assert Evidence.objects.filter(case=case, keep_until__gt=decision.appeal_until).count() == 1
    kinds = CaseEvent.objects.filter(case=case).order_by("pk").values_list("kind", "words")
    assert list(kinds)[-2:] == [("decided", REASONS), ("closed", "")]
    assert [len(told(person)) for person in (archive.performer_id, reporter.pk, another.pk)] == [1, 1, 1]
    assert "The archive is removed." in told(archive.performer_id)[0]
    assert "a recording" in told(reporter.pk, "report_outcome")[0]
    heard = announced.only("decision_made")
    assert heard["detail"]["effects"] == ["archive_remove", "bar_chat"]
    assert announced.only("strike_issued")["actor"] == moderator


def test_nothing_was_violated(moderator: User) -> None:
    reporter = UserFactory()
    case = make_case(reporter=reporter)
    decision = no_violation(case, moderator)
    assert not decision.effects.exists()
    assert not StatementOfReasons.objects.exists()
    assert Report.objects.get().status == "rejected"
    (words,) = told(reporter.pk)
    assert f"{decision.appeal_until:%Y-%m-%d}" in words
    assert told(case.person_id) == []


def test_a_case_may_stay_open_after_its_decision(moderator: User) -> None:
    case = make_case()
    violation(case, moderator, close=False)
    case.refresh_from_db()
    assert case.status == "decided"
    with pytest.raises(DecisionRefused, match="decided already"):
        no_violation(case, moderator)


def test_who_may_not_decide_which_case(moderator: User, lead: User) -> None:
    case, colleague = make_case(), staff(Role.MODERATOR)
    claimed(case, colleague)
    before = counts()
    with pytest.raises(CaseHeld, match=f"{colleague.handle} holds this case until"):
        violation(case, moderator, wording=make_policy())
    lease_runs_out(case)
    violation(case, moderator)
    with pytest.raises(DecisionRefused, match=r"is closed\. Reopen it first"):
        violation(case, moderator)
    own = make_case(moderator)
    with pytest.raises(NotThere, match="your role may not change it"):
        violation(own, moderator)
    escalated = make_case()
    with acting(Role.MODERATOR, user_id=moderator.pk):
        case_escalate(case_id=escalated.pk, actor=moderator, route="lead", reason="too grave for me")
    with pytest.raises((CaseRefused, NotThere)):
        violation(escalated, moderator)
    violation(escalated, lead, role=Role.LEAD_MODERATOR)
    stale = make_case()
    with pytest.raises(StaleVersion, match="Nothing was saved"):
        violation(stale, moderator, expected_version=99)
    assert before["audit_decision"] + 2 == counts()["audit_decision"]


@pytest.mark.parametrize(
    ("options", "refusal", "words"),
    [
        ({"policy_version_id": None}, StatementIncomplete, "the ground: the policy that was violated"),
        ({"reasons": " "}, StatementIncomplete, "facts and circumstances"),
        ({"effects": ()}, StatementIncomplete, "at least one effect"),
        ({"territories": ("XX", "FR")}, StatementIncomplete, "territories that exist, not XX"),
        (
            {"effects": [EffectRequest(kind=EffectKind.WARN)] * 2},
            EffectRefused,
            "contradict each other: Warn and Warn",
        ),
        ({"outcome": "no_violation"}, DecisionRefused, "Leave out: warn"),
        ({"outcome": "reversal"}, DecisionRefused, "reversed from its own page"),
        ({"outcome": "no_violation", "effects": ()}, DecisionRefused, "Other decisions name none"),
        (
            {"outcome": "no_violation", "effects": (), "policy_version_id": None, "reasons": ""},
            DecisionRefused,
            "Write the facts and circumstances",
        ),
        (
            {
                "effects": [
                    EffectRequest(kind=EffectKind.BAR_CHAT, ends_at=timezone.now() - timedelta(days=1))
                ]
            },
            EffectRefused,
            "an end lies in the future",
        ),
        (
            {
                "effects": [
                    EffectRequest(kind=EffectKind.BAR_TIP, ends_at=timezone.now() + timedelta(days=9999))
                ]
            },
            EffectRefused,
            "within five years",
        ),
        (
            {"effects": [EffectRequest(kind=EffectKind.WARN, ends_at=timezone.now() + timedelta(days=1))]},
            EffectRefused,
            "does not end by itself",
        ),
        ({"effects": [EffectRequest(kind=EffectKind.SUSPEND)]}, EffectRefused, "Lead moderators suspend"),
        (
            {"effects": [EffectRequest(kind=EffectKind.ARCHIVE_REMOVE)]},
            EffectRefused,
            "another kind of thing",
        ),
        ({"policy_version_id": uuid7()}, NotThere, "no such version of a policy"),
        ({"reasons": f"{REASONS} \u202e"}, DecisionRefused, "direction marks"),
    ],
)
def test_bad_input_is_told_and_nothing_is_half_done(
    moderator: User, options: dict[str, Any], refusal: type[Exception], words: str
) -> None:
    case, wording = make_case(), make_policy(points=1)
    before = counts()
    with pytest.raises(refusal, match=words):
        violation(case, moderator, wording=wording, **options)
    assert counts() == before
    case.refresh_from_db()
    assert case.status == "open"


def test_everything_that_is_missing_is_named_at_once(moderator: User) -> None:
    with pytest.raises(StatementIncomplete) as refusal:
        violation(make_case(), moderator, policy_version_id=None, reasons="", effects=(), territories=("ZZ",))
    assert len(refusal.value.missing) == 4


def test_an_effect_that_its_app_refuses_leaves_nothing(moderator: User) -> None:
    archive = make_archive(status="pending")
    case, wording = make_case(archive, "archive"), make_policy(points=3)
    before = counts()
    with pytest.raises(IllegalTransition, match="cannot become restricted"):
        violation(case, moderator, EffectKind.BAR_CHAT, EffectKind.ARCHIVE_RESTRICT, wording=wording)
    assert counts() == before
    violation(case, moderator, EffectKind.BAR_CHAT)
    again = make_case(archive, "archive")
    before = counts()
    with pytest.raises(AlreadyRestricted, match="Lift that first"):
        violation(again, moderator, EffectKind.ARCHIVE_REMOVE, EffectKind.BAR_CHAT, wording=wording)
    assert counts() == before
    assert Archive.all_objects.get(pk=archive.pk).status == "pending"


def test_on_which_wording_a_decision_may_rest(moderator: User) -> None:
    held = make_policy()
    case = make_case()
    draft = PolicyVersion.objects.create(
        policy=held.policy, number=2, title="New", text="Stricter.", ground="terms", severity="low",
        transparency_category="STATEMENT_CATEGORY_VIOLENCE", strike_points=0, strike_days=9,
    )  # fmt: skip
    with pytest.raises(DecisionRefused, match="does not hold"):
        violation(case, moderator, wording=draft)
    PolicyVersion.objects.filter(pk=draft.pk).update(status="published", effective_at=draft.created_at)
    # The older wording held when it was reported, the newer one holds now: either may be named.
    violation(case, moderator, wording=held)
    later = make_case()
    with pytest.raises(DecisionRefused, match="does not hold"):
        violation(later, moderator, wording=held)
    violation(later, moderator, wording=draft)
    run("UPDATE audit_moderationpolicy SET retired_at = now() WHERE id = %s", [held.policy_id])
    with pytest.raises(DecisionRefused, match="does not hold"):
        violation(make_case(), moderator, wording=draft)


def test_a_reopened_case_is_decided_anew_and_reporters_are_told_again(moderator: User, lead: User) -> None:
    reporter = UserFactory()
    case = make_case(reporter=reporter)
    no_violation(case, moderator)
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        case_reopen(case_id=case.pk, actor=lead, reason="there is a second recording")
    violation(case, lead, role=Role.LEAD_MODERATOR)
    assert Report.objects.get().status == "upheld"
    assert len(told(reporter.pk, "report_outcome")) == 2


def test_what_an_earlier_decision_upheld_stays_upheld_until_that_is_reversed(
    moderator: User, lead: User
) -> None:
    first, second = UserFactory(), UserFactory()
    case = make_case(reporter=first)
    decision = violation(case, moderator, close=False)
    make_report(User.objects.get(pk=case.person_id), second)
    no_violation(case, moderator)
    assert dict(Report.objects.values_list("reporter_id", "status")) == {
        first.pk: "upheld",
        second.pk: "rejected",
    }
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        case_reopen(case_id=case.pk, actor=lead, reason="there is a second recording")
    other = violation(case, lead, role=Role.LEAD_MODERATOR)
    reverse(decision, lead)
    assert set(Report.objects.values_list("status", flat=True)) == {"upheld"}
    reverse(other, lead)
    assert set(Report.objects.values_list("status", flat=True)) == {"rejected"}
