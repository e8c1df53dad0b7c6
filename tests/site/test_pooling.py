"""Behind PgBouncer in transaction mode: that the suite's requests go that way, and that nobody inherits anything.

Two clients of a pooler with one server connection take turns on it: whatever a transaction leaves there, the next
client gets. The pooler of the run (`tests/pooler.py`) takes it back, so that these tests start one that does not.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import psycopg
import pytest
from django.db import connection
from django.urls import reverse
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from core.db.context import SETTINGS
from core.db.roles import Role
from core.encryption.force import DATA_KEY, PURPOSE
from core.encryption.ring import KeyKind, ring
from tests.accounts.contacts import ADDRESS, add
from tests.accounts.factories import UserFactory
from tests.browser import Browser
from tests.database import ROOT, TESTER, Databases
from tests.pooler import MISSING, PGBOUNCER, documented, pooler, running
from tests.site.conftest import Site

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason=MISSING)

ACT = """
from core.db.context import acting
from core.db.roles import Role
with acting(Role.MODERATOR, user_id=User.objects.first().pk):
    print(User.objects.count())
print(User.objects.count())
"""
#: What a session keeps from one transaction to the next.
KEPT = """
SELECT pg_backend_pid() AS connection, session_user::text AS login, current_user::text AS role,
    (SELECT jsonb_object_agg(name, setting) FROM pg_settings WHERE source = 'session') AS settings,
    (SELECT jsonb_agg(name) FROM unnest(%s::text[]) name WHERE current_setting(name, true) <> '') AS told,
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
    (SELECT count(*) FROM pg_listening_channels()) AS channels,
    (SELECT count(*) FROM pg_prepared_statements) AS statements,
    (SELECT count(*) FROM pg_cursors WHERE is_holdable) AS cursors,
    (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()) AS tables
"""


@pytest.fixture(scope="module")
def narrow(test_databases: Databases) -> Iterator[str]:
    """Address of a pooler with one server connection per login and database, which takes nothing back."""
    with pooler(test_databases.superuser, test_databases.passwords, TESTER, size=1, fresh=False) as address:
        yield address


@pytest.fixture(scope="module")
def narrow_url(site: Site, narrow: str) -> str:
    """The site's login by way of that pooler."""
    parts = urlsplit(site.app_url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@{narrow}"))


def transactions(databases: Databases, database: str) -> int:
    """How many the pooler of the run has passed on to a database."""
    console = make_conninfo(databases.url("pgbouncer", pooled=True))
    with psycopg.connect(console, autocommit=True, row_factory=dict_row) as pool:
        return sum(
            int(row["total_xact_count"])
            for row in pool.execute("SHOW STATS").fetchall()
            if row["database"] == database
        )


def test_the_site_is_reached_through_the_pooler(site: Site, test_databases: Databases) -> None:
    database = urlsplit(site.app_url).path.removeprefix("/")
    before = transactions(test_databases, database)
    with urlopen(f"{site.url}/login/") as page:
        assert page.status == 200
    assert transactions(test_databases, database) > before


@pytest.mark.django_db(transaction=True)
def test_requests_of_tests_go_through_the_pooler(
    staff_client: Callable[..., Browser], test_databases: Databases
) -> None:
    browser = staff_client(Role.MODERATOR)
    before = transactions(test_databases, connection.settings_dict["NAME"])
    assert browser.get(reverse("admin:index")).status_code == 200
    assert transactions(test_databases, connection.settings_dict["NAME"]) > before


@pytest.mark.django_db(transaction=True)
def test_a_session_keeps_nothing_behind_the_pooler() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE vbl_moderator")
        cursor.execute("SET lock_timeout = '1ms'")
        cursor.execute("SELECT pg_advisory_lock(4711)")
        cursor.execute("LISTEN somebody")
        cursor.execute("CREATE TEMPORARY TABLE kept ()")
        cursor.execute(KEPT, [[]])
        names = [column.name for column in cursor.description]
        kept = dict(zip(names, cursor.fetchone(), strict=True))
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("10s",)
        cursor.execute("UPDATE django_migrations SET name = name")
        cursor.execute("SELECT pg_stat_get_xact_tuples_updated('django_migrations'::regclass)")
        assert cursor.fetchone() == (0,), "what was counted would be the next client's"
    assert kept["role"] == "vbl_owner"
    assert [kept[what] for what in ("locks", "channels", "statements", "cursors", "tables")] == [0] * 5


@pytest.fixture
def narrowed(narrow: str, transactional_db: None) -> Iterator[None]:
    """Django connects through the pooler with one connection."""
    kept = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = int(narrow.rpartition(":")[2])
    yield
    connection.close()
    connection.settings_dict["PORT"] = kept


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_request_reaches_the_next_client(
    narrowed: None, staff_client: Callable[..., Browser], test_databases: Databases
) -> None:
    contact = add(UserFactory())
    told = [*SETTINGS[1:], PURPOSE, *map(DATA_KEY.format, ring().numbers(KeyKind.DATA))]
    with psycopg.connect(
        **{**connection.get_connection_params(), "user": "vbl_tester_app"},
        autocommit=True,
        row_factory=dict_row,
    ) as other:

        def kept() -> object:
            return other.execute(KEPT, [told]).fetchone()

        untouched = kept()
        staff = {role: staff_client(role) for role in (Role.SUPPORT, Role.MODERATOR, Role.AUDITOR)}
        assert kept() == untouched
        people, reading = reverse("admin:accounts_user_changelist"), reverse("admin:audit_event_changelist")
        reveal = reverse("admin:accounts_usercontact_action", args=[contact.pk, "reveal"])
        for role, path, status in (
            (Role.MODERATOR, people, 200),
            (Role.AUDITOR, reading, 200),
            (Role.MODERATOR, reveal, 403),
            (Role.SUPPORT, people, 200),
            (Role.AUDITOR, reveal, 403),
            (Role.MODERATOR, f"{people}?no_such_column=1", 302),
        ):
            assert staff[role].get(path).status_code == status, (role, path)
            assert kept() == untouched, (role, path)
        page = staff[Role.SUPPORT].do(reveal, reason="wrote to us from another address").content.decode()
        assert ADDRESS in page
        assert kept() == untouched
    with psycopg.connect(test_databases.superuser) as server:
        used = server.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'vbl_tester_app'",
            [connection.settings_dict["NAME"]],
        ).fetchone()
    assert used == (1,)


