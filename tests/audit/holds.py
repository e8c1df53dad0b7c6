"""Legal holds of the tests, placed by the service as compliance."""

from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from audit.models import LegalHold
from audit.services.legal_holds import legal_hold_place, legal_hold_release
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff

REASON = "a court in Hamburg ordered it"

SENTENCE = "A legal hold keeps this as it is"
DISCREET = "cannot be changed or deleted at present"


def place(kind: str, scope_id: UUID, actor: User | None = None, **fields: Any) -> LegalHold:
    """A hold of a court on something, without end unless `until` says so."""
    actor = actor or staff(Role.COMPLIANCE)
    values = {
        "authority_kind": "court",
        "authority": "Amtsgericht Hamburg",
        "reference": "57 Gs 1/26",
        "basis": "sections 94 and 98 StPO",
        "reason": REASON,
        **fields,
    }
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return legal_hold_place(scope_kind=kind, scope_id=scope_id, actor=actor, **values)


def release(hold: LegalHold, actor: User | None = None, reason: str = "the order was lifted") -> LegalHold:
    """Released by somebody else."""
    actor = actor or staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return legal_hold_release(legal_hold_id=hold.pk, actor=actor, reason=reason)


def on_person(user_id: UUID, until: datetime | None = None) -> LegalHold:
    return place("person", user_id, until=until)
