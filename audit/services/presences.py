"""Who has a case open on the screen."""

from datetime import timedelta
from uuid import UUID

from django.db import connection, models
from django.db.models.functions import Now

from accounts.models import User
from audit.models import CasePresence

SEEN_LATELY = timedelta(minutes=2)
"""Somebody whose page was open so long ago is taken to look at it still."""


def presence_note(*, case_id: UUID, actor: User) -> None:
    """Note that the actor has the case open now, in one statement; without a case that they may see, nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_casepresence (case_id, moderator_id, seen_at) "
            "SELECT c.id, %s, statement_timestamp() FROM audit_case c WHERE c.id = %s "
            "ON CONFLICT (case_id, moderator_id) DO UPDATE SET seen_at = excluded.seen_at",
            [actor.pk, case_id],
        )


def presences_of(*, case_id: UUID, actor: User) -> models.QuerySet[CasePresence]:
    """Colleagues who have the case open, the actor left out."""
    return (
        CasePresence.objects.filter(case=case_id, seen_at__gt=Now() - SEEN_LATELY)
        .exclude(moderator=actor.pk)
        .select_related("moderator")
        .order_by("-seen_at")
    )
