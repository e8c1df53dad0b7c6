"""Erasing the words of the trail about a person; the events stay, and stay proven."""

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from audit.announcements import labels_erased
from core.db.context import current_role
from core.db.refusals import refused_as
from core.db.roles import Role
from core.errors import NotPermitted, Refused

ERASE = "SELECT audit_labels_erase(%s)"


@transaction.atomic
def labels_erase(*, person_id: UUID, actor: Any, reason: str) -> int:
    """Erase the words of every event that a person caused or that was about the person; returns how many.

    For compliance: names as they were, addresses, reasons. The reason given here is kept, so it names nobody. Raises
    NotPermitted in another role, Refused while a legal hold covers the person. Announces: `labels_erased`, without the
    person's name.
    """
    if current_role() is not Role.COMPLIANCE:
        raise NotPermitted("Only compliance erases the words about a person.")
    with refused_as(Refused):
        erased = labels_of_erased(person_id=person_id)
    # A person without a handle, since what is told is written down.
    nameless = User(pk=person_id, handle=None)
    labels_erased.send(sender=User, actor=actor, subject=nameless, reason=reason, detail={"labels": erased})
    return erased


def labels_of_erased(*, person_id: UUID) -> int:
    """The same for an account that was erased in this transaction, in whatever role; recorded by that alone.

    PostgreSQL refuses it for an account that is not erased.
    """
    with connection.cursor() as cursor:
        cursor.execute(ERASE, [person_id])
        return int(cursor.fetchone()[0])
