"""Differences between what we hold and what is reported: raised by services of money, seen to by finance."""

from uuid import UUID

from django.db import models, transaction

from accounts.models import User
from billing.announcements import exception_resolved, exception_taken
from billing.errors import ExceptionRefused
from billing.models.reconciliation_exception import UNRESOLVED, ReconciliationException
from billing.provider_choices import ExceptionKind, ExceptionResolution, ExceptionStatus
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role


@transaction.atomic
def reconciliation_exception_raise(
    *,
    kind: ExceptionKind,
    subject: models.Model,
    words: str,
    provider_account_id: UUID | None = None,
    event_id: UUID | None = None,
    reference: str = "",
    currency: str | None = None,
    expected_amount: int | None = None,
    reported_amount: int | None = None,
) -> ReconciliationException:
    """Put a difference before somebody, in the transaction in which it is found; the same one once while unresolved.

    `subject` is a row of billing; `event_id` our id of the message that reports it. Acts as the worker. Raises:
    ExceptionRefused (no words, an amount without currency).
    """
    with acting(Role.WORKER), refused_as(ExceptionRefused):
        found, _ = ReconciliationException.objects.get_or_create(
            kind=kind,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            status__in=UNRESOLVED,
            defaults={
                "status": ExceptionStatus.OPEN,
                "provider_account_id": provider_account_id,
                "provider_event_id": event_id,
                "reference": reference,
                "currency_id": currency,
                "expected_amount": expected_amount,
                "reported_amount": reported_amount,
                "words": words,
            },
        )
    return found


@transaction.atomic
def reconciliation_exception_take(
    *, reconciliation_exception_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ReconciliationException:
    """Look into an exception oneself; colleagues see who does.

    Locks: the exception. Raises: IllegalTransition (somebody took it, or it is resolved), NotThere, StaleVersion.
    Announces: `exception_taken`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        found = locked(
            ReconciliationException, reconciliation_exception_id, expected_version=expected_version
        )
        ReconciliationException.status_machine.check(found.status, ExceptionStatus.ASSIGNED)
        found.status, found.owner, found.owned_at = ExceptionStatus.ASSIGNED, actor, database_now()
        _save(found, "status", "owner", "owned_at")
    exception_taken.send(
        sender=ReconciliationException, actor=actor, subject=found, reason=reason, changed=("status", "owner")
    )
    return found


@transaction.atomic
def reconciliation_exception_resolve(
    *,
    reconciliation_exception_id: UUID,
    resolution: ExceptionResolution,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> ReconciliationException:
    """Say what came of an exception. It corrects nothing: the correction is an entry of its own, made before.

    Locks: the exception. Raises: ExceptionRefused (no reason; a colleague has taken it), IllegalTransition, NotThere,
    StaleVersion. Announces: `exception_resolved`.
    """
    if resolution == ExceptionResolution.PROCESSED:
        raise ExceptionRefused("That is said by the processing itself. Choose what you did.")
    with acting(Role.WORKER, user_id=actor.pk):
        found = locked(
            ReconciliationException, reconciliation_exception_id, expected_version=expected_version
        )
        ReconciliationException.status_machine.check(found.status, ExceptionStatus.RESOLVED)
        if found.owner_id not in (None, actor.pk):
            raise ExceptionRefused("A colleague looks into this. Speak to them, or leave it to them.")
        _resolve(found, resolution, reason, actor)
    exception_resolved.send(
        sender=ReconciliationException,
        actor=actor,
        subject=found,
        reason=reason,
        changed=("status", "resolution"),
        detail={"resolution": str(resolution), "kind": found.kind},
    )
    return found


def exceptions_settle(*, subject: models.Model, kinds: tuple[ExceptionKind, ...], reason: str) -> int:
    """Resolve what processing a message again has settled; returns how many. In the worker's transaction.

    Locks: the exceptions, in the order of their keys.
    """
    waiting = (
        ReconciliationException.objects.unresolved()
        .about(subject)
        .filter(kind__in=kinds)
        .select_for_update()
        .order_by("pk")
    )
    for found in waiting:
        _resolve(found, ExceptionResolution.PROCESSED, reason, None)
    return len(waiting)


def _resolve(
    found: ReconciliationException, resolution: ExceptionResolution, reason: str, actor: User | None
) -> None:
    found.status, found.resolution, found.reason = ExceptionStatus.RESOLVED, resolution, reason
    found.resolved_by, found.resolved_at = actor, database_now()
    _save(found, "status", "resolution", "reason", "resolved_by", "resolved_at")


def _save(found: ReconciliationException, *fields: str) -> None:
    with refused_as(ExceptionRefused):
        found.save(update_fields=[*fields])
    found.refresh_from_db(fields=["version", "updated_at"])
