"""Notes on cases: for colleagues, for the person concerned, or for those who reported."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.models import Case, CaseEvent
from audit.moderation_announcements import case_noted
from audit.moderation_choices import CaseEventKind, NoteAudience
from audit.moderation_errors import NoteRefused, OwnCase
from core.db.clock import database_now
from core.db.context import current_role
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role


@transaction.atomic
def case_note(
    *, case_id: UUID, actor: User, words: str, audience: NoteAudience | str = NoteAudience.INTERNAL
) -> CaseEvent:
    """Write a note on a case, whoever holds it and whatever its state. It is never changed.

    Locks: the case. Raises: NoteRefused (no words, too many, an audience that is none), OwnCase, NotThere. Announces:
    `case_noted`, without the words.
    """
    if audience not in NoteAudience.values:
        raise NoteRefused("Choose who may read the note.")
    if not words.strip():
        raise NoteRefused("A note says something.")
    case = locked(Case, case_id)
    if case.person_id == actor.pk:
        raise OwnCase("Nobody writes on a case about themselves. Leave it to a colleague.")
    note = CaseEvent(
        case=case,
        person_id=case.person_id,
        kind=CaseEventKind.NOTE,
        audience=audience,
        words=words.strip(),
        actor=actor,
        acting_role=(current_role() or Role.OWNER).value,
        at=database_now(),
    )
    with refused_as(NoteRefused):
        note.save(force_insert=True)
    case_noted.send(sender=Case, actor=actor, subject=case, detail={"audience": str(audience)})
    return note
