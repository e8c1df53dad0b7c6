"""Who looked at files among the evidence."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import Evidence
from audit.moderation_announcements import evidence_viewed
from core.db.locking import NotThere


@transaction.atomic
def evidence_view_record(*, evidence_id: UUID, actor: User) -> Evidence:
    """Record that somebody asked to see a file.

    Locks: nothing. Raises: NotThere. Announces: `evidence_viewed`.
    """
    found = Evidence.objects.select_related("case").filter(pk=evidence_id).first()
    if found is None:
        raise NotThere("There is no such piece of evidence, or your role may not see it.")
    evidence_viewed.send(sender=Evidence, actor=actor, subject=found.case, detail={"evidence": str(found.pk)})
    return found
