"""Reading what is encrypted or sealed, one row at a time: with a reason, recorded first, and only then shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal

from core.announcements import Announcement
from core.db.context import current_actor_id
from core.encryption.force import keys_for
from core.encryption.purposes import Purpose
from core.encryption.values import Sealed
from core.errors import Refused

SHOWN_SECONDS = 60
"""How long a page shows what it revealed."""

REASON_AT_LEAST = 10

data_revealed = Announcement("data_revealed", "revealed encrypted data of")
"""Sent before anything is decrypted, with `person_id`, `fields` and `case_reference` besides the usual. Whoever keeps
the record returns something; when nobody does, nothing is revealed."""

reveal_refused = Signal()
"""Sent after a refusal, in the transaction that goes on without it: `actor`, `subject`, `person_id`, `refusal`."""


class RevealRefused(Refused):
    """Nothing was revealed."""

    code = "reveal_refused"


class RevealNotRecorded(RevealRefused):
    """Nobody recorded the reading, so it did not happen."""

    code = "reveal_not_recorded"


class TooManyReveals(RevealRefused):
    """The actor has revealed as much as is allowed in this time."""

    code = "too_many_reveals"


@dataclass(frozen=True)
class Revealed:
    """What was revealed: plaintext by field name. Its representation shows none of it."""

    subject: Model
    values: Mapping[str, Any] = field(repr=False)


def reveal(
    *,
    subject: Model,
    fields: Sequence[str],
    person_id: UUID,
    actor: Any,
    reason: str,
    case_reference: str = "",
) -> Revealed:
    """Decrypt the named encrypted or sealed columns of one row, after the reading was recorded.

    `person_id` is whose data it is; `case_reference` names the ticket or case, if there is one. The caller acts in a
    role that may read the row and shows the values once, for `SHOWN_SECONDS` at most; record and reading belong to one
    transaction, so that a page whose transaction fails shows nothing. Announces: `data_revealed`. Raises: RevealRefused
    (no reason, one's own data, nobody recorded it, too many), KeyMissing where this process holds no key for it.
    """
    try:
        _check(person_id, actor, reason)
        with transaction.atomic():
            _record(subject, fields, person_id, actor, reason, case_reference)
            return Revealed(subject, _decrypt(subject, fields, actor, reason))
    except RevealRefused as refusal:
        reveal_refused.send(
            sender=type(subject), actor=actor, subject=subject, person_id=person_id, refusal=refusal
        )
        raise


def _check(person_id: UUID, actor: Any, reason: str) -> None:
    if len(reason.strip()) < REASON_AT_LEAST:
        raise RevealRefused(
            f"Give a reason of at least {REASON_AT_LEAST} characters: it is kept with the reading."
        )
    if actor is None or actor.pk != current_actor_id():
        raise RevealRefused("Only the person who is signed in can reveal, in their own name.")
    if person_id == actor.pk:
        raise RevealRefused("This is your own data; a colleague looks at it if need be.")


def _record(
    subject: Model, fields: Sequence[str], person_id: UUID, actor: Any, reason: str, case_reference: str
) -> None:
    answers = data_revealed.send(
        sender=type(subject),
        actor=actor,
        subject=subject,
        reason=reason,
        detail={"fields": list(fields)},
        person_id=person_id,
        fields=list(fields),
        case_reference=case_reference.strip(),
    )
    if not any(answer for _, answer in answers):
        raise RevealNotRecorded("Nothing was revealed: the reading could not be recorded. Tell an engineer.")


def _decrypt(subject: Model, fields: Sequence[str], actor: Any, reason: str) -> dict[str, Any]:
    with keys_for(Purpose.REVEAL, actor=actor, reason=reason):
        row = type(subject)._base_manager.filter(pk=subject.pk).values(*fields).get()
        return {name: value.open() if isinstance(value, Sealed) else value for name, value in row.items()}
