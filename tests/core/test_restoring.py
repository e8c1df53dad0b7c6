"""After a test that commits, its database holds what the template holds: rows, numbers, tables and rights."""

import psycopg
import pytest

from tests.database import Databases
from tests.restoring import WorkerDatabase

# One worker makes the rows, and the other one goes on with the rest.
pytestmark = pytest.mark.xdist_group("restoring")

EVERYTHING = (
    "SELECT c.oid::regclass::text, CASE WHEN c.relkind = 'S' "
    "THEN query_to_xml(format('SELECT last_value, is_called FROM %s', c.oid::regclass), false, true, '')::text "
    "ELSE query_to_xml(format('SELECT t FROM %s t ORDER BY t::text', c.oid::regclass), false, true, '')::text END "
    "FROM pg_class c WHERE relkind IN ('r', 'S') AND relnamespace IN "
    "(SELECT oid FROM pg_namespace WHERE nspname IN ('vbl', 'archive', 'crypt')) ORDER BY 1"
)
PERSON = (
    "INSERT INTO accounts_user (handle, locale, time_zone, sign_up_source, signed_up_at, status) "
    "VALUES ({}, 'en', 'UTC', 'import', now(), 'pending')"
)
MANY = PERSON.format("'viewer_' || n").partition("VALUES")[0] + (
    "SELECT 'viewer_' || n, 'en', 'UTC', 'import', now(), 'pending' FROM generate_series(1, 3000) n"
)


@pytest.fixture(scope="module")
def database(test_databases: Databases) -> WorkerDatabase:
    made = WorkerDatabase(test_databases, f"{test_databases.run}_restored_rows")
    made.clone()
    return made


def do(database: WorkerDatabase, *statements: str) -> list[tuple]:
    with psycopg.connect(database.databases.url(database.name), autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize(
    ("statements", "anew"),
    [
        pytest.param(["SELECT 1"], False, id="nothing"),
        pytest.param([PERSON.format("'somebody'")], False, id="a row"),
        pytest.param(
            [PERSON.format("'somebody'"), "DELETE FROM accounts_user"], False, id="a row gone again"
        ),
        pytest.param(["UPDATE auth_group SET name = name || '!'"], False, id="rows of the template changed"),
        pytest.param(["DELETE FROM billing_providercurrency"], False, id="rows of the template deleted"),
        pytest.param(["INSERT INTO auth_group (name) VALUES ('new')"], False, id="a number taken"),
        pytest.param(
            ["BEGIN", "INSERT INTO auth_group (name) VALUES ('new')", "ROLLBACK"], False, id="a number lost"
        ),
        pytest.param([MANY], True, id="many rows"),
        pytest.param(["CREATE TABLE left_over ()"], True, id="a table"),
        pytest.param(["ALTER TABLE accounts_user DISABLE TRIGGER USER"], True, id="a trigger off"),
        pytest.param(["ALTER TABLE auth_group DROP COLUMN name CASCADE"], True, id="a column gone"),
        pytest.param(["GRANT SELECT ON auth_group TO vbl_support"], True, id="a right"),
        pytest.param(["TRUNCATE auth_group CASCADE"], True, id="a table emptied"),
        pytest.param(
            ["CREATE FUNCTION left_over() RETURNS int LANGUAGE sql RETURN 1"], True, id="a function"
        ),
    ],
)
def test_whatever_was_committed_is_taken_back(
    database: WorkerDatabase, statements: list[str], anew: bool
) -> None:
    before = do(database, EVERYTHING)
    do(database, *statements)
    assert database.restore() is anew
    assert do(database, EVERYTHING) == before
    assert database.restore() is False, "what was restored is the beginning of the next"


def test_connections_that_a_test_forgot_are_ended(database: WorkerDatabase) -> None:
    forgotten = psycopg.connect(database.databases.url(database.name))
    forgotten.execute("LOCK TABLE accounts_user")
    do(database, "INSERT INTO auth_group (name) VALUES ('x')")
    assert database.restore() is False
    assert do(database, "SELECT count(*) FROM auth_group WHERE name = 'x'") == [(0,)]
    with pytest.raises(psycopg.OperationalError):
        forgotten.execute("SELECT 1")
