"""A logical back-up as docs/operations.md describes it: dumped by the owner, restored into a new cluster, proven."""

import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from psycopg.conninfo import conninfo_to_dict

from core.db import provisioning
from core.db.roles import Role
from core.embedded.binaries import Installation
from core.health import State, take_health
from tests.audit.test_seal_restore import home, installation, other_cluster  # noqa: F401
from tests.database import command
from tests.moving import dump_restored, working_in
from tests.site.conftest import Site

NAME, PASSWORD = "restored", "quite-long-enough"
TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'vbl'::regnamespace AND relkind IN ('r', 'p') "
    "AND NOT relispartition ORDER BY relname"
)
ROLES = (
    "SELECT rolname, rolcanlogin FROM pg_roles "
    "WHERE rolname LIKE 'vbl\\_%' AND rolname NOT LIKE 'vbl\\_tester%' ORDER BY 1"
)
RIGHTS = (
    "SELECT relname, acl::text FROM pg_class, LATERAL unnest(relacl) acl "
    "WHERE relnamespace = 'vbl'::regnamespace ORDER BY 1, 2"
)
POLICIES = "SELECT tablename, policyname, roles::text, cmd, qual FROM pg_policies ORDER BY 1, 2"


def counts(url: str) -> dict[str, int]:
    """The rows of each table, but of the one that tells of deployments."""
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute(TABLES) if name != "audit_deployment"]
        return {
            name: connection.execute(f'SELECT count(*) FROM vbl."{name}"').fetchone()[0]  # type: ignore[arg-type,index]
            for name in names
        }


def rows(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


def done(name: str, *arguments: str) -> str:
    """What a command of manage.py said; raises what it raises."""
    said = StringIO()
    call_command(name, *arguments, stdout=said)
    return said.getvalue()


def test_a_dump_without_row_security_is_refused(
    site: Site,
    installation: Installation,  # noqa: F811
    tmp_path: Path,
) -> None:
    refused = subprocess.run(
        [installation.program("pg_dump"), "--format=custom", f"--file={tmp_path / 'dump'}", site.owner_url],
        env=installation.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "query would be affected by row-level security policy" in refused.stderr


def test_a_dump_loses_no_row_and_the_platform_goes_on_in_a_new_cluster(
    site: Site,
    other_cluster: str,  # noqa: F811
    installation: Installation,  # noqa: F811
    tmp_path: Path,
    django_db_blocker: Any,
) -> None:
    head = tmp_path / "head.json"
    with working_in(site.owner_url, django_db_blocker):
        done("audit_seal")
        head.write_text(done("audit_head"))
    before = counts(site.owner_url)
    assert before["accounts_user"] > 30
    assert before["audit_event"] > 30
    assert before["audit_seal"] > 0

    # Roles are the cluster's: they are made before the dump is restored.
    plan = provisioning.Plan(NAME, dict.fromkeys((Role.OWNER, Role.APP), PASSWORD))
    provisioning.provision(other_cluster, plan)
    place = conninfo_to_dict(other_cluster)
    owner, app = (
        f"postgresql://{role.value}:{PASSWORD}@{place['host']}:{place['port']}/{NAME}"
        for role in (Role.OWNER, Role.APP)
    )
    assert rows(owner, ROLES) == rows(site.owner_url, ROLES)
    dump_restored(installation, site.owner_url, owner, tmp_path)
    command(owner, "migrate", "--verbosity", "0", settings="config.settings.demo")
    assert counts(owner) == before
    assert rows(owner, RIGHTS) == rows(site.owner_url, RIGHTS)
    assert rows(owner, POLICIES) == rows(site.owner_url, POLICIES)

    # What was restored is what was sealed; then trail and ledger begin to count in this cluster.
    with working_in(owner, django_db_blocker):
        done("verify_audit", "--head", str(head))
        with pytest.raises(CommandError, match="The ledger is not proven: 1 findings"):
            done("ledger_prove")
        for rebase in ("audit_rebase", "ledger_rebase"):
            done(rebase)
            with pytest.raises(CommandError, match="nothing has to be rebased"):
                done(rebase)
        done("audit_seal")
        done("verify_audit", "--head", str(head))
        assert done("ledger_prove").startswith("proven")
    with working_in(app, django_db_blocker):
        found = take_health().findings
    well = ("database", "migrations", "partitions", "seals")
    assert {name: found[name].state for name in well} == dict.fromkeys(well, State.OK)
