"""Why the embedded server cannot run, each said in one sentence that names the remedy."""

from collections.abc import Iterable
from pathlib import Path

from core.db.unavailable import DatabaseUnavailable

OWN_SERVER = (
    "use your own PostgreSQL 18 through DATABASE_URL and OWNER_DATABASE_URL, "
    "or start the one in compose.yaml with `docker compose up`"
)


class EmbeddedError(DatabaseUnavailable):
    """The embedded PostgreSQL cannot be found, made, started or stopped."""


class NoBinaries(EmbeddedError):
    """Neither the pip package nor the machine offers PostgreSQL 18."""

    def __init__(self, why: str = "") -> None:
        """`why` is what the package said when it could not be unpacked."""
        because = f" ({why})" if why else ""
        super().__init__(
            f"No PostgreSQL 18 was found for this machine{because}: install PostgreSQL 18 so that pg_ctl "
            f"is in PATH, {OWN_SERVER}."
        )


class WrongVersion(EmbeddedError):
    """Programs of another major version than the project supports."""

    def __init__(self, found: str, where: Path) -> None:
        """`found` is what the program or the data directory says of itself."""
        super().__init__(
            f"PostgreSQL 18 is needed, but {where} is of version {found}: install PostgreSQL 18 "
            f"and point POSTGRES_BIN at its bin directory, {OWN_SERVER}."
        )


class OldData(EmbeddedError):
    """The data directory was made by another major version."""

    def __init__(self, found: str, data: Path) -> None:
        """`found` is the content of PG_VERSION."""
        super().__init__(
            f"The embedded database in {data} was made by PostgreSQL {found} and this project runs 18: "
            f"take a dump with that version if you need the data, then start over with `make demo-reset`."
        )


class NotWritable(EmbeddedError):
    """The project's directory, or the place of the data, cannot be written."""

    def __init__(self, where: Path) -> None:
        """`where` is the path that refused."""
        super().__init__(
            f"The embedded database needs to write to {where}, and may not: make that directory writable "
            f"for you, set EMBEDDED_DIR to a directory that is, or {OWN_SERVER}."
        )


class SomebodyElses(EmbeddedError):
    """The data directory belongs to another user of the machine."""

    def __init__(self, where: Path, owner: str) -> None:
        """`owner` is the name or number of the user who made it."""
        super().__init__(
            f"The embedded database in {where} belongs to the user {owner}: run the command as {owner}, "
            f"or set EMBEDDED_DIR to a directory of your own."
        )


class DiskFull(EmbeddedError):
    """There is no space left where the data lives."""

    def __init__(self, where: Path) -> None:
        """`where` is the directory on the full disk."""
        super().__init__(
            f"The disk is full: free about 500 MB where {where} is, then run the same command again."
        )


class ServerRefused(EmbeddedError):
    """The server, or the program that prepares it, failed; its own last words are shown."""

    def __init__(self, what: str, log: Path, lines: Iterable[str]) -> None:
        """`lines` are the last lines of the log."""
        said = "\n".join(f"    {line}" for line in lines) or "    (nothing)"
        super().__init__(
            f"The embedded PostgreSQL {what}: correct what its last words in {log} name and run the command "
            f"again, start over with `make demo-reset`, or {OWN_SERVER}.\n{said}"
        )


class NotHere(EmbeddedError):
    """The platform has no file locks or users of the kind that the embedded server needs."""

    def __init__(self, platform: str) -> None:
        """`platform` is `sys.platform`."""
        super().__init__(
            f"The embedded PostgreSQL does not run on {platform}: run the project in WSL or a container, "
            f"or {OWN_SERVER}."
        )
