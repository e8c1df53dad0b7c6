"""Prepare a cluster and a database once, so that `migrate` is all that a deployment runs afterwards.

Needs a role with CREATEROLE and CREATEDB, no superuser. Uses psycopg alone: no Django settings.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.db import provisioning_sql as statements
from core.db.roles import Role
from core.db.server_version import refuse_other_versions
from core.db.unavailable import DatabaseUnavailable

#: Any number, the same in every process: one provisioning at a time in a cluster.
LOCK = 7_352_018_442
CHARACTER_TYPES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8")


class ProvisioningError(DatabaseUnavailable):
    """The cluster or database cannot be prepared; the message says what to do."""


@dataclass(frozen=True)
class Plan:
    """What to provision: the name of the database, and passwords for the logins that shall get one."""

    database: str
    passwords: Mapping[Role, str] = field(default_factory=dict, repr=False)


def version() -> str:
    """A digest that changes when provisioning would do something else than before."""
    return hashlib.sha256(statements.script("any").encode()).hexdigest()[:16]


def provision(conninfo: str, plan: Plan, report: Callable[[str], None] = lambda line: None) -> None:
    """Make the roles, the database, the schemas and the extensions; a second run changes nothing.

    `conninfo` names the provisioner; its database need not exist. `report` gets one line per step.
    Raises ProvisioningError or WrongServerVersion.
    """
    with _connect_to_any(conninfo) as cluster:
        refuse_other_versions(cluster.info.server_version)
        cluster.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        _refuse_without_rights(cluster)
        _run(cluster, statements.role_statements())
        report(f"{len(Role)} roles")
        _set_passwords(cluster, conninfo, plan, report)
        report(_create_database(cluster, plan.database))
        _run(cluster, statements.database_statements(plan.database))
        report("connections, search path and time-outs of the logins")
        # The lock is held until the database is ready too.
        with _connect(make_conninfo(conninfo, dbname=plan.database)) as database:
            _run(database, [f"SET ROLE {statements.name(Role.OWNER.value)}"])
            with database.transaction():
                _run(database, statements.schema_statements())
                _move_extensions(database)
            report(f"schemas {', '.join(statements.SCHEMAS)}; extensions {', '.join(statements.EXTENSIONS)}")
            _run(database, ["RESET ROLE"])
            report(_optional_extension(database))


def missing(connection: Any) -> list[str]:
    """What a connection of the owner finds missing in its database; empty when it was provisioned.

    `connection` is Django's or psycopg's: anything with `cursor()`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace")
        schemas = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT extname FROM pg_extension")
        extensions = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'vbl\\_%'")
        roles = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT current_setting('search_path')")
        search_path = cursor.fetchone()[0]
    return [
        *(f"schema {schema}" for schema in statements.SCHEMAS if schema not in schemas),
        *(f"extension {extension}" for extension in statements.EXTENSIONS if extension not in extensions),
        *(f"role {role.value}" for role in Role if role.value not in roles),
        *([] if search_path == statements.SEARCH_PATH else [f"search_path = {statements.SEARCH_PATH}"]),
    ]


def _connect(conninfo: str) -> psycopg.Connection:
    return psycopg.connect(
        conninfo, autocommit=True, connect_timeout=10, application_name="versbottomlex provision"
    )


def _connect_to_any(conninfo: str) -> psycopg.Connection:
    """A connection to the named database, or to `postgres` when that does not exist yet."""
    try:
        return _connect(conninfo)
    except psycopg.OperationalError as error:
        named = conninfo_to_dict(conninfo).get("dbname")
        if named not in (None, "postgres") and "does not exist" in str(error):
            return _connect_to_any(make_conninfo(conninfo, dbname="postgres"))
        raise ProvisioningError(
            f"PROVISION_URL cannot be used: {str(error).strip()} "
            "Check host, port, user and password, and that the server runs."
        ) from error


