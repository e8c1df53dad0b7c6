"""The user of the machine who runs the server: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.embedded.errors import SomebodyElses

NAME = "versbottomlex"


@dataclass(frozen=True)
class Account:
    """Who runs the server. `other` says that it is not the user who runs this process."""

    uid: int
    gid: int
    other: bool

    def as_options(self) -> dict[str, Any]:
        """Options of `subprocess.run` that run a program as this user, and nobody else may read."""
        options: dict[str, Any] = {"umask": 0o077}
        if self.other:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def give(self, path: Path) -> None:
        """Make `path` this user's."""
        if self.other:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether this user may enter the directory `path`."""
        if not self.other:
            return True
        try:
            entered = subprocess.run(
                ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(path)],
                cwd="/",
                capture_output=True,
                check=False,
                **self.as_options(),
            )
        except OSError:
            return False
        return entered.returncode == 0


def server_account(data: Path) -> Account:
    """The user who runs, or will run, the server on `data`.

    Raises SomebodyElses when an ordinary user meets data of another one. Root runs the server as
    whoever owns the data, else as the user `versbottomlex`, made if needed, else as `nobody`.
    """
    owner = data.stat().st_uid if data.exists() else None
    me = os.geteuid()
    if me != 0:
        if owner not in (None, me):
            raise SomebodyElses(data, _name(owner))
        return Account(me, os.getegid(), other=False)
    if owner:
        return Account(owner, data.stat().st_gid, other=True)
    entry = _entry(NAME) or _made() or _entry("nobody")
    if entry is None:
        return Account(65534, 65534, other=True)
    return Account(entry.pw_uid, entry.pw_gid, other=True)


def _made() -> pwd.struct_passwd | None:
    """Make the system user, where the machine has the means."""
    for program, *options in (
        ("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/", "--shell"),
        ("adduser", "-S", "-D", "-H", "-h", "/", "-s"),
    ):
        path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if path:
            subprocess.run(
                [path, *options, "/bin/false", NAME],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
            if entry := _entry(NAME):
                return entry
    return None


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return f"number {uid}"
