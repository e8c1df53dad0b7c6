"""Proof that a person is reached where they say."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import VerificationOutcome
from accounts.models.user_contact import UserContact
from accounts.triggers import TakePersonOfContact
from core.db.constraints import has_bytes, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.encryption.blind_index import DIGEST_BYTES
from core.models import Entity, Volume

MOST_ATTEMPTS = 5
"""So many codes may be tried; then a new one has to be asked for."""

SENT = Q(code_digest__isnull=True, sent_at__isnull=True, expires_at__isnull=True) | Q(
    code_digest__isnull=False, sent_at__isnull=False, expires_at__gt=models.F("sent_at")
)
ENDED = Q(outcome__isnull=True, ended_at__isnull=True) | Q(outcome__isnull=False, ended_at__isnull=False)


class ContactVerification(Entity):
    """One row per code that was asked for to verify a contact; spent once, whatever becomes of it.

    Written by `accounts.services.verifications`. The code is made when it is sent, and kept only as a keyed digest.
    """

    volume, retention = Volume.LARGE, "7 days"
    held_by = HeldBy(person=("user",))

    # Means nothing without the contact, and goes with it.
    contact = models.ForeignKey(
        UserContact,
        models.CASCADE,
        related_name="verifications",
        db_comment="The contact that is to be verified.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="contact_verifications",
        db_comment="Whose contact it is: taken from the contact by trigger, so that policies can name it.",
    )
    code_digest = not_personal(
        models.BinaryField(
            null=True,
            db_comment="Keyed digest of the code: number of the blind index key, then HMAC-SHA-256; null: not sent.",
        )
    )
    sent_at = models.DateTimeField(
        null=True, db_comment="When the code was made and handed over for delivery (UTC); null: not yet."
    )
    expires_at = models.DateTimeField(
        null=True, db_comment="Until when the code counts (UTC); null: not sent yet."
    )
    attempts = models.SmallIntegerField(default=0, db_default=0, db_comment="How many codes were tried.")
    outcome = models.TextField(
        choices=VerificationOutcome, null=True, db_comment="How it ended; null: it is open."
    )
    ended_at = models.DateTimeField(null=True, db_comment="When it ended (UTC); null: it is open.")

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "verification of a contact"
        verbose_name_plural = "verifications of contacts"
        db_table_comment = (
            "One row per code that was asked for to verify a contact; spent once. Written by "
            "accounts.services.verifications. Deleted after 7 days."
        )
        constraints = [
            one_of("outcome", VerificationOutcome),
            rule(has_bytes("code_digest", DIGEST_BYTES), "code_digest", "A keyed digest has 33 bytes."),
            rule(SENT, "sent_at", "A code that was sent has a digest and expires after it was sent."),
            rule(ENDED, "ended_at", "What has ended says when and how."),
            rule(
                Q(attempts__gte=0, attempts__lte=MOST_ATTEMPTS),
                "attempts",
                f"A code may be tried {MOST_ATTEMPTS} times.",
            ),
            unique(
                "contact",
                when=Q(outcome__isnull=True),
                name="open",
                message="A code for this contact is open already.",
            ),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="delete", using=f"user_id = {ME}"),
            *policies(Role.SUPPORT, Role.COMPLIANCE, Role.AUDITOR, command="select", using=ALL),
            *policies(Role.COMPLIANCE, command="delete", using=f"user_id IS DISTINCT FROM {ME}"),
            *policies(Role.WORKER, command="select", using=ALL),
            # In nobody's name, or in that of the very person.
            Policy(role=Role.WORKER, command="insert", check=f"{ME} IS NULL OR user_id = {ME}"),
            Policy(role=Role.WORKER, command="update", using=f"{ME} IS NULL OR user_id = {ME}"),
            *policies(Role.WORKER, command="delete", using="created_at < now() - interval '7 days'"),
            *policies(Role.ADMINISTRATOR, command="select", using=ALL),
            *policies(Role.ADMINISTRATOR, command="insert", check=f"user_id IS DISTINCT FROM {ME}"),
        ]
        indexes = [
            BTree(
                fields=["created_at"],
                serves="accounts.services.verifications.verifications_forget: those older than 7 days",
            ),
        ]
        triggers = [TakePersonOfContact(), Immutable("contact", "user")]

    def __str__(self) -> str:
        return f"verification of {self.contact}"
