"""Matching lines of settlement files with what we hold; the rest are exceptions, one for each line."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import settlement_file_matched_again, settlement_line_matched
from billing.errors import MatchRefused
from billing.models import (
    ReconciliationException,
    ReconciliationMatch,
    SettlementFile,
    SettlementLine,
)
from billing.models.reconciliation_exception import UNRESOLVED
from billing.money import money_text
from billing.provider_choices import ExceptionKind, ExceptionResolution, ExceptionStatus
from billing.reconciliation_choices import SettlementCategory, SettlementFileStatus
from billing.services.settlement_locks import file_of_account_lock
from billing.services.settlement_postings import fees_post, transfers_post
from billing.settlement_finders import Candidate, candidates, is_found
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.models.identity import uuid7_floor

BATCH = 2_000
LATE_FACTS = timedelta(days=90)
"""So long a fact may come after the file that settles it."""

LINE = "billing.settlementline"
MATCHED_LATER = "Matched later, when the other side had come."


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a line is matched with nothing."""

    line: SettlementLine
    kind: ExceptionKind
    words: str
    expected: int | None = None


def file_reconcile(file: SettlementFile, actor: User | None) -> None:
    """Match every line of a taken file and make exceptions of the rest. Runs as the worker, under the file's lock."""
    matched = _match(file)
    lines = file.line_count
    file.status, file.reconciled_at = SettlementFileStatus.RECONCILED, database_now()
    file.matched_count, file.exception_count = len(matched), lines - len(matched)
    with refused_as(MatchRefused):
        file.save(update_fields=["status", "matched_count", "exception_count", "reconciled_at"])
    _other_sides(file, matched)
    fees_post(file, actor)
    transfers_post(file, matched, actor)


