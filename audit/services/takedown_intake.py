"""Taking in copyright notices: what the claimant wrote, how to reach them, and what it is about."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services.addresses import address_check
from audit.models import TakedownClaimant, TakedownNotice, TakedownTarget
from audit.services.takedown_moves import notice_locked, refuse_own
from audit.takedown_announcements import takedown_received
from audit.takedown_choices import NoticeSource, NoticeStatus, TargetKind
from audit.takedown_clocks import NOTICE_CLOCKS
from audit.takedown_elements import NOTICE_ELEMENTS
from audit.takedown_errors import NoticeRefused
from audit.takedown_references import reference_of
from core.db.clock import database_now
from core.db.refusals import refused_as
from core.encryption import Purpose, keys_for
from streams.models import Archive, Stream

MOST_TARGETS = 500
"""So many things one notice may name here; a longer list is several notices."""

OWNERS: dict[TargetKind, Any] = {TargetKind.ARCHIVE: Archive, TargetKind.STREAM: Stream}


@dataclass(frozen=True)
class Subject:
    """Something that a notice names: an archive or a stream."""

    kind: TargetKind | str
    id: UUID


@dataclass(frozen=True, kw_only=True)
class NewNotice:
    """A notice as it arrived. `elements` are the fields of `NOTICE_ELEMENTS` that it has.

    `source_reference` names the form or mail that it is: taken in twice, it is one notice. `received_at` is UTC, None
    for now; `email` and `postal` are kept encrypted.
    """

    source: NoticeSource | str
    claimant_name: str
    subjects: Sequence[Subject]
    elements: frozenset[str]
    claimant_organisation: str = ""
    email: str = ""
    postal: str = ""
    work_described: str = ""
    jurisdiction: str = "US"
    claims_circumvention: bool = False
    claims_copies: bool = False
    urls_named: int = 0
    words_count: int = 0
    source_reference: str | None = None
    received_at: dt.datetime | None = field(default=None)


@transaction.atomic
def notice_receive(*, new: NewNotice, actor: User | None) -> TakedownNotice:
    """Take in a notice, whether complete or not; its clock starts with its receipt.

    The same form or mail (`source_reference`) taken in again returns the notice that is there. Raises: NoticeRefused
    (named by another text before, received in the future, an element or a subject that does not exist, too many
    subjects), OwnNotice, MalformedAddress, DisposableAddress, KeyMissing. Announces: `takedown_received`.
    """
    names = {element.field for element in NOTICE_ELEMENTS}
    if unknown := set(new.elements) - names:
        raise NoticeRefused(f"A notice has no element {', '.join(sorted(unknown))}.")
    subjects = _subjects(new.subjects)
    if present := _present(new, subjects):
        return present
    refuse_own(actor, _performers(subjects))
    now = database_now()
    received_at = new.received_at or now
    if received_at > now:
        raise NoticeRefused("A notice is received before it is taken in; this date lies in the future.")
    notice = TakedownNotice(
        source=new.source,
        source_reference=new.source_reference,
        received_at=received_at,
        claimant_name=new.claimant_name,
        claimant_organisation=new.claimant_organisation,
        work_described=new.work_described,
        jurisdiction=new.jurisdiction,
        claims_circumvention=new.claims_circumvention,
        claims_copies=new.claims_copies,
        urls_named=new.urls_named,
        words_count=new.words_count,
        due_at=NOTICE_CLOCKS[NoticeStatus.RECEIVED].due(received_at),
        **dict.fromkeys(new.elements, True),
    )
    notice.reference = reference_of(notice.pk, received_at)
    with refused_as(NoticeRefused):
        notice.save(force_insert=True)
        _name(notice, subjects)
    if new.email:
        with keys_for(Purpose.STORE, actor=actor, reason="notice_receive"):
            TakedownClaimant.objects.create(
                notice=notice, email=address_check(new.email), postal=new.postal or None
            )
    takedown_received.send(
        sender=TakedownNotice, actor=actor, subject=notice, detail={"targets": len(subjects)}
    )
    return notice


@transaction.atomic
def notice_name(
    *,
    notice_id: UUID,
    kind: TargetKind | str,
    subject_id: UUID,
    actor: User | None,
    reason: str,
    expected_version: int | None = None,
) -> TakedownNotice:
    """Add something that the notice names, found by its addresses, before the notice is carried out.

    Locks: the notice. Raises: NoticeRefused (named already, no such thing, carried out), OwnNotice, NotThere,
    StaleVersion. Announces: `takedown_received` with what was added.
    """
    notice = notice_locked(notice_id, actor, expected_version)
    subjects = _subjects([Subject(kind, subject_id)])
    refuse_own(actor, _performers(subjects))
    with refused_as(NoticeRefused):
        _name(notice, subjects)
    takedown_received.send(
        sender=TakedownNotice, actor=actor, subject=notice, reason=reason, detail={"added": str(subject_id)}
    )
    return notice


def _subjects(given: Sequence[Subject]) -> list[Subject]:
    for subject in given:
        if subject.kind not in TargetKind.values:
            raise NoticeRefused(f"A notice is about one of: {', '.join(TargetKind.values)}.")
    subjects = sorted({(str(subject.kind), subject.id) for subject in given})
    if len(subjects) > MOST_TARGETS:
        raise NoticeRefused(f"A notice names at most {MOST_TARGETS} things; take it in as several.")
    return [Subject(kind, key) for kind, key in subjects]


def _performers(subjects: Sequence[Subject]) -> set[UUID]:
    found: set[UUID] = set()
    for kind, model in OWNERS.items():
        keys = [subject.id for subject in subjects if subject.kind == kind]
        found.update(model.all_objects.filter(pk__in=keys).values_list("performer_id", flat=True))
    return found


def _name(notice: TakedownNotice, subjects: Sequence[Subject]) -> None:
    TakedownTarget.objects.bulk_create(
        [
            TakedownTarget(notice=notice, subject_kind=subject.kind, subject_id=subject.id)
            for subject in subjects
        ]
    )
    notice.refresh_from_db(fields=["performer_ids"])


def _present(new: NewNotice, subjects: Sequence[Subject]) -> TakedownNotice | None:
    """The notice that this form or mail became before. Raises NoticeRefused when it said something else then."""
    if new.source_reference is None:
        return None
    known = TakedownNotice.objects.filter(source=new.source, source_reference=new.source_reference).first()
    if known is None:
        return None
    named = set(known.targets.values_list("subject_kind", "subject_id"))
    same = (known.claimant_name, known.claimant_organisation, known.work_described) == (
        new.claimant_name,
        new.claimant_organisation,
        new.work_described,
    )
    if not same or not named >= {(str(subject.kind), subject.id) for subject in subjects}:
        raise NoticeRefused(f"{new.source_reference} was taken in before, with another text.")
    return known
