"""Which login a process connects as: decided by the name of its command, in this one place."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

#: Commands that change the schema, or write what no acting role may. All others connect as `vbl_app`.
OWNER_COMMANDS = frozenset(
    {
        "archive",
        "archive_verify",
        "audit_head",
        "audit_rebase",
        "audit_seal",
        "dbshell",
        "graph_models",
        "inspectdb",
        "keys_list",
        "keys_register",
        "keys_retire",
        "jobs_forget",
        "ledger_rebase",
        "ledger_rebuild",
        "load_demo",
        "maintenance_worker",
        "makemigrations",
        "migrate",
        "optimizemigration",
        "partitions_detach",
        "partitions_maintain",
        "pgtrigger",
        "retention_run",
        "rotate_keys",
        "second_factor_reset",
        "showmigrations",
        "sqlflush",
        "sqlmigrate",
        "staff_bootstrap",
        "provider_account_open",
        "submissions_forget",
        "verify_audit",
        "write_docs",
    }
)
URL_OF_LOGIN = {"app": "DATABASE_URL", "owner": "OWNER_DATABASE_URL"}
OPTIONS = {
    "application_name": "versbottomlex",
    # Values travel apart from the text of a statement, which others see in pg_stat_activity and in the log.
    "server_side_binding": True,
}


def login_of(arguments: Sequence[str]) -> str:
    """`owner` or `app`, for a command line such as `["manage.py", "migrate"]`.

    DATABASE_LOGIN overrules, for those who know why.
    """
    if chosen := os.environ.get("DATABASE_LOGIN"):
        if chosen not in URL_OF_LOGIN:
            raise ImproperlyConfigured(f"DATABASE_LOGIN is {chosen}: set it to app or owner, or unset it.")
        return chosen
    runs_command = bool(arguments) and Path(arguments[0]).name == "manage.py"
    command = next((word for word in arguments[1:] if not word.startswith("-")), "")
    return "owner" if runs_command and command in OWNER_COMMANDS else "app"


def database(env: environ.Env, *, embedded: bool, arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Django's settings of the one database.

    Without URLs, and where `embedded` allows it, the project's own server is used and started when a
    connection is first needed. Raises ImproperlyConfigured when the URL for this process is missing.
    """
    login = login_of(sys.argv if arguments is None else arguments)
    variable = URL_OF_LOGIN[login]
    settings: dict[str, Any] = {
        "NAME": "versbottomlex",
        "CONN_MAX_AGE": env.int("DATABASE_CONNECTION_SECONDS", default=60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # a cursor does not outlive a transaction under PgBouncer
        "OPTIONS": dict(OPTIONS),
    }
    if env(variable, default=""):
        address = env.db_url(variable)
        settings |= address
        settings["OPTIONS"] = {**OPTIONS, **address.get("OPTIONS", {})}
    elif embedded and not any(env(name, default="") for name in URL_OF_LOGIN.values()):
        settings["EMBEDDED"] = login
    else:
        role = {"app": "vbl_app", "owner": "vbl_owner"}[login]
        raise ImproperlyConfigured(
            f"This process connects as {role}, and {variable} is not set: set it to "
            f"postgresql://{role}:PASSWORD@HOST:5432/DATABASE."
        )
    return settings | {"ENGINE": "core.db.psqlextra_backend"}
