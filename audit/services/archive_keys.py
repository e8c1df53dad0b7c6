"""Keys of people in the archive of partitions: made before the first file that needs them, gone with an erasure."""

import base64
import secrets
from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from accounts.choices import UserStatus
from accounts.models import User
from audit.models import ArchiveKey
from core.archive.protection import KEY_BYTES
from core.encryption import Purpose
from core.encryption.force import in_force

BATCH = 1000
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('archive keys', 0))"


def archive_keys_make(person_ids: Iterable[UUID]) -> int:
    """Make the keys that are missing, in one transaction; returns how many. Nobody who is erased gets one.

    Runs as the owner. Waits for erasures that are under way, and lets those that come wait until the end: what they
    erased is gone from the tables when the rows are read, and what they erase later loses its key.
    """
    made = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        with in_force(Purpose.STORE):
            for batch in _batches(person_ids):
                there = set(
                    ArchiveKey.objects.filter(person_id__in=batch).values_list("person_id", flat=True)
                )
                living = User.objects.filter(pk__in=[one for one in batch if one not in there])
                missing = living.exclude(status=UserStatus.ERASED).order_by("pk").values_list("pk", flat=True)
                keys = [ArchiveKey(person_id=person, key=new_key()) for person in missing]
                made += len(ArchiveKey.objects.bulk_create(keys))
    return made


def archive_keys_of(person_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """The keys of those who have one. Within `keys_for(Purpose.ARCHIVE)`."""
    found = {}
    for batch in _batches(person_ids):
        for person_id, key in ArchiveKey.objects.filter(person_id__in=batch).values_list("person_id", "key"):
            found[person_id] = key_bytes(key)
    return found


def new_key() -> str:
    """32 random bytes in Base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def key_bytes(key: str) -> bytes:
    """The bytes of a stored key."""
    return base64.b64decode(key)


def _batches(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    waiting = iter(ids)
    while batch := list(islice(waiting, BATCH)):
        yield batch
