"""The project's own PostgreSQL 18, for the demo, development and tests. Needs no Django settings.

With no DATABASE_URL, `url("app")` finds or starts the server in `.postgres/` and returns where it is.
"""

import functools
import sys
from typing import TYPE_CHECKING

from core.embedded.errors import NotHere
from core.embedded.location import project_directory

if TYPE_CHECKING:
    from core.embedded.lifecycle import Description, Embedded


@functools.cache
def embedded() -> "Embedded":
    """The embedded server of this checkout, not started yet. Raises NotHere on Windows."""
    if sys.platform == "win32":
        raise NotHere(sys.platform)
    from core.embedded.lifecycle import Embedded

    return Embedded(project_directory())


def url(login: str = "app") -> str:
    """URL for the login `app`, `owner` or `superuser`; starts and provisions the server if needed.

    The server stops when the last process that called this ends. Raises EmbeddedError, whose message
    says what to do.
    """
    return embedded().url(login)


def connection_parameters(login: str = "app") -> dict[str, str]:
    """As `url`, in the words of psycopg: host, port, user, password, dbname."""
    from psycopg.conninfo import conninfo_to_dict

    return {name: str(value) for name, value in conninfo_to_dict(url(login)).items()}


def keep_running() -> None:
    """Leave the server running when this process ends, until `stop`."""
    embedded().keep_running()


def stop() -> bool:
    """Stop the server, whoever is connected. Returns whether it ran."""
    return embedded().stop()


def remove() -> None:
    """Stop the server and remove its data and passwords."""
    embedded().remove()


def describe() -> "Description":
    """Where the data is, the port and process of the server; starts nothing."""
    return embedded().describe()
