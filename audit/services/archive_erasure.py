"""What becomes of the archives of somebody who is erased: they do not open any more, and their files go."""

from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

WHY = "proof that a request was answered (GDPR art. 5(2) and 17(3)(b))"


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT files, kept FROM {function}(%s)", [person_id])
        files, kept = cursor.fetchone()
    table = "audit_personalarchive"
    return ErasureReport(
        destroyed=(
            Destroyed(
                table, "archives that were made for the person: their keys, and soon their files", files
            ),
        ),
        kept=(Kept(table, "that an archive was made, when, and how large", kept, WHY, "6 years"),),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("personal_archives_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("personal_archives_erase", person_id)


register_eraser(Eraser(72, "audit.personal_archives", survey=_survey, erase=_erase))
