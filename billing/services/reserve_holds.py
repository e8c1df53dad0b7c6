"""Reserves: what stays on the earnings account of a performer or studio, whatever is paid."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.errors import DebtRefused
from billing.models import ReserveHold
from billing.money import amount_check
from billing.payout_announcements import reserve_hold_placed, reserve_hold_released
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role


@transaction.atomic
def reserve_hold_place(
    *,
    currency: str,
    amount: int,
    actor: User,
    reason: str,
    performer_id: UUID | None = None,
    studio_id: UUID | None = None,
    release_on: dt.date | None = None,
) -> ReserveHold:
    """Keep `amount` minor units back from every payout, until a day or until it is released.

    Raises: DebtRefused (nobody or two, one's own, a day that is over, tokens), MoneyRefused. Announces:
    `reserve_hold_placed`.
    """
    if (performer_id is None) == (studio_id is None):
        raise DebtRefused("Name a performer or a studio, exactly one of the two.")
    if performer_id == actor.pk:
        raise DebtRefused("This is about yourself. Ask a colleague.")
    if release_on is not None and release_on <= database_now().date():
        raise DebtRefused("A reserve ends on a day to come.")
    asked = amount_check(amount, currency).amount
    with acting(Role.WORKER, user_id=actor.pk), refused_as(DebtRefused):
        hold = ReserveHold.objects.create(
            performer_id=performer_id,
            studio_id=studio_id,
            currency_id=currency,
            amount=asked,
            release_on=release_on,
            reason=reason.strip(),
            placed_by=actor,
        )
    reserve_hold_placed.send(
        sender=ReserveHold,
        actor=actor,
        subject=hold,
        reason=reason,
        detail={"amount": asked, "currency": currency},
    )
    return hold


@transaction.atomic
def reserve_hold_release(
    *, reservehold_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ReserveHold:
    """Release a reserve: the next payout pays it.

    Locks: the hold. Raises: DebtRefused (released before, one's own), NotThere, StaleVersion. Announces:
    `reserve_hold_released`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        hold = locked(ReserveHold, reservehold_id, expected_version=expected_version)
        if hold.performer_id == actor.pk:
            raise DebtRefused("This is about yourself. Ask a colleague.")
        if hold.released_at is not None:
            raise DebtRefused("This reserve was released before.")
        hold.released_at, hold.released_by = database_now(), actor
        with refused_as(DebtRefused):
            hold.save(update_fields=["released_at", "released_by"])
        hold.refresh_from_db(fields=["version", "updated_at"])
    reserve_hold_released.send(
        sender=ReserveHold, actor=actor, subject=hold, reason=reason, changed=("released_at",)
    )
    return hold
