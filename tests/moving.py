"""A database moves into a provisioned one, as docs/operations.md describes it: dumped and restored by the owner."""

import subprocess
from pathlib import Path

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
