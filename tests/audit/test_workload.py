"""The figures of the workload, and their page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Case, Claim, Queue
from audit.selectors_workload import Workload, workload
from audit.templatetags.workload_words import duration_words
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_derived
from tests.accounts.factories import staff
from tests.audit.bulk_rows import decided, hold, make_case, make_cases, make_queue
from tests.audit.factories_moderation import claimed, without_triggers
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
WEEK = timedelta(days=7)
PAGE = "admin:workload"


def figures(role: Role = Role.LEAD_MODERATOR, user: User | None = None, **options: Any) -> Workload:
    with acting(role, user_id=(user or staff(role)).pk):
        return workload(WEEK, **options)


def ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)


def long_open(hours: float, **fields: Any) -> Case:
    """A case that was opened some hours ago."""
    opened = ago(hours=hours)
    fields = {"first_reported_at": opened, "last_reported_at": opened, **fields}
    return make_case(id=uuid7_derived(opened, str(hours)), **fields)


def test_what_waits_is_counted_as_it_is_now() -> None:
    queue, moderator = make_queue(name="Spam"), staff(Role.MODERATOR)
    make_cases(2, queue=queue)
    make_case(queue=queue, due_at=ago(hours=1))
    hold(make_case(queue=queue), moderator)
    hold(make_case(queue=queue), moderator, until=ago(minutes=1))
    make_case(queue=make_queue())
    (load,) = [load for load in figures().queues if load.name == "Spam"]
    assert (load.opened, load.pending, load.free, load.held, load.overdue) == (5, 5, 4, 1, 1)


def test_the_total_is_the_sum() -> None:
    make_case(queue=make_queue())
    make_case(queue=make_queue(), due_at=ago(hours=1))
    found = figures()
    assert (found.total.opened, found.total.pending, found.total.overdue) == (2, 2, 1)


def test_before_the_period_counts_as_waiting_only() -> None:
    long_open(hours=24 * 8)
    total = figures().total
    assert (total.opened, total.pending) == (0, 1)


def test_handling_times() -> None:
    moderator = staff(Role.MODERATOR)
    for hours in (1, 2, 3, 4, 10):
        case = long_open(hours=hours)
        claim = claimed(case, moderator)
        with without_triggers("audit_claim"):
            began = DateTimeTZRange(ago(minutes=hours * 6), claim.valid.upper, "[)")
            Claim.objects.filter(pk=claim.pk).update(valid=began)
        decided(case, moderator)
    total = figures().total.decided
    assert total.number == 5
    assert total.waited.median is not None and total.waited.ninetieth is not None
    assert round(total.waited.median / timedelta(hours=1), 1) == 3
    assert round(total.waited.ninetieth / timedelta(hours=1), 1) == 7.6
    assert total.worked.median is not None
    assert round(total.worked.median / timedelta(minutes=1)) == 18


def test_nothing_was_measured_where_nothing_was_decided() -> None:
    total = figures().total.decided
    assert (total.number, total.waited.median, total.worked.ninetieth) == (0, None, None)


def test_days_add_up() -> None:
    moderator = staff(Role.MODERATOR)
    make_cases(2)
    decided(make_case(), moderator)
    found = figures()
    assert found.days[-1] == (timezone.now().astimezone(UTC).date(), 3, 1)
    assert len(found.days) == 8


def test_single_moderators_are_counted_when_asked_for() -> None:
    busy, idle = staff(Role.MODERATOR), staff(Role.MODERATOR)
    for _ in range(3):
        decided(make_case(), busy)
    hold(make_case(), idle)
    assert figures().moderators == []
    found = figures(of_moderators=True).moderators
    assert [(worker.name, worker.decided.number, worker.holds) for worker in found] == [
        (str(busy), 3, 0),
        (str(idle), 0, 1),
    ]


def test_a_moderator_sees_the_figures_of_what_a_moderator_sees() -> None:
    queue = make_queue(leads_only=True)
    make_case(queue=queue, leads_only=True)
    assert figures(Role.MODERATOR).total.pending == 0
    assert figures(Role.LEAD_MODERATOR).total.pending == 1
    own = staff(Role.MODERATOR)
    make_case(own)
    assert figures(Role.MODERATOR, own).total.pending == 0


@pytest.mark.parametrize("rows", [1, 20])
def test_eight_queries_whatever_there_is(rows: int) -> None:
    moderator = staff(Role.MODERATOR)
    for _ in range(rows):
        decided(make_case(queue=make_queue()), moderator)
    lead = staff(Role.LEAD_MODERATOR)
    with (
        acting(Role.LEAD_MODERATOR, user_id=lead.pk),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        workload(WEEK, of_moderators=True)
    assert len(asked) == 8


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.MODERATOR, 200),
        (Role.LEAD_MODERATOR, 200),
        (Role.COMPLIANCE, 200),
        (Role.AUDITOR, 200),
        (Role.SUPPORT, 403),
        (Role.FINANCE, 403),
    ],
)
def test_who_sees_the_page(staff_client: StaffClient, role: Role, status: int) -> None:
    browser = staff_client(role)
    decided(make_case(), staff(Role.MODERATOR, handle="busy_one"))
    response = browser.get(reverse(PAGE))
    assert response.status_code == status
    page = response.content.decode()
    assert ("busy_one" in page) == (role == Role.LEAD_MODERATOR)
    assert (reverse(PAGE) in browser.get(reverse("admin:index")).content.decode()) == (status == 200)


def test_the_page(staff_client: StaffClient) -> None:
    browser = staff_client(Role.LEAD_MODERATOR)
    make_case(queue=make_queue(name="<b>Odd</b>"))
    page = browser.get(reverse(PAGE) + "?days=30").content.decode()
    assert "&lt;b&gt;Odd&lt;/b&gt;" in page
    assert "last 30 days" in page
    assert 'aria-label="Cases opened and decided by day, 30 days"' in page
    assert "<script" not in page.partition("<svg")[2].partition("</svg>")[0]
    assert "last 7 days" in browser.get(reverse(PAGE) + "?days=1e9").content.decode()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (12_000, "3 h 20 min"), (187_200, "2 d 4 h")],
)
def test_spans_in_words(seconds: int, words: str) -> None:
    assert duration_words(timedelta(seconds=seconds)) == words


def test_queues_without_cases_are_shown() -> None:
    make_queue(name="Empty")
    assert "Empty" in [load.name for load in figures().queues]
    assert Queue.objects.count() == len(figures().queues)
