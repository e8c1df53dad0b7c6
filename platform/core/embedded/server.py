"""One PostgreSQL server on one data directory: make it, start it, see it, stop it."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from core.embedded.account import Account
from core.embedded.binaries import MAJOR, Installation
from core.embedded.errors import DiskFull, NotWritable, OldData, ServerRefused

SUPERUSER = "postgres"
HOST = "127.0.0.1"
#: Below the range from which systems take ports for outgoing connections.
PORTS = range(20000, 32000)
#: Letters are told from other characters by the C library in pg_trgm, so plain C would lose every
#: letter outside ASCII. Each platform has one of these.
CHARACTER_TYPES = ("C.UTF-8", "en_US.UTF-8", "UTF-8", "C")
WORDS_OF_A_FULL_DISK = "No space left on device"
WORDS_OF_A_TAKEN_PORT = ("Address already in use", "could not create any TCP/IP sockets")
WORDS_OF_A_LIVE_RELATIVE = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
LONG_LOG = 10_000_000  # bytes; a longer log is put aside at the next start


@dataclass(frozen=True)
class Server:
    """The server whose data is in `home/data`, run by `account`. `durable` keeps fsync on."""

    home: Path
    installation: Installation
    account: Account
    password: str
    durable: bool = True

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "server.log"

    def conninfo(self, port: int, database: str = "postgres") -> str:
        """Connection string of the superuser."""
        return make_conninfo(
            host=HOST,
            port=port,
            user=SUPERUSER,
            password=self.password,
            dbname=database,
            connect_timeout=5,
            application_name="versbottomlex embedded",
        )

    def create(self) -> None:
        """Make the data directory unless it exists: UTF-8, built-in locale, checksums, SCRAM only."""
        made = self.data / "PG_VERSION"
        if made.exists():
            if (found := made.read_text().strip()) != MAJOR:
                raise OldData(found, self.data)
            return
        growing = self.home / "data.growing"
        shutil.rmtree(growing, ignore_errors=True)
        secret = self.home / "initial-password"
        secret.unlink(missing_ok=True)
        try:
            secret.touch(mode=0o600)
            secret.write_text(self.password)
            self.account.give(secret)
            for character_type in CHARACTER_TYPES:
                done = self._run("initdb", *self._initdb_options(growing, secret, character_type))
                if done.returncode == 0 or "invalid locale name" not in done.stderr:
                    break
        finally:
            secret.unlink(missing_ok=True)
        if done.returncode != 0:
            shutil.rmtree(growing, ignore_errors=True)
            self._refuse("could not be prepared", done.stderr)
        with (growing / "postgresql.conf").open("a") as settings:
            settings.write("include_if_exists = 'embedded.conf'\n")
        growing.rename(self.data)

    def _initdb_options(self, data: Path, secret: Path, character_type: str) -> list[str]:
        options = [
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            f"--lc-ctype={character_type}",
            "--data-checksums",
            "--no-instructions",
        ]
        return options if self.durable else [*options, "--no-sync"]

    def start(self, port: int | None) -> int:
        """Start the server, on `port` if it is free; returns the port. Raises ServerRefused, DiskFull."""
        port = port if port and is_free(port) else free_port()
        if self.log.exists() and self.log.stat().st_size > LONG_LOG:
            self.log.replace(self.log.with_suffix(".log.old"))
        deadline = time.monotonic() + 60
        while True:
            self._forget_dead_server()
            self._configure(port)
            seen = self.log.stat().st_size if self.log.exists() else 0
            done = self._run("pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", "60", "-s")
            if done.returncode == 0:
                return port
            said = self._log_since(seen)
            if time.monotonic() > deadline:
                self._refuse("did not start", said or done.stderr)
            if any(words in said for words in WORDS_OF_A_TAKEN_PORT):
                port = free_port()
            elif any(words in said for words in WORDS_OF_A_LIVE_RELATIVE):
                time.sleep(0.3)  # processes of a server that was killed are still leaving
            else:
                self._refuse("did not start", said or done.stderr)

    def answers(self, port: int | None, patience: float = 0) -> bool:
        """Whether this very server answers on `port`, waiting up to `patience` seconds for it.

        Another server on the same port, as in a second checkout, is told by its data directory.
        """
        deadline = time.monotonic() + patience
        while port:
            try:
                with psycopg.connect(self.conninfo(port)) as connection:
                    row = connection.execute("SHOW data_directory").fetchone()
                return row is not None and os.path.samefile(row[0], self.data)
            except (psycopg.OperationalError, FileNotFoundError):
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.1)
        return False

    def pid(self) -> int | None:
        """Process number of the running server, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (OSError, ValueError):  # no such process, or one of another user
            return None
        if Path("/proc/self").exists():  # another process may have got the number, or it is a zombie
            try:
                return pid if os.path.samefile(f"/proc/{pid}/cwd", self.data) else None
            except FileNotFoundError:
                return None
            except PermissionError:
                return pid
        return pid

    def port(self) -> int | None:
        """The port that the server wrote down when it last started."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n")[3])
        except (OSError, ValueError, IndexError):
            return None

    def others_connected(self, port: int) -> int:
        """How many clients that are not this project's are connected, such as psql."""
        with psycopg.connect(self.conninfo(port)) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                "AND application_name NOT LIKE 'versbottomlex%' AND pid <> pg_backend_pid()"
            ).fetchone()
        return row[0] if row else 0

    def stop(self) -> None:
        """Stop the server; whoever is connected is disconnected. Does nothing when it is not running."""
        if self.pid() is None:
            return
        done = self._run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "30", "-s")
        if done.returncode != 0 and (pid := self.pid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)  # an immediate stop: the next start recovers

    def _configure(self, port: int) -> None:
        """Write the settings that belong to this machine and this start."""
        settings = {
            "listen_addresses": f"'{HOST}'",
            "port": port,
            "unix_socket_directories": "''",  # their path may have 107 bytes at most
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
            "max_connections": 100,
            "password_encryption": "'scram-sha-256'",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "log_parameter_max_length": 0,
            "log_parameter_max_length_on_error": 0,
            "log_line_prefix": "'%m [%p] %q%u@%d %a '",
        }
        file = self.data / "embedded.conf"
        file.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        self.account.give(file)

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a server that was killed, whose number another process may have."""
        if self.pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.installation.program(program), *map(str, arguments)],
            env=self.installation.environment(),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **self.account.as_options(),
        )

    def _log_since(self, position: int) -> str:
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(position)
            return log.read().decode(errors="replace")
        return ""

    def _refuse(self, what: str, said: str) -> None:
        if WORDS_OF_A_FULL_DISK in said:
            raise DiskFull(self.home)
        if "could not create directory" in said and "Permission denied" in said:
            raise NotWritable(self.home)
        raise ServerRefused(what, self.log, said.strip().splitlines()[-8:])


def is_free(port: int) -> bool:
    """Whether a server could listen on this local port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A free local port, at random, so that two checkouts do not ask for the same one."""
    while not is_free(port := secrets.choice(PORTS)):
        pass
    return port
