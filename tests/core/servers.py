"""Embedded servers for tests, in directories that the server's user can reach."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.embedded.account import server_account
from core.embedded.binaries import Installation, find_installation
from core.embedded.lifecycle import Embedded
from core.embedded.server import Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def room() -> Iterator[Path]:
    """A directory that every user of the machine may enter; pytest's own is closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="versbottomlex-room-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def binaries(room: Path) -> Path:
    """PostgreSQL 18, unpacked once."""
    return find_installation(room).bin


@pytest.fixture
def directory(room: Path, binaries: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where one embedded server may live; what runs there is stopped afterwards."""
    monkeypatch.setenv("POSTGRES_BIN", str(binaries))
    place = Path(tempfile.mkdtemp(dir=room, prefix="a way "))
    place.chmod(0o755)
    yield place / "π é" / ".postgres"
    for found in place.rglob("postmaster.pid"):
        Embedded(found.parents[2]).stop()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def template(room: Path, binaries: Path) -> Path:
    """An embedded server that was made, provisioned and stopped."""
    os.environ["POSTGRES_BIN"], before = str(binaries), os.environ.get("POSTGRES_BIN")
    try:
        house = house_in(room / "template")
        house.start()
        house.stop()
    finally:
        os.environ.pop("POSTGRES_BIN")
        if before:
            os.environ["POSTGRES_BIN"] = before
    return room / "template"


@pytest.fixture
def ready(directory: Path, template: Path) -> Path:
    """A directory with a copy of that server: what would be made at the first start is there."""
    directory.parent.mkdir()
    subprocess.run(["cp", "-a", template, directory], check=True)
    return directory


def house_in(directory: Path) -> Embedded:
    """The embedded server in `directory`, which does not wait for the disk."""
    return Embedded(directory, durable=False)


def bare_server(home: Path, binaries: Path) -> Server:
    """A server that nobody provisioned, made in `home` and not started."""
    home.mkdir(parents=True, exist_ok=True)
    account = server_account(home / "data")
    account.give(home)
    server = Server(home, Installation(binaries), account, "an admin's password", durable=False)
    server.create()
    return server


def one(url: str, statement: str) -> object:
    """The first column of the first row."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


PREAMBLE = """
import psycopg
from core import embedded
from core.embedded.lifecycle import Embedded
from core.embedded.location import project_directory
house = Embedded(project_directory(), durable=False)
embedded.embedded = lambda: house
"""


def python(program: str, directory: Path) -> subprocess.Popen[str]:
    """A process that uses the embedded server in `directory` through `core.embedded`."""
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "platform"), "EMBEDDED_DIR": str(directory)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with nothing in the environment but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "POSTGRES_BIN") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
