"""What moderation says when a lower floor asks whether something may be destroyed."""

from typing import Any

from django.db import connection
from django.dispatch import receiver

from core.vetoes import Veto, purge_requested
from streams.models import Archive


@receiver(purge_requested, sender=Archive)
def keep_what_is_decided_about(sender: Any, archive: Archive, **_: Any) -> Veto | None:
    """An archive stays while a case about it or its stream is open, an appeal is heard, or one is still possible.

    A trigger of the archive asks the same function, so that nobody purges it without asking.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT streams_archive_needed(%s)", [archive.pk])
        (reason,) = cursor.fetchone()
    return Veto(reason) if reason else None
