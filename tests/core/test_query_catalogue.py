"""Every query of the catalogue answers, as SQL and as its ORM twin, by the index that it names."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

from core.db.constraints import without_case
from core.db.context import acting
from core.db.roles import Role
from core.documents.catalog import read_catalog
from core.documents.pages import docs_folder
from core.documents.query_catalogue import CatalogueQuery, catalogue, parse
from tests.core import query_data

# One worker makes the rows, and the other one goes on with the rest.
pytestmark = pytest.mark.xdist_group("query_catalogue")

QUERIES = list(catalogue(docs_folder() / "queries"))
NAMES: dict[str, Any] = {
    "Now": Now,
    "Q": Q,
    "now": now,
    "timedelta": timedelta,
    "without_case": without_case,
    **{model.__name__: model for model in apps.get_models() if model._meta.app_label != "kernel"},
}
PARTITION = re.compile(r"_p\d{4}(_\d{2}){0,2}$")


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test data for the whole module, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        query_data.fill()
        yield
        transaction.set_rollback(True)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _plan(sql: str, parameters: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        answer = cursor.fetchone()[0]
    return list(_nodes((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]))


def _index_parents() -> dict[str, str]:
    """The index of the partitioned table, by the name of a partition's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.relname, t.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid "
            "JOIN pg_class t ON t.oid = i.inhparent WHERE t.relkind = 'I'"
        )
        return dict(cursor.fetchall())


def _twin(query: CatalogueQuery) -> QuerySet:
    """The queryset that the file names; its text is of this repository."""
    return eval(query.twin, {**NAMES, **query.parameters})


def _asking(query: CatalogueQuery) -> Any:
    """Acting in the role of the query; as a person where it has the parameter `me`."""
    me = query.parameters.get("me")
    return acting(Role(query.role), user_id=UUID(me) if me else None)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_sql_and_orm_give_the_same_rows(query: CatalogueQuery, rows: None) -> None:
    with _asking(query), connection.cursor() as cursor:
        cursor.execute(query.sql, query.parameters)
        found = [row[0] for row in cursor.fetchall()]
        assert found == list(_twin(query).values_list("pk", flat=True))
    assert 0 < len(found) <= query.rows


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_both_use_the_index_that_the_file_names(query: CatalogueQuery, rows: None) -> None:
    with _asking(query):
        twin_sql, twin_parameters = _twin(query).query.sql_with_params()
        plans = {"SQL": _plan(query.sql, query.parameters), "ORM": _plan(twin_sql, twin_parameters)}
    parents = _index_parents()
    for kind, nodes in plans.items():
        used = {parents.get(node["Index Name"], node["Index Name"]) for node in nodes if "Index Name" in node}
        assert query.index in used, (kind, used)
        read = [node.get("Relation Name", "") for node in nodes if node["Node Type"] == "Seq Scan"]
        assert [name for name in read if not PARTITION.search(name)] == [], f"{kind} reads a whole table"
        partitions = {name for node in nodes if PARTITION.search(name := node.get("Relation Name", ""))}
        assert query.partitions is None or len(partitions) <= query.partitions, (kind, partitions)


def test_every_named_index_exists(db: None) -> None:
    indexes = {index.name for table in read_catalog().values() for index in table.indexes}
    assert {query.index for query in QUERIES} <= indexes


def test_a_file_with_a_wrong_header_is_named() -> None:
    with pytest.raises(ValueError, match=r"^broken: .*missing or unknown: .*asks"):
        parse("broken", "-- question: Who?\nSELECT 1;")


def test_a_parameter_that_nobody_sets_is_named() -> None:
    head = "-- question: a\n-- asks: a\n-- role: vbl_app\n-- twin: a\n-- index: a\n-- rows: 1\n-- partitions: 0\n"
    with pytest.raises(ValueError, match="person is not set"):
        parse("broken", f"{head}SELECT id FROM accounts_user WHERE id = :'person';")


def test_quotes_and_percent_signs_survive() -> None:
    head = "-- question: a\n-- asks: a\n-- role: vbl_app\n-- twin: a\n-- index: a\n-- rows: 1\n-- partitions: 0\n"
    query = parse("x", head + "\\set name 'O''Hara'\nSELECT 1 WHERE :'name' LIKE 'O%';")
    assert query.parameters == {"name": "O'Hara"}
    assert query.sql == "SELECT 1 WHERE %(name)s LIKE 'O%%'"
