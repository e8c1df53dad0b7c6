"""Functions and views made by migrations."""

from typing import Any

import pytest
from django.db import connection

from core.db.functions import CreateFunction
from core.db.roles import ACTING_ROLES, Role
from core.db.views import CreateView
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

ONE = CreateFunction(
    "kernel_answer",
    "question text",
    "integer",
    "SELECT 41",
    language="sql",
    comment="It's nearly 100% right.",
)
TWO = CreateFunction(
    "kernel_answer",
    "question text",
    "integer",
    "BEGIN RETURN 42; END",
    definer=True,
    comment="Right.",
    previous=ONE,
)
OTHER_SHAPE = CreateFunction(
    "kernel_answer",
    "question integer",
    "text",
    "SELECT 'six by nine'",
    language="sql",
    comment="Other.",
    previous=TWO,
)
VIEW = CreateView(
    "kernel_numbers", "SELECT 1", comment="Numbers, 100% of them.", columns={"number": "A number."}
)
WIDER = CreateView(
    "kernel_numbers",
    "SELECT 'x', 1",
    comment="More.",
    columns={"name": "Its name.", "number": "It."},
    previous=VIEW,
)


def apply(operation: Any, *, backwards: bool = False) -> None:
    """Run one operation of a migration."""
    with connection.schema_editor() as editor:
        move = operation.database_backwards if backwards else operation.database_forwards
        move("kernel", editor, None, None)


def answer() -> Any:
    return run("SELECT kernel_answer(NULL)")[0][0]


class TestFunctions:
    def test_it_is_made_and_taken_away(self) -> None:
        apply(ONE)
        assert answer() == 41
        apply(ONE, backwards=True)
        assert run("SELECT count(*) FROM pg_proc WHERE proname = 'kernel_answer'") == [(0,)]

    def test_the_old_text_comes_back(self) -> None:
        for operation in (ONE, TWO, OTHER_SHAPE):
            apply(operation)
        assert answer() == "six by nine"
        apply(OTHER_SHAPE, backwards=True)
        assert answer() == 42
        apply(TWO, backwards=True)
        assert answer() == 41
        assert run("SELECT prosecdef FROM pg_proc WHERE proname = 'kernel_answer'") == [(False,)]

    def test_a_new_text_keeps_the_rights(self) -> None:
        apply(ONE)
        run("GRANT EXECUTE ON FUNCTION kernel_answer TO vbl_viewer")
        apply(TWO)
        assert run("SELECT has_function_privilege('vbl_viewer', 'kernel_answer(text)', 'EXECUTE')") == [
            (True,)
        ]

    def test_nobody_may_run_it_unless_granted(self) -> None:
        apply(TWO)
        for role in (Role.APP, *ACTING_ROLES):
            may = run("SELECT has_function_privilege(%s, 'kernel_answer(text)', 'EXECUTE')", [role.value])
            assert may == [(False,)], role

    def test_its_search_path_is_its_own(self) -> None:
        apply(TWO)
        ((settings,),) = run("SELECT proconfig FROM pg_proc WHERE proname = 'kernel_answer'")
        assert settings == ["search_path=pg_catalog, vbl, extensions, pg_temp"]

    def test_it_has_its_comment_to_the_letter(self) -> None:
        apply(ONE)
        ((comment,),) = run("SELECT obj_description('kernel_answer'::regproc)")
        assert comment == "It's nearly 100% right."

    def test_a_second_one_of_that_name_is_refused(self) -> None:
        apply(ONE)
        with refused("not unique"):
            apply(
                CreateFunction("kernel_answer", "a uuid", "uuid", "SELECT a", language="sql", comment="No.")
            )

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"name": "Kernel answer"}, "no name of the house"),
            ({"name": "x" * 64}, "no name of the house"),
            ({"body": "$function$; DROP TABLE accounts_user"}, "would end it"),
            ({"comment": " "}, "needs a comment"),
            (
                {"previous": CreateFunction("kernel_other", "", "int", "SELECT 1", comment="x")},
                "keeps its name",
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused_at_once(self, wrong: dict[str, Any], words: str) -> None:
        right = {"name": "kernel_f", "arguments": "", "returns": "int", "body": "SELECT 1", "comment": "One."}
        with pytest.raises(ValueError, match=words):
            CreateFunction(**{**right, **wrong})


class TestViews:
    def test_it_reads_with_the_rights_of_whoever_asks(self) -> None:
        apply(VIEW)
        ((options,),) = run("SELECT reloptions FROM pg_class WHERE relname = 'kernel_numbers'")
        assert options == ["security_invoker=true"]

    def test_it_and_its_columns_have_comments(self) -> None:
        apply(VIEW)
        assert run(
            "SELECT obj_description('kernel_numbers'::regclass), col_description('kernel_numbers'::regclass, 1)"
        ) == [("Numbers, 100% of them.", "A number.")]

    def test_the_old_one_comes_back(self) -> None:
        apply(VIEW)
        apply(WIDER)
        assert run("SELECT name, number FROM kernel_numbers") == [("x", 1)]
        apply(WIDER, backwards=True)
        assert run("SELECT * FROM kernel_numbers") == [(1,)]
        apply(VIEW, backwards=True)
        assert run("SELECT to_regclass('kernel_numbers')") == [(None,)]

    @pytest.mark.parametrize(
        ("columns", "comment"),
        [({"Number": "x"}, "x"), ({"number": ""}, "x"), ({}, "x"), ({"number": "x"}, "")],
    )
    def test_what_makes_no_sense_is_refused_at_once(self, columns: dict[str, str], comment: str) -> None:
        with pytest.raises(ValueError, match="need a comment|no name of the house"):
            CreateView("kernel_numbers", "SELECT 1", comment=comment, columns=columns)


def test_every_function_of_the_schema_has_search_path_and_comment_and_nothing_for_public() -> None:
    loose = run(
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'vbl'::regnamespace AND ("
        "obj_description(p.oid, 'pg_proc') IS NULL OR NOT coalesce(p.proconfig::text ~ 'search_path', false) "
        "OR p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0))"
    )
    assert loose == []
