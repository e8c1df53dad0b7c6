"""PgBouncer in transaction mode before the server of a run, where it is installed.

No transaction finds what an earlier one left on its connection: the pooler of the run takes it back in between, as if
every transaction came upon a connection that nobody used yet. Who counts on a session is found by that. Who leaves
something to the next client is found by `tests/site/test_pooling.py`, behind a pooler that takes nothing back.
"""

import contextlib
import fcntl
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.embedded.account import server_account
from core.embedded.server import HOST, free_port
from tests.database import ROOT

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
MISSING = "PgBouncer is not installed"
PREFIX = "versbottomlex-pooler-"
#: Seconds for the pooler to come up.
PATIENCE = 10.0
#: DISCARD ALL without the plans, which carry nothing and cost time, and with the role that the login begins with. What
#: the session has counted is handed in, since the next client's transaction would count it as its own.
FRESH = (
    "RESET ALL; RESET SESSION AUTHORIZATION; RESET ROLE; UNLISTEN *; SELECT pg_advisory_unlock_all(); CLOSE ALL; "
    "DEALLOCATE ALL; DISCARD TEMP; DISCARD SEQUENCES; SELECT pg_stat_force_next_flush()"
)
#: Connections of one login to one database: the tests with the most threads have twenty.
MOST = 30


@contextlib.contextmanager
def pooler(
    server: str, logins: Mapping[str, str], administrator: str, *, size: int = MOST, fresh: bool = True
) -> Iterator[str]:
    """Before every database of `server`, until the block ends; its address, `host:port`.

    It lets in `logins`, names with their passwords; `administrator` is the one that may use its console. Each has
    `size` connections to a database. With `fresh` no transaction finds what an earlier one left.
    """
    parts = conninfo_to_dict(server)
    settings = {
        "admin_users": administrator,
        "pool_mode": "transaction",
        "default_pool_size": size,
        "max_client_conn": 200,
        "query_wait_timeout": 60,
        # A database is dropped and made anew between two tests, and is there when it is next asked for.
        "server_login_retry": 0,
        "server_reset_query": FRESH,
        "server_reset_query_always": int(fresh),
        "log_connections": 0,
        "log_disconnections": 0,
    }
    with running({"*": f"host={parts['host']} port={parts['port']}"}, settings, logins) as address:
        yield address


@contextlib.contextmanager
def running(
    databases: Mapping[str, str], settings: Mapping[str, object], logins: Mapping[str, str]
) -> Iterator[str]:
    """PgBouncer with the two sections of a pgbouncer.ini, on a free port, in a directory that a lock marks as used.

    `logins` holds passwords, or what the server holds of them.
    """
    remove_left_poolers()
    # Not one of pytest's folders: those are closed to the account that runs the pooler when root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        port = free_port()
        log = folder / "pgbouncer.log"
        own = {
            "listen_addr": HOST,
            "listen_port": port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": folder / "users.txt",
            "logfile": log,
        }
        (folder / "users.txt").write_text(
            "".join(f'"{name}" "{password}"\n' for name, password in logins.items())
        )
        (folder / "pgbouncer.ini").write_text(
            "\n".join(["[databases]", *_lines(databases), "[pgbouncer]", *_lines({**settings, **own}), ""])
        )
        administrator = str(settings["admin_users"])
        (folder / "console").write_text(
            make_conninfo(
                host=HOST, port=port, user=administrator, password=logins[administrator], dbname="pgbouncer"
            )
        )
        account = server_account(folder / "data")
        for path in (*folder.iterdir(), folder):
            account.give(path)
        process = subprocess.Popen(
            [str(PGBOUNCER), "-q", str(folder / "pgbouncer.ini")],
            stdin=subprocess.DEVNULL,
            **account.as_options(),
        )
        try:
            _wait_for(process, port, log)
            yield f"{HOST}:{port}"
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def documented() -> ConfigParser:
    """The pgbouncer.ini of docs/operations.md."""
    text = (ROOT / "docs" / "operations.md").read_text()
    settings = ConfigParser(interpolation=None)
    settings.read_string(text.partition("```ini\n")[2].partition("```")[0])
    return settings


def remove_left_poolers() -> None:
    """Stop and remove the poolers of runs that were killed: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # It ends in place of an answer, or ended long ago.
            with contextlib.suppress(OSError, psycopg.OperationalError):
                psycopg.connect((folder / "console").read_text(), autocommit=True).execute("SHUTDOWN")
            shutil.rmtree(folder, ignore_errors=True)


def _lines(section: Mapping[str, object]) -> Iterator[str]:
    return (f"{name} = {value}" for name, value in section.items())


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, port), timeout=1).close()
            return
        time.sleep(0.01)
    raise AssertionError(f"PgBouncer did not come up: {log.read_text() if log.exists() else ''}")
