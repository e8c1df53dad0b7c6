"""Who accepted which version of which document."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.choices import Channel
from accounts.erasure_triggers import BlankedOnErasure, RefuseErasedPerson
from accounts.legal_triggers import OnlyPublished
from accounts.models.legal_document import LegalDocument
from core.db.constraints import length_between, one_of, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.models import Identified, Volume


class Acceptance(Identified):
    """One row per person and version accepted; written once, never changed or deleted.

    Written by `accounts.services.acceptances`. On the person's erasure address and browser are emptied, nothing else.
    """

    volume, retention = Volume.LARGE, "6 years after the account ends"
    over = Over(
        "(SELECT coalesce(u.erased_at, u.closed_at) FROM accounts_user u WHERE u.id = {row}.user_id)",
        found="{row}.user_id IN (SELECT u.id FROM accounts_user u "
        "WHERE u.closed_at IS NOT NULL AND coalesce(u.erased_at, u.closed_at) < {cut_off})",
    )
    held_by = HeldBy(person=("user",), keeps=("address", "user_agent_family"))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The unique rule's index leads with it.
        db_index=False,
        related_name="acceptances",
        db_comment="Who accepted.",
    )
    document = models.ForeignKey(
        LegalDocument,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="acceptances",
        db_comment="The version accepted.",
    )
    accepted_at = models.DateTimeField(
        db_default=Now(), db_comment="When the person accepted the document (UTC)."
    )
    channel = models.TextField(choices=Channel, db_comment="By which way.")
    address = personal(
        models.GenericIPAddressField(
            null=True, blank=True, db_comment="Network address; null if unknown, and after erasure."
        )
    )
    user_agent_family = personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="Kind of browser, Firefox say; empty if unknown, and after erasure.",
        )
    )

    class Meta:
        db_table_comment = (
            "One row per person and version of a legal document accepted. Written by accounts.services.acceptances. "
            "Kept 6 years after the account ends."
        )
        constraints = [
            one_of("channel", Channel),
            length_between("user_agent_family", 0, 40),
            unique("user", "document", message="This version was accepted already."),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"user_id = {ME}"),
            *policies(Role.COMPLIANCE, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check="channel = 'import'"),
        ]
        indexes = [
            BTree(
                fields=["document", "-id"],
                serves="docs/queries/acceptances_of_document.sql: who accepted this version, newest first",
            ),
        ]
        triggers = [
            BlankedOnErasure("user", blanks=("address", "user_agent_family")),
            RefuseErasedPerson(),
            OnlyPublished(),
        ]

    def __str__(self) -> str:
        return f"acceptance of {self.document_id} by {self.user_id}"
