"""One supported major version of PostgreSQL, checked at every new connection."""

from typing import Any

from core.db.unavailable import DatabaseUnavailable

SUPPORTED = 18


class WrongServerVersion(DatabaseUnavailable):
    """The server is not PostgreSQL 18."""


def refuse_other_versions(server_version: int) -> None:
    """Raise WrongServerVersion unless `server_version` (as libpq gives it: 180001) is supported."""
    if server_version // 10_000 != SUPPORTED:
        raise WrongServerVersion(
            f"This project needs PostgreSQL {SUPPORTED}, and the server is version {server_version // 10_000}: "
            f"point DATABASE_URL at a PostgreSQL {SUPPORTED}, unset it to use the embedded one, or start the "
            f"one in compose.yaml."
        )


def check_new_connection(connection: Any, **kwargs: Any) -> None:
    """Receiver of Django's `connection_created`."""
    if connection.vendor == "postgresql":
        refuse_other_versions(connection.connection.info.server_version)
