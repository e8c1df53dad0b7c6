"""The ledger moves into another cluster, where the numbers of transactions begin anew."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from accounts.models import User
from billing import chart
from billing.services.journal import balance_of
from billing.services.ledger_care import ledger_roll_forward
from core.db import provisioning
from core.embedded.binaries import Installation
from core.models.identity import uuid7
from tests.audit.test_seal_restore import BURN, home, installation, other_cluster  # noqa: F401
from tests.billing.ledger import assert_books_prove, bought, entry, opened, post
from tests.database import ROOT, Databases, command
from tests.moving import dump_restored

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "restored"
POST = """
SELECT ledger_post(ARRAY[%s]::uuid[], '{adjustment}', '{NULL}', '{NULL}', '{NULL}', '{""}', '{NULL}', '{NULL}',
  '{1,1}', '{1,2}', %s::uuid[], %s::bigint[], '{TOKEN,TOKEN}', NULL)
"""


class Restored:
    """The restored database, used by commands, and by the owner's SQL."""

    def __init__(self, owner: str, app: str) -> None:
        self.owner, self.app = owner, app

    def ask(self, statement: str, *parameters: object) -> object:
        with psycopg.connect(self.owner, autocommit=True) as owner:
            cursor = owner.execute(statement, parameters or None)  # type: ignore[arg-type]
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        urls = {"DATABASE_URL": self.app, "OWNER_DATABASE_URL": self.owner}
        by_owner = arguments[0] in ("ledger_rebase", "ledger_rebuild")
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                **urls,
                "TEST_DATABASE_URL": self.owner if by_owner else self.app,
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def post(self, *lines: tuple[object, int]) -> object:
        return self.ask(POST, uuid7(), [line[0] for line in lines], [line[1] for line in lines])


def restore(source: str, other_cluster: str, installation: Installation, folder: Path) -> Restored:  # noqa: F811
    """Dump as docs/operations.md says, and restore into the provisioned database of another cluster."""
    provisioning.provision(other_cluster, provisioning.Plan(NAME))
    password = secrets.token_urlsafe(16)
    with psycopg.connect(other_cluster, autocommit=True) as cluster:
        for role in ("vbl_owner", "vbl_app"):
            cluster.execute(f"ALTER ROLE {role} PASSWORD '{password}'")  # type: ignore[call-overload]
        info = cluster.info
        owner, app = (
            f"postgresql://{role}:{password}@{info.host}:{info.port}/{NAME}"
            for role in ("vbl_owner", "vbl_app")
        )
    dump_restored(installation, source, owner, folder)
    command(owner, "migrate", "--verbosity", "0")
    return Restored(owner, app)


def test_the_ledger_moves_to_another_cluster_and_goes_on(
    test_databases: Databases,
    other_cluster: str,  # noqa: F811
    installation: Installation,  # noqa: F811
    tmp_path: Path,
    ann: User,
    bob: User,
) -> None:
    source = test_databases.url(connection.settings_dict["NAME"])
    wallet = bought(ann.pk, 100)
    earned, share, clearing = opened(
        chart.earnings(bob.pk), chart.platform_share(), chart.exchange_clearing()
    )
    post(entry((wallet, -20), (earned, 15), (share, 5)))
    with psycopg.connect(source, autocommit=True) as old:
        old.execute(BURN.format(20_000))  # type: ignore[call-overload]
    post(entry((earned, -5), (clearing, 5)))
    ledger_roll_forward()
    post(entry((wallet, -20), (earned, 15), (share, 5)))
    before = [balance_of(account) for account in (wallet, earned, share, clearing)]
    assert before == [60, 25, 10, 5]

    there = restore(source, other_cluster, installation, tmp_path)
    latest = int(str(there.ask("SELECT max(moment) FROM billing_posting")))
    assert int(str(there.ask("SELECT ledger_moment()"))) < latest, "the old numbers are the larger ones"

    # Until it is rebased nothing is posted there, and the proof says why.
    with pytest.raises(psycopg.errors.CheckViolation, match="Run ledger_rebase"):
        there.post((wallet, -1), (share, 1))
    proof = there.manage("ledger_prove")
    assert proof.returncode == 1
    assert "came from another cluster" in proof.stdout

    assert there.manage("ledger_rebase", "--dry-run").stdout.startswith("Epoch 1: ")
    rebased = there.manage("ledger_rebase")
    assert rebased.returncode == 0, rebased.stderr
    assert "Epoch 2 begins" in rebased.stdout
    assert there.manage("ledger_rebase").returncode == 1, "once is enough"
    proof = there.manage("ledger_prove")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert [
        there.ask("SELECT ledger_balance_of(%s)", account) for account in (wallet, earned, share, clearing)
    ] == before

    # What is posted now comes after what was posted there; nothing is counted twice or forgotten.
    assert there.post((wallet, -10), (earned, 10)) == 1
    with pytest.raises(psycopg.errors.CheckViolation, match="would fall to -1"):
        there.post((earned, -36), (clearing, 36))
    assert there.post((earned, -35), (clearing, 35)) == 1
    assert there.ask("SELECT min(moment) > %s FROM billing_posting WHERE moment > %s", latest, latest) is True
    rolled = there.manage("ledger_roll_forward")
    assert rolled.returncode == 0, rolled.stderr
    while int(str(there.ask("SELECT pg_current_xact_id()::text"))) <= latest:
        there.ask(BURN.format(15_000))
    assert there.post((wallet, -50), (earned, 50)) == 1
    with pytest.raises(psycopg.errors.CheckViolation, match="does not cover this"):
        there.post((wallet, -1), (earned, 1))
    proof = there.manage("ledger_prove")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert there.ask("SELECT count(*) FROM billing_ledgerproof WHERE difference <> 0") == 0
    assert_books_prove()
