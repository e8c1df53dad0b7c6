"""What becomes of words about somebody who is erased in the archive of partitions: their key is destroyed."""

from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, register_eraser

WORDS = "the key in the archive of partitions: the words about the person in its files are lost with it"


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [person_id])
        (keys,) = cursor.fetchone()
    return ErasureReport(destroyed=(Destroyed("audit_archivekey", WORDS, keys),))


def _survey(person_id: UUID) -> ErasureReport:
    return _report("archive_key_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("archive_key_destroy", person_id)


register_eraser(Eraser(69, "audit.partition_archive", survey=_survey, erase=_erase))
