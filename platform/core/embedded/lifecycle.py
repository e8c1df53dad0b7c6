"""Start the embedded server when a connection is needed; stop it when its last user leaves."""

import atexit
import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from core.db import provisioning
from core.db.roles import Role
from core.embedded.account import server_account
from core.embedded.binaries import find_installation
from core.embedded.errors import EmbeddedError
from core.embedded.place import Place
from core.embedded.server import HOST, SUPERUSER, Server

DATABASE = "versbottomlex"
LOGINS = {"app": Role.APP.value, "owner": Role.OWNER.value, "superuser": SUPERUSER}


@dataclass(frozen=True)
class Description:
    """What there is to know about the embedded server of a project."""

    directory: Path
    data: Path
    port: int | None
    pid: int | None

    @property
    def running(self) -> bool:
        """Whether the server runs now."""
        return self.pid is not None


class Embedded:
    """The embedded server of one project, kept in `directory`."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        """Nothing is started or made yet. Without `durable` the disk is not waited for: tests only."""
        self.place = Place(directory)
        self._durable = durable
        self._lease: IO[str] | None = None
        self._pid = 0
        self._port: int | None = None
        self._known: Server | None = None
        self._passwords: dict[str, str] = {}

    def url(self, login: str = "app") -> str:
        """URL for `app`, `owner` or `superuser`; the server runs and is provisioned when it returns.

        Raises EmbeddedError.
        """
        user = LOGINS.get(login, login)
        if user not in LOGINS.values():
            raise EmbeddedError(f"There is no login {login}: choose one of {', '.join(LOGINS)}.")
        if self._pid != os.getpid() or not self._known or not self._known.pid():
            self.start()
        password = quote(self._passwords[user], safe="")
        return f"postgresql://{quote(user)}:{password}@{HOST}:{self._port}/{DATABASE}"

    def start(self) -> None:
        """Start and provision the server unless that is done, and hold it until this process ends."""
        self.place.prepare()
        with self.place.locked(), self.place.explained():
            server = self._server()
            port = self.place.state().get("port")
            running = server.answers(port) or (
                server.pid() is not None and server.answers(port := server.port(), patience=60)
            )
            if not running:
                server.create()
                port = server.start(port)
                self.place.remember(port=port)
            self._port, self._known = port, server
            self._provision(server, port or 0)
            self._hold()

    def keep_running(self) -> None:
        """Let the server outlive this process and those that follow, until `stop`."""
        self.start()
        with self.place.locked():
            self.place.remember(kept=self._server().pid())

    def stop(self) -> bool:
        """Stop the server, whoever is connected. Returns whether it ran."""
        if not self.place.data().exists():
            return False
        self.place.prepare()
        with self.place.locked(), self.place.explained():
            server = self._server()
            ran = server.pid() is not None
            server.stop()
            self._known = None
            self.place.remember(kept=None)
            return ran

    def remove(self) -> None:
        """Stop the server and remove data, passwords and what was remembered; the locks stay."""
        self.stop()
        if not self.place.directory.is_dir():
            return
        with self.place.locked(), self.place.explained():
            shutil.rmtree(self.place.data().parent, ignore_errors=True)
            for entry in self.place.directory.iterdir():
                if entry.is_file() and entry.name not in ("lock", "in-use"):
                    entry.unlink()
        self._known = None

    def release(self) -> None:
        """Give up this process's hold; the last one out stops the server, unless it is to be kept."""
        lease, self._lease = self._lease, None
        if lease is None or self._pid != os.getpid():
            return
        with contextlib.suppress(Exception), lease, self.place.locked(patience=10):
            server = self._server()
            pid, port = server.pid(), self._port
            if not pid or not port or self.place.state().get("kept") == pid or not self.place.is_last(lease):
                return
            if server.others_connected(port) == 0:
                server.stop()

    def describe(self) -> Description:
        """What there is to know, without starting anything."""
        data = self.place.data()
        if not data.exists():
            return Description(self.place.directory, data, None, None)
        server = self._server()
        return Description(self.place.directory, data, server.port(), server.pid())

    def _server(self) -> Server:
        account = server_account(self.place.data())
        home = self.place.home(account)
        self._passwords = self.place.passwords(tuple(LOGINS.values()))
        installation = find_installation(home)
        return Server(home, installation, account, self._passwords[SUPERUSER], self._durable)

    def _provision(self, server: Server, port: int) -> None:
        done = server.data / "provisioned"  # beside what it speaks of, and gone with it
        if done.exists() and done.read_text() == provisioning.version():
            return
        plan = provisioning.Plan(
            database=DATABASE,
            passwords={role: self._passwords[role.value] for role in (Role.OWNER, Role.APP)},
        )
        provisioning.provision(server.conninfo(port), plan)
        done.write_text(provisioning.version())
        server.account.give(done)

    def _hold(self) -> None:
        if self._lease is None or self._pid != os.getpid():
            self._lease, self._pid = self.place.lease(), os.getpid()
            atexit.register(self.release)
