"""Handles: whether one may be taken, changing it, and the rest that a freed one is given."""

import re
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from accounts.announcements import handle_changed, handle_released, handle_reserved
from accounts.choices import ReservationReason
from accounts.errors import HandleRefused
from accounts.models import ReservedHandle, User
from accounts.models.user import HANDLE_PATTERN, HANDLE_RULE, LIVING, skeleton_of
from core.db.holds import not_held
from core.db.locking import locked
from core.db.refusals import refused_as

QUARANTINE = timedelta(days=180)
"""How long a freed handle rests before somebody else may take it."""


def _reserved(handle: str, user_id: UUID | None) -> ReservedHandle | None:
    reserved = ReservedHandle.objects.filter(
        Q(reserved_until__isnull=True) | Q(reserved_until__gt=Now()),
        handle_skeleton=skeleton_of(Value(handle)),
    )
    if user_id is not None:  # of nobody's handles, nobody is the former owner
        reserved = reserved.exclude(previous_owner_id=user_id)
    return reserved.first()


def handle_check(handle: str, *, user_id: UUID | None = None) -> None:
    """Raise `HandleRefused` with a sentence unless the handle may be taken by `user_id` (None: anybody new).

    The database enforces the same by constraints and a trigger; this asks first, for the sentence.
    """
    if not re.fullmatch(HANDLE_PATTERN, handle):
        raise HandleRefused(f"{HANDLE_RULE} Other scripts and emoji are welcome in the display name.")
    if _reserved(handle, user_id) is not None:
        raise HandleRefused(f"The handle {handle} is reserved. Choose another one.")
    alike = (
        User.objects.filter(LIVING, handle_skeleton=skeleton_of(Value(handle))).exclude(pk=user_id).first()
    )
    if alike is not None:
        same = (alike.handle or "").lower() == handle.lower()
        raise HandleRefused(
            f"The handle {handle} is taken."
            if same
            else f"The handle {handle} looks too much like {alike.handle}."
        )


@transaction.atomic
def handle_change(
    *, user_id: UUID, handle: str, actor: User | None, reason: str, expected_version: int | None = None
) -> User:
    """Give a person another handle; the old one rests for `QUARANTINE`.

    Locks: the person. Raises: HandleRefused, NotThere, StaleVersion. Announces: `handle_changed`.
    """
    user = locked(User, user_id, expected_version=expected_version)
    old = user.handle
    if handle == old:
        raise HandleRefused(f"The handle is {handle} already.")
    handle_check(handle, user_id=user.pk)
    user.handle = handle
    user._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(HandleRefused):
        user.save(update_fields=["handle"])
    if old is not None and old.lower() != handle.lower():
        _quarantine(old, user)
    handle_changed.send(sender=User, actor=actor, subject=user, reason=reason, changed=("handle",))
    return user


def _quarantine(handle: str, user: User) -> None:
    """Let a freed handle rest, from now on if it rested before. One reserved for ever stays so."""
    resting = ReservedHandle.objects.filter(handle_skeleton=skeleton_of(Value(handle))).first()
    if resting is None:
        resting = ReservedHandle(reason=ReservationReason.QUARANTINE)
    elif resting.reason != ReservationReason.QUARANTINE:
        return
    fresh = {"handle": handle, "previous_owner": user, "reserved_until": timezone.now() + QUARANTINE}
    for name, value in fresh.items():
        setattr(resting, name, value)
    if resting._state.adding:
        resting.save(force_insert=True)
    else:
        resting.save(update_fields=list(fresh))


def reservation_check(handle: str) -> None:
    """Raise `HandleRefused` with a sentence unless the handle may be reserved."""
    if not re.fullmatch(HANDLE_PATTERN, handle):
        raise HandleRefused(HANDLE_RULE)
    if ReservedHandle.objects.filter(handle_skeleton=skeleton_of(Value(handle))).exists():
        raise HandleRefused(f"The handle {handle}, or one that looks like it, is reserved already.")


@transaction.atomic
def handle_reserve(
    *, handle: str, reason: ReservationReason, actor: User | None, note: str
) -> ReservedHandle:
    """Reserve a handle for ever, so that nobody takes it or one that looks like it.

    A person who has it keeps it. Raises: HandleRefused. Announces: `handle_reserved`.
    """
    reservation_check(handle)
    with refused_as(HandleRefused):
        reserved = ReservedHandle.objects.create(handle=handle, reason=reason)
    handle_reserved.send(sender=ReservedHandle, actor=actor, subject=reserved, reason=note)
    return reserved


@transaction.atomic
def handle_release(*, reserved_handle_id: UUID, actor: User | None, reason: str) -> None:
    """End a reservation now. Raises: HandleRefused for names of the platform. Announces: `handle_released`."""
    reserved = ReservedHandle.objects.filter(pk=reserved_handle_id).first()
    if reserved is None:
        raise HandleRefused("This reservation has ended already.")
    if reserved.reason == ReservationReason.SYSTEM:
        raise HandleRefused("Names that the platform uses stay reserved.")
    handle_released.send(sender=ReservedHandle, actor=actor, subject=reserved, reason=reason)
    reserved.delete()


@transaction.atomic
def quarantines_end() -> int:
    """Remove quarantines that are over; returns how many. Run daily as the worker.

    One whose former owner is under a legal hold stays until that ends: it says who had the handle.
    """
    count = 0
    for reserved in ReservedHandle.objects.over().filter(not_held(ReservedHandle)).iterator():
        reserved.delete()
        count += 1
    return count
