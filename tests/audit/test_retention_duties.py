"""That no table is forgotten: who obeys each, what the catalog holds of it, and what a new one is told."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models
from django.db.models import Model
from django.test.utils import isolate_apps

from accounts.models import Restriction, UserSession
from audit.checks import check_duties, check_duty
from audit.retention_duties import (
    SECOND_TERMS,
    WAITS,
    declared_models,
    duty_of,
    executed_models,
    references_to,
)
from audit.retention_sql import table_of
from core.db.clock import database_now
from core.db.context import acting
from core.db.retention import GoesWith, Over, over_of
from core.db.roles import Role
from core.models.storage import retention_of, subject_of, term_of
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

EXECUTED = executed_models()


def codes(model: type[Model]) -> list[str]:
    return [message.id or "" for message in check_duty(model)]


def test_the_declarations_of_the_project_hold_together() -> None:
    assert check_duties() == []
    assert all(duty_of(model) is not None for model in declared_models().values())


@pytest.mark.parametrize("model", [Restriction, UserSession])
def test_a_table_that_nobody_obeys_is_refused(monkeypatch: pytest.MonkeyPatch, model: Any) -> None:
    assert codes(model) == []
    monkeypatch.delattr(model, "over")
    # Nor does anybody know from when on its period counts, which is the end of something.
    assert codes(model) == ["audit.E101", "audit.E108"]


@isolate_apps("tests.kernel")
def test_a_new_table_is_told_what_it_lacks() -> None:
    with_period: Any = type("Meta", (), {"app_label": "kernel", "db_table": "kernel_unheard_of"})
    made: Any = type(
        "UnheardOf", (models.Model,), {"__module__": __name__, "Meta": with_period, "retention": "3 years"}
    )
    assert codes(made) == ["audit.E101"]
    made.over = Over()
    assert codes(made) == []
    made.retention = "3 years, its pictures 30 days"
    assert codes(made) == ["audit.E106"]
    made.retention = "while it lasts"
    assert codes(made) == ["audit.E103"]


def test_contradictions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WAITS, "accounts_restriction", "for no reason")
    assert codes(Restriction) == ["audit.E102"]
    monkeypatch.setitem(WAITS, "accounts_nothing", "for no reason")
    monkeypatch.setitem(SECOND_TERMS, "accounts_nobody", "for no reason")
    assert sorted(message.id or "" for message in check_duties()) == [
        "audit.E102",
        "audit.E107",
        "audit.E107",
    ]


def test_a_child_goes_only_with_what_is_over_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Restriction, "over", GoesWith("user"))
    assert codes(Restriction) == ["audit.E108", "audit.E104"]


@pytest.mark.parametrize("model", EXECUTED, ids=lambda model: model._meta.db_table)
def test_what_is_over_is_found_by_an_index_of_the_table(model: Any) -> None:
    """No row of another time is read: planned without the choice of reading the whole table."""
    run("SET LOCAL enable_seqscan = off")
    table = table_of(model)
    statements: list[str] = []
    from django.db import connection

    with connection.execute_wrapper(lambda ask, sql, *rest: statements.append(sql) or ask(sql, *rest)):
        table.find(database_now(), after=None, limit=5, lock=False)
    found = [sql for sql in statements if sql.startswith("SELECT t.")]
    from core.models.identity import uuid7_floor

    plan = "\n".join(
        line
        for (line,) in run_named(
            f"EXPLAIN {found[0]}",
            {"cut_off": database_now(), "floor": uuid7_floor(database_now()), "limit": 5},
        )
    )
    small = getattr(subject_of(model) or model, "volume", None) == "S"
    own_index = f"on {table.name} t" in plan and f"Seq Scan on {table.name} t" not in plan
    assert small or own_index, plan


def run_named(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


@pytest.mark.parametrize("model", EXECUTED, ids=lambda model: model._meta.db_table)
def test_the_catalog_holds_what_the_model_says(model: Any) -> None:
    """The trigger that asks for the time, and, where rows are secured, policies by which retention reaches them."""
    name = model._meta.db_table
    ((triggers,),) = run(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname ~ '96_keep_until_over$'",
        [name],
    )
    assert triggers == 1
    ((secured, policies),) = run(
        "SELECT c.relrowsecurity, (SELECT count(*) FROM pg_policies p WHERE p.tablename = c.relname "
        "AND 'vbl_retention' = ANY(p.roles) AND p.cmd IN ('SELECT', 'DELETE')) "
        "FROM pg_class c WHERE c.oid = %s::regclass",
        [name],
    )
    assert policies == (2 if secured else 0) or not secured
    with acting(Role.RETENTION):
        assert affected(f"DELETE FROM {name} WHERE false") == 0


def test_rows_that_refer_to_others_go_before_those() -> None:
    place = {model: number for number, model in enumerate(EXECUTED)}
    for parent in EXECUTED:
        for child, _ in references_to(parent):
            if child in place and child is not parent:
                assert place[child] < place[parent], f"{child} after {parent}"
        subject = subject_of(parent)
        if subject in place:
            assert place[subject] < place[parent]


def untimely() -> Iterator[type[Model]]:
    """Tables whose rows nobody but retention deletes."""
    for model in EXECUTED:
        over = over_of(model)
        if isinstance(over, Over) and over.alone:
            yield model


def test_records_that_the_law_demands_are_named() -> None:
    assert {model._meta.db_table for model in untimely()} == {
        "accounts_ageassurance",
        "performers_identitydocument",
        "performers_identityrecord",
        "performers_performeralias",
        "streams_participant",
        "streams_release",
    }
    for model in untimely():
        assert term_of(retention_of(model)).period in ("P5Y", "P7Y")


def test_nothing_is_over_of_which_no_policy_speaks() -> None:
    for table in ("audit_event", "billing_order", "no_such_table", "accounts_user"):
        assert run("SELECT retention_is_over(%s, '1970-01-01')", [table]) == [(False,)]
    assert run("SELECT retention_is_over('accounts_usersession', NULL)") == [(False,)]
    for role in (Role.WORKER, Role.COMPLIANCE, Role.ADMINISTRATOR):
        with acting(role), refused("permission denied"):
            run("SELECT retention_released('x', uuidv7(), 'x')")
