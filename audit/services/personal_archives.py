"""Archives of people: made for a running request, handed out on record, destroyed when their time is over."""

import base64
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from audit.archive_announcements import (
    personal_archive_expired,
    personal_archive_made,
    personal_archive_opened,
)
from audit.archive_errors import ArchiveRefused, ArchiveTampered, SealsNotOpened
from audit.models import PersonalArchive, SubjectRequest
from audit.personal_data.container import CHANGED, Encrypting, decrypted, digest_of, new_key
from audit.personal_data.declarations import Withheld
from audit.personal_data.map import PersonalTable, personal_tables
from audit.personal_data.reading import batches, relations
from audit.personal_data.storage import archive_storage, place, put, stored_files
from audit.personal_data.writing import About, Contents, write_archive
from audit.request_choices import RequestKind, RequestStatus
from core.db.clock import database_now
from core.db.context import acting, current_role
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from core.encryption.errors import KeyMissing
from core.encryption.force import in_force
from core.encryption.reveal import REASON_AT_LEAST, data_revealed
from core.models.identity import uuid7

CAN_BE_FETCHED = timedelta(days=30)
PAGE = 100
"""So many archives are looked for at a time."""

STRAY_AFTER = timedelta(days=1)
"""A file without a row this old belongs to no transaction that is still open."""


@dataclass(frozen=True)
class OpenedArchive:
    """What is handed out: a ZIP, in chunks, which need no database."""

    name: str
    size: int
    content: Iterator[bytes]


@transaction.atomic
def personal_archive_make(*, request_id: UUID, actor: User | None) -> PersonalArchive:
    """Make the archive that answers a request for access or portability; returns the one that is there, if it is.

    Runs as the worker, outside of any request for a page. Locks: the request, shared, until the end. The file is stored
    before the row is written, so that a run that dies leaves no archive: at most a file that nobody can open, which
    `personal_archives_expire` takes away. Raises: ArchiveRefused (not running, no place to store), SealsNotOpened,
    NotThere. Announces: `personal_archive_made`.
    """
    archive_storage()  # refused here, before a million rows are read
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('personal archive ' || %s, 0))", [str(request_id)]
        )
    request = SubjectRequest.objects.filter(pk=request_id).first()
    if request is None:
        raise NotThere("There is no such request.")
    _check_running(request)
    if (there := _archive_there(request)) is not None:
        return there
    archive_id, reason = uuid7(), f"subject request {request.reference}"
    try:
        # Told as an export; seals open for a reveal alone, and only where the process holds the private key.
        with keys_for(Purpose.EXPORT, actor=actor, reason=reason), in_force(Purpose.REVEAL):
            _store(request, archive_id)
    except KeyMissing as missing:
        raise SealsNotOpened(
            f"{missing} Nothing was made. Run manage.py personal_archive in the process that may open seals."
        ) from missing
    archive = PersonalArchive.objects.get(pk=archive_id)
    personal_archive_made.send(
        sender=PersonalArchive,
        actor=actor,
        subject=archive,
        reason=reason,
        detail={"rows": archive.rows, "bytes": archive.content_bytes, "request": str(request_id)},
    )
    return archive


def _check_running(request: SubjectRequest) -> None:
    if request.kind not in (RequestKind.ACCESS, RequestKind.PORTABILITY):
        raise ArchiveRefused(
            "An archive answers a request for access or portability; this one asks for something else."
        )
    if request.status != RequestStatus.RUNNING:
        raise ArchiveRefused(
            "An archive is made while its request is being carried out, after the identity of who asks was confirmed."
        )


def _archive_there(request: SubjectRequest) -> PersonalArchive | None:
    """The archive of a request that can be fetched. One whose file was lost, or whose time is over, is closed."""
    archive = PersonalArchive.objects.there().filter(request=request).first()
    if archive is None:
        return None
    if archive.can_be_fetched and archive_storage().exists(archive.object_key):
        return archive  # type: ignore[no-any-return]
    _destroy(archive)
    return None


def _store(request: SubjectRequest, archive_id: UUID) -> None:
    """The file first, then its row with the key. Until it is whole, the file is one without a name."""
    key, object_key = new_key(), place(request.pk, archive_id)
    with tempfile.TemporaryFile() as file:
        target = Encrypting(file, key, archive_id)
        contents = _write(target, request)
        target.finish()
        file.seek(0)
        put(archive_storage(), object_key, file)
    archive = PersonalArchive(
        id=archive_id,
        request=request,
        object_key=object_key,
        file_key=base64.b64encode(key).decode(),
        sha256=target.stored.digest(),
        content_sha256=target.content.digest(),
        stored_bytes=target.stored_bytes,
        content_bytes=target.content_bytes,
        rows=contents.total,
        rows_by_table=contents.rows,
        expires_at=database_now() + CAN_BE_FETCHED,
    )
    with refused_as(ArchiveRefused):
        archive.save(force_insert=True)


def _write(target: Encrypting, request: SubjectRequest) -> Contents:
    """Every table in the order of its name, to whom the request is about."""
    tables, _ = personal_tables()
    portable = request.kind == RequestKind.PORTABILITY
    given = [table for table in tables.values() if _is_given(table, portable=portable)]
    withheld = [table for table in tables.values() if isinstance(table.decision, Withheld)]
    salt = secrets.token_hex(16)

    def read(table: PersonalTable) -> Iterator[list[str]]:
        for relation in relations(table.table):
            yield from batches(request.pk, table.table, relation, salt)

    about = About(str(request.person_id), request.reference, request.kind, database_now())
    order = sorted(given, key=lambda table: table.table)
    return write_archive(target, about, order, [] if portable else withheld, read)  # type: ignore[arg-type]


