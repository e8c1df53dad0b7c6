"""Provisioning by an administrator who is no superuser, on a cluster that knows nothing of the project."""

import subprocess
import time

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.db import provisioning, provisioning_sql
from core.db.roles import ACTING_ROLES, Role
from core.db.server_version import WrongServerVersion, refuse_other_versions
from tests.core.servers import bare_server, manage, one

# One worker makes the rows, and the other one goes on with the rest.
pytestmark = pytest.mark.xdist_group("provisioning")

PASSWORDS = {Role.APP: "the app's own", Role.OWNER: "pass:w@rd/of%the owner"}


@pytest.fixture(scope="module")
def cluster(room, binaries):
    """A running server, its log in full, with the role `admin`: CREATEROLE and CREATEDB, no superuser."""
    server = bare_server(room / "cluster", binaries)
    with (server.data / "postgresql.conf").open("a") as settings:
        settings.write("log_statement = all\n")
    port = server.start(None)
    superuser = server.conninfo(port)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD 'admin'")
    yield server, superuser
    server.stop()


@pytest.fixture(scope="module")
def admin(cluster):
    return make_conninfo(cluster[1], user="admin", password="admin")


@pytest.fixture(scope="module")
def provisioned(cluster, admin):
    """The database `platform`, provisioned twice; connection strings by login."""
    steps = []
    for _ in range(2):
        provisioning.provision(admin, provisioning.Plan("platform", PASSWORDS), report=steps.append)
    assert steps.count("database platform") == 1
    assert steps.count("database platform exists") == 1
    logins = {
        role.value: make_conninfo(cluster[1], dbname="platform", user=role.value, password=PASSWORDS[role])
        for role in PASSWORDS
    }
    return {"admin": make_conninfo(admin, dbname="platform"), **logins}


def verifier(cluster):
    return one(cluster[1], "SELECT rolpassword FROM pg_authid WHERE rolname = 'vbl_app'")


def test_a_second_run_keeps_the_verifier_that_a_pooler_has_and_a_new_password_changes_it(
    cluster, admin, provisioned
):
    kept, steps = verifier(cluster), []
    provisioning.provision(admin, provisioning.Plan("platform", PASSWORDS), report=steps.append)
    assert verifier(cluster) == kept
    assert {"password of vbl_app holds", "password of vbl_owner holds"} <= set(steps)
    provisioning.provision(admin, provisioning.Plan("platform", {Role.APP: "another"}))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(provisioned["vbl_app"])
    provisioning.provision(admin, provisioning.Plan("platform", PASSWORDS))
    assert one(provisioned["vbl_app"], "SELECT current_user::text") == "vbl_app"


def trust(cluster, rules, trusted):
    """Let the server read its rules anew, and wait until it lets `vbl_app` in as they say."""
    (cluster[0].data / "pg_hba.conf").write_text(rules)
    assert one(cluster[1], "SELECT pg_reload_conf()")
    guessed = make_conninfo(cluster[1], user="vbl_app", password="guessed", dbname="platform")
    for _ in range(200):
        try:
            psycopg.connect(guessed).close()
        except psycopg.OperationalError:
            found = False
        else:
            found = True
        if found is trusted:
            return
        time.sleep(0.05)
    raise AssertionError("the rules were not read")


def test_where_nobody_is_asked_for_a_password_it_is_set(cluster, admin, provisioned):
    rules, kept = (cluster[0].data / "pg_hba.conf").read_text(), verifier(cluster)
    try:
        trust(cluster, f"host all vbl_app 127.0.0.1/32 trust\n{rules}", True)
        provisioning.provision(admin, provisioning.Plan("platform", PASSWORDS))
        assert verifier(cluster) != kept
    finally:
        trust(cluster, rules, False)


