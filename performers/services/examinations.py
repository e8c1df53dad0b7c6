"""Identity: declared by performers with documents, examined and decided by compliance, revealed with a reason."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.encryption import Purpose, keys_for
from core.encryption.reveal import Revealed, reveal
from performers.announcements import identity_declared, performer_accepted, performer_rejected
from performers.choices import IdentityDocumentKind, PerformerStatus, RejectionGround, Verdict
from performers.errors import AdmissionRefused, IdentityRefused
from performers.models import IdentityDocument, IdentityRecord, PerformerProfile
from performers.models.identity_document import PROOFS
from performers.services.admission import refuse_own
from performers.services.countries import country_check

DECLARABLE = (
    PerformerStatus.DRAFT,
    PerformerStatus.REJECTED,
    PerformerStatus.EXPIRED,
    PerformerStatus.VERIFIED,
    PerformerStatus.PAUSED,
)
STANDING = (PerformerStatus.VERIFIED, PerformerStatus.PAUSED)
LONGEST_NAME = 200
LONGEST_REFERENCE = 500
OLDEST = dt.date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class SubmittedDocument:
    """A document as it was uploaded: `expires_on` is its last valid day (UTC), None for a photograph."""

    kind: IdentityDocumentKind
    storage_reference: str = field(repr=False)
    sha256: bytes
    issuing_country: str
    expires_on: dt.date | None = None


@transaction.atomic
def identity_declare(
    *,
    performer_id: UUID,
    legal_name: str,
    birth_date: dt.date,
    documents: Sequence[SubmittedDocument],
    actor: User | None,
) -> IdentityRecord:
    """Declare who one is, with documents; legal name, birth date and where the pictures lie are sealed at once.

    A verified performer does so before documents run out: the admission stands, and compliance examines the new ones.
    The caller acts as the performer. Locks: the profile. Raises: AdmissionRefused (while an application is examined, or
    after leaving), IdentityRefused (no or a malformed name, an impossible date, no document that proves anything, one
    that expired, an unknown country, the same one twice), NotThere. Announces: `identity_declared`.
    """
    profile = locked(PerformerProfile, performer_id)
    if profile.status not in DECLARABLE:
        raise AdmissionRefused(
            "What was declared is being examined, or the performer has left; wait for the decision."
        )
    now = database_now()
    name = _name_checked(legal_name)
    _birth_date_checked(birth_date, now.date())
    countries = [_document_checked(document, now.date()) for document in documents]
    if not any(document.kind in PROOFS for document in documents):
        raise IdentityRefused(
            "Submit a document that proves who you are: a passport, an identity card, or the like."
        )
    with keys_for(Purpose.STORE, actor=actor, reason="identity_declare"), refused_as(IdentityRefused):
        record = IdentityRecord.objects.create(performer=profile, legal_name=name, birth_date=birth_date)
        for document, country in zip(documents, countries, strict=True):
            IdentityDocument.objects.create(
                record=record,
                performer=profile,
                kind=document.kind,
                storage_reference=document.storage_reference,
                sha256=document.sha256,
                issuing_country=country,
                expires_on=document.expires_on,
            )
    if profile.status in STANDING:
        profile.renewal_submitted_at = now
        profile.save(update_fields=["renewal_submitted_at"])
    identity_declared.send(
        sender=IdentityRecord,
        actor=actor,
        subject=profile.user,
        detail={"declaration": str(record.pk), "documents": len(documents)},
    )
    return record


@transaction.atomic
def examination_decide(
    *,
    performer_id: UUID,
    verdict: Verdict | str,
    actor: User,
    reason: str,
    adult_at_examination: bool = False,
    ground: RejectionGround | str | None = None,
    expected_version: int | None = None,
) -> IdentityRecord:
    """Decide an application, or new documents of a performer whose admission stands.

    Whoever examines reveals the birth date, reads it and states whether the person is an adult: accepting needs that.
    A rejected renewal leaves the admission as it is, until the old documents run out. Runs as compliance. Locks: the
    profile. Raises: OwnAdmission, AdmissionRefused (nothing waits, not stated to be an adult, no ground, documents that
    expired meanwhile, decided by somebody else), NotThere, StaleVersion. Announces: `performer_accepted` or
    `performer_rejected`.
    """
    verdict = Verdict(verdict)
    profile = locked(PerformerProfile, performer_id, expected_version=expected_version)
    refuse_own(profile, actor)
    is_renewal = profile.status in STANDING and profile.renewal_submitted_at is not None
    if profile.status != PerformerStatus.SUBMITTED and not is_renewal:
        raise AdmissionRefused("Nothing waits for an examination here; somebody may have decided meanwhile.")
    if verdict is Verdict.ACCEPTED and not adult_at_examination:
        raise AdmissionRefused(
            "Only an adult is accepted. Reveal the birth date, and state that the person is one."
        )
    if verdict is Verdict.REJECTED and ground is None:
        raise AdmissionRefused("Say on which ground: the performer is told.")
    declaration = IdentityRecord.objects.unexamined().filter(performer_id=profile.pk).first()
    if declaration is None:
        raise AdmissionRefused("There is no declaration that nobody has examined.")
    now = database_now()
    with refused_as(AdmissionRefused):
        record = IdentityRecord.objects.create(
            performer=profile,
            declaration=declaration,
            legal_name=declaration.legal_name,
            birth_date=declaration.birth_date,
            verdict=verdict,
            ground=None if ground is None else RejectionGround(ground),
            adult_at_examination=adult_at_examination,
            examined_by=actor,
            examined_at=now,
        )
    _carry_out(profile, verdict, now, is_renewal=is_renewal, reason=reason)
    announcement = performer_accepted if verdict is Verdict.ACCEPTED else performer_rejected
    announcement.send(
        sender=IdentityRecord,
        actor=actor,
        subject=profile.user,
        reason=reason,
        changed=("renewal_submitted_at",) if is_renewal else ("status",),
        detail={"examination": str(record.pk), "ground": record.ground, "renewal": is_renewal},
    )
    return record


def _carry_out(
    profile: PerformerProfile, verdict: Verdict, now: dt.datetime, *, is_renewal: bool, reason: str
) -> None:
    changed = ["renewal_submitted_at"] if is_renewal else ["status"]
    profile.renewal_submitted_at = None
    if not is_renewal:
        profile.status = PerformerStatus.VERIFIED if verdict is Verdict.ACCEPTED else PerformerStatus.REJECTED
    if verdict is Verdict.ACCEPTED:
        profile.verified_at = now
        changed.append("verified_at")
    profile._change_reason = reason or None  # type: ignore[attr-defined]
    with refused_as(AdmissionRefused):
        profile.save(update_fields=changed)


def examination_accept(
    *,
    performer_id: UUID,
    adult_at_examination: bool,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> IdentityRecord:
    """`examination_decide` with the verdict that accepts."""
    return examination_decide(
        performer_id=performer_id,
        verdict=Verdict.ACCEPTED,
        adult_at_examination=adult_at_examination,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


def examination_reject(
    *,
    performer_id: UUID,
    ground: RejectionGround | str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> IdentityRecord:
    """`examination_decide` with the verdict that rejects; that somebody is no adult is a ground."""
    return examination_decide(
        performer_id=performer_id,
        verdict=Verdict.REJECTED,
        ground=ground,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


def identity_reveal(
    *, identity_record_id: UUID, actor: User, reason: str, case_reference: str = ""
) -> Revealed:
    """Open legal name and birth date of one record for an examiner, recorded and once.

    Raises: NotThere, RevealRefused, KeyMissing (a process without the private key). Announces: `data_revealed`.
    """
    record = IdentityRecord.objects.filter(pk=identity_record_id).first()
    if record is None:
        raise NotThere("There is no such identity record, or your role may not see it.")
    return reveal(
        subject=record,
        fields=["legal_name", "birth_date"],
        person_id=record.performer_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )


def document_reveal(
    *, identity_document_id: UUID, actor: User, reason: str, case_reference: str = ""
) -> Revealed:
    """Open where the picture of one document lies, recorded and once. As `identity_reveal`."""
    document = IdentityDocument.objects.filter(pk=identity_document_id).first()
    if document is None:
        raise NotThere("There is no such identity document, or your role may not see it.")
    return reveal(
        subject=document,
        fields=["storage_reference"],
        person_id=document.performer_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )


def _name_checked(legal_name: str) -> str:
    """The database cannot look into what is sealed: this is the only look."""
    name = legal_name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or not any(map(str.isalpha, name)):
        raise IdentityRefused(f"Write the name as the document shows it, in 1 to {LONGEST_NAME} characters.")
    return name


def _birth_date_checked(birth_date: dt.date, today: dt.date) -> None:
    if not OLDEST <= birth_date <= today:
        raise IdentityRefused("This is no date of birth of a living person.")


def _document_checked(document: SubmittedDocument, today: dt.date) -> str:
    """The issuing country's code. Raises IdentityRefused for a document that cannot prove anything."""
    reference = document.storage_reference
    if not 1 <= len(reference.strip()) <= LONGEST_REFERENCE or not reference.isprintable():
        raise IdentityRefused("The document was not stored. Upload it again.")
    if document.expires_on is not None and document.expires_on < today:
        raise IdentityRefused(
            f"This document expired on {document.expires_on:%Y-%m-%d}. Submit one that is still valid."
        )
    return country_check(document.issuing_country, IdentityRefused)
