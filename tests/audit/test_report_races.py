"""A storm of reports, on connections of their own: one case, one copy, every report counted."""

from typing import Any

import pytest

from accounts.models import User
from audit.models import Case, Evidence, Report
from audit.moderation_errors import ReportRefused
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once, refusals
from tests.audit.factories_moderation import make_report
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, EACH = 5, 100


def test_five_hundred_reports_of_one_subject_are_one_case() -> None:
    subject, reporters = UserFactory(), UserFactory.create_batch(THREADS * EACH)

    def report(people: list[User]) -> int:
        for reporter in people:
            make_report(subject, reporter, category="hate")
        return len(people)

    parts = [reporters[number::THREADS] for number in range(THREADS)]
    outcomes = at_once(*(lambda part=part: report(part) for part in parts))
    assert outcomes == [EACH] * THREADS
    case = Case.objects.get()
    assert case.report_count == Report.objects.filter(case=case).count() == THREADS * EACH
    assert Evidence.objects.count() == 1
    # Hate or harassment 100, many reports 80, and twenty times the logarithm of 500.
    assert case.priority == 100 + 80 + 54 == sum(line["points"] for line in case.priority_explanation)
    assert case.priority_explanation[-1] == {"words": "500 reports", "points": 54}
    assert run("SELECT count(*) FROM audit_event WHERE action = 'report_filed'") == [(THREADS * EACH,)]


def test_one_reporter_at_once_in_many_windows_keeps_to_the_hourly_limit() -> None:
    reporter, people = UserFactory(), UserFactory.create_batch(40)

    def report(subjects: list[User]) -> Any:
        refused = 0
        for subject in subjects:
            try:
                make_report(subject, reporter)
            except ReportRefused:
                refused += 1
        return refused

    outcomes = at_once(*(lambda number=number: report(people[number::4]) for number in range(4)))
    assert refusals(outcomes) == [] and sum(outcomes) == 10
    assert Report.objects.count() == Case.objects.count() == 30


def test_the_same_report_twice_at_once_is_one() -> None:
    subject, reporter = UserFactory(), UserFactory()
    outcomes = at_once(*(lambda: make_report(subject, reporter) for _ in range(3)))
    assert refusals(outcomes) == [ReportRefused] * 2
    assert Case.objects.get().report_count == 1
