"""The embedded server: kept, shared, killed, and in the way of others."""

import os
import signal
import socket
import stat
import time
from pathlib import Path

import psycopg
import pytest

from core.embedded.errors import ServerRefused
from core.embedded.lifecycle import Embedded
from core.embedded.server import HOST
from tests.core.servers import house_in, manage, one, python


def kill(pid):
    """Kill without a warning, and wait until the process is gone."""
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/cwd").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_data_outlives_a_restart(ready):
    house = house_in(ready)
    with psycopg.connect(house.url("owner")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    assert house.stop()
    assert one(house.url("owner"), "SELECT number FROM vbl.kept") == 7


def test_server_is_durable_local_and_knows_letters(ready):
    url = Embedded(ready).url("superuser")
    assert one(url, "SHOW fsync") == "on"
    assert one(url, "SHOW data_checksums") == "on"
    assert one(url, "SHOW listen_addresses") == HOST
    assert one(url, "SHOW unix_socket_directories") == ""
    assert one(url, "SHOW server_encoding") == "UTF8"
    assert one(
        url, "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = current_database()"
    ) == ("bC.UTF-8")
    assert one(url, "SELECT 'привет' COLLATE pg_unicode_fast OPERATOR(extensions.%) 'приветы'") is True


def test_no_other_user_of_the_machine_gets_in(ready):
    house = house_in(ready)
    url = house.url("app")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url, password="guessed")
    for name in ("passwords.json", "state.json"):
        assert stat.S_IMODE((ready / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(house.describe().data.stat().st_mode) == 0o700


def test_killed_server_is_started_again(ready):
    house = Embedded(ready)  # durable: what was committed must be there
    with psycopg.connect(house.url("owner")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    kill(house.describe().pid)
    assert one(house.url("owner"), "SELECT number FROM vbl.kept") == 7


def test_pid_file_that_names_a_stranger_is_no_obstacle(ready):
    house = house_in(ready)
    house.start()
    data, pid = house.describe().data, house.describe().pid
    kill(pid)
    lines = (data / "postmaster.pid").read_text().split("\n")
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert one(house.url(), "SELECT 1") == 1


def test_taken_port_is_left_to_its_holder(ready):
    house = house_in(ready)
    house.start()
    before = house.describe().port
    house.stop()
    with socket.create_server((HOST, before)):
        assert one(house.url(), "SELECT 1") == 1
        assert house.describe().port != before


def test_two_checkouts_do_not_meet(ready):
    first, second = house_in(ready), house_in(ready.parent / "other" / ".postgres")
    first.start()
    second.place.prepare()
    second.place.remember(port=first.describe().port)
    assert one(second.url("superuser"), "SHOW data_directory") == str(second.describe().data)
    assert first.describe().port != second.describe().port
    assert second.stop()
    assert first.describe().running


def test_processes_that_start_at_once_share_one_server(ready):
    program = (
        "with psycopg.connect(embedded.url('app')) as c:\n    print(c.execute('SELECT 1').fetchone()[0])"
    )
    started = [python(program, ready) for _ in range(4)]
    ended = [process.communicate(timeout=90) for process in started]
    assert [out for out, _ in ended] == ["1\n"] * 4, ended
    assert not house_in(ready).describe().running, "the last to leave stops it"


def test_server_outlives_its_killed_starter_and_the_next_process_stops_it(ready):
    starter = python("print(embedded.url(), flush=True)\ninput()", ready)
    assert starter.stdout.readline().startswith("postgresql://vbl_app:")
    kill(starter.pid)
    starter.communicate()
    assert house_in(ready).describe().running
    assert python("embedded.url()", ready).wait(timeout=60) == 0
    assert not house_in(ready).describe().running


def test_server_that_is_in_use_by_others_is_left_running(ready):
    starter = python("print(embedded.url('owner'), flush=True)\ninput()", ready)
    url = starter.stdout.readline().strip()
    with psycopg.connect(url, application_name="psql"):
        starter.communicate("\n", timeout=30)
        assert house_in(ready).describe().running


def test_kept_server_runs_until_it_is_stopped(ready):
    assert python("embedded.keep_running()", ready).wait(timeout=60) == 0
    assert python("embedded.url()", ready).wait(timeout=60) == 0
    house = house_in(ready)
    assert house.describe().running
    assert house.stop()
    assert not house.describe().running


def test_interrupted_first_start_is_done_again(ready):
    house = house_in(ready)
    house.start()
    house.stop()
    data = house.describe().data
    data.rename(data.with_name("data.growing"))
    assert one(house.url(), "SELECT 1") == 1


def test_server_that_refuses_is_quoted(ready):
    house = house_in(ready)
    house.start()
    house.stop()
    with (house.describe().data / "postgresql.conf").open("a") as settings:
        settings.write("colour = blue\n")
    with pytest.raises(ServerRefused, match=r'(?s)server\.log.*make demo-reset.*parameter "colour"'):
        house.start()


def test_removal_leaves_no_data(ready):
    house = house_in(ready)
    house.start()
    house.remove()
    assert sorted(entry.name for entry in ready.iterdir()) == ["in-use", "lock"]
    assert one(house.url(), "SELECT 1") == 1


@pytest.mark.parametrize("role", ["vbl_owner", "vbl_app"])
def test_command_prints_the_url_alone_and_leaves_the_server_running(ready, role):
    said = manage(
        "database_url", "--role", role.removeprefix("vbl_"), EMBEDDED_DIR=str(ready), DATABASE_URL=""
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("\n") == 1
    assert one(said.stdout.strip(), "SELECT current_user") == role
    assert manage("database_stop", EMBEDDED_DIR=str(ready)).returncode == 0
    assert not house_in(ready).describe().running
