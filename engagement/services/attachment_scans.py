"""Files of private messages are looked at before anybody sees them, and destroyed when their time is over."""

import hashlib
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import BinaryIO
from uuid import UUID

from django.core.files.storage import InvalidStorageError, Storage, storages
from django.db import connection
from django.db.models.functions import Now

from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_floor
from engagement.message_announcements import attachment_found_malicious
from engagement.message_choices import Finding, ScanStatus
from engagement.models import Attachment
from engagement.scanning.first_bytes import ENOUGH, type_of
from engagement.scanning.port import FileTooLarge, Scanner, ScannerUnavailable, Verdict

IN_MEMORY = 2**20
OURSELVES = "the platform"
"""Who looked, where the scanner was not needed to refuse a file."""

CHASED_AFTER = timedelta(hours=1)
"""A file that waits for so long was never said to be uploaded, or its scan was lost."""


def store() -> Storage:
    """Where attachments lie. Raises ScannerUnavailable where this installation has no such store."""
    try:
        return storages["attachments"]
    except InvalidStorageError as error:
        raise ScannerUnavailable("This installation has no store of attachments.") from error


def attachments_overdue(*, limit: int = 500) -> list[UUID]:
    """Files that wait for longer than they should, the longest first. Run as the worker."""
    before = uuid7_floor(database_now() - CHASED_AFTER)
    return list(Attachment.objects.waiting().filter(pk__lt=before).values_list("pk", flat=True)[:limit])


def attachment_scan_run(*, attachment_id: UUID, scanner: Scanner) -> ScanStatus | None:
    """Look at one file and write what was found; None: nothing waits under this id. May be run twice, or by two.

    Makes its own transactions as the worker: nothing is locked while the scanner works. Raises: ScannerUnavailable, and
    the file waits on.
    """
    with acting(Role.WORKER):
        attachment = Attachment.objects.waiting().filter(pk=attachment_id).first()
    if attachment is None:
        return None
    finding, verdict = _look(attachment, scanner)
    with acting(Role.WORKER):
        return _settle(attachment_id, finding, verdict)


def _settle(attachment_id: UUID, finding: str, verdict: Verdict) -> ScanStatus | None:
    attachment = Attachment.objects.select_for_update().filter(pk=attachment_id).first()
    if attachment is None or attachment.status != ScanStatus.WAITING:
        return None
    attachment.finding, attachment.scanner = finding or verdict.found, verdict.scanner
    attachment.status = (
        ScanStatus.REFUSED if finding else ScanStatus.CLEAN if verdict.is_clean else ScanStatus.INFECTED
    )
    attachment.scanned_at = Now()
    attachment.save(update_fields=["status", "finding", "scanner", "scanned_at"])
    if attachment.status == ScanStatus.INFECTED:
        attachment_found_malicious.send(
            sender=Attachment,
            actor=None,
            subject=attachment,
            changed=("status",),
            detail={"found": attachment.finding, "scanner": attachment.scanner},
        )
    return ScanStatus(attachment.status)


def _look(attachment: Attachment, scanner: Scanner) -> tuple[str, Verdict]:
    """Why the file is refused, or '' with what the scanner said of it."""
    files = store()
    if not files.exists(attachment.object_key):
        return Finding.MISSING.value, Verdict("", OURSELVES)
    if files.size(attachment.object_key) != attachment.size_bytes:
        return Finding.SIZE.value, Verdict("", OURSELVES)
    # A copy is looked at, so that what is compared and what is scanned are the same bytes.
    with files.open(attachment.object_key) as stored, SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
        digest = hashlib.sha256()
        while chunk := stored.read(IN_MEMORY):
            digest.update(chunk)
            copy.write(chunk)
        copy.seek(0)
        if digest.digest() != bytes(attachment.sha256):
            return Finding.DIGEST.value, Verdict("", OURSELVES)
        if type_of(copy.read(ENOUGH)) != attachment.media_type:
            return Finding.TYPE.value, Verdict("", OURSELVES)
        copy.seek(0)
        return _scanned(scanner, copy)  # type: ignore[arg-type]


def _scanned(scanner: Scanner, copy: BinaryIO) -> tuple[str, Verdict]:
    try:
        return "", scanner.scan(copy)
    except FileTooLarge:
        return Finding.TOO_LARGE.value, Verdict("", OURSELVES)


def attachments_forget(*, batch: int = 200) -> int:
    """Destroy the files of a batch of attachments whose time is over, then their rows; returns how many.

    Makes its own transactions as the worker: first the files, so that a run that was cut short finds the rows again.
    """
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute("SELECT id, object_key FROM engagement_attachments_forgettable(%s)", [batch])
        due = cursor.fetchall()
    if not due:
        return 0
    files = store()
    for _, object_key in due:
        files.delete(object_key)
    with acting(Role.WORKER):
        return Attachment.objects.filter(pk__in=[key for key, _ in due]).delete()[0]
