"""The server of a test run: a throw-away one, or a running PostgreSQL 18 that TEST_SERVER_URL (a superuser) names.

What a killed run leaves behind is removed by the next.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.embedded.account import Account, server_account
from core.embedded.binaries import Installation, find_installation
from core.embedded.server import Server

PREFIX = "versbottomlex-test-"


@contextlib.contextmanager
def given_server(url: str, run: str) -> Iterator[str]:
    """Its connection string; an advisory lock tells other runs that this one lives."""
    parts = conninfo_to_dict(url)
    conninfo = make_conninfo(url, host=parts.get("host", "127.0.0.1"), port=parts.get("port", 5432))
    with psycopg.connect(conninfo, autocommit=True) as guard:
        left = guard.execute(
            "SELECT DISTINCT substring(datname FROM '^vbl_test_[0-9a-f]{8}') FROM pg_database "
            "WHERE datname ~ '^vbl_test_[0-9a-f]{8}'"
        ).fetchall()
        for (name,) in left:
            row = guard.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name]).fetchone()
            if row and row[0]:
                drop_databases(guard, name)
                guard.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])
        guard.execute("SELECT pg_advisory_lock(hashtext(%s))", [run])
        yield conninfo


def drop_databases(server: psycopg.Connection, run: str) -> None:
    """Drop the databases whose names begin with `run`."""
    names = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [run]).fetchall()
    for (name,) in names:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def throw_away_server() -> Iterator[str]:
    """Connection string of a server of this run's own, in a directory that a lock marks as used."""
    remove_left_servers()
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        account = server_account(home / "data")
        account.give(home)
        server = Server(
            home=home,
            installation=find_installation(home),
            account=account,
            password=secrets.token_urlsafe(24),
            durable=False,
        )
        try:
            server.create()
            yield server.conninfo(server.start(None))
        finally:
            server.stop()
            shutil.rmtree(home, ignore_errors=True)


def remove_left_servers() -> None:
    """Stop and remove the servers of runs that were killed: nobody holds their lock."""
    for home in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (home / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            nobody = Account(os.geteuid(), os.getegid(), other=False)
            pid = Server(home, Installation(home), nobody, "").pid()
            if pid:
                os.kill(pid, signal.SIGQUIT)
            shutil.rmtree(home, ignore_errors=True)
