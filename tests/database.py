"""The database of a test run: a throw-away server, one provisioned template, one clone per worker.

TEST_SERVER_URL (a superuser) uses a running PostgreSQL 18 instead of a throw-away one, and keeps the template there
for the next run of the same schema. What a killed run leaves behind is removed by the next. `python -m tests.database
COMMAND [then COMMAND]` runs commands of manage.py on a migrated throw-away database; `--settings
config.settings.demo` leaves the models of the tests out.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "platform"))

from core.db import provisioning, provisioning_sql  # noqa: E402
from core.db.roles import Role  # noqa: E402
from core.embedded.account import Account, server_account  # noqa: E402
from core.embedded.binaries import Installation, find_installation  # noqa: E402
from core.embedded.server import Server  # noqa: E402

TESTER = "vbl_tester"
#: One directory for every run of this account; processes that a test starts find the same keys.
os.environ.setdefault("KEYS_DIRECTORY", f"{tempfile.gettempdir()}/versbottomlex-test-keys-{os.geteuid()}")
PREFIX = "versbottomlex-test-"
#: The comment of a template that was built to the end.
WHOLE = "A whole template of the tests."
#: Parts of the code from which no table, function or right follows.
NO_SCHEMA = frozenset({"services", "admin", "commands", "datasets", "benchmarks", "docs"})
#: A test that waits longer than this for a lock or a statement has gone wrong.
TIMEOUTS = {"lock_timeout": "10s", "statement_timeout": "2min", "timezone": "UTC"}


@dataclass(frozen=True)
class Databases:
    """The databases of one run on one server. `run` begins their names; `superuser` is a connection string.

    `kept` names a template that outlives the run.
    """

    superuser: str
    run: str
    password: str
    kept: str = ""

    @property
    def template(self) -> str:
        """Name of the provisioned and migrated database that workers clone."""
        return self.kept or f"{self.run}_template"

    def url(self, database: str) -> str:
        """Where the tests connect: as `vbl_tester`, acting as `vbl_owner` until told otherwise."""
        server = conninfo_to_dict(self.superuser)
        password = quote(self.password, safe="")
        return f"postgresql://{TESTER}:{password}@{server['host']}:{server['port']}/{database}"

    def build_template(self, settings: str = "config.settings.test") -> None:
        """Provision and migrate the template. Raises CalledProcessError when a migration fails."""
        if not self.kept:
            self._build(settings)
            return
        with self._server() as server:
            server.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.kept])
            if _is_whole(server, self.kept):
                return
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.kept))
            )
            self._build(settings)
            server.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(self.kept), sql.Literal(WHOLE))
            )

    def _build(self, settings: str) -> None:
        provisioning.provision(self.superuser, provisioning.Plan(self.template))
        with self._server() as server:
            members = ", ".join(role.value for role in Role)
            server.execute(
                f"DO $$BEGIN CREATE ROLE {TESTER} LOGIN; EXCEPTION WHEN duplicate_object THEN END$$"
            )
            server.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(TESTER), self.password)
            )
            server.execute(f"GRANT {members} TO {TESTER} WITH INHERIT FALSE, SET TRUE")
            self._open(server, self.template)
        command(self.url(self.template), "migrate", "--verbosity", "0", settings=settings)
        if settings == "config.settings.test":
            command(self.url(self.template), "keys_register", "--verbosity", "0", settings=settings)

    def clone(self, database: str) -> None:
        """Make `database` a fresh copy of the template, in place of an earlier one."""
        with self._server() as server:
            for statement in (
                "DROP DATABASE IF EXISTS {} WITH (FORCE)",
                "CREATE DATABASE {} OWNER vbl_owner TEMPLATE {} STRATEGY file_copy",
            ):
                server.execute(
                    sql.SQL(statement).format(sql.Identifier(database), sql.Identifier(self.template))
                )
            for statement in provisioning_sql.database_statements(database):
                server.execute(statement)
            self._open(server, database)

    def drop_all(self) -> None:
        """Remove every database of this run."""
        with self._server() as server:
            drop(server, self.run)

    def _open(self, server: psycopg.Connection, database: str) -> None:
        """Let the tester in: a clone inherits neither grants nor settings."""
        server.execute(
            sql.SQL("GRANT CONNECT, TEMP ON DATABASE {} TO {}").format(
                sql.Identifier(database), sql.Identifier(TESTER)
            )
        )
        settings = {"search_path": provisioning_sql.SEARCH_PATH, **TIMEOUTS, "role": Role.OWNER.value}
        for setting, value in settings.items():
            words = sql.SQL(value) if setting == "search_path" else sql.Literal(value)
            server.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                    sql.Identifier(TESTER), sql.Identifier(database), sql.SQL(setting), words
                )
            )

    def _server(self) -> psycopg.Connection:
        return psycopg.connect(self.superuser, autocommit=True)


def _is_whole(server: psycopg.Connection, database: str) -> bool:
    """Whether the database exists and was built to the end."""
    row = server.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [database]
    ).fetchone()
    return row is not None and row[0] == WHOLE


def schema_digest(settings: str) -> str:
    """16 hexadecimal digits that change with every file from which a migrated database may follow."""
    digest = hashlib.sha256(settings.encode())
    files = (
        file
        for pattern in ("[a-z]*/**/*.py", "tests/kernel/**/*.py")
        for file in ROOT.glob(pattern)
        if "tests" not in file.parts[:-1] or "kernel" in file.parts
    )
    for file in sorted(set(files)):
        inside = file.relative_to(ROOT)
        if not NO_SCHEMA.intersection(inside.parts):
            digest.update(bytes(inside) + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def drop(server: psycopg.Connection, run: str) -> None:
    """Drop the databases whose names begin with `run`."""
    names = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [run]).fetchall()
    for (name,) in names:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def command(url: str, *arguments: str, settings: str = "config.settings.test") -> None:
    """Run a command of manage.py on the database at `url`. Raises CalledProcessError when it fails."""
    urls = dict.fromkeys(("TEST_DATABASE_URL", "DATABASE_URL", "OWNER_DATABASE_URL"), url)
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **urls, "DJANGO_SETTINGS_MODULE": settings},
        check=True,
    )


@contextlib.contextmanager
def databases(settings: str = "config.settings.test") -> Iterator[Databases]:
    """A server with a template, until the block ends."""
    run = f"vbl_test_{secrets.token_hex(4)}"
    given = os.environ.get("TEST_SERVER_URL")
    kept = f"vbl_kept_{schema_digest(settings)}"
    with _given_server(given, run, kept) if given else _throw_away_server(run) as made:
        made.build_template(settings)
        yield made


@contextlib.contextmanager
def _given_server(url: str, run: str, kept: str) -> Iterator[Databases]:
    """Databases on a running server; an advisory lock tells other runs that this one lives."""
    parts = conninfo_to_dict(url)
    conninfo = make_conninfo(url, host=parts.get("host", "127.0.0.1"), port=parts.get("port", 5432))
    password = hashlib.sha256(f"{TESTER} {url}".encode()).hexdigest()[:24]
    with psycopg.connect(conninfo, autocommit=True) as guard:
        left = guard.execute(
            "SELECT DISTINCT substring(datname FROM '^vbl_test_[0-9a-f]{8}') FROM pg_database "
            "WHERE datname ~ '^vbl_test_[0-9a-f]{8}'"
        ).fetchall()
        for (name,) in left:
            row = guard.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name]).fetchone()
            if row and row[0]:
                drop(guard, name)
                guard.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])
        guard.execute("SELECT pg_advisory_lock(hashtext(%s))", [run])
        made = Databases(superuser=conninfo, run=run, password=password, kept=kept)
        try:
            yield made
        finally:
            made.drop_all()


@contextlib.contextmanager
def _throw_away_server(run: str) -> Iterator[Databases]:
    """A server of this run's own in a directory that a lock marks as used."""
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
            port = server.start(None)
            yield Databases(superuser=server.conninfo(port), run=run, password=secrets.token_urlsafe(24))
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


def as_mapping(made: Databases) -> dict[str, str]:
    """For handing over to a worker of xdist."""
    return asdict(made)


def main(arguments: list[str]) -> int:
    """Run commands on a throw-away database; the status of the first that fails, or 0."""
    settings = "config.settings.test"
    if arguments[:1] == ["--settings"]:
        settings, arguments = arguments[1], arguments[2:]
    with databases(settings) as made:
        name = f"{made.run}_commands"
        made.clone(name)
        words = " ".join(arguments).split(" then ")
        for line in words:
            try:
                command(made.url(name), *line.split(), settings=settings)
            except subprocess.CalledProcessError as error:
                return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
