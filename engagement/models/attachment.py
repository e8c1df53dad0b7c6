"""Files that people send to one another."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Now
from django.db.models.lookups import Exact

from core.db.constraints import has_bytes, length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from engagement.message_choices import AttachmentType, ScanStatus
from engagement.message_policies import ATTACHMENT_STAFF, PEOPLE
from engagement.message_triggers import AdmitsAttachment, AttachedByItsMessage

LARGEST_FILE = 25 * 2**20
"""Bytes of an attachment: what a scanner takes as shipped (StreamMaxLength of clamd)."""

WAITING = Q(status=ScanStatus.WAITING)
OF_RECIPIENT = "(SELECT m.recipient_id FROM engagement_directmessage m WHERE m.id = {row}.message_id)"
"""A hold on whoever received the file keeps it too."""


class AttachmentQuerySet(models.QuerySet):
    """Reads of attachments."""

    def waiting(self) -> Self:
        """Files about which nothing is known yet, the longest waiting first."""
        return self.filter(WAITING).order_by("pk")


class Attachment(Versioned):
    """One row per file that somebody uploaded for a private message: where it lies, and what the scanner said.

    Written by `engagement.services.attachments`. To whom it was sent stands in the message alone, so that staff who
    look after files learn nothing of conversations. Served by `engagement_attachment_for_me`, to the two people of its
    message, when it is clean.
    """

    volume, retention = Volume.LARGE, "24 months, as its message; refused and malicious ones 30 days"
    held_by = HeldBy(person=("uploader", OF_RECIPIENT), keeps=("object_key", "sha256"))

    uploader = personal(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            # An index leads with it.
            db_index=False,
            related_name="attachments",
            db_comment="Who uploaded it.",
        )
    )
    message = models.ForeignKey(
        "engagement.DirectMessage",
        models.DO_NOTHING,
        null=True,
        blank=True,
        editable=False,
        db_constraint=False,
        related_name="+",
        # The message names its files; nobody looks for them from this side.
        db_index=False,
        db_comment="The message with which it was sent; null: not sent. Set by the trigger of the message.",
    )
    object_key = personal(
        models.TextField(
            db_comment="Key in object storage: people/<uploader>/attachments/<id>. Never an address on the web."
        )
    )
    media_type = models.TextField(
        choices=AttachmentType,
        db_comment="Format, IANA media type; compared with the first bytes of the file.",
    )
    size_bytes = models.BigIntegerField(db_comment="Size in bytes.")
    sha256 = not_personal(models.BinaryField(db_comment="SHA-256 of the file; 32 bytes."))
    status = models.TextField(
        choices=ScanStatus,
        default=ScanStatus.WAITING,
        db_default=ScanStatus.WAITING,
        db_comment="What is known of the file; only a clean one is served.",
    )
    scanned_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was last looked at (UTC); null: not yet."
    )
    scanner = models.TextField(
        blank=True,
        db_default="",
        default="",
        db_comment="What looked at it, with its version; empty: nothing yet.",
    )
    finding = models.TextField(
        blank=True,
        db_default="",
        default="",
        db_comment="Name of what was found, or why it was refused; empty: nothing.",
    )

    forget_after = models.DateTimeField(
        editable=False,
        db_default=Now(),
        db_comment="From when on the file may be destroyed (UTC); kept by trigger.",
    )

    status_machine = StateMachine(
        ScanStatus,
        initial=(ScanStatus.WAITING,),
        moves={
            ScanStatus.WAITING: (ScanStatus.CLEAN, ScanStatus.INFECTED, ScanStatus.REFUSED),
            ScanStatus.CLEAN: (ScanStatus.WAITING,),
            ScanStatus.INFECTED: (ScanStatus.WAITING,),
        },
    )

    objects: ClassVar[Any] = AttachmentQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per file of a private message, with what the scanner said. Written by "
            "engagement.services.attachments. Kept 24 months, what was refused 30 days."
        )
        permissions = [("scan_attachment", "Can have an attachment scanned again")]
        constraints = [
            one_of("media_type", AttachmentType),
            matches(
                "object_key", "^people/[0-9a-f-]+/attachments/[0-9a-f-]+$", "A file lies in its own place."
            ),
            rule(
                Exact(
                    F("object_key"),
                    Concat(
                        Value("people/"),
                        Cast("uploader", models.TextField()),
                        Value("/attachments/"),
                        Cast("id", models.TextField()),
                        output_field=models.TextField(),
                    ),
                ),
                "own_place",
                "A file lies in the folder of its person.",
            ),
            unique("object_key", message="This object is in use already."),
            rule(
                Q(size_bytes__gte=1, size_bytes__lte=LARGEST_FILE),
                "size_bytes",
                f"A file has 1 byte to {LARGEST_FILE // 2**20} MB.",
            ),
            rule(has_bytes("sha256", 32), "sha256", "A digest has 32 bytes."),
            length_between("scanner", 0, 200),
            length_between("finding", 0, 200),
            rule(
                WAITING | Q(scanned_at__isnull=False) & ~Q(scanner=""),
                "scanned_at",
                "What is known of a file has its time, and says from whom.",
            ),
            rule(
                Q(status__in=[ScanStatus.WAITING, ScanStatus.CLEAN], finding="")
                | Q(status__in=[ScanStatus.INFECTED, ScanStatus.REFUSED]) & ~Q(finding=""),
                "finding",
                "What is refused says why, and nothing else.",
            ),
            *policies(*PEOPLE, command="select", using=f"uploader_id = {ME}"),
            *policies(*PEOPLE, command="insert", check=f"uploader_id = {ME}"),
            *policies(*ATTACHMENT_STAFF, Role.WORKER, command="select", using=ALL),
            *policies(
                Role.MODERATOR,
                Role.LEAD_MODERATOR,
                command="update",
                using=f"uploader_id IS DISTINCT FROM {ME}",
            ),
            Policy(role=Role.WORKER, command="update", using=ALL),
            Policy(role=Role.WORKER, command="delete", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["uploader", "-id"],
                serves="A person's files, and how many somebody uploaded within a day",
            ),
            BTree(
                fields=["id"],
                condition=WAITING,
                name="engagement_attachment_waiting_idx",
                serves="docs/queries/attachments_waiting.sql: what waits for its scan, the longest waiting first",
            ),
            BTree(
                fields=["forget_after"],
                serves="engagement_attachments_forgettable: files whose time is over",
            ),
            BTree(
                fields=["status", "-id"],
                condition=Q(status__in=[ScanStatus.INFECTED, ScanStatus.REFUSED]),
                serves="Attachments of the back office: what the scanner found, the newest first",
            ),
        ]
        triggers = [
            AdmitsAttachment(),
            AttachedByItsMessage(),
            Immutable("uploader", "object_key", "media_type", "size_bytes", "sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.get_media_type_display()} of {self.size_bytes:,} bytes"
