"""Behind PgBouncer in transaction mode, with one server connection for everybody.

Two clients then take turns on the same connection: whatever a transaction leaves on it, the next client gets.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from core.embedded.account import server_account
from core.embedded.server import is_free
from tests.database import ROOT
from tests.site.conftest import Site

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")

pytestmark = [
    pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed"),
]

SETTINGS = """
[databases]
{database} = host={host} port={port} dbname={database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 1
max_client_conn = 20
logfile = {folder}/pgbouncer.log
"""
ACT = """
from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
with acting(Role.MODERATOR, user_id=User.objects.first().pk):
    print(User.objects.count())
print(User.objects.count())
"""


@pytest.fixture(scope="module")
def pooled_url(site: Site) -> Iterator[str]:
    """The site's login by way of a pooler that is stopped afterwards."""
    server = urlsplit(site.app_url)
    database = server.path.removeprefix("/")
    # Not one of pytest's folders: those are closed to the account that runs the pooler when root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="versbottomlex-pooler-"))
    listen = next(number for number in range(26432, 27432) if is_free(number))
    (folder / "pgbouncer.ini").write_text(
        SETTINGS.format(
            database=database, host=server.hostname, port=server.port, listen=listen, folder=folder
        )
    )
    (folder / "users.txt").write_text(f'"{server.username}" "{server.password}"\n')
    account = server_account(folder / "data")
    for path in (*folder.iterdir(), folder):
        account.give(path)
    pooler = subprocess.Popen(
        [str(PGBOUNCER), str(folder / "pgbouncer.ini")],
        **account.as_options(),
    )
    url = f"postgresql://{server.username}:{server.password}@127.0.0.1:{listen}/{database}"
    try:
        _wait_for(url)
        yield url
    finally:
        pooler.terminate()
        pooler.wait(timeout=20)
        shutil.rmtree(folder)


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the pooler did not come up")


def test_services_run_through_the_pooler(site: Site, pooled_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--command", ACT],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": pooled_url, "DJANGO_SETTINGS_MODULE": "config.settings.demo"},
        text=True,
        capture_output=True,
        check=True,
    )
    inside, outside = (int(line) for line in done.stdout.split()[-2:])
    assert inside == outside >= 30


def test_nothing_of_a_transaction_reaches_the_next_client(pooled_url: str) -> None:
    told = "SELECT current_user::text, coalesce(current_setting('app.user_id', true), ''), pg_backend_pid()"
    with psycopg.connect(pooled_url) as first, psycopg.connect(pooled_url) as second:
        with first.transaction():
            first.execute(
                "SELECT set_config('role', 'vbl_moderator', true), set_config('app.user_id', 'somebody', true)"
            )
            role, person, backend = first.execute(told).fetchone()
            assert (role, person) == ("vbl_moderator", "somebody")
        with second.transaction():
            assert second.execute(told).fetchone() == ("vbl_app", "", backend)


def test_a_worker_refuses_to_work_through_the_pooler(pooled_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "worker", "--once"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": pooled_url, "DJANGO_SETTINGS_MODULE": "config.settings.demo"},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert "A worker needs connections of its own" in done.stderr
