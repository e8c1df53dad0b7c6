"""The proof of one event: what anybody needs to see, without the database, that it was sealed as it is shown.

A proof is JSON: the event as it is hashed, its place among the leaves of its seal, the path from its leaf to the root
(RFC 6962, section 2.1.1), and the row of the seal with the signature. It grows with the logarithm of the seal.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from audit.errors import EventNotFound, NotProvable, ProofMalformed
from audit.models import Label, Seal, SealLeaf
from audit.models.trail.label import label_digest
from audit.seals.copying import copied
from audit.seals.digests import EventColumns, SealColumns, event_digest, seal_head
from audit.seals.merkle import audit_path, root_of_path
from audit.seals.report import Fault, Report
from audit.seals.signing import PublicKeys, is_genuine

FORMAT = "versbottomlex audit proof 1"

EVENT = """
SELECT area, action, actor_id, acting_role, subject_type, subject_id, changed, detail::text, request_id, label_digest,
  xact::text::numeric
FROM audit_event WHERE id = %s
"""
DIGESTS = (
    "SELECT digest FROM audit_sealleaf WHERE seal_id = {seal} AND id BETWEEN {first} AND {last} ORDER BY id"
)
WORDS = ("actor_label", "subject_label", "address", "reason")


def event_proof(event_id: UUID, *, with_words: bool) -> dict[str, Any]:
    """The proof of a sealed event, for `json.dumps`; with its words where they were not erased, if they are wanted.

    Reads the leaves of one seal, and keeps none. Raises EventNotFound; NotProvable for an event that no seal covers
    yet, or of whose seal the leaves do not give the root.
    """
    event = _event(event_id)
    leaf = SealLeaf.objects.filter(pk=event_id).select_related("seal__previous").first()
    if leaf is None:
        raise NotProvable("No seal covers this event yet. Events are sealed every minute: ask again then.")
    seal = leaf.seal
    values = {"seal": seal.pk, "first": seal.first_id, "last": seal.last_id}
    digests = (bytes(digest) for (digest,) in copied(DIGESTS, values, ["bytea"]))
    try:
        root, count, path = audit_path(digests, leaf.place)
    except IndexError:
        root, count, path = b"", 0, []
    if (root, count) != (bytes(seal.root), seal.event_count):
        raise NotProvable(
            f"The leaves of seal {seal.number} do not give its root any more: events of it have left the trail, or "
            "were tampered with. Have the trail verified."
        )
    label = Label.objects.filter(pk=event_id).first() if with_words else None
    return {
        "format": FORMAT,
        "event": _event_json(event),
        "words": _words_json(label) if label else None,
        "place": leaf.place,
        "path": [step.hex() for step in path],
        "seal": _seal_json(seal),
    }


def proof_check(document: Mapping[str, Any], keys: PublicKeys) -> Report:
    """Whether the event of a proof is the one that was sealed and signed; asks nothing but the proof and the keys.

    Raises ProofMalformed for what is no proof, KeyMalformed.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ProofMalformed(f'This is no proof of an event: its "format" is to be "{FORMAT}".')
    try:
        return _check(document, keys)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ProofMalformed(
            "The proof is damaged: a part of it is missing or is not what it should be."
        ) from None


