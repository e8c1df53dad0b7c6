"""Every migration of the house can be taken back, and leaves nothing behind."""

import psycopg

from tests.database import Databases, command


def test_migrating_back_leaves_no_table_function_or_policy(test_databases: Databases) -> None:
    name = f"{test_databases.run}_reversed"
    test_databases.clone(name)
    url = test_databases.url(name)
    # Whatever depends on an app goes with it: with the core nearly everything.
    for app in ("core", "streams", "kernel"):
        command(url, "migrate", app, "zero", "--verbosity", "0")
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'vbl'::regnamespace AND relkind IN ('r', 'p', 'v') "
            "AND relname !~ '^(auth|axes|django|procrastinate)_'"
        ).fetchall()
        functions = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'vbl'::regnamespace AND proname !~ '^procrastinate_'"
        ).fetchall()
    assert tables == []
    assert functions == []
    command(url, "migrate", "--verbosity", "0")
