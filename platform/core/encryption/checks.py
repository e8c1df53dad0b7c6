"""What a deployment must have set for plaintext to stay out of the server's log."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

SETTINGS = ("log_parameter_max_length", "log_parameter_max_length_on_error")


@register(Tags.database, deploy=True)
def check_values_stay_out_of_the_log(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Values are bound apart from the SQL text, and the server does not write them beside it.

    Runs with `manage.py check --deploy --database default`.
    """
    return [message for alias in databases or () for message in (*_binding(alias), *_logging(alias))]


def _binding(alias: str) -> list[CheckMessage]:
    if connections[alias].settings_dict["OPTIONS"].get("server_side_binding") is True:
        return []
    return [
        Error(
            "Values are written into the text of statements, where pg_stat_activity and the log show them.",
            hint='Leave "server_side_binding": True in the OPTIONS of the database (config/logins.py).',
            id="core.E014",
        )
    ]


def _logging(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", [list(SETTINGS)])
        return [
            Warning(
                f"The server writes values of parameters to its log: {name} is {setting}.",
                hint=f"Set {name} = 0 in its configuration; it needs a superuser or the service's console.",
                id="core.W014",
            )
            for name, setting in sorted(cursor.fetchall())
            if setting != "0"
        ]
