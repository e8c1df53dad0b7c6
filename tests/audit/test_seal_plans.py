"""Sealing reads what is new, however much there is."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from audit.models import Seal
from audit.seals.leaves import LEAVES
from audit.services.seals import BELOW, JOIN_BY_KEY, events_seal
from core.models.identity import uuid7
from tests.audit.rows import write_events
from tests.audit.sealing import RECORD
from tests.sql import run

# One worker makes the rows, and the other one goes on with the rest.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("seal_plans")]

NEW = 20
# What audit_seal_lag asks, one after the other.
WAITING = "SELECT e.id, e.created_at FROM audit_event e WHERE e.xact >= %s AND e.xact < %s ORDER BY e.xact"
COVERED = "SELECT FROM audit_sealleaf l WHERE l.id = %s"


@pytest.fixture(scope="module")
def sealed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Seal]:
    """50,000 sealed events of old transactions and a few new ones, in a transaction that is undone after the module."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        write_events(50_000)
        run("ALTER TABLE audit_event DISABLE TRIGGER USER")
        run("UPDATE audit_event SET xact = (7 + hashtext(id::text)::bigint & 255)::text::xid8")
        run("ALTER TABLE audit_event ENABLE TRIGGER USER")
        (made,) = events_seal()
        for _ in range(NEW):
            run(RECORD, [uuid7()])
        for table in ("audit_event", "audit_sealleaf", "audit_seal"):
            run(f"ANALYZE {table}")
        yield made
        transaction.set_rollback(True)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def explain(statement: str, parameters: list[Any]) -> list[dict[str, Any]]:
    ((plan,),) = run(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    return list(nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))


def read(plan: list[dict[str, Any]], table: str) -> int:
    """How many rows of a table were looked at."""
    return sum(
        int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in plan
        if str(node.get("Relation Name", "")).startswith(table)
    )


class TestSealing:
    def bounds(self, sealed: Seal) -> list[str]:
        return [str(sealed.horizon), str(2**62)]

    def test_new_events_are_found_by_their_transaction(self, sealed: Seal) -> None:
        run(JOIN_BY_KEY)
        plan = explain(BELOW, self.bounds(sealed))
        assert read(plan, "audit_event") == NEW
        assert read(plan, "audit_sealleaf") <= NEW

    def test_the_lag_looks_at_new_events_only(self, sealed: Seal) -> None:
        assert read(explain(WAITING, self.bounds(sealed)), "audit_event") <= NEW
        assert read(explain(COVERED, [sealed.first_id]), "audit_sealleaf") <= 1


def test_a_seal_is_proven_by_what_lies_between_its_ends(sealed: Seal) -> None:
    """Only the months of the seal are read."""
    ((first, last),) = run(
        "SELECT min(id::text), max(id::text) FROM audit_event WHERE id >= uuidv7(interval '-1 hour') "
        "AND id IN (SELECT id FROM audit_sealleaf)"
    )
    statement = LEAVES.format(seal="%(seal)s", first="%(first)s", last="%(last)s")
    ((plan,),) = run_named(statement, {"seal": sealed.pk, "first": UUID(first), "last": UUID(last)})
    found = list(nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    tables = {str(node["Relation Name"]) for node in found if node.get("Relation Name")}
    months = {name for name in tables if "_p2" in name}
    assert len(months) <= 2, months


def run_named(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
        return cursor.fetchall()
