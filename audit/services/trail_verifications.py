"""Verifying the trail on demand and by the schedule, with the outcome on record for everybody who oversees it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, transaction

from accounts.models import User
from audit.announcements import trail_verification_asked, trail_verification_ended
from audit.choices import SecurityKind, Severity, VerificationOutcome
from audit.errors import VerificationRefused
from audit.models import Seal, TrailVerification
from audit.seals.head import head_parsed
from audit.seals.report import Report
from audit.seals.signing import PublicKeys, RingKeys
from audit.seals.verification import one_snapshot, trail_verify
from audit.services.security import security_event_record
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import Role
from core.errors import Refused
from core.jobs.failures import failure_words
from core.models.identity import uuid7_floor

V = VerificationOutcome
LOST_AFTER = timedelta(hours=24)
"""A verification that did not end by then lost its worker for good; it stands in nobody's way."""

RESULT = (
    "outcome",
    "finished_at",
    "last_seal",
    "seals",
    "events",
    "unsealed",
    "expired",
    "found",
    "findings",
    "notes",
    "error",
)


@transaction.atomic
def trail_verification_ask(
    *, actor: User | None, reason: str = "", head: str = "", later: Callable[[UUID], object] | None = None
) -> TrailVerification:
    """Have the whole trail verified, with a head that was kept elsewhere if there is one (what `audit_head` printed).

    `later` is told the id in this transaction, to have it done by a worker. Raises: VerificationRefused (one is under
    way), HeadMalformed. Announces: `trail_verification_asked`.
    """
    kept = head_parsed(head).as_json() if head.strip() else None
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        _give_up_lost()
        verification = TrailVerification(asked_by=actor, kept_head=kept)
        with refused_as(VerificationRefused):
            verification.save(force_insert=True)
        if later is not None:
            later(verification.pk)
    trail_verification_asked.send(
        sender=TrailVerification,
        actor=actor,
        subject=verification,
        reason=reason,
        detail={"with_head": kept is not None},
    )
    return verification


def trail_verification_run(*, verification_id: UUID, keys: PublicKeys | None = None) -> TrailVerification:
    """Verify the trail as it is now, and write down what was found; done again from the beginning if a worker was lost.

    Reads as an auditor, in one snapshot. Something wrong is a security event too, at which somebody looks at once.
    One that has ended is left as it is. Raises NotThere. Announces: `trail_verification_ended`.
    """
    begun = _begin(verification_id)
    if begun is None:
        return _ended(verification_id)
    report, error = _verified(begun, keys or RingKeys())
    with acting(Role.WORKER):
        verification = _unfinished(verification_id)
        if verification is None:
            return _ended(verification_id)
        _write(verification, report, error)
        if report.found:
            security_event_record(
                kind=SecurityKind.TRAIL_FAULTY,
                severity=Severity.CRITICAL,
                detail={"verification": str(verification.pk), "faults": dict(report.faults)},
            )
        trail_verification_ended.send(
            sender=TrailVerification,
            actor=None,
            subject=verification,
            detail={"outcome": verification.outcome, "found": verification.found},
        )
    return verification


def _begin(verification_id: UUID) -> TrailVerification | None:
    with acting(Role.WORKER):
        verification = _unfinished(verification_id)
        if verification is not None:
            verification.outcome, verification.started_at = V.RUNNING, database_now()
            verification.save(update_fields=["outcome", "started_at"])
        return verification


def _unfinished(verification_id: UUID) -> TrailVerification | None:
    """The row, locked, if it has not ended: the database lets nobody change one that has."""
    unfinished = TrailVerification.objects.select_for_update().filter(
        pk=verification_id, finished_at__isnull=True
    )
    found: TrailVerification | None = unfinished.first()
    return found


def _ended(verification_id: UUID) -> TrailVerification:
    with acting(Role.WORKER):
        found: TrailVerification | None = TrailVerification.objects.filter(pk=verification_id).first()
    if found is None:
        raise NotThere("There is no such verification of the trail.")
    return found


def _verified(verification: TrailVerification, keys: PublicKeys) -> tuple[Report, str]:
    """What was found, and why it could not be found out."""
    kept = head_parsed(verification.kept_head) if verification.kept_head else None
    try:
        with one_snapshot(), acting(Role.AUDITOR):
            return trail_verify(keys=keys, kept=kept), ""
    except (Refused, DatabaseError) as failure:
        return Report(), failure_words(failure)


def _write(verification: TrailVerification, report: Report, error: str) -> None:
    verification.outcome = V.FAILED if error else V.FAULTY if report.found else V.PROVEN
    verification.finished_at, verification.error = database_now(), error
    verification.found, verification.notes = report.found, report.notes
    verification.findings = [finding.as_json() for finding in report.findings]
    for name in ("seals", "events", "unsealed", "expired"):
        setattr(verification, name, report.counts[name])
    if report.head is not None:
        with acting(Role.AUDITOR):
            verification.last_seal = Seal.objects.get(number=report.head["number"])
    verification.save(update_fields=[*RESULT])


def _give_up_lost() -> None:
    lost = TrailVerification.objects.filter(
        finished_at__isnull=True, pk__lt=uuid7_floor(database_now() - LOST_AFTER)
    ).select_for_update()
    for verification in lost:
        verification.outcome, verification.finished_at = V.FAILED, database_now()
        verification.error = "Its worker was lost, and nobody took it over."
        verification.save(update_fields=["outcome", "finished_at", "error"])
