"""Who read what is encrypted, how much is too much, and what looks unusual."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from audit.choices import SecurityKind, Severity
from audit.services.security import security_event_record
from core.encryption.reveal import TooManyReveals

HOURLY_LIMIT = 30
DAILY_LIMIT = 100
"""Readings of one member of staff within an hour and within 24 hours; `sensitive_read_record` enforces both."""

LIMIT_RULE = "audit_sensitiveread_limit"

MANY_IN_AN_HOUR = 10
SAME_PERSON_IN_A_DAY = 3
"""So many readings are unusual; each further multiple is told again."""

RECORD = (
    "SELECT id, in_hour, in_day, of_person, of_colleague FROM sensitive_read_record(%s, %s, %s::text[], %s)"
)


@dataclass(frozen=True)
class Reading:
    """A recorded reading; how many the same actor made, this one included; whether it is of a colleague's data."""

    id: UUID
    in_hour: int
    in_day: int
    of_person: int
    of_colleague: bool


def sensitive_read_record(
    *, subject: Model, person_id: UUID, fields: Sequence[str], case_reference: str
) -> Reading:
    """Record a reading whose event `data_revealed` this transaction has just written; returns it.

    Actor, role and subject are those of that event. Raises TooManyReveals.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(RECORD, [subject.pk, person_id, list(fields), case_reference])
            reading_id, *found = cursor.fetchone()
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) != LIMIT_RULE:
            raise
        raise TooManyReveals(
            f"You have revealed as much as is allowed: {HOURLY_LIMIT} within an hour, {DAILY_LIMIT} within a day. "
            "Wait, or ask compliance to look with you."
        ) from error
    return Reading(UUID(str(reading_id)), *found)


def unusual_reading_report(*, reading: Reading, person_id: UUID) -> None:
    """Write a security event for what is worth a look: many readings, one person again and again, a colleague."""
    signs: list[tuple[str, Severity]] = []
    if reading.in_hour % MANY_IN_AN_HOUR == 0:
        signs.append(
            ("many_in_an_hour", Severity.MEDIUM if reading.in_hour == MANY_IN_AN_HOUR else Severity.HIGH)
        )
    if reading.of_person % SAME_PERSON_IN_A_DAY == 0:
        signs.append(("same_person", Severity.MEDIUM))
    if reading.of_colleague:
        signs.append(("colleague", Severity.MEDIUM))
    for sign, severity in signs:
        security_event_record(
            kind=SecurityKind.UNUSUAL_READING,
            severity=severity,
            person_id=person_id,
            detail={
                "sign": sign,
                "reading": str(reading.id),
                "in_hour": reading.in_hour,
                "in_day": reading.in_day,
                "of_person": reading.of_person,
            },
        )


def reveal_refusal_report(*, person_id: UUID, refusal: Exception) -> None:
    """Write a security event for a reveal that was refused: urgent when it was one too many."""
    too_many = isinstance(refusal, TooManyReveals)
    security_event_record(
        kind=SecurityKind.REVEAL_REFUSED,
        severity=Severity.HIGH if too_many else Severity.LOW,
        person_id=person_id,
        detail={"refusal": getattr(refusal, "code", type(refusal).__name__)},
    )
