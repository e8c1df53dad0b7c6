"""The secret key of a demo: random, kept beside its database, so that sessions outlive a restart."""

import contextlib
import os
import secrets

from core.embedded.errors import NotWritable
from core.embedded.location import project_directory


def demo_key() -> str:
    """The key of this checkout; made at the first call, readable by its owner alone."""
    file = project_directory() / "secret-key"
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            growing = file.with_name(f"secret-key.{os.getpid()}")
            descriptor = os.open(growing, os.O_WRONLY | os.O_CREAT, 0o600)
            with open(descriptor, "w") as writing:
                writing.write(secrets.token_urlsafe(64))
            with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                file.hardlink_to(growing)
            growing.unlink()
        return file.read_text()
    except PermissionError as error:
        raise NotWritable(file) from error
