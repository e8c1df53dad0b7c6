"""Handing out the proof of an event: to a court, a person or an auditor who trusts nobody here."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.announcements import event_proof_made
from audit.models import Event
from audit.seals.proof import event_proof
from core.db.context import current_role
from core.db.roles import Role
from core.errors import NotPermitted

PROVERS = (Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR)


@transaction.atomic
def event_proof_make(*, event_id: UUID, with_words: bool, actor: User, reason: str) -> dict[str, Any]:
    """The proof of a sealed event, for `json.dumps`; `verify_proof` checks it without the database.

    `with_words` adds names, address and reason as they were, where they were not erased: personal data, for who may
    have them. Raises: NotPermitted (a role that does not oversee), EventNotFound, NotProvable.
    Announces: `event_proof_made`.
    """
    if current_role() not in PROVERS:
        raise NotPermitted("Only those who oversee the trail hand out proofs of it.")
    proof = event_proof(event_id, with_words=with_words)
    event_proof_made.send(
        sender=Event,
        actor=actor,
        subject=Event.objects.get(pk=event_id),
        reason=reason,
        detail={"seal": proof["seal"]["number"], "with_words": proof["words"] is not None},
    )
    return proof
