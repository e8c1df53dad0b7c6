"""A database moves into a provisioned one, as docs/operations.md describes it: dumped and restored by the owner."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from core.embedded.binaries import Installation


def dump_restored(installation: Installation, source: str, target: str, folder: Path, *options: str) -> None:
    """Dump `source` with these options of pg_dump besides, and restore it into the provisioned `target`."""
    dump = str(folder / "dump")
    for program, *arguments in (
        ("pg_dump", "--enable-row-security", "--format=custom", f"--file={dump}", *options, source),
        (
            *("pg_restore", "--no-owner", "--role=vbl_owner"),
            *("--schema=vbl", "--schema=archive", "--schema=crypt"),
            *(f"--dbname={target}", dump),
        ),
    ):
        done = subprocess.run(
            [installation.program(program), *arguments],
            env=installation.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def working_in(url: str, blocker: Any) -> Iterator[None]:
    """Let Django work in the database at `url`; afterwards it works where it did. `blocker` is pytest-django's."""
    parts = conninfo_to_dict(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    before = {name: connection.settings_dict[name] for name in names}
    # A browser of an earlier test leaves an event loop in this thread, which Django would take for asynchronous code.
    unsafe = mock.patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="true")
    with blocker.unblock(), unsafe:
        connection.close()
        connection.settings_dict.update({name: parts[word] for name, word in names.items()})
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(before)
