"""Who holds which staff role."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from accounts.announcements import role_granted, role_revoked
from accounts.choices import UserStatus
from accounts.errors import AlreadyEnded, AlreadyGranted, BootstrapRefused, OwnAccount
from accounts.models import RoleGrant, User
from core.db.locking import locked
from core.db.roles import STAFF_ROLES, Role
from core.errors import NotPermitted


@transaction.atomic
def role_grant(
    *, user_id: UUID, role: Role | str, actor: User | None, reason: str, until: datetime | None = None
) -> RoleGrant:
    """Give a person a staff role from now until `until` (UTC; None: until revoked).

    `actor` None is the system (bootstrap and demo). Raises: OwnAccount, AlreadyGranted, NotPermitted (not a staff
    role, or the account is not active). Announces: `role_granted`.
    """
    role = Role(role)
    if role not in STAFF_ROLES:
        raise NotPermitted(f"{role.label} is not a role of staff.")
    if actor is not None and str(actor.pk) == str(user_id):
        raise OwnAccount("Nobody grants a role to themselves. Ask another administrator.")
    user = User.objects.get(pk=user_id)
    if user.status != UserStatus.ACTIVE:
        raise NotPermitted(f"{user} is {user.get_status_display().lower()}; only active people hold roles.")
    period = DateTimeTZRange(timezone.now(), until, "[)")
    if RoleGrant.objects.filter(user_id=user_id, role=role, valid__overlap=period).exists():
        raise AlreadyGranted(f"{user} holds the role {role.label} already.")
    grant = RoleGrant(user=user, role=role.value, valid=period, grantor=actor, reason=reason)
    grant.save(force_insert=True)
    role_granted.send(sender=RoleGrant, actor=actor, subject=user, reason=reason, detail={"role": role.short})
    return grant


@transaction.atomic
def role_revoke(
    *, role_grant_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> RoleGrant:
    """End a grant now; the person loses the role at the next request.

    Locks: the grant. Raises: OwnAccount, AlreadyEnded, NotThere, StaleVersion. Announces: `role_revoked`.
    """
    grant = locked(RoleGrant, role_grant_id, expected_version=expected_version)
    if actor is not None and actor.pk == grant.user_id:
        raise OwnAccount("Nobody revokes their own role. Ask another administrator.")
    now = timezone.now()
    if not grant.is_in_force(now):
        raise AlreadyEnded("This grant has ended already.")
    grant.end(now)
    grant._change_reason = reason  # type: ignore[attr-defined]
    grant.save(update_fields=["valid"])
    role_revoked.send(
        sender=RoleGrant,
        actor=actor,
        subject=User.objects.get(pk=grant.user_id),
        reason=reason,
        changed=("valid",),
        detail={"role": Role(grant.role).short},
    )
    return grant


@transaction.atomic
def administrator_bootstrap(*, user_id: UUID) -> RoleGrant:
    """Make the first administrator; the grantor is the system.

    Raises `BootstrapRefused` when somebody holds the role already: administrators then grant it.
    """
    holder = RoleGrant.objects.in_force().filter(role=Role.ADMINISTRATOR.value).select_related("user").first()
    if holder is not None:
        raise BootstrapRefused(
            f"{holder.user} is administrator already. Further roles are granted in the back office."
        )
    return role_grant(
        user_id=user_id, role=Role.ADMINISTRATOR, actor=None, reason="first administrator of the platform"
    )