@transaction.atomic
def settlement_file_match_again(
    *, settlement_file_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> SettlementFile:
    """Look once more for what the unmatched lines of a reconciled file may be: what came late is matched.

    Locks: the files of the account, the file. Raises: MatchRefused (it is not reconciled), NotThere, StaleVersion.
    Announces: `settlement_file_matched_again`, where somebody asked for it.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        file_of_account_lock(settlement_file_id)
        file = locked(SettlementFile, settlement_file_id, expected_version=expected_version)
        if file.status != SettlementFileStatus.RECONCILED:
            raise MatchRefused("Only lines of a reconciled file are matched again.")
        matched = _match(file)
        _settle([line.pk for line in matched])
        _other_sides(file, matched)
        transfers_post(file, matched, actor)
        file.refresh_from_db(fields=["matched_count", "exception_count", "version"])
    if actor is not None:
        settlement_file_matched_again.send(
            sender=SettlementFile,
            actor=actor,
            subject=file,
            reason=reason,
            changed=("matched_count",),
            detail={"lines": len(matched)},
        )
    return file


def settlement_files_match_again(*, limit: int = 200) -> tuple[int, int]:
    """Match again what is left of the latest files of 90 days; returns how many files, and how many lines were matched.

    Each file is a transaction of its own. Runs as the worker, every night.
    """
    with acting(Role.WORKER):
        since = uuid7_floor(database_now() - LATE_FACTS)
        waiting = SettlementFile.objects.filter(
            pk__gte=since, status=SettlementFileStatus.RECONCILED, exception_count__gt=0
        )
        found = list(waiting.order_by("-pk").values_list("pk", "matched_count")[:limit])
    lines = 0
    for pk, matched in found:
        lines += settlement_file_match_again(settlement_file_id=pk, actor=None).matched_count - matched
    return len(found), lines


@transaction.atomic
def settlement_line_match(
    *, settlement_line_id: UUID, reference: str, actor: User, reason: str
) -> ReconciliationMatch:
    """Match a line by hand with what the provider elsewhere calls `reference`, of the same amount and currency.

    Locks: the files of the account, the file of the line. Raises: MatchRefused (matched already, nothing of that name,
    another amount, no reason), NotThere. Announces: `settlement_line_matched`.
    """
    if not reason.strip():
        raise MatchRefused("Say how you know. Write a reason.")
    with acting(Role.WORKER, user_id=actor.pk):
        line = SettlementLine.objects.filter(pk=settlement_line_id).first()
        if line is None:
            raise NotThere("There is no such line of a settlement file.")
        file_of_account_lock(line.settlement_file_id)
        file = locked(SettlementFile, line.settlement_file_id)
        if ReconciliationMatch.objects.filter(line=line).exists():
            raise MatchRefused("This line is matched already.")
        name = reference.strip()
        found = candidates(file, SettlementCategory(line.category), [name]).get(name)
        if found is None:
            raise MatchRefused("Nothing that we hold has this name at the provider.")
        finding = _finding(file, line, found, taken=set())
        if finding is not None:
            raise MatchRefused(finding.words)
        match = ReconciliationMatch(
            line=line,
            subject_type=found.subject_type,
            subject_id=found.subject_id,
            category=line.category,
            matched_by=actor,
            reason=reason.strip(),
        )
        with refused_as(MatchRefused):
            match.save(force_insert=True)
        line.match = match
        _settle([line.pk])
        _other_sides(file, [line])
        transfers_post(file, [line], actor)
    settlement_line_matched.send(
        sender=SettlementFile,
        actor=actor,
        subject=file,
        reason=reason,
        changed=("matched_count",),
        detail={"line": str(line.pk), "with": found.subject_type, "id": str(found.subject_id)},
    )
    return match


def _match(file: SettlementFile) -> list[SettlementLine]:
    """Match the unmatched lines by rule; the others get an exception, unless they have one. Returns those matched."""
    lines = list(SettlementLine.objects.filter(settlement_file=file).unmatched().order_by("position"))
    found: list[tuple[SettlementLine, Candidate]] = []
    findings: list[Finding] = []
    for category in SettlementCategory:
        of_kind = [line for line in lines if line.category == category]
        if not of_kind:
            continue
        names = sorted({line.reference for line in of_kind if line.reference})
        known = candidates(file, category, names) if names else {}
        taken = _taken(category, known.values())
        for line in of_kind:
            candidate = known.get(line.reference)
            finding = _finding(file, line, candidate, taken)
            if finding is not None or candidate is None:
                findings.extend([finding] if finding else [])
                continue
            taken.add((candidate.subject_type, candidate.subject_id))
            found.append((line, candidate))
    matches = [
        ReconciliationMatch(
            line=line, subject_type=it.subject_type, subject_id=it.subject_id, category=line.category
        )
        for line, it in found
    ]
    with refused_as(MatchRefused):
        ReconciliationMatch.objects.bulk_create(matches, batch_size=BATCH)
    for (line, _), match in zip(found, matches, strict=True):
        line.match = match
    _raise(file, findings)
    return [line for line, _ in found]


def _taken(category: str, known: object) -> set[tuple[str, UUID]]:
    """Which of the candidates are settled already, by another line."""
    ids = [it.subject_id for it in known]  # type: ignore[attr-defined]
    rows = ReconciliationMatch.objects.filter(subject_id__in=ids, category=category)
    return set(rows.values_list("subject_type", "subject_id"))


def _finding(
    file: SettlementFile, line: SettlementLine, found: Candidate | None, taken: set[tuple[str, UUID]]
) -> Finding | None:
    """What stands against matching a line with a candidate; None: nothing does."""
    category = SettlementCategory(line.category)
    if found is None:
        if category is SettlementCategory.TRANSFER and line.reference:
            return Finding(
                line, ExceptionKind.NOT_AT_THE_OTHER, "The other side has not reported this transfer yet."
            )
        if not line.reference:
            words = "The line names nothing by which it could be found."
            return Finding(line, ExceptionKind.WITHOUT_REFERENCE, words)
        words = f"We hold nothing of this name. The line is about: {category.label.lower()}."
        if not is_found(category):
            words = f"Lines of this kind belong to nothing that we hold: {category.label.lower()}."
        return Finding(line, ExceptionKind.NOTHING_HELD, words)
    if found.currency != file.currency_id:
        words = f"It is held in {found.currency} and settled in {file.currency_id}."
        return Finding(line, ExceptionKind.CURRENCY_DIFFERS, words)
    if (found.subject_type, found.subject_id) in taken:
        return Finding(
            line, ExceptionKind.SETTLED_TWICE, "Another line has settled this already.", found.amount
        )
    if found.amount != line.gross:
        held = money_text(found.amount, file.currency_id)
        words = f"The file has {money_text(line.gross, file.currency_id)}, we hold {held}."
        return Finding(line, ExceptionKind.AMOUNT_DIFFERS, words, found.amount)
    if found.objection:
        return Finding(line, ExceptionKind.CONTRADICTS, found.objection, found.amount)
    return None


def _raise(file: SettlementFile, findings: list[Finding]) -> None:
    """An exception for each line that never had one."""
    ids = [finding.line.pk for finding in findings]
    known = set(
        ReconciliationException.objects.filter(subject_type=LINE, subject_id__in=ids).values_list(
            "subject_id", flat=True
        )
    )
    with refused_as(MatchRefused):
        ReconciliationException.objects.bulk_create(
            [
                ReconciliationException(
                    kind=finding.kind,
                    provider_account_id=file.provider_account_id,
                    subject_type=LINE,
                    subject_id=finding.line.pk,
                    reference=finding.line.reference,
                    currency_id=file.currency_id,
                    expected_amount=finding.expected,
                    reported_amount=finding.line.gross,
                    words=finding.words,
                    status=ExceptionStatus.OPEN,
                )
                for finding in findings
                if finding.line.pk not in known
            ],
            batch_size=BATCH,
        )


def _settle(line_ids: list[UUID]) -> None:
    """Resolve the exceptions of lines that are matched now, in the order of their keys."""
    waiting = ReconciliationException.objects.filter(
        subject_type=LINE, subject_id__in=line_ids, status__in=UNRESOLVED
    )
    rows = list(waiting.select_for_update().order_by("pk"))
    now = database_now()
    for row in rows:
        row.status, row.resolution = ExceptionStatus.RESOLVED, ExceptionResolution.PROCESSED
        row.reason, row.resolved_at = MATCHED_LATER, now
    ReconciliationException.objects.bulk_update(
        rows, ["status", "resolution", "reason", "resolved_at"], batch_size=BATCH
    )


def _other_sides(file: SettlementFile, matched: list[SettlementLine]) -> None:
    """A transfer that is matched here is matched at the other side too, and an exception there no longer."""
    sides = [line for line in matched if line.match.subject_type == LINE]
    if not sides:
        return
    with refused_as(MatchRefused):
        ReconciliationMatch.objects.bulk_create(
            [
                ReconciliationMatch(
                    line_id=line.match.subject_id,
                    subject_type=LINE,
                    subject_id=line.pk,
                    category=line.category,
                    matched_by=line.match.matched_by,
                    reason=line.match.reason,
                )
                for line in sides
            ],
            batch_size=BATCH,
        )
    _settle([line.match.subject_id for line in sides])
