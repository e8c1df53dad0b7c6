"""Where archives of people lie: Django's storage `personal_archives`, in production a directory of its own."""

from collections.abc import Iterator
from datetime import datetime
from typing import IO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import InvalidStorageError, Storage, storages

from audit.archive_errors import ArchiveRefused

ALIAS = "personal_archives"


def archive_storage() -> Storage:
    """The storage. Raises ArchiveRefused where none is configured."""
    try:
        return storages[ALIAS]
    except InvalidStorageError:
        raise ArchiveRefused(
            "There is no place for archives of people: set PERSONAL_ARCHIVES_DIRECTORY for this process."
        ) from None


def place(request_id: UUID, archive_id: UUID) -> str:
    """The key of an archive: a folder for each request."""
    return f"{request_id}/{archive_id}"


def put(storage: Storage, key: str, content: IO[bytes]) -> None:
    """Store a file under exactly this key. Raises ArchiveRefused when something lies there."""
    if storage.save(key, File(content)) != key:
        raise ArchiveRefused("Something lies at the place of this archive. Nothing was made; try again.")


def stored_files(storage: Storage) -> Iterator[tuple[str, datetime]]:
    """Every file with the time when it was last changed (UTC); none before the first one made the directory."""
    try:
        folders, _ = storage.listdir("")
    except FileNotFoundError:
        return
    for folder in sorted(folders):
        for name in sorted(storage.listdir(folder)[1]):
            key = f"{folder}/{name}"
            yield key, storage.get_modified_time(key)
