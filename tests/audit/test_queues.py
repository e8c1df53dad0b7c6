"""Queues and rules: who makes them, and what happens to the cases that wait."""

from datetime import timedelta

import pytest

from audit.models import Case, Queue, QueueRule, Report
from audit.moderation_errors import QueueRefused
from audit.services.queues import (
    cases_matching,
    queue_add,
    queue_change,
    queue_make_default,
    queue_rule_add,
    queue_rule_change,
    queue_rule_delete,
)
from core.db.context import acting
from core.db.roles import Role
from core.errors import StaleVersion
from tests.accounts.factories import staff
from tests.audit.factories_moderation import make_case, queue
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return staff(Role.AUDITOR)


@pytest.fixture
def lead():
    person = staff(Role.LEAD_MODERATOR)
    with acting(Role.LEAD_MODERATOR, user_id=person.pk):
        yield person


def test_there_is_one_default_queue_and_it_can_be_another(lead) -> None:
    other = queue_add(code="inbox", name="Inbox", due_within=timedelta(hours=8), actor=lead)
    queue_make_default(queue_id=other.pk, actor=lead, reason="a smaller one first")
    assert Queue.objects.get(is_default=True).code == "inbox"
    with pytest.raises(QueueRefused, match="default queue already"):
        queue_make_default(queue_id=other.pk, actor=lead, reason="again")
    with pytest.raises(QueueRefused, match="open to every moderator"):
        queue_make_default(queue_id=queue("minors_and_consent").pk, actor=lead, reason="mistake")
    with refused("default"):
        run("UPDATE audit_queue SET is_default = true WHERE code = 'legal'")


def test_a_queue_that_becomes_for_leads_hides_what_waits_in_it() -> None:
    case = make_case()
    lead = staff(Role.LEAD_MODERATOR)
    other = queue("general")
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        fresh = queue_add(code="quiet", name="Quiet", actor=lead)
    Case.objects.filter(pk=case.pk).update(queue=fresh, queue_is_chosen=True)
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        queue_change(queue_id=fresh.pk, changes={"leads_only": True}, actor=lead, reason="delicate")
    assert Case.objects.get().leads_only and Report.objects.get().leads_only
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        with pytest.raises(QueueRefused, match="Cases wait in this queue"):
            queue_change(queue_id=fresh.pk, changes={"is_active": False}, actor=lead, reason="done")
        queue_change(queue_id=fresh.pk, changes={"leads_only": False}, actor=lead, reason="not so delicate")
    assert not Case.objects.get().leads_only
    assert other.is_active


def test_changes_are_checked_and_kept_in_history(auditor, lead) -> None:
    rights = queue("rights")
    with pytest.raises(QueueRefused, match="five minutes to sixty days"):
        queue_change(
            queue_id=rights.pk, changes={"due_within": timedelta(days=90)}, actor=lead, reason="no hurry"
        )
    with pytest.raises(QueueRefused, match="These can be set"):
        queue_change(queue_id=rights.pk, changes={"code": "x"}, actor=lead, reason="shorter")
    with pytest.raises(QueueRefused, match="Say why"):
        queue_change(queue_id=rights.pk, changes={"name": "X"}, actor=lead, reason=" ")
    with pytest.raises(StaleVersion):
        queue_change(
            queue_id=rights.pk, changes={"name": "X"}, actor=lead, reason="shorter", expected_version=9
        )
    queue_change(queue_id=rights.pk, changes={"name": "Rights"}, actor=lead, reason="shorter")
    with acting(Role.AUDITOR, user_id=auditor.pk):
        assert [row.name for row in rights.history.all()[:1]] == ["Rights"]


def test_rules_are_made_changed_and_deleted(lead) -> None:
    rule = queue_rule_add(
        fields={"name": "Weekend", "position": 15, "points": 5, "categories": ["spam"]}, actor=lead
    )
    with pytest.raises(QueueRefused, match="same place"):
        queue_rule_add(fields={"name": "Other", "position": 15}, actor=lead)
    with pytest.raises(QueueRefused, match="not all categories"):
        queue_rule_change(queue_rule_id=rule.pk, changes={"categories": ["x"]}, actor=lead, reason="typo")
    queue_rule_change(
        queue_rule_id=rule.pk, changes={"queue_id": queue("legal").pk}, actor=lead, reason="there"
    )
    assert QueueRule.objects.get(pk=rule.pk).queue.code == "legal"
    queue_rule_delete(queue_rule_id=rule.pk, actor=lead, reason="not needed")
    assert not QueueRule.objects.filter(pk=rule.pk).exists()
    actions = run("SELECT action FROM audit_event WHERE action LIKE 'queue_rule%%' ORDER BY id")
    assert [row[0] for row in actions] == ["queue_rule_added", "queue_rule_changed", "queue_rule_deleted"]


def test_what_a_rule_would_match_is_told_before_it_is_made() -> None:
    spam, _ = make_case(category="spam"), make_case(category="fraud")
    rule = QueueRule(name="New", position=1, categories=["spam", "hate"], subject_kinds=["person"])
    assert list(cases_matching(rule)) == [spam]
    rule.least_reports = 2
    assert not cases_matching(rule).exists()


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.COMPLIANCE, Role.AUDITOR])
def test_others_read_queues_and_rules_and_change_nothing(role: Role) -> None:
    with acting(role, user_id=staff(role).pk):
        assert Queue.objects.count() == 7 and QueueRule.objects.count() == 12
        for statement in ("UPDATE audit_queue SET name = 'x'", "DELETE FROM audit_queuerule"):
            with refused("permission denied"):
                run(statement)
