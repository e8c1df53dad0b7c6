"""Addresses to which nothing is sent."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.user_contact import spelling
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, SOMEBODY, policies
from core.db.privacy import not_personal, personal
from core.db.triggers import Immutable
from core.encryption import BlindIndexedQuerySet, BlindIndexField, EncryptedTextField
from core.models import Versioned, Volume
from engagement.notification_choices import SuppressionReason
from engagement.notification_policies import DELIVERY_KEEPERS, DELIVERY_STAFF, own_rows, worker_rows


class DeliverySuppressionQuerySet(BlindIndexedQuerySet):
    """Reads of suppressions."""

    def in_force(self) -> Self:
        """Those that hold."""
        return self.filter(lifted_at__isnull=True)


class DeliverySuppression(Versioned):
    """One row per address to which nothing is sent, whoever's it is, and why. Every delivery obeys.

    The address is encrypted, so that its blind index follows when keys are rotated. Written by
    `engagement.services.delivery_suppressions`.
    """

    volume, retention = Volume.LARGE, "while mail to the address is refused; deleted on erasure of its person"
    held_by = NotHeld("It says only that nothing is sent to an address.")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delivery_suppressions",
        db_comment="Whose address it was; null: unknown. Goes with them.",
    )
    address = EncryptedTextField(db_comment="The e-mail address.")
    address_index = BlindIndexField(
        "address",
        context="engagement_deliverysuppression.address",
        normalise=spelling,
        db_comment="Blind index of the address, letter case aside: finds it without decrypting.",
    )
    reason = not_personal(
        models.TextField(choices=SuppressionReason, db_comment="Why nothing is sent there.")
    )
    words = personal(
        models.TextField(
            blank=True,
            db_default="",
            db_comment="The code of the bounce, or the reason of staff; no address.",
        )
    )
    lifted_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on mail is sent there again (UTC); null: it holds."
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delivery_suppressions_lifted",
        db_comment="Who lifted it; null: it holds.",
    )

    objects: ClassVar[Any] = DeliverySuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = "suppression"
        db_table_comment = (
            "One row per address to which nothing is sent, encrypted, with the reason. Written by "
            "engagement.services.delivery_suppressions. Deleted on erasure of its person."
        )
        permissions = [("keep_deliverysuppression", "Can suppress addresses and lift suppressions")]
        constraints = [
            one_of("reason", SuppressionReason),
            unique(
                "address_index",
                when=Q(lifted_at__isnull=True),
                name="in_force",
                message="Nothing is sent to this address already.",
            ),
            length_between("words", 0, 500),
            rule(
                Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                "lifted",
                "What is lifted says when and by whom.",
            ),
            *own_rows("user_id", "select"),
            *policies(*DELIVERY_STAFF, command="select", using=ALL),
            *policies(*DELIVERY_KEEPERS, command="insert", check=SOMEBODY),
            *policies(*DELIVERY_KEEPERS, command="update", using=SOMEBODY),
            *worker_rows("select", "insert"),
        ]
        triggers = [Immutable("user", "address", "address_index", "reason")]

    def __str__(self) -> str:
        return self.get_reason_display()
