"""Decisions by raw SQL: half of one, one by the wrong person, one after the fact."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import (
    Case,
    Decision,
)
from audit.moderation_choices import EffectKind
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import (
    make_case,
    make_policy,
    no_violation,
    violation,
)
from tests.audit.factories_moderation import claimed
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator() -> User:
    return staff(Role.MODERATOR)


@pytest.fixture
def lead() -> User:
    return staff(Role.LEAD_MODERATOR)


INSERT = (
    "INSERT INTO audit_decision (id, case_id, kind, outcome, policy_version_id, reasons, decided_by_id, territories, "
    "automated_detection, automated_decision, reverses_id) "
    "VALUES (uuidv7(), %s, %s, %s, %s, 'why, as it was', %s, '{}', false, 'none', %s) RETURNING id"
)
EFFECT = (
    "INSERT INTO audit_decisioneffect (id, decision_id, kind, axis, slot, target_kind, target_id, result, before, "
    "undoes_id, ends_at) VALUES (uuidv7(), %s, %s, %s, %s, %s, %s, 'done', '{}', %s, %s)"
)


def test_half_a_decision_by_raw_sql_does_not_pass(moderator: User) -> None:
    case, wording = make_case(), make_policy(points=1)
    silent = make_policy()
    claimed(case, moderator)
    warn = ("warn", "none", "warning", "person", case.person_id, None, None)
    bar = ("bar_chat", "service", "chat", "person", case.person_id, None, None)
    for policy, effects, words in (
        (silent, (), "at least one effect"),
        (silent, (warn, bar), "exactly the restrictions"),
        (wording, (warn,), "brings the strike"),
    ):
        with acting(Role.MODERATOR, user_id=moderator.pk), refused(words):
            ((decision,),) = run(INSERT, [case.pk, "original", "violation", policy.pk, moderator.pk, None])
            for effect in effects:
                run(EFFECT, [decision, *effect])
            run("SET CONSTRAINTS ALL IMMEDIATE")
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("there is no effect"):
        ((decision,),) = run(INSERT, [case.pk, "original", "no_violation", None, moderator.pk, None])
        run(EFFECT, [decision, *warn])
        run("SET CONSTRAINTS ALL IMMEDIATE")
    for kind, axis in (("warn", "account"), ("bar_tip", "none")):
        with acting(Role.MODERATOR, user_id=moderator.pk), refused("kind_facts"):
            ((decision,),) = run(INSERT, [case.pk, "original", "violation", silent.pk, moderator.pk, None])
            run(EFFECT, [decision, kind, axis, "warning", "person", case.person_id, None, None])


def test_effects_by_raw_sql_hit_the_person_of_the_case_alone(moderator: User, lead: User) -> None:
    case, silent, other = make_case(), make_policy(), UserFactory()
    for target, words in ((other.pk, "another person"), (uuid7(), "is not there")):
        with acting(Role.MODERATOR, user_id=moderator.pk), refused(words):
            ((decision,),) = run(INSERT, [case.pk, "original", "violation", silent.pk, moderator.pk, None])
            run(EFFECT, [decision, "warn", "none", "warning", "person", target, None, None])
    long = timezone.now() + timedelta(days=40)
    for end in (None, long):
        with acting(Role.MODERATOR, user_id=moderator.pk), refused("Lead moderators suspend"):
            ((decision,),) = run(INSERT, [case.pk, "original", "violation", silent.pk, moderator.pk, None])
            run(EFFECT, [decision, "suspend", "account", "sign_in", "person", case.person_id, None, end])


def test_who_decides_by_raw_sql(moderator: User) -> None:
    case, colleague = make_case(), staff(Role.MODERATOR)
    own = make_case(moderator)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        for who, on, words in (
            (colleague.pk, case.pk, "row-level security"),
            (None, case.pk, "row-level security"),
            (moderator.pk, own.pk, "row-level security|own_check"),
            (moderator.pk, uuid7(), "no such case"),
        ):
            with refused(words):
                run(INSERT, [on, "original", "no_violation", None, who, None])
    claimed(case, colleague)
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("A colleague holds this case"):
        run(INSERT, [case.pk, "original", "no_violation", None, moderator.pk, None])
    no_violation(case, colleague)
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("This case is closed"):
        run(INSERT, [case.pk, "original", "no_violation", None, moderator.pk, None])
    for role in (Role.VIEWER, Role.PERFORMER, Role.SUPPORT, Role.FINANCE, Role.WORKER, Role.AUDITOR):
        with acting(role, user_id=moderator.pk), refused("permission denied"):
            run(INSERT, [case.pk, "original", "no_violation", None, moderator.pk, None])


def test_a_decision_stands_as_it_was_made(moderator: User) -> None:
    case = make_case()
    decision = violation(case, moderator, EffectKind.BAR_CHAT)
    for table in ("audit_decision", "audit_decisioneffect", "audit_decisionnotification"):
        with refused("append-only"):
            run(f"UPDATE {table} SET id = uuidv7()")
        with refused("append-only"):
            run(f"DELETE FROM {table}")
    with refused("cannot be changed"):
        run("UPDATE audit_statementofreasons SET facts = 'other facts'")
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("permission denied"):
        run("UPDATE audit_statementofreasons SET submitted_at = now()")
    with acting(Role.VIEWER, user_id=case.person_id):
        assert [row[0] for row in run("SELECT decision_id FROM audit_statementofreasons")] == [decision.pk]
    with acting(Role.VIEWER, user_id=UserFactory().pk):
        assert run("SELECT decision_id FROM audit_statementofreasons") == []
        assert affected("SELECT FROM audit_decisionnotification") == 0
    assert Decision.objects.about(case.person_id).standing().get() == decision


@pytest.mark.django_db(transaction=True)
def test_nothing_is_added_to_a_decision_afterwards() -> None:
    moderator = staff(Role.MODERATOR)
    case = make_case()
    decision = violation(case, moderator)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        with refused("never afterwards"):
            run(EFFECT, [decision.pk, "bar_chat", "service", "chat", "person", case.person_id, None, None])
        with refused("issued with the violation"):
            run(
                "INSERT INTO audit_statementofreasons (id, decision_id, facts, source, submitted_at) "
                "VALUES (uuidv7(), %s, 'facts', NULL, NULL)",
                [decision.pk],
            )
        with refused("comes with a violation"):
            run("INSERT INTO audit_strike (id, decision_id) VALUES (uuidv7(), %s)", [decision.pk])


def test_half_a_case_cannot_be_read_by_those_it_does_not_concern(moderator: User) -> None:
    case = make_case()
    violation(case, moderator)
    for role in (Role.VIEWER, Role.PERFORMER, Role.SUPPORT, Role.FINANCE):
        with acting(role, user_id=UserFactory().pk), refused("permission denied"):
            run("SELECT FROM audit_decision")
    with acting(Role.MODERATOR, user_id=case.person_id):
        assert run("SELECT id FROM audit_decision") == []
    assert Case.objects.get(pk=case.pk).closed_at is not None
