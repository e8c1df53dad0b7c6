"""Who holds which staff role."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.announcements import role_granted, role_revoked
from accounts.choices import UserStatus
from accounts.errors import AlreadyEnded, AlreadyGranted, BootstrapRefused, EndInThePast, OwnAccount
from accounts.models import RoleGrant, User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import STAFF_ROLES, Role
from core.errors import NotPermitted, Refused


@transaction.atomic
def role_grant(
    *, user_id: UUID, role: Role | str, actor: User | None, reason: str, until: datetime | None = None
) -> RoleGrant:
    """Give a person a staff role from now until `until` (UTC; None: until revoked).

    `actor` None is the system (bootstrap and demo). Locks: the person. Raises: OwnAccount, AlreadyGranted,
    EndInThePast, NotPermitted (not a staff role, or the account is not active), NotThere, Refused (the reason is
    too short, too long or no text). Announces: `role_granted`.
    """
    role = Role(role)
    if role not in STAFF_ROLES:
        raise NotPermitted(f"{role.label} is not a role of staff.")
    if actor is not None and str(actor.pk) == str(user_id):
        raise OwnAccount("Nobody grants a role to themselves. Ask another administrator.")
    user = locked(User, user_id)
    if user.status != UserStatus.ACTIVE:
        raise NotPermitted(f"{user} is {user.get_status_display().lower()}; only active people hold roles.")
    start = database_now()
    if until is not None and until <= start:
        raise EndInThePast("The end of a grant lies in the future. Leave it empty for no end.")
    period = DateTimeTZRange(start, until, "[)")
    if RoleGrant.objects.filter(user_id=user_id, role=role, valid__overlap=period).exists():
        raise AlreadyGranted(f"{user} holds the role {role.label} already.")
    grant = RoleGrant(user=user, role=role.value, valid=period, grantor=actor, reason=reason)
    with refused_as(Refused):
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
    now = database_now()
    if not grant.is_in_force(now):
        raise AlreadyEnded("This grant has ended already.")
    grant.end(now)
    grant._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(Refused):
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
def administrator_absent() -> None:
    """Raise `BootstrapRefused` when somebody is administrator: administrators then grant roles."""
    with connection.cursor() as cursor:
        # Two bootstraps at once: the second waits and finds the first one's administrator.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.administrator_bootstrap'))")
    holder = RoleGrant.objects.in_force().filter(role=Role.ADMINISTRATOR.value).select_related("user").first()
    if holder is not None:
        raise BootstrapRefused(
            f"{holder.user} is administrator already. Further roles are granted in the back office."
        )


@transaction.atomic
def administrator_bootstrap(*, user_id: UUID) -> RoleGrant:
    """Make the first administrator; the grantor is the system. Raises: as `role_grant`, and BootstrapRefused."""
    administrator_absent()
    return role_grant(
        user_id=user_id, role=Role.ADMINISTRATOR, actor=None, reason="first administrator of the platform"
    )
