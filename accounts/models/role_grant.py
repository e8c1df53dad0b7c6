"""Which staff roles people hold, and since when."""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.db.constraints import length_between, no_overlap, one_of, rule
from core.db.holds import HeldBy
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import STAFF_ROLES, Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, History, Volume


class RoleGrantQuerySet(EffectiveDatedQuerySet):
    """Reads of grants."""

    def roles_of(self, user_id: UUID) -> list[Role]:
        """The roles in force of a person, in the order of `STAFF_ROLES`. One query."""
        held = set(self.in_force().filter(user_id=user_id).values_list("role", flat=True))
        return [role for role in STAFF_ROLES if role.value in held]


class RoleGrant(EffectiveDated):
    """One row per period in which a person holds a staff role.

    Written by `accounts.services.role_grants`. The permissions are those of the Django group with the role's
    short name. Nobody grants themselves; the first grant, by `manage.py staff_bootstrap`, has no grantor.
    """

    volume, retention = Volume.SMALL, "7 years after its end"
    over = Over("upper({row}.valid)")
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="role_grants",
        db_comment="Who holds the role.",
    )
    role = models.TextField(
        choices=[(role.value, role.label) for role in STAFF_ROLES],
        db_comment="The PostgreSQL role; its Django group has the same name without vbl_.",
    )
    grantor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="role_grants_given",
        db_comment="Who granted it; null: the system, for the first administrator and the demo.",
    )
    reason = personal(models.TextField(db_comment="Why the person needs the role, in the grantor's words."))

    objects: ClassVar[Any] = RoleGrantQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per period in which a person holds a staff role. Written by accounts.services.role_grants. "
            "Kept 7 years after its end."
        )
        permissions = [("grant_role", "Can grant and revoke staff roles")]
        constraints = [
            one_of("role", [role.value for role in STAFF_ROLES]),
            length_between("reason", 3, 2000),
            rule(
                Q(grantor__isnull=True) | ~Q(grantor=F("user")),
                "grantor",
                "Nobody grants a role to themselves.",
            ),
            no_overlap(
                "user", "role", during="valid", message="This person holds the role in that period already."
            ),
            *policies(Role.APP, Role.ADMINISTRATOR, Role.AUDITOR, command="select", using=ALL),
            Policy(role=Role.ADMINISTRATOR, command="insert", check=f"grantor_id = {ME} AND user_id <> {ME}"),
            Policy(role=Role.ADMINISTRATOR, command="update", using=f"user_id <> {ME}"),
        ]
        triggers = [Immutable("user", "role", "grantor", "reason")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.user_id}"
