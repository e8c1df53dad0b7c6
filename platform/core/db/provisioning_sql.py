"""The SQL that prepares a cluster and a database: roles, schemas, extensions, time-outs, grants.

Every statement can be run again. `core.db.provisioning` runs them; `manage.py provision --sql` prints
them for those who run them by hand.
"""

from collections.abc import Iterator

from psycopg import sql

from core.db.roles import ACTING_ROLES, Role

SCHEMAS = {
    "vbl": "Tables of the platform. Written by the application through roles; migrated by vbl_owner.",
    "extensions": "Extensions of PostgreSQL, apart from our own objects.",
    "crypt": "Functions that encrypt and decrypt; nothing else.",
    "archive": "Partitions that were detached and wait for the archive or for removal.",
}
#: Trusted extensions: the owner of a database may create them without being superuser.
EXTENSIONS = ("btree_gist", "btree_gin", "pg_trgm", "pgcrypto", "unaccent")
#: Used when the server offers it; needs a superuser, or a managed service's equivalent.
OPTIONAL_EXTENSION = "pg_stat_statements"
SEARCH_PATH = "vbl, extensions"
#: Settings belong to the login: SET ROLE applies none, and PgBouncer refuses start-up options.
LOGIN_SETTINGS: dict[Role, dict[str, str]] = {
    Role.APP: {
        "timezone": "UTC",
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        "transaction_timeout": "5min",
        "idle_in_transaction_session_timeout": "1min",
    },
    Role.OWNER: {
        "timezone": "UTC",
        "lock_timeout": "10s",
        "statement_timeout": "1h",
        "transaction_timeout": "2h",
        "idle_in_transaction_session_timeout": "10min",
    },
}
ROLE_COMMENTS = {
    Role.OWNER: "VersBottomLex: owns and migrates the schema; no superuser.",
    Role.APP: "VersBottomLex: login of the site and the workers; takes one acting role per transaction.",
    Role.RETENTION: "VersBottomLex: may delete what the retention policy names.",
}


def name(identifier: str) -> str:
    """An identifier, quoted."""
    return sql.Identifier(identifier).as_string()


def literal(value: str) -> str:
    """A string constant, quoted."""
    return sql.Literal(value).as_string()


def role_statements() -> Iterator[str]:
    """Create the roles and who may act as whom. Run once per cluster, as the provisioner."""
    for role in Role:
        login = {Role.OWNER: "LOGIN", Role.APP: "LOGIN NOINHERIT"}.get(role, "NOLOGIN")
        yield (
            f"DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal(role.value)}) "
            f"THEN CREATE ROLE {name(role.value)} {login}; END IF; END$$"
        )
        yield f"ALTER ROLE {name(role.value)} {login}"
        comment = ROLE_COMMENTS.get(
            role, f"VersBottomLex: acting role {role.label.lower()}; does not log in."
        )
        yield f"COMMENT ON ROLE {name(role.value)} IS {literal(comment)}"
    for role in ACTING_ROLES:
        yield f"GRANT {name(role.value)} TO {name(Role.APP.value)} WITH INHERIT FALSE, SET TRUE"
    # Maintenance and the demo call the services as those roles; with INHERIT FALSE no policy of theirs applies
    # to the owner otherwise.
    for role in (Role.APP, Role.RETENTION, *ACTING_ROLES):
        yield f"GRANT {name(role.value)} TO {name(Role.OWNER.value)} WITH INHERIT FALSE, SET TRUE"
    yield f"GRANT {name(Role.OWNER.value)} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE"


def create_database(database: str, character_type: str | None = None) -> str:
    """Create the database with UTF-8 and the built-in locale; `character_type` when the default is C."""
    ctype = f" LC_CTYPE {literal(character_type)}" if character_type else ""
    return (
        f"CREATE DATABASE {name(database)} OWNER {name(Role.OWNER.value)} TEMPLATE template0 "
        f"ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'{ctype}"
    )


def database_statements(database: str) -> Iterator[str]:
    """Who may connect, and the settings of the logins. A clone of the database needs these again."""
    yield f"ALTER DATABASE {name(database)} OWNER TO {name(Role.OWNER.value)}"
    yield (
        f"COMMENT ON DATABASE {name(database)} IS "
        f"'VersBottomLex: live performer streaming platform and its back office.'"
    )
    yield f"REVOKE ALL ON DATABASE {name(database)} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {name(database)} TO {name(Role.APP.value)}, CURRENT_USER"
    for role, settings in LOGIN_SETTINGS.items():
        start = f"ALTER ROLE {name(role.value)} IN DATABASE {name(database)} SET"
        yield f"{start} search_path = {SEARCH_PATH}"
        for setting, value in settings.items():
            yield f"{start} {setting} = {literal(value)}"


def schema_statements() -> Iterator[str]:
    """Schemas, extensions and their grants. Run inside the database, as `vbl_owner`."""
    owner = name(Role.OWNER.value)
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    for schema, comment in SCHEMAS.items():
        yield f"CREATE SCHEMA IF NOT EXISTS {name(schema)} AUTHORIZATION {owner}"
        yield f"COMMENT ON SCHEMA {name(schema)} IS {literal(comment)}"
    yield f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"
    for extension in EXTENSIONS:
        yield f"CREATE EXTENSION IF NOT EXISTS {name(extension)} WITH SCHEMA extensions"
    people = ", ".join(name(role.value) for role in (Role.APP, Role.RETENTION, *ACTING_ROLES))
    for schema in ("vbl", "extensions", "crypt"):
        yield f"GRANT USAGE ON SCHEMA {name(schema)} TO {people}"
    yield f"GRANT USAGE ON SCHEMA archive TO {name(Role.RETENTION.value)}"


def script(database: str) -> str:
    """All of it for `psql`, connected to any database of the cluster as a role with CREATEROLE and CREATEDB."""
    create = create_database(database)
    exists = f"SELECT FROM pg_database WHERE datname = {literal(database)}"
    return "\n".join(
        [
            "-- Run with psql, connected to the database postgres as a role with CREATEROLE and CREATEDB.",
            "\\set ON_ERROR_STOP on",
            *(f"{statement};" for statement in role_statements()),
            f"\\password {Role.OWNER.value}",
            f"\\password {Role.APP.value}",
            f"SELECT {literal(create)} WHERE NOT EXISTS ({exists}) \\gexec",
            *(f"{statement};" for statement in database_statements(database)),
            f"\\connect {name(database)}",
            f"SET ROLE {name(Role.OWNER.value)};",
            *(f"{statement};" for statement in schema_statements()),
            "RESET ROLE;",
        ]
    )