def proof_of(path: Path) -> dict[str, Any]:
    """The proof in a file. Raises ProofMalformed."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProofMalformed(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ProofMalformed(f"{path} is no JSON: give the file that was saved as proof.") from None
    return found


def _check(document: Mapping[str, Any], keys: PublicKeys) -> Report:
    report = Report()
    event, seal = _event_of(document["event"]), document["seal"]
    columns, head = _seal_of(seal), bytes.fromhex(seal["head"])
    path = [bytes.fromhex(step) for step in document["path"]]
    number = columns.number
    if root_of_path(event_digest(event), document["place"], columns.event_count, path) != columns.root:
        report.add(
            Fault.EVENT_CHANGED,
            f"event {event.id} is not one of those of seal {number}: it or its path was changed",
            seal=number,
            event=event.id,
        )
    if seal_head(columns) != head:
        report.add(Fault.SEAL_CHANGED, f"seal {number} does not give its head: it was changed", seal=number)
    key = keys.find(columns.key_number)
    if key is None:
        report.add(
            Fault.KEY_UNKNOWN,
            f"nothing here knows key {columns.key_number}: give its public half by --public-key",
            seal=number,
        )
    elif not is_genuine(key, head, bytes.fromhex(seal["signature"])):
        report.add(
            Fault.SEAL_FORGED,
            f"the signature of seal {number} was not made by key {columns.key_number}",
            seal=number,
        )
    words = document["words"]
    if words is not None and _words_digest(event.id, words) != event.label_digest:
        report.add(Fault.LABEL_CHANGED, f"the words of event {event.id} were changed", event=event.id)
    return report


def _event(event_id: UUID) -> EventColumns:
    with connection.cursor() as cursor:
        cursor.execute(EVENT, [event_id])
        row = cursor.fetchone()
    if row is None:
        raise EventNotFound(
            "There is no event with this id. The id stands on the page of the event in the trail."
        )
    area, action, actor, role, kind, subject, changed, detail, request, label, xact = row
    return EventColumns(
        id=event_id,
        area=area,
        action=action,
        actor_id=actor,
        acting_role=role,
        subject_type=kind,
        subject_id=subject,
        changed=changed,
        detail=detail,
        request_id=request,
        label_digest=bytes(label) if label is not None else None,
        xact=int(xact),
    )


def _event_json(event: EventColumns) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "area": event.area,
        "action": event.action,
        "actor_id": _text(event.actor_id),
        "acting_role": event.acting_role,
        "subject_type": event.subject_type,
        "subject_id": str(event.subject_id),
        "changed": list(event.changed),
        "detail": event.detail,
        "request_id": _text(event.request_id),
        "label_digest": event.label_digest.hex() if event.label_digest is not None else None,
        "xact": event.xact,
    }


def _event_of(held: Mapping[str, Any]) -> EventColumns:
    return EventColumns(
        id=UUID(held["id"]),
        area=held["area"],
        action=held["action"],
        actor_id=_identity(held["actor_id"]),
        acting_role=held["acting_role"],
        subject_type=held["subject_type"],
        subject_id=UUID(held["subject_id"]),
        changed=held["changed"],
        detail=held["detail"],
        request_id=_identity(held["request_id"]),
        label_digest=_octets(held["label_digest"]),
        xact=held["xact"],
    )


def _seal_json(seal: Seal) -> dict[str, Any]:
    return {
        "number": seal.number,
        "previous_head": bytes(seal.previous.head).hex() if seal.previous else None,
        "epoch": seal.epoch,
        "horizon": int(seal.horizon),
        "cluster": seal.cluster,
        "event_count": seal.event_count,
        "first_id": _text(seal.first_id),
        "last_id": _text(seal.last_id),
        "root": bytes(seal.root).hex(),
        "sealed_at": seal.sealed_at.isoformat(),
        "key_number": seal.key_number,
        "head": bytes(seal.head).hex(),
        "signature": bytes(seal.signature).hex(),
    }


def _seal_of(held: Mapping[str, Any]) -> SealColumns:
    return SealColumns(
        number=held["number"],
        previous_head=_octets(held["previous_head"]),
        epoch=held["epoch"],
        horizon=held["horizon"],
        cluster=held["cluster"],
        event_count=held["event_count"],
        first_id=_identity(held["first_id"]),
        last_id=_identity(held["last_id"]),
        root=bytes.fromhex(held["root"]),
        sealed_at=datetime.fromisoformat(held["sealed_at"]),
        key_number=held["key_number"],
    )


def _words_json(label: Label) -> dict[str, Any]:
    return {"salt": bytes(label.salt).hex(), **{word: getattr(label, word) for word in WORDS}}


def _words_digest(event_id: UUID, words: Mapping[str, Any]) -> bytes:
    return label_digest(event_id, bytes.fromhex(words["salt"]), *(words[word] for word in WORDS))


def _text(identity: UUID | None) -> str | None:
    return str(identity) if identity is not None else None


def _identity(text: str | None) -> UUID | None:
    return UUID(text) if text is not None else None


def _octets(text: str | None) -> bytes | None:
    return bytes.fromhex(text) if text is not None else None
