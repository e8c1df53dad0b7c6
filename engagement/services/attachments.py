"""Files of private messages: registered, looked at, served, forgotten.

A request never touches the object storage: the browser uploads to a place that the platform names, the row says what
should lie there, and a job looks whether that is true before anybody else sees it.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.models.identity import uuid7
from engagement.errors import AttachmentRefused
from engagement.jobs import attachment_scan
from engagement.message_announcements import attachment_scan_asked
from engagement.message_choices import AttachmentType, ScanStatus
from engagement.models import Attachment
from engagement.models.attachment import LARGEST_FILE


@dataclass(frozen=True)
class ServedFile:
    """Where a file lies that somebody may see now; a page signs an address for it that ends soon."""

    object_key: str
    media_type: str
    size_bytes: int


@transaction.atomic
def attachment_register(
    *, uploader: User, media_type: AttachmentType | str, size_bytes: int, sha256: bytes
) -> Attachment:
    """Say what is about to be uploaded; returns the row, whose `object_key` is the place to upload to.

    Runs as viewer or performer. Locks: what the person uploaded lately. Raises: AttachmentRefused (a type that is not
    accepted, too large, empty, barred, too many within a day). Until its scan it can be neither sent nor seen.
    """
    if media_type not in AttachmentType.values:
        accepted = ", ".join(kind.label for kind in AttachmentType)
        raise AttachmentRefused(f"Files of this type are not accepted. Accepted are: {accepted}.")
    if not 1 <= size_bytes <= LARGEST_FILE:
        raise AttachmentRefused(f"A file has 1 byte to {LARGEST_FILE // 2**20} MB.")
    key = uuid7()
    attachment = Attachment(
        id=key,
        uploader=uploader,
        object_key=f"people/{uploader.pk}/attachments/{key}",
        media_type=media_type,
        size_bytes=size_bytes,
        sha256=sha256,
    )
    with refused_as(AttachmentRefused):
        attachment.save(force_insert=True)
    return attachment


@transaction.atomic
def attachment_submit(*, attachment_id: UUID, actor: User) -> Attachment:
    """Say that the file was uploaded: its scan is enqueued, once however often this is said.

    Runs as viewer or performer. Locks: nothing. Raises: NotThere.
    """
    attachment = Attachment.objects.filter(pk=attachment_id, uploader=actor).first()
    if attachment is None:
        raise NotThere("There is no such file of yours.")
    if attachment.status == ScanStatus.WAITING:
        attachment_scan.enqueue(attachment_id=attachment.pk, key=str(attachment.pk))
    return attachment  # type: ignore[no-any-return]


def attachment_serve(*, attachment_id: UUID) -> ServedFile:
    """Where the file of an attachment lies, for one of the two people of its message.

    Raises: AttachmentRefused: not sent, not clean, hidden, deleted, or somebody else's; which of these is not said.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT object_key, media_type, size_bytes FROM engagement_attachment_for_me(%s)", [attachment_id]
        )
        row = cursor.fetchone()
    if row is None:
        raise AttachmentRefused("There is no such file, or it cannot be shown now.")
    return ServedFile(*row)


@transaction.atomic
def attachment_rescan(
    *, attachment_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> Attachment:
    """Have a file looked at again, as when the scanner has learnt something; until then nobody is shown it.

    Runs as moderator. Locks: the attachment. Raises: IllegalTransition (it waits, or was refused for good), NotThere,
    StaleVersion. Announces: `attachment_scan_asked`.
    """
    attachment = locked(Attachment, attachment_id, expected_version=expected_version)
    Attachment.status_machine.check(attachment.status, ScanStatus.WAITING)
    attachment.status, attachment.finding = ScanStatus.WAITING, ""
    with refused_as(AttachmentRefused):
        attachment.save(update_fields=["status", "finding"])
    attachment_scan.enqueue(attachment_id=attachment.pk, key=str(attachment.pk))
    attachment_scan_asked.send(
        sender=Attachment, actor=actor, subject=attachment, reason=reason, changed=("status",)
    )
    return attachment
