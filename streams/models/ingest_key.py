"""Keys with which a performer's encoder signs in."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import has_bytes, matches, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from streams.models.stream import MODERATORS, NOT_MINE

ACTIVE = Q(revoked_at__isnull=True)


class IngestKeyQuerySet(models.QuerySet):
    """Reads of keys."""

    def active(self) -> Self:
        """Keys that are accepted."""
        return self.filter(ACTIVE)


class IngestKey(Versioned):
    """One row per key that a performer was given. The key itself is shown once and kept nowhere.

    Keys are 256 random bits, so that a plain SHA-256 is all the hashing they need. Written by
    `streams.services.ingest_keys`.
    """

    volume, retention = Volume.LARGE, "while the account lives; goes when the performer is erased"
    held_by = NotHeld(
        "A secret of signing in proves nothing and stays replaceable; the account keeps it from erasure."
    )

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="ingest_keys",
        db_comment="Whose encoder signs in with it.",
    )
    prefix = not_personal(
        models.TextField(db_comment="First eight characters of the key, by which people recognise it.")
    )
    digest = not_personal(
        models.BinaryField(max_length=32, editable=False, db_comment="SHA-256 of the key; unique.")
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on the key is refused (UTC); null: it is accepted."
    )

    objects: Any = IngestKeyQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per ingest key, as digest. Written by streams.services.ingest_keys. "
            "Kept while the account lives."
        )
        permissions = [("revoke_ingestkey", "Can revoke ingest keys")]
        constraints = [
            matches("prefix", "^[A-Za-z0-9_-]{8}$", "A prefix has eight characters."),
            rule(has_bytes("digest", 32), "digest", "A digest has 32 bytes."),
            unique("digest", message="This key exists already."),
            unique(
                "performer", when=ACTIVE, name="active", message="There is an active key already. Rotate it."
            ),
            *policies(*MODERATORS, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(
                role=Role.PERFORMER,
                command="update",
                using=f"performer_id = {ME}",
                check=f"performer_id = {ME} AND revoked_at IS NOT NULL",
            ),
            *policies(
                *MODERATORS, command="update", using=NOT_MINE, check=f"{NOT_MINE} AND revoked_at IS NOT NULL"
            ),
        ]
        indexes = [BTree(fields=["performer", "-id"], serves="A performer's page: her keys, newest first")]
        triggers = [Immutable("performer", "prefix", "digest"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return f"{self.prefix}…"
