"""Limits on people; the status of the account follows them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from accounts.announcements import (
    restriction_expired,
    restriction_lifted,
    restriction_placed,
    user_reinstated,
    user_suspended,
)
from accounts.choices import RestrictionKind, UserStatus
from accounts.errors import AlreadyEnded, AlreadyRestricted, EndInThePast, OwnAccount
from accounts.models import Restriction, User
from accounts.services.sessions import sessions_end
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.errors import Refused

RAN_OUT = "restriction ran out"
"""Why somebody is free whom nobody set free."""


def _refuse_own(user_id: UUID, actor: User | None) -> None:
    if actor is not None and str(actor.pk) == str(user_id):
        raise OwnAccount("Nobody decides about their own account. Ask a colleague.")


def _follow(user: User, reason: str) -> None:
    """Set the person's status to what the restrictions in force imply; suspension is decided apart."""
    restricted = Restriction.objects.in_force().filter(user=user).exists()
    moves = {
        (UserStatus.ACTIVE, True): UserStatus.RESTRICTED,
        (UserStatus.RESTRICTED, False): UserStatus.ACTIVE,
    }
    status = moves.get((UserStatus(user.status), restricted))
    if status is not None:
        user.status = status
        user._change_reason = reason  # type: ignore[attr-defined]
        user.save(update_fields=["status"])


@transaction.atomic
def restriction_place(
    *,
    user_id: UUID,
    kind: RestrictionKind | str,
    actor: User | None,
    reason: str,
    until: datetime | None = None,
    expected_version: int | None = None,
) -> Restriction:
    """Bar a person from something, from now until `until` (UTC; None: until lifted).

    Locks: the person. Raises: OwnAccount, AlreadyRestricted, EndInThePast, IllegalTransition (the account is not
    open), NotThere, StaleVersion, Refused (the reason is too short, too long or no text).
    Announces: `restriction_placed`.
    """
    _refuse_own(user_id, actor)
    user = locked(User, user_id, expected_version=expected_version)
    if user.status not in (UserStatus.ACTIVE, UserStatus.RESTRICTED, UserStatus.SUSPENDED):
        User.status_machine.check(user.status, UserStatus.RESTRICTED)
    kind = RestrictionKind(kind)
    start = database_now()
    if until is not None and until <= start:
        raise EndInThePast("The end of a restriction lies in the future. Leave it empty for no end.")
    period = DateTimeTZRange(start, until, "[)")
    if Restriction.objects.filter(user=user, kind=kind, valid__overlap=period).exists():
        raise AlreadyRestricted(f"{user} is barred already: {kind.label.lower()}. Lift that first.")
    restriction = Restriction(user=user, kind=kind, valid=period, reason=reason, decided_by=actor)
    restriction._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(Refused):
        restriction.save(force_insert=True)
    _follow(user, reason)
    restriction_placed.send(
        sender=Restriction, actor=actor, subject=user, reason=reason, detail={"kind": kind.value}
    )
    return restriction


