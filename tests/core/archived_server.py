"""A server that archives its write-ahead log, its base back-up, and restoring that to a point in time."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from core.embedded.errors import ServerRefused
from core.embedded.server import Server
from tests.core.servers import bare_server

PATIENCE = 60.0
"""Seconds to wait for the archive, and for the end of a recovery."""


@dataclass
class ArchivedServer:
    """The running server in `home`: each full segment of its log is copied to `archive`."""

    home: Path
    server: Server
    port: int

    @property
    def archive(self) -> Path:
        """Where the segments lie."""
        return self.home / "archive"

    @property
    def base(self) -> Path:
        """Where the base back-up lies."""
        return self.home / "base back-up"

    def ask(self, statement: str, database: str = "postgres") -> list[tuple]:
        """Execute a statement as superuser."""
        with psycopg.connect(self.server.conninfo(self.port, database), autocommit=True) as superuser:
            cursor = superuser.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def back_up(self) -> None:
        """Take the base back-up while others commit, as they do in earnest."""
        program = subprocess.Popen(
            [
                self.server.installation.program("pg_basebackup"),
                *("--dbname", self.server.conninfo(self.port), "--pgdata", self.base),
                *("--checkpoint", "fast", "--no-sync"),
            ],
            env=self.server.installation.environment(),
            cwd=self.home,
            stderr=subprocess.PIPE,
            text=True,
            **self.server.account.as_options(),
        )
        while program.poll() is None:
            self.ask("SELECT pg_current_xact_id()")
        _, said = program.communicate()
        assert program.returncode == 0, said

    def segment_end(self) -> str:
        """End the present segment of the log, and wait until it is in the archive; its name."""
        ((name,),) = self.ask("SELECT pg_walfile_name(pg_switch_wal())")
        deadline = time.monotonic() + PATIENCE
        while not (self.archive / name).exists():
            assert time.monotonic() < deadline, self.server.log.read_text()
            time.sleep(0.05)
        return name

    @contextmanager
    def restored(self, *settings: str, archive: Path | None = None) -> Iterator[str]:
        """Connection string of a superuser of a server that was restored from base back-up and archive.

        `settings` name the target, as in postgresql.conf. Raises ServerRefused with the last words of its log.
        """
        home = self.home / "restored"
        home.mkdir()
        self.server.account.give(home)
        there = Server(
            home, self.server.installation, self.server.account, self.server.password, durable=False
        )
        subprocess.run(["cp", "-a", self.base, there.data], check=True)
        with (there.data / "postgresql.auto.conf").open("a") as file:
            file.writelines(
                f"{line}\n"
                for line in (
                    f'restore_command = \'cp "{archive or self.archive}/%f" "%p"\'',
                    "recovery_target_action = 'promote'",
                    # What is tried here leaves nothing in the archive.
                    "archive_mode = 'off'",
                    *settings,
                )
            )
        (there.data / "recovery.signal").touch()
        try:
            port = there.start(None)
            _wait_for_the_end(there, port)
            yield there.conninfo(port)
        finally:
            there.stop()
            shutil.rmtree(home)


@contextmanager
def archived_server(home: Path, binaries: Path) -> Iterator[ArchivedServer]:
    """A server of its own in `home`, until the block ends."""
    server = bare_server(home, binaries)
    archive = home / "archive"
    archive.mkdir()
    server.account.give(archive)
    with (server.data / "postgresql.conf").open("a") as settings:
        settings.write(
            "wal_level = replica\narchive_mode = on\n"
            f'archive_command = \'test ! -f "{archive}/%f" && cp "%p" "{archive}/%f"\'\n'
        )
    try:
        yield ArchivedServer(home, server, server.start(None))
    finally:
        server.stop()


def _wait_for_the_end(server: Server, port: int) -> None:
    """A server that may be asked while it recovers says that it started long before it reached its target."""
    deadline = time.monotonic() + PATIENCE
    while server.pid() is not None:
        assert time.monotonic() < deadline, server.log.read_text()
        try:
            with psycopg.connect(server.conninfo(port), autocommit=True) as superuser:
                if superuser.execute("SELECT pg_is_in_recovery()").fetchone() == (False,):
                    return
        except psycopg.OperationalError:
            pass
        time.sleep(0.05)
    raise ServerRefused("did not recover", server.log, server.log.read_text().splitlines()[-8:])
