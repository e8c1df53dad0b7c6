"""Handles that nobody may take."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.choices import ReservationReason
from accounts.models.erasable_history import HistoryOfFreedHandle
from accounts.models.user import HANDLE_PATTERN, HANDLE_RULE, READERS, skeleton_of
from core.db.constraints import matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.models import Entity, History, Volume

OWN_QUARANTINE = f"reason = 'quarantine' AND previous_owner_id = {ME}"


class ReservedHandleQuerySet(models.QuerySet):
    """Reads of reservations."""

    def over(self) -> Self:
        """Quarantines that have ended, by the clock of the database."""
        return self.filter(reserved_until__lte=Now())


class ReservedHandle(Entity):
    """One row per handle that nobody may take, for ever or until its quarantine ends.

    A freed handle rests before somebody else may have it, so that nobody is impersonated; its former owner may
    take it back at any time. A trigger on `accounts_user` enforces it.
    """

    volume, retention = Volume.SMALL, "for ever; a quarantine until it ends"
    held_by = HeldBy(person=("previous_owner",), keeps=("previous_owner_id",))

    handle = personal(models.TextField(db_comment="The handle that is reserved, as it was written."))
    handle_skeleton = personal(
        models.GeneratedField(
            expression=skeleton_of("handle"),
            output_field=models.TextField(),
            db_persist=True,
            db_comment="What the handle looks like: everything that looks alike is reserved with it.",
        )
    )
    reason = not_personal(models.TextField(choices=ReservationReason, db_comment="Why nobody may take it."))
    previous_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="freed_handles",
        db_comment="Who had it before and may take it back; null where nobody did.",
    )
    reserved_until = models.DateTimeField(
        null=True, blank=True, db_comment="When the quarantine ends (UTC); null: reserved for ever."
    )

    objects: ClassVar[Any] = ReservedHandleQuerySet.as_manager()
    history = History(bases=(HistoryOfFreedHandle,))

    class Meta:
        db_table_comment = (
            "One row per handle that nobody may take. Written by accounts.services.handles and by moderators. "
            "Quarantines are kept until they end."
        )
        permissions = [("reserve_handle", "Can reserve and release handles")]
        constraints = [
            one_of("reason", ReservationReason),
            matches("handle", HANDLE_PATTERN, HANDLE_RULE),
            unique("handle_skeleton", message="This handle, or one that looks like it, is already reserved."),
            rule(
                Q(reason=ReservationReason.QUARANTINE, reserved_until__isnull=False)
                | ~Q(reason=ReservationReason.QUARANTINE),
                "quarantine",
                "A quarantine has an end.",
            ),
            *policies(
                Role.APP, Role.WORKER, Role.VIEWER, Role.PERFORMER, *READERS, command="select", using=ALL
            ),
            # People free their own handle and reserve nothing else.
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=OWN_QUARANTINE),
            *policies(
                Role.VIEWER,
                Role.PERFORMER,
                command="update",
                using=f"reason = 'quarantine' AND (previous_owner_id = {ME} OR reserved_until <= now())",
                check=OWN_QUARANTINE,
            ),
            *policies(
                Role.SUPPORT,
                Role.LEAD_MODERATOR,
                Role.ADMINISTRATOR,
                command="update",
                using="reason = 'quarantine'",
            ),
            *policies(
                Role.WORKER,
                Role.SUPPORT,
                Role.MODERATOR,
                Role.LEAD_MODERATOR,
                Role.ADMINISTRATOR,
                Role.COMPLIANCE,
                command="insert",
                check="reserved_until IS NULL OR reserved_until > now()",
            ),
            *policies(
                Role.LEAD_MODERATOR,
                Role.ADMINISTRATOR,
                Role.WORKER,
                command="delete",
                using="reason <> 'system'",
            ),
        ]
        indexes = [
            BTree(
                fields=["reason", "-id"],
                serves="Reserved handles of the back office, filtered by kind, newest first",
            ),
            BTree(
                fields=["reserved_until"],
                condition=Q(reserved_until__isnull=False),
                serves="accounts.services.handles.quarantines_end: quarantines that are over",
            ),
        ]

    def __str__(self) -> str:
        return self.handle
