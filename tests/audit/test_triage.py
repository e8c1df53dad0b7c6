"""Priority, queue and due time follow from the rules, and say so."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Case, Evidence, Queue, QueueRule, Report, Strike
from audit.moderation_choices import ReportCategory, ReportSource, SubjectKind
from audit.services.cases import cases_triage
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_moderation import make_case, make_report, queue, without_triggers
from tests.sql import refused, run
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db


def explained(case: Case) -> int:
    return max(0, min(1000, sum(line["points"] for line in case.priority_explanation)))


def test_a_minor_is_most_urgent_and_for_leads_alone() -> None:
    case = make_case(category="minor_safety")
    assert (case.priority, case.queue.code, case.leads_only) == (500, "minors_and_consent", True)
    assert case.due_at - case.first_reported_at == timedelta(hours=1)
    assert Report.objects.get().leads_only and Evidence.objects.get().leads_only
    with acting(Role.MODERATOR, user_id=staff(Role.MODERATOR).pk):
        for table in ("audit_case", "audit_report", "audit_evidence", "audit_caseevent"):
            assert run(f"SELECT count(*) FROM {table}") == [(0,)]
    with acting(Role.LEAD_MODERATOR, user_id=staff(Role.LEAD_MODERATOR).pk):
        for table in ("audit_case", "audit_report", "audit_evidence", "audit_caseevent"):
            assert run(f"SELECT count(*) FROM {table}") == [(1,)]


def test_leads_only_comes_with_the_report_that_says_so_and_takes_everything_along() -> None:
    subject = UserFactory()
    moderator = staff(Role.MODERATOR)
    make_report(subject)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        assert Case.objects.count() == 1
    make_report(subject, category="non_consent")
    assert set(Report.objects.values_list("leads_only", flat=True)) == {True}
    assert set(Evidence.objects.values_list("leads_only", flat=True)) == {True}
    with acting(Role.MODERATOR, user_id=moderator.pk):
        assert not Case.objects.exists() and not Report.objects.exists() and not Evidence.objects.exists()


def test_a_case_is_never_due_later_than_it_was() -> None:
    subject = UserFactory()
    first = make_case(subject, category="intellectual_property")
    assert first.due_at - first.first_reported_at == timedelta(days=3)
    case = make_case(subject, category="violence")
    assert case.due_at == first.due_at and case.priority > first.priority
    late = make_case(subject, category="minor_safety")
    assert late.due_at - late.first_reported_at == timedelta(hours=1)
    with acting(Role.WORKER):
        QueueRule.objects.count()
    QueueRule.objects.filter(queue__code="minors_and_consent").update(is_active=False)
    run("SELECT moderation_triage(%s)", [late.pk])
    again = Case.objects.get(pk=late.pk)
    assert again.due_at == late.due_at and again.queue.code == "rights" and not again.leads_only


def test_the_first_rule_with_a_queue_decides_and_all_that_match_add() -> None:
    case = make_case(category="trafficking")
    assert case.queue.code == "minors_and_consent"
    # The rule says two hours, the queue one.
    assert case.due_at - case.first_reported_at == timedelta(hours=2)
    QueueRule.objects.filter(name="Somebody may not have agreed").update(position=500)
    QueueRule.objects.create(name="First of all", position=1, points=7, queue=queue("legal"))
    other = make_case(category="trafficking")
    assert other.queue.code == "legal"
    assert [line["words"] for line in other.priority_explanation] == [
        "First of all",
        "Somebody may not have agreed",
    ]
    assert other.priority == 407


def test_a_closed_queue_is_passed_over() -> None:
    QueueRule.objects.filter(queue__code="rights").update(is_active=False)
    Queue.objects.filter(code="rights").update(is_active=False)
    QueueRule.objects.filter(queue__code="rights").update(is_active=True)
    assert make_case(category="privacy").queue.code == "general"


def test_staff_choose_and_the_rules_leave_it() -> None:
    subject = UserFactory()
    case = make_case(subject)
    Case.objects.filter(pk=case.pk).update(queue=queue("legal"), queue_is_chosen=True)
    make_report(subject, category="minor_safety")
    after = Case.objects.get()
    assert after.queue.code == "legal" and not after.leads_only and after.priority == 500 + 100 + 6


def test_what_is_on_air_and_strikes_are_asked_again_without_a_report() -> None:
    stream, _ = live()
    case = make_case(stream, kind="stream", category="spam")
    assert case.queue.code == "live" and {"words": "On air now", "points": 150} in case.priority_explanation
    with without_triggers("streams_stream"):
        run(
            run(
                "UPDATE streams_stream SET status = 'ended', lease = NULL, ended_at = greatest(started_at, now()), "
                "end_reason = 'performer'"
            )
        )
    with acting(Role.WORKER):
        assert cases_triage() == (1, None)
    after = Case.objects.get()
    assert after.priority == 10 and after.due_at == case.due_at
    assert not Strike.objects.exists()


def test_nobody_writes_a_priority_or_a_rule_who_may_not() -> None:
    make_case()
    moderator, lead = staff(Role.MODERATOR), staff(Role.LEAD_MODERATOR)
    for role, person in ((Role.MODERATOR, moderator), (Role.LEAD_MODERATOR, lead)):
        with acting(role, user_id=person.pk), refused("permission denied"):
            run("UPDATE audit_case SET priority = 1")
        with acting(role, user_id=person.pk), refused("follows from its queue"):
            run("UPDATE audit_case SET due_at = now() + interval '1 year'")
        with acting(role, user_id=person.pk), refused("follows from its queue"):
            run("UPDATE audit_case SET leads_only = true")
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("permission denied"):
        run("UPDATE audit_queuerule SET points = 1000")
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("permission denied"):
        run("SELECT moderation_triage(id) FROM audit_case")


RULES = st.lists(
    st.fixed_dictionaries(
        {
            "categories": st.lists(st.sampled_from(ReportCategory.values), max_size=3, unique=True),
            "subject_kinds": st.lists(st.sampled_from(SubjectKind.values), max_size=2, unique=True),
            "sources": st.lists(st.sampled_from(ReportSource.values), max_size=2, unique=True),
            "least_reports": st.integers(1, 4),
            "points": st.integers(-1000, 1000),
            "is_active": st.booleans(),
            "queue": st.sampled_from([None, "general", "rights", "legal", "minors_and_consent"]),
        }
    ),
    max_size=6,
)


@settings(max_examples=40)
@given(
    rules=RULES,
    order=st.randoms(use_true_random=False),
    categories=st.lists(st.sampled_from(ReportCategory.values), min_size=1, max_size=4),
)
def test_the_priority_is_the_clamped_sum_of_its_explanation(rules, order, categories) -> None:  # type: ignore[no-untyped-def]
    QueueRule.objects.all().delete()
    places = list(range(1, len(rules) + 1))
    order.shuffle(places)
    made = []
    for place, fields in zip(places, rules, strict=True):
        name = fields["queue"]
        values = {**fields, "queue": queue(name) if name else None}
        made.append(QueueRule.objects.create(name=f"Rule {place}", position=place, **values))
    subject = UserFactory()
    for category in categories:
        make_report(subject, category=category)
    case = Case.objects.get(subject_id=subject.pk)
    reports = len(categories)
    matching = sorted(
        (
            rule
            for rule in made
            if rule.is_active
            and (not rule.categories or set(rule.categories) & set(categories))
            and (not rule.subject_kinds or "person" in rule.subject_kinds)
            and (not rule.sources or "user" in rule.sources)
            and reports >= rule.least_reports
        ),
        key=lambda rule: rule.position,
    )
    assert case.priority == explained(case)
    told = [line["words"] for line in case.priority_explanation if not line["words"].endswith(" reports")]
    assert told == [rule.name for rule in matching if rule.points]
    named = [rule.queue for rule in matching if rule.queue]
    if named:
        assert case.queue == named[0]
    assert case.leads_only == case.queue.leads_only
