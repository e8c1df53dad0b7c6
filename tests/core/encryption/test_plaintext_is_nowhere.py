"""The plaintext and the keys are in no table, no history, no dump, no running statement and no log of the server."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import sql
from psycopg.conninfo import make_conninfo

from core.embedded.binaries import find_installation
from core.encryption import Purpose, keys_for
from core.encryption.registry import passphrase
from core.encryption.ring import KeyKind, ring
from tests.core.encryption.conftest import reading, storing
from tests.core.servers import house_in, one
from tests.database import Databases, command
from tests.kernel.models import Correspondent, Letter, Passport, Whisper
from tests.moving import dump_restored
from tests.sql import run

MARKER = "plaintext-marker-7f3a"
BORN, INCOME = date(1917, 3, 29), Decimal("918273.645")


def secrets_of_the_ring() -> list[str]:
    """What must not be seen either: the keys, as they are passed and as bytes."""
    held = ring()
    data = held.secret(KeyKind.DATA, 1)
    blind = held.secret(KeyKind.BLIND_INDEX, 1)
    private = held.private_key(KeyKind.SEALING, 1).splitlines()[
        14
    ]  # the public half comes before, in 9 lines
    return [passphrase(data), data.hex(), passphrase(blind), blind.hex(), private]


def write_everything() -> None:
    """Write the marker by every way there is, and fail with it."""
    with storing():
        row = Correspondent.objects.create(
            name="x", value=f"{MARKER}@example.org", note=MARKER, draft=MARKER, born_on=BORN, income=INCOME
        )
        row.note = f"{MARKER} again"
        row.save()
        Correspondent.objects.bulk_create(
            [Correspondent(name="y", value=f"{MARKER}{n}@example.org", note=MARKER) for n in range(3)]
        )
        Correspondent.objects.filter(name="y").update(note=MARKER + " updated")
        rows = list(Correspondent.objects.filter(name="y"))
        for other in rows:
            other.draft = MARKER
        Correspondent.objects.bulk_update(rows, ["draft"])
        Letter.objects.create(correspondent=row, text=MARKER)
        Whisper.objects.create(heard=MARKER, source=MARKER)
        Passport.objects.create(name="z", number=MARKER, expires_on=BORN, fee=Decimal("12.34"))
        with pytest.raises(IntegrityError), transaction.atomic():
            Correspondent.objects.create(name=None, value=f"{MARKER}9@example.org", note=MARKER)
        with pytest.raises(IntegrityError), transaction.atomic():
            Correspondent.objects.create(name="twin", value=f"{MARKER}@example.org")
    with reading():
        assert Correspondent.objects.get(pk=row.pk).note == f"{MARKER} again"
    assert Correspondent.objects.filter(value_index=f"{MARKER}@example.org").exists()


def shapes(text: str) -> list[bytes]:
    """A text as it would be found in a dump: itself, and as bytea writes it."""
    return [text.encode(), text.encode().hex().encode()]


def assert_hidden(content: bytes) -> None:
    """Neither the marker nor a key, in whatever shape."""
    lowered = content.lower()
    for text in (MARKER, *secrets_of_the_ring(), "918273.645", "1917-03-29"):
        for shape in shapes(text):
            assert shape.lower() not in lowered, text[:8]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("told")
def test_no_table_no_history_and_no_dump_has_it(tmp_path: Path, test_databases: Databases) -> None:
    write_everything()
    tables = run(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'vbl'::regnamespace AND c.relkind IN ('r', 'p')"
    )
    for (table,) in tables:
        for (row,) in run(f'SELECT to_jsonb(t)::text FROM "{table}" t'):
            assert_hidden(row.encode())
    installation = find_installation(tmp_path)
    superuser = make_conninfo(test_databases.superuser, dbname=connection.settings_dict["NAME"])
    dump = subprocess.run(
        [installation.program("pg_dump"), "--inserts", superuser],
        env=installation.environment(),
        capture_output=True,
        check=True,
    ).stdout
    assert b"kernel_historicalcorrespondent" in dump
    assert dump.count(b"INSERT INTO vbl.kernel_") >= 10
    assert_hidden(dump)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("told")
def test_no_running_statement_shows_it(test_databases: Databases) -> None:
    """Seen by a superuser from another connection, while statements wait for a lock."""
    with storing():
        row = Correspondent.objects.create(name="x", value="a@example.org", note="old")

    def works() -> Iterator[Any]:
        yield lambda: Correspondent.objects.filter(pk=row.pk).update(note=MARKER)
        yield lambda: Correspondent.objects.bulk_update([Correspondent(pk=row.pk, note=MARKER)], ["note"])
        yield lambda: Correspondent.objects.filter(value_index="a@example.org").update(
            value=f"{MARKER}@example.org"
        )

    for work in works():
        done: list[BaseException | None] = []

        def wait_with(work: Any = work, done: Any = done) -> None:
            try:
                with keys_for(Purpose.STORE, actor=None):
                    work()
                done.append(None)
            except BaseException as error:
                done.append(error)
            finally:
                connection.close()

        with psycopg.connect(test_databases.superuser, dbname=connection.settings_dict["NAME"]) as other:
            other.execute("SELECT 1 FROM vbl.kernel_correspondent FOR UPDATE")
            thread = threading.Thread(target=wait_with)
            thread.start()
            seen = ""
            while "UPDATE" not in seen:
                assert not done
                time.sleep(0.01)
                with psycopg.connect(test_databases.superuser) as watcher:
                    seen = "\n".join(
                        text
                        for (text,) in watcher.execute(
                            "SELECT query FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'",
                            [connection.settings_dict["NAME"]],
                        )
                    )
            assert_hidden(seen.encode())
            assert "crypt.enc($" in seen
        thread.join()
        assert done == [None]


LOG_EVERYTHING = {"log_statement": "all", "log_min_duration_statement": "0", "log_error_verbosity": "verbose"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("told")
def test_no_log_of_the_server_has_it(ready: Path, test_databases: Databases, tmp_path: Path) -> None:
    """On a server of its own that logs every statement; the values are left out by its configuration alone."""
    house = house_in(ready)
    url = house.url("owner")
    with psycopg.connect(house.url("superuser"), autocommit=True) as server:
        for name, value in LOG_EVERYTHING.items():
            server.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
        server.execute("SELECT pg_reload_conf()")
    # The tables come from here; that keys are registered is to be seen in the log.
    here = test_databases.url(connection.settings_dict["NAME"])
    without = "--exclude-table-data=vbl.core_encryptionkey"
    dump_restored(find_installation(tmp_path), here, url, tmp_path, without)
    command(url, "keys_register", "--verbosity", "0")
    with connected_to(url):
        write_everything()
        run("SELECT 'the log is written'")
    log = Path(str(one(house.url("superuser"), "SHOW data_directory"))).parent / "server.log"
    said = log.read_bytes()
    assert b"the log is written" in said
    assert b"crypt.enc($" in said
    assert_hidden(said)


@contextlib.contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Django's connection, moved to another server for a while."""
    import environ

    address = environ.Env.db_url_config(url)
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(
        {key: address[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    )
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
