"""A logical back-up as docs/operations.md describes it: dumped by the owner, restored into a provisioned database."""

from pathlib import Path

import psycopg

from core.db import provisioning
from core.embedded.binaries import find_installation
from tests.database import Databases, command
from tests.moving import dump_restored
from tests.site.conftest import Site

TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'vbl'::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT relispartition ORDER BY relname"
)


def counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute(TABLES)]
        return {
            name: connection.execute(f'SELECT count(*) FROM vbl."{name}"').fetchone()[0]  # type: ignore[arg-type,index]
            for name in names
        }


def test_a_dump_loses_no_row(site: Site, test_databases: Databases, tmp_path: Path) -> None:
    before = counts(site.owner_url)
    assert before["accounts_user"] > 30
    assert before["audit_event"] > 30

    name = f"{test_databases.run}_restored"
    provisioning.provision(test_databases.superuser, provisioning.Plan(name))
    restored = site.owner_url.rpartition("/")[0] + f"/{name}"
    dump_restored(find_installation(tmp_path), site.owner_url, restored, tmp_path)
    command(restored, "migrate", "--verbosity", "0", settings="config.settings.demo")
    after = counts(restored)
    assert {table: rows for table, rows in after.items() if table != "audit_deployment"} == {
        table: rows for table, rows in before.items() if table != "audit_deployment"
    }
