"""Archives of people: what was handed out of their data, and until when it can be fetched."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from audit.archive_triggers import GoneForGood, OfRunningRequest
from audit.models.compliance.subject_request import SubjectRequest
from core.db.constraints import has_bytes, matches, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import GoesWith
from core.db.roles import Role
from core.db.triggers import Immutable
from core.encryption.fields import EncryptedTextField
from core.models import Entity, Volume

STAFF_READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER)
PEOPLE = (Role.VIEWER, Role.PERFORMER)


class PersonalArchiveQuerySet(models.QuerySet):
    """Reads of archives."""

    def there(self) -> Self:
        """Those whose file is there, expired ones included."""
        return self.filter(deleted_at__isnull=True)

    def over(self, instant: datetime) -> Self:
        """Those whose time is over at `instant` and whose file is there, the oldest first."""
        return self.there().filter(expires_at__lte=instant).order_by("expires_at", "pk")


class PersonalArchive(Entity):
    """One row per archive that was made of somebody's data: for which request, how much, until when.

    Written by `audit.services.personal_archives`. The file lies in the storage `personal_archives`, encrypted under a
    key that stands here alone, itself encrypted: without the row nobody opens the file, and it is gone with its key.
    """

    volume, retention = Volume.LARGE, "6 years after its end"
    over = GoesWith("request")
    held_by = NotHeld("It is a copy of rows that are held themselves.")

    request = models.ForeignKey(
        SubjectRequest,
        models.PROTECT,
        related_name="personal_archives",
        db_comment="The request that it answers.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        editable=False,
        related_name="personal_archives",
        db_comment="Whose data it holds; taken from the request by trigger.",
    )
    object_key = models.TextField(db_comment="Where the file lies in the storage personal_archives.")
    file_key = EncryptedTextField(
        null=True,
        editable=False,
        db_comment="The key of the file, 32 bytes in Base64; null: the file is gone, or does not open any more.",
    )
    sha256 = models.BinaryField(db_comment="SHA-256 of the file as it is stored, encrypted.")
    content_sha256 = models.BinaryField(db_comment="SHA-256 of the ZIP that is handed out.")
    stored_bytes = models.BigIntegerField(db_comment="Size of the file as it is stored, in bytes.")
    content_bytes = models.BigIntegerField(db_comment="Size of the ZIP, in bytes.")
    rows = models.BigIntegerField(db_comment="How many rows it holds.")
    rows_by_table = models.JSONField(default=dict, db_comment="How many rows of each table, by name.")
    made_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When it was made (UTC); set by trigger."
    )
    expires_at = models.DateTimeField(db_comment="Until when it can be fetched (UTC).")
    deleted_at = models.DateTimeField(
        null=True, blank=True, db_comment="When its file and key were destroyed (UTC); null: they are there."
    )

    objects: Any = PersonalArchiveQuerySet.as_manager()

    class Meta:
        verbose_name = "archive of a person"
        verbose_name_plural = "archives of people"
        db_table_comment = (
            "One row per archive made of somebody's data for a subject request; the file lies encrypted in a storage. "
            "Written by audit.services.personal_archives. Kept 6 years after its end."
        )
        permissions = [("open_personalarchive", "Can fetch the archive of a person, on record")]
        constraints = [
            unique(
                "request",
                when=Q(deleted_at__isnull=True),
                name="there",
                message="There is an archive for this request.",
            ),
            unique("object_key", "deleted_at", message="Another archive lies there."),
            matches("object_key", "^[0-9a-f/-]{36,80}$", "The place of an archive is made of its ids."),
            rule(has_bytes("sha256", 32), "sha256", "A SHA-256 has 32 bytes."),
            rule(has_bytes("content_sha256", 32), "content_sha256", "A SHA-256 has 32 bytes."),
            rule(Q(stored_bytes__gt=0, content_bytes__gt=0, rows__gte=0), "size", "An archive has a size."),
            rule(Q(expires_at__gt=F("made_at")), "expires_at", "An archive can be fetched for a time."),
            rule(
                Q(deleted_at__isnull=True, file_key__isnull=False)
                | Q(deleted_at__isnull=False, file_key__isnull=True),
                "file_key",
                "A file and its key go together.",
            ),
            *policies(*STAFF_READERS, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"person_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(fields=["person", "-id"], serves="The page of a person: their archives, newest first"),
            BTree(
                fields=["expires_at", "id"],
                condition=Q(deleted_at__isnull=True),
                name="%(app_label)s_%(class)s_there_idx",
                serves="personal_archives_expire: files whose time is over",
            ),
        ]
        triggers = [
            OfRunningRequest(),
            Immutable(
                "request",
                "person",
                "object_key",
                "sha256",
                "content_sha256",
                "stored_bytes",
                "content_bytes",
                "rows",
                "rows_by_table",
                "made_at",
            ),
            GoneForGood(),
        ]

    def __str__(self) -> str:
        return f"archive of {self.made_at:%Y-%m-%d %H:%M} UTC"

    @property
    def can_be_fetched(self) -> bool:
        """Whether its file is there and its time is not over."""
        return self.deleted_at is None and self.expires_at > timezone.now()
