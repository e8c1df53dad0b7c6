"""What providers say about people's age."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.announcements import age_assurance_expired, age_assurance_revoked, age_assured
from accounts.choices import AgeBand, AgeEnding, AgeMethod, AgeOutcome
from accounts.errors import AgeRefused, OwnAccount
from accounts.models import AgeAssurance, User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as


@dataclass(frozen=True, kw_only=True)
class AgeCheck:
    """What a provider answered: the outcome and its receipt, never a date of birth or a document. Times are UTC."""

    method: AgeMethod
    outcome: AgeOutcome
    provider: str
    receipt: str
    checked_at: dt.datetime
    age_band: AgeBand | None = None
    until: dt.datetime | None = None


@transaction.atomic
def age_assurance_record(
    *, user_id: UUID, check: AgeCheck, actor: User | None, reason: str = ""
) -> AgeAssurance:
    """Record a check, which takes the place of the one in force, whatever either says.

    The same receipt for the same person a second time changes nothing: providers repeat themselves. Locks: the person,
    so that of two at once one follows the other. Raises: OwnAccount, AgeRefused (contradiction, receipt of somebody
    else, run out already, from the future), NotThere. Announces: `age_assured` unless nothing changed.
    """
    if actor is not None and actor.pk == user_id:
        raise OwnAccount("Nobody records their own age. Ask a colleague.")
    user = locked(User, user_id)
    with refused_as(AgeRefused):
        again = AgeAssurance.objects.filter(user=user, provider=check.provider, receipt=check.receipt).first()
    if again is not None:
        return again
    now = database_now()
    if check.checked_at > now:
        raise AgeRefused("The check lies in the future. Look at the provider's clock.")
    if check.until is not None and check.until <= now:
        raise AgeRefused("This assurance has run out already; ask for a new check.")
    present = AgeAssurance.objects.in_force().filter(user=user).first()
    if present is not None:
        present.end(now)
        present.ending = AgeEnding.REPLACED
        with refused_as(AgeRefused):
            present.save(update_fields=["valid", "ending"])
    assurance = AgeAssurance(
        user=user,
        method=check.method,
        outcome=check.outcome,
        age_band=check.age_band,
        provider=check.provider,
        receipt=check.receipt,
        checked_at=check.checked_at,
        valid=DateTimeTZRange(now, check.until, "[)"),
    )
    with refused_as(AgeRefused):
        assurance.save(force_insert=True)
    age_assured.send(
        sender=AgeAssurance,
        actor=actor,
        subject=user,
        reason=reason,
        detail={"outcome": assurance.outcome, "method": assurance.method},
    )
    return assurance


@transaction.atomic
def age_assurance_revoke(
    *, age_assurance_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> AgeAssurance:
    """End an assurance that turned out to be wrong; the person is not of age until another check.

    Locks: the assurance. Raises: OwnAccount, AgeRefused (over already), NotThere, StaleVersion.
    Announces: `age_assurance_revoked`.
    """
    assurance = locked(AgeAssurance, age_assurance_id, expected_version=expected_version)
    if actor.pk == assurance.user_id:
        raise OwnAccount("Nobody decides about their own age. Ask a colleague.")
    now = database_now()
    if not assurance.is_in_force(now):
        raise AgeRefused("This assurance is over already.")
    assurance.end(now)
    assurance.ending, assurance.ended_by = AgeEnding.REVOKED, actor
    with refused_as(AgeRefused):
        assurance.save(update_fields=["valid", "ending", "ended_by"])
    age_assurance_revoked.send(
        sender=AgeAssurance,
        actor=actor,
        subject=User.objects.get(pk=assurance.user_id),
        reason=reason,
        changed=("valid", "ending"),
    )
    return assurance


@transaction.atomic
def age_assurances_expire(*, batch: int = 500) -> int:
    """Mark assurances whose time has passed, the oldest first, and say so; returns how many.

    Whether somebody is of age does not wait for it: that follows from the period. Run hourly as the worker.
    Rows that somebody else is changing are left for the next run. Announces: `age_assurance_expired`.
    """
    over = list(AgeAssurance.objects.run_out().select_for_update(skip_locked=True)[:batch])
    AgeAssurance.objects.filter(pk__in=[row.pk for row in over]).update(ending=AgeEnding.EXPIRED)
    people = User.objects.in_bulk([row.user_id for row in over])
    for row in over:
        age_assurance_expired.send(
            sender=AgeAssurance, actor=None, subject=people[row.user_id], changed=("ending",)
        )
    return len(over)