def test_the_documented_settings_serve_the_site(site: Site, test_databases: Databases) -> None:
    """All but its addresses, files and certificates; with the verifier of the login in place of its password."""
    ini = documented()
    server = urlsplit(site.owner_url)
    database = server.path.removeprefix("/")
    with psycopg.connect(test_databases.superuser) as superuser:
        (verifier,) = superuser.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolname = 'vbl_app'"
        ).fetchone()
    logins = {"vbl_app": verifier, ini["pgbouncer"]["admin_users"]: test_databases.password}
    settings = {
        name: value for name, value in ini["pgbouncer"].items() if "_tls_" not in name and name != "pidfile"
    }
    assert list(ini["databases"]) == ["versbottomlex"]
    where = {"versbottomlex": f"host={server.hostname} port={server.port} dbname={database}"}
    with running(where, settings, logins) as address:
        url = f"postgresql://vbl_app:{test_databases.passwords['vbl_app']}@{address}/versbottomlex"
        with psycopg.connect(url) as connected:
            assert connected.execute("SELECT current_user::text, current_database()::text").fetchone() == (
                "vbl_app",
                database,
            )
        with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter"):
            psycopg.connect(url, options="-c role=vbl_worker")


def test_services_run_through_the_pooler(site: Site, narrow_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--command", ACT],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": narrow_url, "DJANGO_SETTINGS_MODULE": "config.settings.demo"},
        text=True,
        capture_output=True,
        check=True,
    )
    inside, outside = (int(line) for line in done.stdout.split()[-2:])
    assert inside == outside >= 30


def test_nothing_of_a_transaction_reaches_the_next_client(narrow_url: str) -> None:
    told = "SELECT current_user::text, coalesce(current_setting('app.user_id', true), ''), pg_backend_pid()"
    with psycopg.connect(narrow_url) as first, psycopg.connect(narrow_url) as second:
        with first.transaction():
            first.execute(
                "SELECT set_config('role', 'vbl_moderator', true), set_config('app.user_id', 'somebody', true)"
            )
            role, person, backend = first.execute(told).fetchone()
            assert (role, person) == ("vbl_moderator", "somebody")
        with second.transaction():
            assert second.execute(told).fetchone() == ("vbl_app", "", backend)


def test_a_worker_refuses_to_work_through_the_pooler(narrow_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "worker", "--once"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": narrow_url, "DJANGO_SETTINGS_MODULE": "config.settings.demo"},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert "A worker needs connections of its own" in done.stderr
