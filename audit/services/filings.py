"""Filings to authorities until they go out: prepared, written, handed over, approved by another, or dropped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from audit.filing_announcements import (
    filing_approved,
    filing_dropped,
    filing_prepared,
    filing_returned,
    filing_revised,
    filing_submitted,
)
from audit.filing_choices import FilingKind, FilingStatus
from audit.filing_errors import FilingRefused, OwnFiling
from audit.filing_rules import FILING_RULES
from audit.models import Case, ComplianceFiling
from core.announcements import Announcement
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.encryption import Purpose, keys_for

LONGEST = 20_000
"""Characters of the words of one filing; longer material is attached at the authority."""

OWN = "This is about yourself. A colleague of compliance handles it."
NOT_YOURS_TO_DECIDE = "Who wrote a filing does not decide about it. Ask a colleague of compliance."


@transaction.atomic
def filing_prepare(
    *,
    kind: FilingKind | str,
    actor: User,
    reason: str,
    aware_at: datetime | None = None,
    authority: str = "",
    legal_basis: str = "",
    person_id: UUID | None = None,
    case_id: UUID | None = None,
    takedown_id: UUID | None = None,
    reporting_year: int | None = None,
    due_at: datetime | None = None,
    words: str = "",
) -> ComplianceFiling:
    """Begin a filing; its clock runs from `aware_at` (UTC), by the law of its kind. Runs as compliance.

    Authority and legal basis are those of `FILING_RULES` unless named. `due_at` may be earlier than the law's; an order
    brings its own. A tax report takes `reporting_year` and no `aware_at`. `words` are encrypted. Raises: FilingRefused
    (no such kind, nobody named where the law asks for somebody, a date that makes no sense, no authority), OwnFiling,
    NotThere (no such person or case). Announces: `filing_prepared`.
    """
    if kind not in FilingKind.values:
        raise FilingRefused(f"A filing is one of: {', '.join(FilingKind.labels)}.")
    known = FILING_RULES[FilingKind(kind)]
    _check_about(actor, person_id, case_id)
    if known.about and person_id is None and case_id is None:
        raise FilingRefused("Name the person or the case that it is about.")
    if kind == FilingKind.TAX_REPORT and reporting_year is None:
        raise FilingRefused("Give the year that the tax report is about.")
    if kind != FilingKind.TAX_REPORT and aware_at is None:
        raise FilingRefused("Say when the house became aware of it: the deadline runs from then.")
    filing = ComplianceFiling(
        kind=kind,
        authority=authority.strip() or known.authority,
        legal_basis=legal_basis.strip() or known.basis,
        # The trigger computes what is not given.
        aware_at=aware_at,  # type: ignore[misc]
        due_at=due_at,  # type: ignore[misc]
        person_id=person_id,
        case_id=case_id,
        takedown_id=takedown_id,
        reporting_year=reporting_year,
        prepared_by=actor,
    )
    if not filing.authority:
        raise FilingRefused("Name the authority to which it goes.")
    return filing_write(filing, words, actor, reason, filing_prepared)


@transaction.atomic
def filing_revise(
    *,
    filing_id: UUID,
    words: str,
    actor: User,
    reason: str,
    authority: str = "",
    legal_basis: str = "",
    expected_version: int | None = None,
) -> ComplianceFiling:
    """Write a draft anew; who does so is one of its authors from then on, and cannot approve it. Runs as compliance.

    Empty authority or legal basis stay as they are. Locks: the filing. Raises: FilingRefused (no draft, no words, too
    many), OwnFiling, NotThere, StaleVersion. Announces: `filing_revised`.
    """
    filing = filing_locked(filing_id, actor, expected_version)
    if filing.status != FilingStatus.DRAFT:
        raise FilingRefused(
            f"This filing is: {filing.get_status_display().lower()}. Only a draft is rewritten."
        )
    filing.words = filing_words(words, needed=True)
    changed = ["words"]
    for name, value in (("authority", authority.strip()), ("legal_basis", legal_basis.strip())):
        if value:
            setattr(filing, name, value)
            changed.append(name)
    with keys_for(Purpose.STORE, actor=actor, reason="filing_revise"), refused_as(FilingRefused):
        filing.save(update_fields=changed)
    return _told(filing, filing_revised, actor, reason, changed)


@transaction.atomic
def filing_submit(
    *, filing_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ComplianceFiling:
    """Hand a draft over to somebody who approves it. Runs as compliance.

    Locks: the filing. Raises: FilingRefused (nothing is written yet), OwnFiling, IllegalTransition, NotThere,
    StaleVersion. Announces: `filing_submitted`.
    """
    filing = filing_locked(filing_id, actor, expected_version)
    if not ComplianceFiling.objects.filter(pk=filing.pk, words__isnull=False).exists():
        raise FilingRefused("Write what is reported first.")
    return filing_move(filing, FilingStatus.SUBMITTED, filing_submitted, actor, reason)


@transaction.atomic
def filing_approve(
    *, filing_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ComplianceFiling:
    """Approve what a colleague wrote; it can be filed from then on. Runs as compliance.

    Locks: the filing. Raises: OwnFiling (the actor wrote a word of it, or is whom it is about), FilingRefused,
    IllegalTransition, NotThere, StaleVersion. Announces: `filing_approved`.
    """
    filing = filing_locked(filing_id, actor, expected_version)
    ComplianceFiling.status_machine.check(filing.status, FilingStatus.APPROVED)
    _refuse_author(filing, actor)
    return filing_move(filing, FilingStatus.APPROVED, filing_approved, actor, reason)


@transaction.atomic
def filing_return(
    *, filing_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ComplianceFiling:
    """Make a draft again of what waits for approval or was approved and is not out. Runs as compliance.

    Locks: the filing. Raises: OwnFiling, IllegalTransition, NotThere, StaleVersion. Announces: `filing_returned`.
    """
    filing = filing_locked(filing_id, actor, expected_version)
    return filing_move(filing, FilingStatus.DRAFT, filing_returned, actor, reason)


@transaction.atomic
def filing_drop(
    *, filing_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ComplianceFiling:
    """Decide that nothing is filed, as GDPR art. 33(1) and (5) has it for a breach without risk; never one's own draft.

    Runs as compliance. Locks: the filing. Raises: OwnFiling (the actor wrote a word of it), IllegalTransition,
    NotThere, StaleVersion. Announces: `filing_dropped`.
    """
    filing = filing_locked(filing_id, actor, expected_version)
    ComplianceFiling.status_machine.check(filing.status, FilingStatus.DROPPED)
    _refuse_author(filing, actor)
    return filing_move(filing, FilingStatus.DROPPED, filing_dropped, actor, reason)


def filing_locked(filing_id: UUID, actor: User, expected_version: int | None) -> ComplianceFiling:
    """The filing, locked until the transaction ends. Raises: OwnFiling, NotThere, StaleVersion."""
    filing = locked(ComplianceFiling, filing_id, expected_version=expected_version)
    if filing.person_id == actor.pk:
        raise OwnFiling(OWN)
    return filing


def filing_words(words: str, *, needed: bool = False) -> str | None:
    """The words as they are stored; None for none. Raises: FilingRefused."""
    words = words.strip()
    if needed and not words:
        raise FilingRefused("Write what is reported.")
    if len(words) > LONGEST:
        raise FilingRefused(f"Write at most {LONGEST:,} characters; attach longer material at the authority.")
    if "\x00" in words:
        raise FilingRefused("This contains signs that cannot be stored. Write it as plain text.")
    return words or None


def filing_write(
    filing: ComplianceFiling, words: str, actor: User, reason: str, announcement: Announcement
) -> ComplianceFiling:
    """Save a new filing with its encrypted words, and announce it. Raises: FilingRefused, KeyMissing."""
    filing.words = filing_words(words)
    with keys_for(Purpose.STORE, actor=actor, reason="filing_prepare"), refused_as(FilingRefused):
        filing.save(force_insert=True)
    filing.refresh_from_db()
    return _told(filing, announcement, actor, reason, ())


def filing_move(
    filing: ComplianceFiling,
    status: FilingStatus,
    announcement: Announcement,
    actor: User,
    reason: str,
    **changes: Any,
) -> ComplianceFiling:
    """Move a locked filing and save what changes with it. Raises: IllegalTransition, FilingRefused."""
    ComplianceFiling.status_machine.check(filing.status, status)
    filing.status = status
    for name, value in changes.items():
        setattr(filing, name, value)
    with refused_as(FilingRefused):
        filing.save(update_fields=["status", *changes])
    filing.refresh_from_db()
    return _told(filing, announcement, actor, reason, ("status", *changes))


def _told(
    filing: ComplianceFiling, announcement: Announcement, actor: User, reason: str, changed: Sequence[str]
) -> ComplianceFiling:
    announcement.send(
        sender=ComplianceFiling,
        actor=actor,
        subject=filing,
        reason=reason,
        changed=tuple(changed),
        detail={"kind": str(filing.kind), "number": filing.number},
    )
    return filing


def _refuse_author(filing: ComplianceFiling, actor: User) -> None:
    if actor.pk in filing.writer_ids:
        raise OwnFiling(NOT_YOURS_TO_DECIDE)


def _check_about(actor: User, person_id: UUID | None, case_id: UUID | None) -> None:
    if person_id is not None:
        if str(person_id) == str(actor.pk):
            raise OwnFiling(OWN)
        if not User.objects.filter(pk=person_id).exists():
            raise NotThere("There is nobody with this id. Look it up on the person's page.")
    if case_id is not None:
        about = Case.objects.filter(pk=case_id).values_list("person_id", flat=True).first()
        if about is None:
            raise NotThere("There is no such case. Take its id from its page.")
        if about == actor.pk:
            raise OwnFiling(OWN)
