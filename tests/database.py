"""The database of a test run: one provisioned template, one clone per worker, on the server of `tests/server.py`.

On a server that outlives the run the template is kept for the next run of the same schema. `python -m tests.database
COMMAND [then COMMAND]` runs commands of manage.py on a migrated throw-away database; `--settings
config.settings.demo` leaves the models of the tests out.
"""

import contextlib
import hashlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "platform"))

from core.db import provisioning, provisioning_sql  # noqa: E402
from core.db.roles import LOGIN_ROLES, Role  # noqa: E402
from tests.server import drop_databases, given_server, throw_away_server  # noqa: E402

TESTER = "vbl_tester"
#: Logins of the tests, and as whom each acts until told otherwise.
TESTERS = {TESTER: Role.OWNER, "vbl_tester_app": Role.APP}
#: One directory for every run of this account; processes that a test starts find the same keys.
os.environ.setdefault("KEYS_DIRECTORY", f"{tempfile.gettempdir()}/versbottomlex-test-keys-{os.geteuid()}")
TEST, DEMO = "config.settings.test", "config.settings.demo"
#: The comment of a template that was built to the end.
WHOLE = "A whole template of the tests."
#: Parts of the code from which no table, function or right follows.
NO_SCHEMA = frozenset({"services", "admin", "commands", "datasets", "benchmarks", "docs"})
#: A test that waits longer than this for a lock or a statement has gone wrong.
TIMEOUTS = {"lock_timeout": "10s", "statement_timeout": "2min", "timezone": "UTC"}


