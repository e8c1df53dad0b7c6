"""Devices on which people are signed in."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import length_between, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.retention import Over
from core.db.roles import Role
from core.models import Entity, Volume


class UserSessionQuerySet(models.QuerySet):
    """Reads of sessions."""

    def in_force(self) -> Self:
        """Sessions that are neither revoked nor expired."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=Now())


class UserSession(Entity):
    """One row per sign-in on a device; revoking it signs the device out at its next request.

    Written by `accounts.services.sessions`. The session key itself is never stored here, only its digest.
    """

    volume, retention = Volume.LARGE, "90 days after its end"
    over = Over(
        "least({row}.revoked_at, {row}.expires_at)",
        found="({row}.revoked_at < {cut_off} OR {row}.expires_at < {cut_off})",
    )
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="sessions",
        db_comment="Who signed in.",
    )
    token_digest = not_personal(
        models.BinaryField(max_length=32, db_comment="SHA-256 of the session key in the cookie.")
    )
    address = personal(
        models.GenericIPAddressField(
            null=True, blank=True, db_comment="Network address at sign-in; null if unknown."
        )
    )
    user_agent = personal(
        models.TextField(blank=True, default="", db_comment="What the browser calls itself.")
    )
    last_used_at = models.DateTimeField(db_comment="When the session was last used (UTC), to one minute.")
    second_factor_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the second factor was last passed (UTC); null: not asked for."
    )
    expires_at = models.DateTimeField(db_comment="When the session ends by itself (UTC).")
    revoked_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was ended by sign-out or revocation (UTC); null before."
    )
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sessions_revoked",
        db_comment="Who ended it: the person, or staff; null while it lasts.",
    )

    objects: Any = UserSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "signed-in device"
        db_table_comment = (
            "One row per signed-in device. Written by accounts.services.sessions. "
            "Deleted 90 days after its end."
        )
        permissions = [("revoke_session", "Can sign people out of their devices")]
        constraints = [
            unique("token_digest", message="This session exists already."),
            length_between("user_agent", 0, 400),
            rule(Q(expires_at__gt=models.F("created_at")), "expires_at", "A session ends after it began."),
            Policy(role=Role.APP, command="select", using=ALL),
            Policy(role=Role.APP, command="insert", check=f"user_id = {ME}"),
            Policy(role=Role.APP, command="update", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"user_id = {ME}"),
            *policies(
                Role.SUPPORT,
                Role.MODERATOR,
                Role.LEAD_MODERATOR,
                Role.COMPLIANCE,
                Role.AUDITOR,
                Role.ADMINISTRATOR,
                command="select",
                using=ALL,
            ),
            *policies(
                Role.SUPPORT,
                Role.MODERATOR,
                Role.LEAD_MODERATOR,
                Role.COMPLIANCE,
                Role.ADMINISTRATOR,
                command="update",
                using="revoked_at IS NULL",
                check=f"revoked_by_id = {ME}",
            ),
        ]
        indexes = [
            BTree(
                fields=["revoked_at"],
                condition=models.Q(revoked_at__isnull=False),
                serves="audit.services.retention: sessions that were revoked long ago",
            ),
            BTree(
                fields=["expires_at"],
                serves="docs/queries/sessions_long_over.sql: sessions whose retention is over",
            ),
        ]
        triggers = [RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"session of {self.user_id} from {self.created_at:%Y-%m-%d %H:%M}"
