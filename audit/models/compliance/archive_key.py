"""Keys of people for the archive of partitions: with the key of a person go the words about them in every file."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from audit.partition_archive_triggers import NotOfTheErased
from core.db.holds import NotHeld
from core.db.policies import ALL, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.encryption.fields import EncryptedTextField
from core.models import Identified, Volume

READERS = (Role.COMPLIANCE, Role.AUDITOR)


class ArchiveKey(Identified):
    """One row per person about whom personal columns lie in the archive.

    Written by `audit.services.archive_keys`, as the owner; destroyed by `partition_archive_key_destroy`, which the
    erasure of words and of accounts calls. A copy of the files, wherever it lies, loses the words with this row.
    """

    volume, retention = Volume.LARGE, "until the words about the person are erased"
    held_by = NotHeld("Whoever is held is not erased, and the key goes by erasure alone.")

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="archive_key",
        db_comment="Whose words it opens, together with the key of a file.",
    )
    key = EncryptedTextField(editable=False, db_comment="32 random bytes in Base64.")
    made_at = models.DateTimeField(db_default=Now(), db_comment="When it was made (UTC).")

    class Meta:
        verbose_name = "key of a person in the archive"
        verbose_name_plural = "keys of people in the archive"
        db_table_comment = (
            "One row per person about whom personal columns lie in the archive of partitions: the key that they need. "
            "Written by audit.services.archive_keys. Kept until the words about the person are erased."
        )
        constraints = [*policies(*READERS, command="select", using=ALL)]
        triggers = [NotOfTheErased(), Immutable("person", "key", "made_at")]

    def __str__(self) -> str:
        return f"key of {self.person_id}"
