"""Browsing the trail: every question is an index scan that stops at the end of the page."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from audit.models import Event
from core.db.context import acting
from core.db.roles import Role
from tests.audit.rows import write_events
from tests.sql import run

# One worker makes the rows, and the other one goes on with the rest.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("trail_plans")]

PAGE = 51


@pytest.fixture(scope="module")
def staff(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[str]]:
    """50,000 events for this module, in a transaction that is undone after it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield write_events(50_000)
        transaction.set_rollback(True)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def plan_of(queryset: QuerySet) -> list[dict[str, Any]]:
    """The nodes of the plan by which a page is read."""
    page = queryset.select_related("label", "actor").order_by("-id")[:PAGE]
    return list(nodes(json.loads(page.explain(format="json", analyze=True))[0]["Plan"]))


def read_rows(plan: list[dict[str, Any]]) -> int:
    """How many events were looked at."""
    return sum(
        int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in plan
        if str(node.get("Relation Name", "")).startswith("audit_event")
    )


def indexes(plan: list[dict[str, Any]]) -> set[str]:
    """The indexes by which events were found; an empty partition may have been asked by any."""
    return {
        node["Index Name"]
        for node in plan
        if str(node.get("Relation Name", "")).startswith("audit_event_p")
        and "Index Name" in node
        and node["Actual Rows"]
    }


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MODERATOR, Role.SUPPORT])
class TestPages:
    def check(self, queryset: QuerySet, column: str, role: Role) -> list[dict[str, Any]]:
        with acting(role):
            plan = plan_of(queryset)
        assert not [
            node
            for node in plan
            if node["Node Type"] == "Seq Scan"
            and node["Actual Loops"]
            and str(node.get("Relation Name", "")).startswith("audit_event")
        ]
        assert not [node for node in plan if node["Node Type"] == "Sort"]
        assert all(column in name for name in indexes(plan)), indexes(plan)
        assert read_rows(plan) <= 4 * PAGE
        return plan

    def test_newest(self, role: Role, staff: list[str]) -> None:
        # The index of areas gives an order within one area; moderators read two, so the order of all is followed.
        self.check(Event.objects.all(), "area_id" if role is Role.SUPPORT else "pkey", role)

    def test_by_actor(self, role: Role, staff: list[str]) -> None:
        self.check(Event.objects.of_actor(staff[7]), "actor_id", role)

    def test_by_action(self, role: Role, staff: list[str]) -> None:
        self.check(Event.objects.filter(action="user_suspended"), "action_id", role)

    def test_by_subject(self, role: Role, staff: list[str]) -> None:
        ((subject,),) = run("SELECT subject_id FROM audit_event WHERE area = 'people' LIMIT 1")
        with acting(role):
            plan = plan_of(Event.objects.filter(subject_id=subject))
        assert all("subject_id" in name for name in indexes(plan))
        assert read_rows(plan) <= PAGE

    def test_next_page(self, role: Role, staff: list[str]) -> None:
        ((middle,),) = run(
            "SELECT id FROM audit_event WHERE id < uuidv7(interval '-40 days') ORDER BY id DESC LIMIT 1"
        )
        self.check(Event.objects.of_actor(staff[7]).filter(pk__lt=middle), "actor_id", role)

    def test_by_time_reads_only_the_months_asked_for(self, role: Role, staff: list[str]) -> None:
        start = datetime.now(UTC) - timedelta(days=45)
        with acting(role):
            plan = plan_of(Event.objects.between(start, start + timedelta(days=1)))
        touched = {
            node["Relation Name"]
            for node in plan
            if str(node.get("Relation Name", "")).startswith("audit_event_p")
        }
        months = {f"audit_event_p{day:%Y_%m}" for day in (start, start + timedelta(days=1))}
        assert touched <= months


def test_the_words_of_a_page_are_found_by_id(staff: list[str]) -> None:
    with acting(Role.AUDITOR):
        plan = plan_of(Event.objects.all())
    labels = [node for node in plan if str(node.get("Relation Name", "")).startswith("audit_label_p")]
    assert all("pkey" in node["Index Name"] for node in labels if node["Actual Loops"])
