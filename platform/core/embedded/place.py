"""Where an embedded server keeps its things, and what is remembered between two starts."""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from core.embedded.account import Account
from core.embedded.errors import DiskFull, EmbeddedError, NotWritable

#: Where data goes that the server's user could not reach below the project, as under /root.
ELSEWHERE = Path("/var/lib")


class Place:
    """The directory `.postgres/` of one project: locks, memory, passwords; data too, where it can be.

    `state.json` holds the port, the place of the data, and what was provisioned; `passwords.json` is
    readable by its owner alone.
    """

    def __init__(self, directory: Path) -> None:
        """Nothing is made or read yet."""
        self.directory = directory

    def prepare(self) -> None:
        """Make the directory. Raises NotWritable or DiskFull."""
        with self.explained():
            self.directory.mkdir(parents=True, exist_ok=True)
            if self.directory.stat().st_uid == os.geteuid():
                self.directory.chmod(0o711 if os.geteuid() == 0 else 0o700)

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the machine's refusals below this directory into sentences."""
        try:
            yield
        except OSError as error:
            if error.errno in (28, 122):  # no space, or over quota
                raise DiskFull(self.directory) from error
            if isinstance(error, PermissionError | FileExistsError | NotADirectoryError) or error.errno == 30:
                raise NotWritable(Path(error.filename or self.directory)) from error
            raise

    @contextlib.contextmanager
    def locked(self, patience: float = 120) -> Iterator[None]:
        """Let one process at a time start or stop the server; waits up to `patience` seconds."""
        with self._open("lock") as file:
            deadline = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise EmbeddedError(
                            f"Another process has been starting or stopping the embedded database for "
                            f"{patience:.0f} s: end it (it holds {file.name}) and run the command again."
                        ) from None
                    time.sleep(0.05)
            yield

    def lease(self) -> IO[str]:
        """An open file that tells others, while this process lives, that it uses the server."""
        file = self._open("in-use")
        fcntl.flock(file, fcntl.LOCK_SH)
        return file

    @staticmethod
    def is_last(lease: IO[str]) -> bool:
        """Whether nobody but the holder of `lease` has one."""
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def home(self, account: Account) -> Path:
        """The directory of the data, made and owned by the server's user; the same at every call."""
        with self.explained():
            project = str(self.directory.resolve())
            state = self.state()
            if state.get("project") == project and Path(state["home"]).is_dir():
                return Path(state["home"])
            home = self.directory / "server"
            if not account.reaches(self.directory):
                digest = hashlib.sha256(os.fsencode(project)).hexdigest()[:12]
                home = ELSEWHERE / f"versbottomlex-{digest}"
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            account.give(home)
            self.remember(project=project, home=str(home))
            return home

    def data(self) -> Path:
        """Where the data is, as far as is known before the server's user is."""
        state = self.state()
        if state.get("project") == str(self.directory.resolve()):
            return Path(state["home"], "data")
        return self.directory / "server" / "data"

    def state(self) -> dict[str, Any]:
        """What is remembered; empty when nothing is, or when the file was cut short."""
        return self._read("state.json")

    def remember(self, **facts: Any) -> None:
        """Add to what is remembered."""
        self._write("state.json", self.state() | facts)

    def passwords(self, names: tuple[str, ...]) -> dict[str, str]:
        """A random password for each name, made at the first call and kept."""
        with self.explained():
            kept = self._read("passwords.json")
            missing = {name: secrets.token_urlsafe(24) for name in names if name not in kept}
            if missing:
                kept |= missing
                self._write("passwords.json", kept)
            return kept

    def _open(self, name: str) -> IO[str]:
        with self.explained():
            return open(self.directory / name, "a+", opener=_private)

    def _read(self, name: str) -> dict[str, Any]:
        try:
            return json.loads((self.directory / name).read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def _write(self, name: str, content: dict[str, Any]) -> None:
        with self.explained():
            growing = self.directory / f"{name}.growing"
            with open(growing, "w", opener=_private) as file:
                json.dump(content, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            growing.replace(self.directory / name)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