def _is_given(table: PersonalTable, *, portable: bool) -> bool:
    return any(table.provided_fields(way) if portable else table.given_fields(way) for way in table.ways)


@transaction.atomic
def personal_archive_open(*, archive_id: UUID, actor: User, reason: str) -> OpenedArchive:
    """Hand an archive out: to the person, or to compliance for the person, on record.

    Runs as viewer or performer (the person), or compliance. The file is compared with its digest before anything of it
    is handed out. Locks: nothing. Raises: NotThere (none, or another person's), ArchiveRefused (its time is over, one's
    own as staff, no reason), ArchiveTampered, RevealRefused (as for everything that is encrypted: too many). Announces:
    `personal_archive_opened`, and for compliance `data_revealed`, with its row of readings.
    """
    archive = PersonalArchive.objects.select_related("request").filter(pk=archive_id).first()
    if archive is None or (current_role() is not Role.COMPLIANCE and archive.person_id != actor.pk):
        raise NotThere("There is no such archive of yours.")
    if not archive.can_be_fetched:
        raise ArchiveRefused(
            f"This archive could be fetched until {archive.expires_at:%Y-%m-%d %H:%M} UTC. Ask again for another one."
        )
    _record_reading(archive, actor, reason)
    with keys_for(Purpose.EXPORT, actor=actor, reason=reason):
        file_key = PersonalArchive.objects.values_list("file_key", flat=True).get(pk=archive_id)
    if file_key is None:
        raise ArchiveRefused("This archive was destroyed at this moment. Ask again for another one.")
    key = base64.b64decode(file_key)
    storage = archive_storage()
    if not storage.exists(archive.object_key):
        raise ArchiveRefused("The file of this archive was lost. Have the archive made again.")
    with storage.open(archive.object_key) as file:
        if digest_of(file) != bytes(archive.sha256):
            raise ArchiveTampered(CHANGED)
    content = decrypted(lambda: storage.open(archive.object_key), key, archive_id)
    return OpenedArchive(f"{archive.request.reference}.zip", archive.content_bytes, content)


def _record_reading(archive: PersonalArchive, actor: User, reason: str) -> None:
    """Before anything is decrypted: the event, and for staff the row of readings with its limits."""
    detail = {"request": str(archive.request_id)}
    if current_role() is Role.COMPLIANCE:
        if archive.person_id == actor.pk:
            raise ArchiveRefused(
                "This is your own data; a colleague hands it out, or you fetch it as a viewer."
            )
        if len(reason.strip()) < REASON_AT_LEAST:
            raise ArchiveRefused(
                f"Give a reason of at least {REASON_AT_LEAST} characters: it is kept with the reading."
            )
        answers = data_revealed.send(
            sender=PersonalArchive,
            actor=actor,
            subject=archive,
            reason=reason,
            detail={"fields": ["content"]},
            person_id=archive.person_id,
            fields=["content"],
            case_reference=archive.request.reference,
        )
        if not any(answer for _, answer in answers):
            raise ArchiveRefused(
                "Nothing was handed out: the reading could not be recorded. Tell an engineer."
            )
    personal_archive_opened.send(
        sender=PersonalArchive, actor=actor, subject=archive, reason=reason, detail=detail
    )


@dataclass
class Expired:
    """What a run took away."""

    archives: int = 0
    strays: int = 0


def personal_archives_expire() -> Expired:
    """Destroy archives whose time is over, and files that belong to none. Runs as the worker, one transaction each.

    May be run again after it died: a file goes before its key, and what is gone is passed over. Announces:
    `personal_archive_expired` for each archive.
    """
    gone = Expired()
    storage = archive_storage()
    for pk in _over():
        with acting(Role.WORKER):
            archive = (
                PersonalArchive.objects.select_for_update(skip_locked=True).there().filter(pk=pk).first()
            )
            if archive is not None:
                storage.delete(archive.object_key)
                _destroy(archive)
                gone.archives += 1
    for key, changed_at in stored_files(storage):
        with acting(Role.WORKER):
            row = PersonalArchive.objects.filter(object_key=key).first()
            stray = row is None and changed_at < database_now() - STRAY_AFTER
        if stray or (row is not None and row.deleted_at is not None):
            storage.delete(key)
            gone.strays += 1
    return gone


def _over() -> Iterator[UUID]:
    """The archives whose time is over, a page at a time; each is told once, whatever becomes of it."""
    told: set[UUID] = set()
    while True:
        with acting(Role.WORKER):
            page = PersonalArchive.objects.over(database_now()).exclude(pk__in=told)
            found = list(page.values_list("pk", flat=True)[:PAGE])
        if not found:
            return
        told.update(found)
        yield from found


def _destroy(archive: PersonalArchive) -> None:
    """Take the key away: from now on the file opens for nobody."""
    archive.file_key, archive.deleted_at = None, database_now()
    archive.save(update_fields=["file_key", "deleted_at"])
    personal_archive_expired.send(sender=PersonalArchive, subject=archive, changed=("file_key", "deleted_at"))
