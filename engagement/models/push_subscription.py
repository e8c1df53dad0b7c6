"""Browsers to which web pushes go."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import length_between, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.retention import Over
from core.db.triggers import Immutable
from core.encryption import BlindIndexedQuerySet, BlindIndexField, EncryptedTextField
from core.models import Entity, Volume
from engagement.notification_policies import DELIVERY_STAFF, own_rows, worker_rows


class PushSubscriptionQuerySet(BlindIndexedQuerySet):
    """Reads of subscriptions."""

    def in_use(self) -> Self:
        """Those to which something can be sent."""
        return self.filter(revoked_at__isnull=True)


class PushSubscription(Entity):
    """One row per browser that a person lets us write to (Push API): where, and the keys for it, encrypted.

    Written by the person, by `engagement.services.push_subscriptions`; revoked by them, or when the push service says
    that it is gone.
    """

    volume, retention = Volume.LARGE, "1 year after its end; deleted on erasure"
    over = Over("{row}.revoked_at")
    held_by = NotHeld("It says where a browser is reached, and nothing of what somebody did.")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="push_subscriptions",
        db_comment="Whose browser it is.",
    )
    endpoint = EncryptedTextField(db_comment="Address at the push service of the browser.")
    endpoint_index = BlindIndexField(
        "endpoint",
        context="engagement_pushsubscription.endpoint",
        db_comment="Blind index of the address: one browser is there once.",
    )
    public_key = EncryptedTextField(db_comment="The browser's public key (p256dh), base64url.")
    auth_secret = EncryptedTextField(db_comment="The browser's secret (auth), base64url.")
    browser = models.TextField(
        blank=True, db_default="", db_comment="What the person calls it: Firefox on Linux; may be empty."
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on nothing is sent there (UTC); null: in use."
    )
    revoked_words = models.TextField(
        blank=True, db_default="", db_comment="Why: by the person, or the answer of the push service."
    )

    objects: ClassVar[Any] = PushSubscriptionQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per browser that a person lets us write to. Written by engagement.services.push_subscriptions. "
            "Kept 1 year after its end, deleted on erasure."
        )
        constraints = [
            unique("endpoint_index", message="This browser is subscribed already."),
            length_between("browser", 0, 100),
            length_between("revoked_words", 0, 200),
            rule(
                Q(revoked_at__isnull=True, revoked_words="")
                | Q(revoked_at__isnull=False) & ~Q(revoked_words=""),
                "revoked",
                "What is revoked says why.",
            ),
            *own_rows("user_id", "select", "insert", "update", "delete"),
            *policies(*DELIVERY_STAFF, command="select", using=ALL),
            *worker_rows("select", "update"),
        ]
        indexes = [
            BTree(
                fields=["user"],
                serves="engagement.services.notification_spreading: the browsers of those concerned",
            ),
        ]
        triggers = [Immutable("user"), RefuseErasedPerson()]

    def __str__(self) -> str:
        return self.browser or f"browser {self.pk}"