def _refuse_without_rights(cluster: psycopg.Connection) -> None:
    row = cluster.execute(
        "SELECT rolname, rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if row and not row[1]:
        raise ProvisioningError(
            f"The role {row[0]} may not provision: connect by PROVISION_URL as a role with CREATEROLE and "
            f"CREATEDB, or let an administrator run `ALTER ROLE {statements.name(row[0])} CREATEROLE CREATEDB`."
        )


def _set_passwords(
    cluster: psycopg.Connection, conninfo: str, plan: Plan, report: Callable[[str], None]
) -> None:
    """Send SCRAM verifiers, computed here: no password reaches the server or its log.

    One that holds stays: a new verifier of the same password has another salt, and a pooler that has a copy of the old
    one would be refused.
    """
    for role, password in plan.passwords.items():
        login = make_conninfo(conninfo, dbname=plan.database, user=role.value, password=password)
        if _holds(login):
            report(f"password of {role.value} holds")
            continue
        verifier = cluster.pgconn.encrypt_password(password.encode(), role.value.encode(), b"scram-sha-256")
        statement = f"ALTER ROLE {statements.name(role.value)} PASSWORD "
        _execute(cluster, statement + statements.literal(verifier.decode()), shown=f"{statement}...")
        report(f"password of {role.value}")


def _holds(login: str) -> bool:
    """Whether one can log in so, and was asked for the password."""
    try:
        _connect(make_conninfo(login, require_auth="scram-sha-256")).close()
    except psycopg.Error:
        return False
    return True


def _create_database(cluster: psycopg.Connection, database: str) -> str:
    """Create the database, or accept one that is there and fits; returns what was done."""
    found = cluster.execute(
        "SELECT pg_encoding_to_char(encoding), datlocprovider::text, coalesce(datlocale, datcollate) "
        "FROM pg_database WHERE datname = %s",
        [database],
    ).fetchone()
    if found is None:
        return _create_missing_database(cluster, database)
    encoding, provider, locale = found
    if encoding != "UTF8":
        raise ProvisioningError(
            f"The database {database} is encoded in {encoding}: drop it, so that `provision` makes one in "
            f"UTF8, or name another database."
        )
    if (provider, locale) != ("b", "C.UTF-8"):
        return f"database {database} exists, with the locale {locale}: sort orders follow it, not C.UTF-8"
    return f"database {database} exists"


def _create_missing_database(cluster: psycopg.Connection, database: str) -> str:
    row = cluster.execute("SELECT datctype FROM pg_database WHERE datname = 'template0'").fetchone()
    # Under the character type C, pg_trgm takes no letter outside ASCII for a letter.
    plain = row is not None and row[0] in ("C", "POSIX")
    for character_type in CHARACTER_TYPES if plain else ():
        try:
            cluster.execute(statements.create_database(database, character_type).encode())
            return f"database {database}"
        except (psycopg.errors.WrongObjectType, psycopg.errors.InvalidParameterValue):
            continue
    _execute(cluster, statements.create_database(database))
    return f"database {database}"


def _move_extensions(database: psycopg.Connection) -> None:
    """Extensions that somebody made in another schema belong in `extensions`."""
    found = database.execute(
        "SELECT extname FROM pg_extension WHERE extname = ANY (%s) AND extnamespace <> 'extensions'::regnamespace",
        [list(statements.EXTENSIONS)],
    ).fetchall()
    _run(database, [f"ALTER EXTENSION {statements.name(row[0])} SET SCHEMA extensions" for row in found])


def _optional_extension(database: psycopg.Connection) -> str:
    """Make pg_stat_statements where the server offers it and lets us; returns what came of it."""
    extension = statements.OPTIONAL_EXTENSION
    try:
        database.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} WITH SCHEMA extensions".encode())
    except psycopg.Error as error:
        reason = error.diag.message_primary or type(error).__name__
        return f"{extension} skipped ({reason}); it is optional"
    return f"extension {extension}"


def _run(connection: psycopg.Connection, commands: Iterable[str]) -> None:
    for command in commands:
        _execute(connection, command)


def _execute(connection: psycopg.Connection, command: str, shown: str | None = None) -> None:
    try:
        connection.execute(command.encode())
    except psycopg.Error as error:
        raise ProvisioningError(
            f"Provisioning stopped at `{shown or command}`: {error.diag.message_primary or error}. Connect by "
            f"PROVISION_URL as the role that made the roles and the database, or as an administrator "
            f"of the server, and run it again."
        ) from error