@transaction.atomic
def restriction_lift(
    *, restriction_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Restriction:
    """End a restriction now.

    Locks: the person, then the restriction. Raises: OwnAccount, AlreadyEnded, NotThere, StaleVersion.
    Announces: `restriction_lifted`.
    """
    user_id = Restriction.objects.filter(pk=restriction_id).values_list("user_id", flat=True).first()
    if user_id is None:
        raise NotThere("There is no such restriction, or your role may not see it.")
    _refuse_own(user_id, actor)
    user = locked(User, user_id)
    restriction = locked(Restriction, restriction_id, expected_version=expected_version)
    now = database_now()
    if not restriction.is_in_force(now):
        raise AlreadyEnded("This restriction has ended already.")
    restriction.end(now)
    restriction.lifted_by = actor
    restriction._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(Refused):
        restriction.save(update_fields=["valid", "lifted_by"])
    _follow(user, reason)
    restriction_lifted.send(
        sender=Restriction,
        actor=actor,
        subject=user,
        reason=reason,
        changed=("valid",),
        detail={"kind": restriction.kind},
    )
    return restriction


@transaction.atomic
def user_suspend(
    *,
    user_id: UUID,
    actor: User | None,
    reason: str,
    until: datetime | None = None,
    expected_version: int | None = None,
) -> User:
    """Shut a person out until `until` (UTC; None: until reinstated), and sign them out of every device.

    Where signing in is barred already, that bar stays as it is and says until when. Locks: the person. Raises:
    OwnAccount, EndInThePast, AlreadyRestricted (barred already, and `until` is given), IllegalTransition, NotThere,
    StaleVersion. Announces: `user_suspended`.
    """
    _refuse_own(user_id, actor)
    user = locked(User, user_id, expected_version=expected_version)
    if user.status != UserStatus.ACTIVE:
        User.status_machine.check(user.status, UserStatus.SUSPENDED)
    barred = Restriction.objects.in_force().filter(user=user, kind=RestrictionKind.SIGN_IN).exists()
    if until is not None or not barred:
        restriction_place(
            user_id=user.pk, kind=RestrictionKind.SIGN_IN, actor=actor, reason=reason, until=until
        )
        user.refresh_from_db(fields=["status"])
    user.status = UserStatus.SUSPENDED
    user._change_reason = reason  # type: ignore[attr-defined]
    user.save(update_fields=["status"])
    sessions_end(user=user, actor=actor)
    user_suspended.send(sender=User, actor=actor, subject=user, reason=reason, changed=("status",))
    return user


@transaction.atomic
def user_reinstate(
    *, user_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> User:
    """Take back a suspension: the bar from signing in is lifted, other restrictions stay.

    Locks: the person, then the restriction. Raises: OwnAccount, IllegalTransition, NotThere, StaleVersion.
    Announces: `user_reinstated`.
    """
    _refuse_own(user_id, actor)
    user = locked(User, user_id, expected_version=expected_version)
    if user.status != UserStatus.SUSPENDED:
        raise AlreadyEnded(f"{user} is not suspended.")
    User.status_machine.check(user.status, UserStatus.ACTIVE)
    barred = Restriction.objects.in_force().filter(user=user, kind=RestrictionKind.SIGN_IN).first()
    if barred is not None:
        restriction_lift(restriction_id=barred.pk, actor=actor, reason=reason)
    user.status = UserStatus.ACTIVE
    user._change_reason = reason  # type: ignore[attr-defined]
    user.save(update_fields=["status"])
    _follow(user, reason)
    user_reinstated.send(sender=User, actor=actor, subject=user, reason=reason, changed=("status",))
    return user


def restrictions_expire(*, batch: int = 500) -> int:
    """Set people free whose last restriction has run out; returns how many. Run every minute as the worker.

    Suspensions that were given an end are over with it. Each person is a transaction of their own; people whom somebody
    else is changing are left for the next run. Announces: `restriction_expired`, `user_reinstated`.
    """
    freed = 0
    due = (
        User.objects.filter(status=UserStatus.RESTRICTED)
        .exclude(restrictions__valid__contains=Now())
        .order_by("pk")
        .values_list("pk", flat=True)[:batch]
    )
    for user_id in list(due):
        with transaction.atomic():
            user = User.objects.select_for_update(skip_locked=True).filter(pk=user_id).first()
            if user is None or user.status != UserStatus.RESTRICTED:
                continue
            _follow(user, RAN_OUT)
            if user.status == UserStatus.ACTIVE:
                freed += 1
                restriction_expired.send(sender=User, actor=None, subject=user, changed=("status",))
    return freed + sum(_reinstate_by_time(user_id) for user_id in _suspensions_over(batch))


def _suspensions_over(batch: int) -> list[UUID]:
    """Suspended people whose latest bar from signing in ran out by itself; one that a colleague lifted frees nobody."""
    latest = Restriction.objects.filter(user=OuterRef("pk"), kind=RestrictionKind.SIGN_IN).order_by("-valid")
    over = (
        User.objects.filter(status=UserStatus.SUSPENDED)
        .alias(
            until=Subquery(latest.values("valid__endswith")[:1]),
            lifted_by=Subquery(latest.values("lifted_by")[:1]),
        )
        .filter(until__lte=Now(), lifted_by__isnull=True)
    )
    return list(over.order_by("pk").values_list("pk", flat=True)[:batch])


def _reinstate_by_time(user_id: UUID) -> bool:
    """Reinstate one person whose suspension is over; False when somebody else holds or freed them."""
    with transaction.atomic():
        user = User.objects.select_for_update(skip_locked=True).filter(pk=user_id).first()
        if user is None or user.status != UserStatus.SUSPENDED:
            return False
        user_reinstate(user_id=user_id, actor=None, reason=RAN_OUT)
        return True
