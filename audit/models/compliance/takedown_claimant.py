"""How claimants can be reached."""

from typing import Any, ClassVar, Self

from django.db import models

from accounts.models.user_contact import spelling
from audit.models.compliance.readers import HANDLERS
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, SOMEBODY, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.encryption import BlindIndexedQuerySet, BlindIndexField, EncryptedTextField
from core.models import Entity, Volume


class TakedownClaimantQuerySet(BlindIndexedQuerySet):
    """Reads of claimants; addresses are found by their blind index, never by decrypting."""

    def reached_at(self, value: str) -> Self:
        """The claimants with exactly this e-mail address, letter case aside."""
        return self.filter(email_index=value)


class TakedownClaimant(Entity):
    """One row per notice whose claimant can be reached: the e-mail address and, if given, street and telephone.

    Written by `audit.services.takedown_notices`, encrypted. Apart from the notice, so that lists never touch it.
    """

    volume, retention = Volume.LARGE, "7 years, with its notice"
    over = Over()
    held_by = NotHeld("Nobody deletes a notice before its time; what it names is held by itself.")

    notice = models.OneToOneField(
        "audit.TakedownNotice",
        models.PROTECT,
        related_name="claimant",
        db_comment="The notice that they sent.",
    )
    email = EncryptedTextField(verbose_name="e-mail address", db_comment="E-mail address of the claimant.")
    email_index = BlindIndexField(
        "email",
        context="audit_takedownclaimant.email",
        normalise=spelling,
        db_comment="Blind index of the e-mail address, letter case aside: finds it without decrypting.",
    )
    postal = EncryptedTextField(
        verbose_name="street and telephone",
        null=True,
        blank=True,
        db_comment="Street and telephone as written in the notice; null: not given.",
    )

    objects: ClassVar[Any] = TakedownClaimantQuerySet.as_manager()

    class Meta:
        verbose_name = "claimant"
        db_table_comment = (
            "One row per notice whose claimant can be reached, encrypted. Written by "
            "audit.services.takedown_notices. Kept 7 years, with its notice."
        )
        constraints = [
            *policies(*HANDLERS, Role.WORKER, command="select", using=ALL),
            *policies(*HANDLERS, command="insert", check=SOMEBODY),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["email_index"],
                serves="Take-down notices of the back office, searched by a claimant's whole e-mail address",
            )
        ]
        triggers = [Immutable("notice")]

    def __str__(self) -> str:
        return f"claimant of {self.notice_id}"