@dataclass(frozen=True)
class Databases:
    """The databases of one run on one server. `run` begins their names; `superuser` is a connection string.

    `kept` names a template that outlives the run; `pooler` is where PgBouncer listens, `host:port`, if it does.
    """

    superuser: str
    run: str
    password: str
    kept: str = ""
    pooler: str = ""

    @property
    def template(self) -> str:
        """Name of the provisioned and migrated database that workers clone."""
        return self.kept or f"{self.run}_template"

    def url(self, database: str, login: str = TESTER, *, pooled: bool = False) -> str:
        """Where a login connects: to the server, or with `pooled` to the pooler, if there is one.

        `vbl_tester` acts as `vbl_owner` until told otherwise.
        """
        server = conninfo_to_dict(self.superuser)
        address = (self.pooler if pooled else "") or f"{server['host']}:{server['port']}"
        return f"postgresql://{login}:{quote(self.passwords[login], safe='')}@{address}/{database}"

    @property
    def passwords(self) -> dict[str, str]:
        """Of each login of the run: the testers', and those that deployments have."""
        deployed = {role.value: f"{role.short}-{self.password}" for role in LOGIN_ROLES}
        return dict.fromkeys(TESTERS, self.password) | deployed

    def build_template(self, settings: str = TEST) -> None:
        """Provision and migrate the template. Raises CalledProcessError when a migration fails."""
        if not self.kept:
            self._build(settings)
            return
        with self._server() as server:
            server.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.kept])
            if _is_whole(server, self.kept):
                self._open_logins(server)
                return
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.kept))
            )
            if settings == TEST:
                # Most of the way is that of the demo, whose template the documents are written from.
                demo = replace(self, kept=kept_name(DEMO))
                demo.build_template(DEMO)
                self.clone(self.kept, demo.kept)
                self._migrate(settings)
            else:
                self._build(settings)
            server.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(self.kept), sql.Literal(WHOLE))
            )

    def _build(self, settings: str) -> None:
        provisioning.provision(self.superuser, provisioning.Plan(self.template))
        with self._server() as server:
            self._open_logins(server)
            self._open(server, self.template)
        self._migrate(settings)

    def _open_logins(self, server: psycopg.Connection) -> None:
        """Make those of the tests, and give passwords to all: logins are the server's, and its workers share them."""
        members = ", ".join(role.value for role in Role)
        with server.transaction():
            server.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TESTER])
            for login in map(sql.Identifier, TESTERS):
                server.execute(
                    sql.SQL(
                        "DO $$BEGIN CREATE ROLE {} LOGIN; EXCEPTION WHEN duplicate_object THEN END$$"
                    ).format(login)
                )
                server.execute(
                    sql.SQL("GRANT " + members + " TO {} WITH INHERIT FALSE, SET TRUE").format(login)
                )
            for name, password in self.passwords.items():
                server.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
                )

    def _migrate(self, settings: str) -> None:
        command(self.url(self.template), "migrate", "--verbosity", "0", settings=settings)
        if settings == TEST:
            command(self.url(self.template), "keys_register", "--verbosity", "0", settings=settings)

    def clone(self, database: str, template: str = "") -> None:
        """Make `database` a fresh copy of the template, in place of an earlier one."""
        with self._server() as server:
            for statement in (
                "DROP DATABASE IF EXISTS {} WITH (FORCE)",
                "CREATE DATABASE {} OWNER vbl_owner TEMPLATE {} STRATEGY file_copy",
            ):
                server.execute(
                    sql.SQL(statement).format(
                        sql.Identifier(database), sql.Identifier(template or self.template)
                    )
                )
            for statement in provisioning_sql.database_statements(database):
                server.execute(statement)
            self._open(server, database)

    def drop_all(self) -> None:
        """Remove every database of this run."""
        with self._server() as server:
            drop_databases(server, self.run)

    def _open(self, server: psycopg.Connection, database: str) -> None:
        """Let the testers in: a clone inherits neither grants nor settings."""
        for login, role in TESTERS.items():
            server.execute(
                sql.SQL("GRANT CONNECT, TEMP ON DATABASE {} TO {}").format(
                    sql.Identifier(database), sql.Identifier(login)
                )
            )
            settings = {"search_path": provisioning_sql.SEARCH_PATH, **TIMEOUTS, "role": role.value}
            for setting, value in settings.items():
                words = sql.SQL(value) if setting == "search_path" else sql.Literal(value)
                server.execute(
                    sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                        sql.Identifier(login), sql.Identifier(database), sql.SQL(setting), words
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
        for pattern in ("[a-z]*/**/*.py", *(["tests/kernel/**/*.py"] if settings == TEST else []))
        for file in ROOT.glob(pattern)
        if "tests" not in file.parts[:-1] or "kernel" in file.parts
    )
    for file in sorted(set(files)):
        inside = file.relative_to(ROOT)
        if not NO_SCHEMA.intersection(inside.parts):
            digest.update(bytes(inside) + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def command(url: str, *arguments: str, settings: str = TEST) -> None:
    """Run a command of manage.py on the database at `url`. Raises CalledProcessError when it fails."""
    urls = dict.fromkeys(("TEST_DATABASE_URL", "DATABASE_URL", "OWNER_DATABASE_URL"), url)
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **urls, "DJANGO_SETTINGS_MODULE": settings},
        check=True,
    )


@contextlib.contextmanager
def databases(settings: str = TEST) -> Iterator[Databases]:
    """A server with a template, until the block ends."""
    run = f"vbl_test_{secrets.token_hex(4)}"
    given = os.environ.get("TEST_SERVER_URL")
    with contextlib.ExitStack() as stack:
        if given:
            server = stack.enter_context(given_server(given, run))
            password = hashlib.sha256(f"{TESTER} {given}".encode()).hexdigest()[:24]
            made = Databases(server, run, password, kept_name(settings))
            stack.callback(made.drop_all)
        else:
            made = Databases(stack.enter_context(throw_away_server()), run, secrets.token_urlsafe(24))
        made.build_template(settings)
        yield made


def kept_name(settings: str) -> str:
    """Name of the template that outlives the runs on a server: for a day, as partitions are made for the days ahead."""
    return f"vbl_kept_{schema_digest(settings)}_{datetime.now(UTC):%Y%m%d}"


def as_mapping(made: Databases) -> dict[str, str]:
    """For handing over to a worker of xdist."""
    return asdict(made)


def main(arguments: list[str]) -> int:
    """Run commands on a throw-away database; the status of the first that fails, or 0."""
    settings = TEST
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
