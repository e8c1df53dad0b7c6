"""The sign-ins of the demo, kept in a file that only its owner reads."""

import os
from pathlib import Path

from core.embedded.location import project_directory

FILE = "demo-sign-ins"


def path() -> Path:
    """Where the sign-ins are kept."""
    return Path(project_directory(), FILE)


def keep(lines: list[str]) -> None:
    """Write the sign-ins in place of earlier ones, readable by the owner alone."""
    path().parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")
