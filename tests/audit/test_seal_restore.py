"""The trail moves into another cluster: dumped by the owner, restored, proven, rebased, sealed on."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from core.db import provisioning
from core.embedded.account import server_account
from core.embedded.binaries import Installation, find_installation
from core.embedded.server import Server
from core.models.identity import uuid7
from tests.audit.sealing import RECORD, seal, write
from tests.database import ROOT, Databases, command
from tests.moving import dump_restored

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "restored"
BURN = "DO $$BEGIN FOR turn IN 1..{} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END$$"
BARE = "SELECT count(*) FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_sealleaf l WHERE l.id = e.id)"


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that the server's user may enter; pytest's own is closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="versbottomlex-cluster-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def installation(home: Path) -> Installation:
    return find_installation(home)


@pytest.fixture
def other_cluster(home: Path, installation: Installation) -> Iterator[str]:
    """The superuser's connection string of a server that was just made."""
    account = server_account(home / "data")
    account.give(home)
    server = Server(home, installation, account, secrets.token_urlsafe(24), durable=False)
    try:
        server.create()
        yield server.conninfo(server.start(None))
    finally:
        server.stop()


class Restored:
    """The restored database, used as its owner by the commands of the project."""

    def __init__(self, superuser: str, url: str) -> None:
        self.superuser, self.url = superuser, url

    def ask(self, statement: str, *parameters: object) -> object:
        with psycopg.connect(self.url, autocommit=True) as owner:
            cursor = owner.execute(statement, parameters or None)  # type: ignore[arg-type]
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def write(self, count: int) -> None:
        for _ in range(count):
            self.ask(RECORD, uuid7())

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        urls = dict.fromkeys(("TEST_DATABASE_URL", "DATABASE_URL", "OWNER_DATABASE_URL"), self.url)
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **urls, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            capture_output=True,
            text=True,
            check=False,
        )


def restore(source: str, other_cluster: str, installation: Installation, folder: Path) -> Restored:
    """Dump as docs/operations.md says, and restore into the provisioned database of another cluster."""
    provisioning.provision(other_cluster, provisioning.Plan(NAME))
    password = secrets.token_urlsafe(16)
    with psycopg.connect(other_cluster, autocommit=True) as cluster:
        cluster.execute(f"ALTER ROLE vbl_owner PASSWORD '{password}'")  # type: ignore[call-overload]
        info = cluster.info
        url = f"postgresql://vbl_owner:{password}@{info.host}:{info.port}/{NAME}"
    dump_restored(installation, source, url, folder)
    command(url, "migrate", "--verbosity", "0")
    return Restored(other_cluster, url)


def test_the_trail_moves_to_another_cluster_and_stays_proven(
    test_databases: Databases, other_cluster: str, installation: Installation, tmp_path: Path
) -> None:
    source = test_databases.url(connection.settings_dict["NAME"])
    write(5)
    seal()
    with psycopg.connect(source, autocommit=True) as old:
        old.execute(BURN.format(20_000))  # type: ignore[call-overload]
    sealed = write(4)
    seal()
    write(3)
    head = tmp_path / "head.json"
    here = Restored("", source)
    head.write_text(here.manage("audit_head").stdout)
    there = restore(source, other_cluster, installation, tmp_path)
    latest = int(str(here.ask("SELECT max(xact)::text FROM audit_event")))
    assert int(str(there.ask("SELECT pg_current_xact_id()::text"))) < latest, (
        "the old numbers are the larger ones"
    )

    # What was restored is proven before anything is done to it.
    assert there.manage("verify_audit", "--head", str(head)).returncode == 0

    # The site runs on; sealing refuses, and nobody is accused.
    there.write(2)
    refused = there.manage("audit_seal")
    assert refused.returncode == 1
    assert "begin a new epoch by audit_rebase" in refused.stderr
    assert there.ask("SELECT audit_seal_lag() > 0") is True
    told = json.loads(there.manage("verify_audit", "--json").stdout)
    assert (told["proven"], told["counts"]["unsealed"]) == (True, 5)
    assert "made in another cluster" in told["notes"][0]

    rebased = there.manage("audit_rebase")
    assert rebased.returncode == 0, rebased.stderr
    assert "seal 3, epoch 2: 5 events" in rebased.stdout
    assert there.manage("audit_rebase").returncode == 1, "once is enough"

    # Sealing goes on, also when the numbers of transactions pass those of the old cluster.
    there.write(3)
    assert there.manage("audit_seal").returncode == 0
    there.ask(BURN.format(15_000))
    there.write(2)
    assert there.manage("audit_seal").returncode == 0
    while int(str(there.ask("SELECT pg_current_xact_id()::text"))) <= latest:
        there.ask(BURN.format(15_000))
    there.write(2)
    assert there.manage("audit_seal").returncode == 0
    assert there.ask(BARE) == 0
    assert there.ask("SELECT count(*) FROM audit_sealleaf") == there.ask("SELECT count(*) FROM audit_event")
    proven = there.manage("verify_audit", "--head", str(head), "--json")
    report = json.loads(proven.stdout)
    assert (proven.returncode, report["findings"]) == (0, [])
    assert report["counts"]["unsealed"] == 0
    assert "Epoch 2 begins with seal 3" in report["notes"][0]

    # Tampering with what came from the old cluster is named here as there.
    with psycopg.connect(
        psycopg.conninfo.make_conninfo(there.superuser, dbname=NAME), autocommit=True
    ) as attacker:
        attacker.execute("SET session_replication_role = replica")
        attacker.execute("DELETE FROM vbl.audit_sealleaf WHERE id = %s", [sealed[0]])
        attacker.execute("UPDATE vbl.audit_event SET changed = '{}' WHERE id = %s", [sealed[1]])
    found = json.loads(there.manage("verify_audit", "--json").stdout)["findings"]
    assert {(finding["fault"], finding["event"]) for finding in found} >= {
        ("leaf_missing", str(sealed[0])),
        ("event_changed", str(sealed[1])),
    }
