"""Where files of the archive lie: one directory, one folder in it for each table, closed to everybody else."""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core.archive.errors import ArchiveChanged, PartitionArchiveRefused
from core.archive.manifest import SUFFIX, Manifest, sha256_of

PARTIAL = ".partial"
OTHERS = stat.S_IWGRP | stat.S_IRWXO
SPARE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class ArchiveFolder:
    """The directory `PARTITION_ARCHIVE_DIRECTORY`."""

    root: Path

    @classmethod
    def configured(cls) -> "ArchiveFolder":
        """The directory of this process, checked. Raises PartitionArchiveRefused."""
        if not settings.PARTITION_ARCHIVE_DIRECTORY:
            raise PartitionArchiveRefused(
                "There is no place for the archive of partitions: set PARTITION_ARCHIVE_DIRECTORY for this process."
            )
        folder = cls(Path(settings.PARTITION_ARCHIVE_DIRECTORY))
        if settings.PARTITION_ARCHIVE_MADE_WHEN_MISSING:
            folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.check()
        return folder

    def check(self) -> None:
        """Raises PartitionArchiveRefused where the directory is not there, not closed to others or not writable."""
        try:
            mode = self.root.stat().st_mode
        except OSError as error:
            raise PartitionArchiveRefused(
                f"{self.root} cannot be opened ({error.strerror}): make the directory for the account that runs "
                "maintenance."
            ) from error
        if not stat.S_ISDIR(mode):
            raise PartitionArchiveRefused(f"{self.root} is no directory.")
        if mode & OTHERS:
            raise PartitionArchiveRefused(
                f"{self.root} is open to others (mode {stat.S_IMODE(mode):o}): run chmod 700 on it."
            )
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise PartitionArchiveRefused(f"This account may not write to {self.root}.")

    def require_room(self, expected_bytes: int) -> None:
        """Raises PartitionArchiveRefused where the disk would be full before a partition of this size is written."""
        free = shutil.disk_usage(self.root).free
        if free < expected_bytes + SPARE_BYTES:
            raise PartitionArchiveRefused(
                f"{self.root} has {free:,} bytes free, and the partition may need {expected_bytes:,}: free some space "
                "and run again. Nothing left the database."
            )

    def file(self, place: str) -> Path:
        """The path of a file by its place, `audit_event/audit_event_p2020_03.01a2….parquet`."""
        return self.root / place

    def manifest(self, place: str) -> Path:
        """The path of its manifest."""
        return self.root / f"{place}{SUFFIX}"

    def prepared(self, place: str) -> Path:
        """Where a file is written before it is whole; what an interrupted run left there is removed.

        Raises PartitionArchiveRefused when something lies at the place already.
        """
        path = self.file(place)
        if path.exists() or self.manifest(place).exists():
            raise PartitionArchiveRefused(f"{path} is there already. Nothing was written.")
        path.parent.mkdir(mode=0o700, exist_ok=True)
        partial = path.with_name(path.name + PARTIAL)
        partial.unlink(missing_ok=True)
        return partial

    def keep(self, partial: Path, manifest: Manifest) -> str:
        """Give a whole file its name and put its manifest beside it, both on the disk; returns the manifest's SHA-256.

        Raises PartitionArchiveRefused when the disk is full.
        """
        target, beside = self.file(manifest.file), self.manifest(manifest.file)
        waiting = beside.with_name(beside.name + PARTIAL)
        try:
            with waiting.open("wb") as file:
                file.write(manifest.to_bytes())
            for path in (partial, waiting):
                path.chmod(0o600)
                _to_disk(path)
            waiting.rename(beside)
            partial.rename(target)
            _to_disk(target.parent)
        except OSError as error:
            for path in (partial, waiting, beside):
                path.unlink(missing_ok=True)
            raise PartitionArchiveRefused(
                f"{target} could not be kept ({error.strerror}). Nothing left the database."
            ) from error
        return sha256_of(beside)

    def proven(self, place: str, *, file_sha256: str, manifest_sha256: str) -> Manifest:
        """The manifest of a file, when both are to the byte what was written. Raises ArchiveChanged."""
        path, beside = self.file(place), self.manifest(place)
        for one in (path, beside):
            if not one.is_file():
                raise ArchiveChanged(f"{one} is missing: bring it back from a copy of the archive.")
        for one, wanted in ((beside, manifest_sha256), (path, file_sha256)):
            if sha256_of(one) != wanted:
                raise ArchiveChanged(
                    f"{one} was changed: its SHA-256 is not the one that was recorded. Bring it back from a copy of "
                    "the archive."
                )
        return Manifest.from_bytes(beside.read_bytes(), beside.name)

    def remove(self, place: str) -> None:
        """Remove a file and its manifest; what is gone already is no error."""
        self.file(place).unlink(missing_ok=True)
        self.manifest(place).unlink(missing_ok=True)

    def strays(self, known: set[str]) -> list[Path]:
        """Files that no record names: of another database, or left by a run that was killed."""
        named = {self.file(place) for place in known} | {self.manifest(place) for place in known}
        return sorted(path for path in self.root.rglob("*") if path.is_file() and path not in named)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
