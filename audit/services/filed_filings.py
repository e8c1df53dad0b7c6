"""Filings that go out: filed, amended, answered, preserved; their words opened; overdue ones told."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from audit.choices import HoldScope, SecurityKind, Severity
from audit.filing_announcements import (
    filing_amendment_prepared,
    filing_answered,
    filing_filed,
    filing_overdue_told,
    filing_preserved,
    filing_words_opened,
)
from audit.filing_choices import FilingKind, FilingOutcome, FilingStatus
from audit.filing_errors import FilingRefused, OwnFiling
from audit.filing_rules import FILING_RULES, FilingRule
from audit.models import ComplianceFiling
from audit.services.filings import OWN, filing_locked, filing_move, filing_write
from audit.services.legal_holds import legal_hold_place
from audit.services.security import security_event_record
from core.db.clock import database_now
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.encryption import Purpose, keys_for
from core.encryption.reveal import REASON_AT_LEAST, Revealed, RevealRefused, reveal

TOLD_EVERY = timedelta(hours=24)
"""An overdue filing is told again after this time."""


@transaction.atomic
def filing_file(
    *,
    filing_id: UUID,
    authority_reference: str,
    actor: User,
    reason: str,
    filed_at: datetime | None = None,
    expected_version: int | None = None,
) -> ComplianceFiling:
    """Note that an approved filing went out, when, and what the authority calls it. Nothing of it changes afterwards.

    A report of child sexual exploitation about a person places the hold of 18 U.S.C. 2258A(h) for a year, in the same
    transaction. An amendment takes the place of what it amends. Runs as compliance. Locks: the filing, what it amends,
    then as a hold does. Raises: FilingRefused (no reference, a time before its approval or in the future, a reference
    that is on record), OwnFiling, IllegalTransition, HoldRefused, NotThere, StaleVersion. Announces: `filing_filed`,
    `legal_hold_placed`.
    """
    if not authority_reference.strip():
        raise FilingRefused("Give the number or receipt that the authority gave it.")
    filing = filing_locked(filing_id, actor, expected_version)
    ComplianceFiling.status_machine.check(filing.status, FilingStatus.FILED)
    if filed_at is not None and filing.approved_at is not None and filed_at < filing.approved_at:
        raise FilingRefused(
            f"It was approved at {filing.approved_at:%Y-%m-%d %H:%M} UTC; it cannot have been filed before."
        )
    filing = filing_move(
        filing,
        FilingStatus.FILED,
        filing_filed,
        actor,
        reason,
        authority_reference=authority_reference.strip(),
        filed_at=filed_at,
    )
    known = FILING_RULES[FilingKind(filing.kind)]
    if known.preserve is not None and filing.person_id is not None and filing.hold_id is None:
        until = database_now() + known.preserve
        filing = _preserve(filing, known, until, actor, f"Filed as {filing.reference}. {reason}"[:2000])
    return filing


@transaction.atomic
def filing_amend(
    *,
    filing_id: UUID,
    actor: User,
    reason: str,
    words: str = "",
    aware_at: datetime | None = None,
    expected_version: int | None = None,
) -> ComplianceFiling:
    """Begin a new version of what was filed, about the same; returns it as a draft that goes the same way.

    Its clock runs from `aware_at` (UTC; None: now), when the house learned what is new. Runs as compliance. Locks: the
    filing. Raises: FilingRefused (it is not out, it was replaced, an amendment is under way), OwnFiling, NotThere,
    StaleVersion. Announces: `filing_amendment_prepared`.
    """
    before = filing_locked(filing_id, actor, expected_version)
    if before.status == FilingStatus.AMENDED:
        raise FilingRefused("This was replaced by a later version. Amend that one.")
    if before.status not in (FilingStatus.FILED, FilingStatus.CLOSED):
        raise FilingRefused("Only what was filed is amended. Revise the draft instead.")
    after = ComplianceFiling(
        kind=before.kind,
        amends=before,
        authority=before.authority,
        legal_basis=before.legal_basis,
        aware_at=aware_at or database_now(),
        person_id=before.person_id,
        case_id=before.case_id,
        takedown_id=before.takedown_id,
        reporting_year=before.reporting_year,
        prepared_by=actor,
    )
    return filing_write(after, words, actor, reason, filing_amendment_prepared)


@transaction.atomic
def filing_answer(
    *,
    filing_id: UUID,
    outcome: FilingOutcome | str,
    actor: User,
    reason: str,
    outcome_at: datetime | None = None,
    expected_version: int | None = None,
) -> ComplianceFiling:
    """Note what the authority made of a filing, and when (UTC; None: now). Runs as compliance.

    Locks: the filing. Raises: FilingRefused (no such outcome, a time before it was filed or in the future), OwnFiling,
    IllegalTransition, NotThere, StaleVersion. Announces: `filing_answered`.
    """
    if outcome not in FilingOutcome.values:
        raise FilingRefused(f"An authority's answer is one of: {', '.join(FilingOutcome.labels)}.")
    filing = filing_locked(filing_id, actor, expected_version)
    return filing_move(
        filing,
        FilingStatus.CLOSED,
        filing_answered,
        actor,
        reason,
        outcome=str(outcome),
        outcome_at=outcome_at,
    )


@transaction.atomic
def filing_preserve(
    *,
    filing_id: UUID,
    actor: User,
    reason: str,
    until: datetime | None = None,
    expected_version: int | None = None,
) -> ComplianceFiling:
    """Place a legal hold over the person whom a filing is about, in the name of its authority, until `until` (UTC).

    None: until somebody releases it. Runs as compliance. Locks: the filing, then as a hold does. Raises: FilingRefused
    (about nobody, preserved already, dropped), HoldRefused, OwnFiling, NotThere, StaleVersion. Announces:
    `filing_preserved`, `legal_hold_placed`.
    """
    filing = filing_locked(filing_id, actor, expected_version)
    if filing.person_id is None:
        raise FilingRefused("This filing is about nobody in particular. Place a hold on its own page.")
    if filing.hold_id is not None:
        raise FilingRefused("A hold was placed with this filing already. Prolong that one.")
    if filing.status == FilingStatus.DROPPED:
        raise FilingRefused("This is not filed, so nothing is kept for it.")
    return _preserve(filing, FILING_RULES[FilingKind(filing.kind)], until, actor, reason)


def filing_words_reveal(*, filing_id: UUID, actor: User, reason: str, case_reference: str = "") -> Revealed:
    """Open the words of a filing, recorded and once. Runs as compliance.

    Whose data was read: the person whom it is about; of a filing about nobody its author, so that a colleague reads
    it. The author of such a filing opens their own words, which the trail says. Raises: NotThere, RevealRefused.
    Announces: `data_revealed`, or `filing_words_opened` for one's own words about nobody.
    """
    filing = ComplianceFiling.objects.filter(pk=filing_id).defer("words").first()
    if filing is None:
        raise NotThere("There is no such filing, or it is about yourself.")
    if not ComplianceFiling.objects.filter(pk=filing_id, words__isnull=False).exists():
        raise NotThere("Nothing is written yet.")
    if filing.person_id is None and filing.prepared_by_id == actor.pk:
        return _open_own(filing, actor, reason)
    return reveal(
        subject=filing,
        fields=["words"],
        person_id=filing.person_id or filing.prepared_by_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )


@transaction.atomic
def filings_tell_overdue(*, batch: int = 100) -> int:
    """Tell by a security event which filings are overdue and were not told within a day; returns how many.

    Runs as the worker; several may share the work. Locks: those filings, by key. Announces: `filing_overdue_told`.
    """
    late = Q(overdue_told_at__isnull=True) | Q(overdue_told_at__lte=Now() - TOLD_EVERY)
    chosen = ComplianceFiling.objects.overdue().filter(late).values_list("pk", flat=True)[:batch]
    filings = list(
        ComplianceFiling.objects.select_for_update(skip_locked=True)
        .filter(late, pk__in=list(chosen))
        .defer("words")
        .order_by("pk")
    )
    for filing in filings:
        security_event_record(
            kind=SecurityKind.FILING_OVERDUE,
            severity=Severity.HIGH,
            detail={"filing": str(filing.pk), "kind": filing.kind, "status": filing.status},
        )
        filing.overdue_told_at = database_now()
        filing.save(update_fields=["overdue_told_at"])
        filing_overdue_told.send(
            sender=ComplianceFiling, actor=None, subject=filing, detail={"kind": filing.kind}
        )
    return len(filings)


def _preserve(
    filing: ComplianceFiling, known: FilingRule, until: datetime | None, actor: User, reason: str
) -> ComplianceFiling:
    if filing.person_id == actor.pk:
        raise OwnFiling(OWN)
    hold = legal_hold_place(
        scope_kind=HoldScope.PERSON,
        scope_id=filing.person_id,  # type: ignore[arg-type]
        authority_kind=known.authority_kind,
        authority=filing.authority,
        reference=filing.authority_reference or filing.reference,
        basis=known.preserve_basis or filing.legal_basis,
        reason=reason,
        until=until,
        actor=actor,
    )
    filing.hold = hold
    with refused_as(FilingRefused):
        filing.save(update_fields=["hold"])
    filing.refresh_from_db()
    filing_preserved.send(
        sender=ComplianceFiling,
        actor=actor,
        subject=filing,
        reason=reason,
        changed=("hold",),
        detail={"hold": str(hold.pk)},
    )
    return filing


def _open_own(filing: ComplianceFiling, actor: User, reason: str) -> Revealed:
    if len(reason.strip()) < REASON_AT_LEAST:
        raise RevealRefused(
            f"Give a reason of at least {REASON_AT_LEAST} characters: it is kept with the reading."
        )
    with transaction.atomic():
        filing_words_opened.send(sender=ComplianceFiling, actor=actor, subject=filing, reason=reason)
        with keys_for(Purpose.EXPORT, actor=actor, reason=reason):
            words = ComplianceFiling.objects.filter(pk=filing.pk).values_list("words", flat=True).get()
    return Revealed(filing, {"words": words})