def column(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        return [row[0] for row in connection.execute(statement).fetchall()]


def test_logins_work_and_find_the_tables_schema(provisioned):
    for login in ("vbl_app", "vbl_owner"):
        assert one(provisioned[login], "SHOW search_path") == "vbl, extensions"
        assert one(provisioned[login], "SHOW timezone") == "UTC"


@pytest.mark.parametrize("setting", ["lock", "statement", "transaction", "idle_in_transaction_session"])
@pytest.mark.parametrize("login", ["vbl_app", "vbl_owner"])
def test_logins_have_time_outs(provisioned, login, setting):
    assert one(provisioned[login], f"SHOW {setting}_timeout") not in ("0", None)


def test_database_is_utf8_with_the_builtin_locale(provisioned):
    assert one(
        provisioned["admin"],
        "SELECT (pg_encoding_to_char(encoding), datlocprovider, datlocale)::text FROM pg_database "
        "WHERE datname = 'platform'",
    ) == ("(UTF8,b,C.UTF-8)")


def test_roles_have_no_right_that_they_were_not_given(provisioned):
    assert column(
        provisioned["admin"],
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'vbl\\_%' "
        "AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)",
    ) == ([])
    assert set(
        column(
            provisioned["admin"], "SELECT rolname FROM pg_roles WHERE rolname LIKE 'vbl\\_%' AND rolcanlogin"
        )
    ) == {"vbl_app", "vbl_owner"}
    assert one(provisioned["admin"], "SELECT rolinherit FROM pg_roles WHERE rolname = 'vbl_app'") is False


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_application_may_take_each_acting_role_and_inherits_none(provisioned, role):
    assert one(provisioned["vbl_app"], f"SELECT pg_has_role('{role.value}', 'USAGE')") is False
    with psycopg.connect(provisioned["vbl_app"]) as connection:
        connection.execute(f"SET LOCAL ROLE {role.value}")


@pytest.mark.parametrize("role", [Role.OWNER, Role.RETENTION])
def test_application_may_not_become_owner_or_retention(provisioned, role):
    with (
        psycopg.connect(provisioned["vbl_app"]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SET LOCAL ROLE {role.value}")


@pytest.mark.parametrize("role", [Role.APP, Role.RETENTION, Role.WORKER])
def test_owner_may_act_as_others_and_inherits_nothing(provisioned, role):
    assert one(provisioned["vbl_owner"], f"SELECT pg_has_role('{role.value}', 'USAGE')") is False
    with psycopg.connect(provisioned["vbl_owner"]) as connection:
        connection.execute(f"SET LOCAL ROLE {role.value}")


def test_schemas_belong_to_the_owner_and_say_what_they_are(provisioned):
    found = column(
        provisioned["admin"],
        "SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = 'vbl_owner' "
        "AND obj_description(oid, 'pg_namespace') <> ''",
    )
    assert set(found) == set(provisioning_sql.SCHEMAS)


def test_extensions_are_in_their_schema(provisioned):
    found = column(
        provisioned["admin"],
        "SELECT extname FROM pg_extension WHERE extnamespace = 'extensions'::regnamespace",
    )
    assert set(found) >= set(provisioning_sql.EXTENSIONS)


def test_strangers_may_neither_connect_nor_use_public(cluster, provisioned):
    with psycopg.connect(cluster[1], autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(cluster[1], user="stranger", password="stranger", dbname="platform")
    with (
        psycopg.connect(provisioned["vbl_app"]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE public.sneaked_in ()")


def test_functions_of_the_owner_may_not_be_called_by_everybody(provisioned):
    with psycopg.connect(provisioned["vbl_owner"]) as connection:
        connection.execute("CREATE FUNCTION vbl.secret() RETURNS int LANGUAGE sql RETURN 1")
    with (
        psycopg.connect(provisioned["vbl_app"]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT vbl.secret()")


def test_passwords_never_reach_the_server(cluster, provisioned):
    log = cluster[0].log.read_text()
    assert 'ALTER ROLE "vbl_owner" PASSWORD \'SCRAM-SHA-256$' in log
    assert not [password for password in PASSWORDS.values() if password in log]


def test_existing_database_of_the_administrator_is_taken_over(admin):
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE found")
    provisioning.provision(admin, provisioning.Plan("found"))
    assert (
        one(admin, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'found'") == "vbl_owner"
    )


def test_existing_database_in_another_encoding_is_refused(admin):
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C'"
        )
    with pytest.raises(provisioning.ProvisioningError, match="encoded in LATIN1"):
        provisioning.provision(admin, provisioning.Plan("latin"))


def test_printed_sql_does_the_same(cluster, admin, binaries):
    script = "\n".join(
        line for line in provisioning_sql.script('by "hand').splitlines() if not line.startswith("\\password")
    )
    server = cluster[0]
    for _ in range(2):
        done = subprocess.run(
            [server.installation.program("psql"), "-X", "-q", admin],
            input=script,
            env=server.installation.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    with psycopg.connect(make_conninfo(admin, dbname='by "hand')) as connection:
        connection.execute("SET search_path = vbl, extensions")
        assert provisioning.missing(connection) == []


def test_role_that_may_not_create_roles_is_told_so(cluster):
    with psycopg.connect(cluster[1], autocommit=True) as connection:
        connection.execute("CREATE ROLE modest LOGIN CREATEDB PASSWORD 'modest'")
    modest = make_conninfo(cluster[1], user="modest", password="modest")
    with pytest.raises(provisioning.ProvisioningError, match="role modest may not provision.*CREATEROLE"):
        provisioning.provision(modest, provisioning.Plan("modest"))


def test_server_that_does_not_answer(admin):
    with pytest.raises(provisioning.ProvisioningError, match="PROVISION_URL cannot be used"):
        provisioning.provision(make_conninfo(admin, port=1), provisioning.Plan("none"))


def test_other_versions_are_refused():
    with pytest.raises(WrongServerVersion, match=r"needs PostgreSQL 18, and the server is version 17"):
        refuse_other_versions(170004)
    refuse_other_versions(180001)


def urls(cluster, database):
    """The three URLs of a deployment on this cluster, with passwords that need quoting."""
    parts = conninfo_to_dict(cluster[1])
    at = f"{parts['host']}:{parts['port']}"
    return {
        "PROVISION_URL": f"postgresql://admin:admin@{at}/postgres",
        "OWNER_DATABASE_URL": f"postgresql://vbl_owner:pass%3Aw%40rd%2Fof%25the%20owner@{at}/{database}",
        "DATABASE_URL": f"postgresql://vbl_app:the%20app%27s%20own@{at}/{database}",
    }


def test_migrate_before_provision_says_what_to_run(cluster, provisioned):
    with psycopg.connect(cluster[1], autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty")
    said = manage("migrate", **urls(cluster, "empty"))
    assert said.returncode == 1
    assert "schema vbl" in said.stderr
    assert "manage.py provision" in said.stderr
    assert "Traceback" not in said.stderr
    assert 'CREATE SCHEMA IF NOT EXISTS "vbl"' in said.stdout


def test_migrate_without_a_database_says_what_to_run(cluster, provisioned):
    said = manage("migrate", **urls(cluster, "nowhere"))
    assert said.returncode == 1
    assert '"nowhere" does not exist' in said.stderr
    assert "manage.py provision" in said.stderr
    assert "Traceback" not in said.stderr


def test_deployment_needs_provision_and_migrate_and_nothing_else(cluster):
    environment = urls(cluster, "deployed")
    provided = manage("provision", **environment)
    assert provided.returncode == 0, provided.stderr
    assert not [words for words in PASSWORDS.values() if words in provided.stdout + provided.stderr]
    migrated = manage("migrate", **environment)
    assert migrated.returncode == 0, migrated.stderr
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'vbl'"
    assert column(make_conninfo(cluster[1], dbname="deployed"), owners) == ["vbl_owner"]
    assert column(
        make_conninfo(cluster[1], dbname="deployed"),
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    ) == ([])
