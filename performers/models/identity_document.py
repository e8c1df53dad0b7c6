"""What was submitted to prove an identity."""

from typing import Any

from django.db import models
from django.db.models import F, Func, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import has_bytes, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.encryption import SealedTextField
from core.models import Fact, Volume
from core.models.identity import Identified
from performers.choices import IdentityDocumentKind
from performers.identity_triggers import DocumentOfDeclaration
from performers.models.identity_record import READERS, RECORDS_FOUND, IdentityRecord

PROOFS = tuple(kind for kind in IdentityDocumentKind if kind is not IdentityDocumentKind.PHOTOGRAPH)
"""Kinds that prove an identity, and so expire."""


class IdentityDocument(Fact, Identified):
    """One row per document that came with a declaration: where the picture lies, its digest, until when it is valid.

    Written by `performers.services.examinations`. A document is valid through the end of the day that it names, in UTC:
    `expires_at` is the first instant at which it is not.
    """

    volume, retention = Volume.LARGE, "7 years after the last addition to the person's records (28 CFR 75.4)"
    over = Over(
        "performers_records_since({row}.performer_id)",
        found=RECORDS_FOUND,
        alone=True,
        objects=("storage_reference",),
        person="performer",
    )
    held_by = HeldBy(person=("performer",))

    record = models.ForeignKey(
        IdentityRecord,
        models.PROTECT,
        # The unique rule leads with it.
        db_index=False,
        related_name="documents",
        db_comment="The declaration that it came with.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="identity_documents",
        db_comment="Whose it is; taken from the declaration by trigger.",
    )
    kind = models.TextField(choices=IdentityDocumentKind, db_comment="What it is.")
    storage_reference = SealedTextField(
        verbose_name="storage reference", db_comment="Where the picture lies in closed storage; sealed."
    )
    sha256 = personal(
        models.BinaryField(
            max_length=32, db_comment="SHA-256 of the stored bytes, to notice another content."
        )
    )
    issuing_country = personal(models.TextField(db_comment="Who issued it, ISO 3166-1 alpha-2."))
    expires_on = personal(
        models.DateField(
            null=True, blank=True, db_comment="Last day on which it is valid (UTC); null: a photograph."
        )
    )
    expires_at = personal(
        models.GeneratedField(
            expression=Func(
                F("expires_on"),
                template="((%(expressions)s + 1)::timestamp AT TIME ZONE 'UTC')",
                output_field=models.DateTimeField(),
            ),
            output_field=models.DateTimeField(null=True),
            db_persist=True,
            db_comment="First instant at which it is not valid any more (UTC): the end of its last day.",
        )
    )

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "identity document"
        db_table_comment = (
            "One row per document that came with a declaration of identity; where it lies is sealed. Written by "
            "performers.services.examinations. Kept 7 years after the last addition (28 CFR 75.4), erasure or not."
        )
        permissions = [("reveal_identitydocument", "Can reveal where identity documents lie, with a reason")]
        constraints = [
            one_of("kind", IdentityDocumentKind),
            rule(has_bytes("sha256", 32), "sha256", "A digest has 32 bytes."),
            matches("issuing_country", "^[A-Z]{2}$", "A country is two capital letters, as in ISO 3166-1."),
            rule(
                Q(kind=IdentityDocumentKind.PHOTOGRAPH, expires_on__isnull=True)
                | ~Q(kind=IdentityDocumentKind.PHOTOGRAPH) & Q(expires_on__isnull=False),
                "expires_on",
                "A document says until when it is valid; a photograph has no such day.",
            ),
            unique("record", "sha256", message="This document was submitted with the declaration already."),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            *policies(*READERS, command="select", using=ALL),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="Performer's page: documents, newest first"),
            BTree(
                fields=["sha256"],
                serves="Documents of the back office: has another performer submitted the same picture?",
            ),
        ]
        triggers = [RefuseErasedPerson("performer"), DocumentOfDeclaration()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.performer_id}"
