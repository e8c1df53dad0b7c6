"""What the embedded server cannot do, it says in one sentence that names the remedy."""

import os
import pwd
import shutil

import pytest

from core.embedded import account, binaries
from core.embedded.errors import DiskFull, NoBinaries, NotWritable, OldData, SomebodyElses, WrongVersion
from core.embedded.lifecycle import Embedded
from tests.core.servers import manage, one


def fake(directory, **programs):
    """A directory of programs that say what they are given to say, and fail."""
    directory.mkdir(parents=True)
    for name, words in programs.items():
        program = directory / name
        status = 0 if name == "postgres" else 1
        program.write_text(f"#!/bin/sh\necho '{words}'\necho '{words}' >&2\nexit {status}\n")
        program.chmod(0o755)
    return directory


def test_other_version_is_named(directory, monkeypatch):
    old = fake(directory.parent / "bin", postgres="postgres (PostgreSQL) 17.2")
    monkeypatch.setenv("POSTGRES_BIN", str(old))
    with pytest.raises(WrongVersion, match=r"17\.2.*POSTGRES_BIN.*compose\.yaml"):
        Embedded(directory).start()


def test_machine_without_any_postgresql(directory, monkeypatch):
    monkeypatch.delenv("POSTGRES_BIN")
    monkeypatch.setattr(binaries, "_package", lambda: None)
    monkeypatch.setattr(binaries, "USUAL_PLACES", ())
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoBinaries, match=r"install PostgreSQL 18.*compose\.yaml"):
        Embedded(directory).start()


def test_machine_with_another_version_and_no_package(directory, monkeypatch):
    monkeypatch.delenv("POSTGRES_BIN")
    monkeypatch.setattr(binaries, "_package", lambda: None)
    monkeypatch.setattr(binaries, "USUAL_PLACES", ())
    old = fake(directory.parent / "bin", postgres="postgres (PostgreSQL) 15.4", pg_ctl="", initdb="")
    monkeypatch.setenv("PATH", f"{old}:/usr/bin:/bin")
    with pytest.raises(WrongVersion, match=r"15\.4"):
        Embedded(directory).start()


def test_full_disk(directory, monkeypatch):
    full = fake(
        directory.parent / "bin",
        postgres="postgres (PostgreSQL) 18.1",
        initdb="initdb: error: could not write to file: No space left on device",
    )
    monkeypatch.setenv("POSTGRES_BIN", str(full))
    with pytest.raises(DiskFull, match="free about 500 MB"):
        Embedded(directory).start()


def test_directory_that_cannot_be_made(directory):
    directory.parent.mkdir()
    directory.touch()
    with pytest.raises(NotWritable, match="may not: make that directory writable"):
        Embedded(directory).start()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_directory_that_cannot_be_written(directory):
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.parent.chmod(0o500)
    with pytest.raises(NotWritable):
        Embedded(directory / "deeper").start()


def test_data_of_another_version(directory):
    house = Embedded(directory)
    house.start()
    house.stop()
    (house.describe().data / "PG_VERSION").write_text("17\n")
    with pytest.raises(OldData, match="made by PostgreSQL 17"):
        house.start()


def test_data_of_another_user(directory, monkeypatch):
    directory.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: directory.stat().st_uid + 1)
    with pytest.raises(SomebodyElses, match="belongs to the user"):
        account.server_account(directory)


def test_root_falls_back_to_nobody_where_no_user_can_be_made(directory, monkeypatch):
    known = pwd.getpwnam

    def without_ours(name):
        if name == account.NAME:
            raise KeyError(name)
        return known(name)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", without_ours)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert account.server_account(directory / "none").uid == known("nobody").pw_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_project_that_the_servers_user_cannot_enter_keeps_its_data_elsewhere(directory):
    directory.parent.mkdir()
    directory.parent.chmod(0o700)
    house = Embedded(directory)
    try:
        assert one(house.url(), "SELECT 1") == 1
        assert house.describe().data.is_relative_to("/var/lib")
        assert Embedded(directory).describe().data == house.describe().data
    finally:
        house.remove()
    assert not house.describe().data.exists()


def test_commands_print_the_sentence_without_a_traceback(directory, monkeypatch):
    old = fake(directory.parent / "bin", postgres="postgres (PostgreSQL) 17.2")
    said = manage("database_url", EMBEDDED_DIR=str(directory), POSTGRES_BIN=str(old))
    assert said.returncode == 1
    assert said.stdout == ""
    assert "compose.yaml" in said.stderr
    assert "Traceback" not in said.stderr
