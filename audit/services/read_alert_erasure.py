"""What is emptied and what is kept of alerts on readings when a person is erased."""

from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

TABLE = "audit_readalert"
EMPTIED = "what reviewers wrote about readings of the person's data, or by the person as staff"
ALERTS = "alerts on readings of the person's data, or by the person as staff"
WHY = "accountability of staff (GDPR art. 5(2) and 17(3)(b))"


def _number(function: str, person_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [person_id])
        return int(cursor.fetchone()[0])


def _report(emptied: int, person_id: UUID) -> ErasureReport:
    kept = _number("read_alerts_person_survey", person_id)
    return ErasureReport(
        destroyed=(Destroyed(TABLE, EMPTIED, emptied),), kept=(Kept(TABLE, ALERTS, kept, WHY, "7 years"),)
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report(_number("read_alerts_person_words", person_id), person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report(_number("read_alerts_person_erase", person_id), person_id)


register_eraser(Eraser(71, "audit.read_alerts", survey=_survey, erase=_erase))
