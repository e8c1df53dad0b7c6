"""Settlement files: taken once, read strictly, and reconciled where they add up and follow one another."""

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from billing.announcements import (
    settlement_file_laid_aside,
    settlement_file_reread,
    settlement_file_taken,
)
from billing.errors import SettlementFileRefused
from billing.models import Payout, ProviderAccount, SettlementFile, SettlementLine
from billing.models.settlement_file import LARGEST_FILE
from billing.money import money_text
from billing.reconciliation_choices import (
    QuarantineCause,
    SettlementCategory,
    SettlementFileKind,
    SettlementFileStatus,
)
from billing.services.reconciliation import file_reconcile
from billing.services.settlement_locks import file_of_account_lock, files_lock
from billing.settlement_files.camt053 import camt053_read
from billing.settlement_files.csv_reports import csv_read
from billing.settlement_files.statement import Statement, plain
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import Role

BATCH = 2_000
C = SettlementCategory


@transaction.atomic
def settlement_file_take(
    *,
    provider_account_id: UUID,
    kind: SettlementFileKind | str,
    body: bytes,
    name: str,
    actor: User | None,
    opening: int | None = None,
    closing: int | None = None,
) -> SettlementFile:
    """Take a file: read it, keep it with its lines, and reconcile it; one that does not add up waits in quarantine.

    `opening` and `closing` (minor units) are for reports that name no balances. What cannot be read is refused whole,
    and nothing of it is kept. Locks: the files of the account. Raises: SettlementFileRefused (unreadable, too
    large, taken already), NotThere. Announces: `settlement_file_taken`.
    """
    kind = SettlementFileKind(kind)
    _check_size(body)
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        account = ProviderAccount.objects.filter(pk=provider_account_id).first()
        if account is None:
            raise NotThere("There is no such account at a provider.")
        if kind == SettlementFileKind.PROVIDER_CSV:
            statement = _payouts_apart(
                csv_read(body, account.kind, opening=opening, closing=closing), account
            )
        elif opening is not None or closing is not None:
            raise SettlementFileRefused(
                "A bank statement has balances of its own; leave those of the form empty."
            )
        else:
            statement = camt053_read(body)
        files_lock(account.pk)
        digest = sha256(body).digest()
        _refuse_twice(digest)
        file = SettlementFile(
            provider_account=account,
            kind=kind,
            name=plain(name, 255) or "without a name",
            body=body,
            sha256=digest,
            currency_id=statement.currency,
            opening=statement.opening,
            closing=statement.closing,
            movement=statement.movement,
            fees=statement.fees,
            account_reference=statement.account_reference,
            statement_reference=statement.statement_reference,
            first_day=min((line.booked_on for line in statement.lines), default=None),
            last_day=max((line.booked_on for line in statement.lines), default=None),
            line_count=len(statement.lines),
            taken_by=actor,
        )
        _judge(file)
        with refused_as(SettlementFileRefused):
            file.save(force_insert=True)
            _lines(file, statement)
        if file.status == SettlementFileStatus.TAKEN:
            file_reconcile(file, actor)
    settlement_file_taken.send(
        sender=SettlementFile,
        actor=actor,
        subject=file,
        detail={"status": file.status, "lines": file.line_count, "sha256": digest.hex()},
    )
    return file


@transaction.atomic
def settlement_file_read_again(
    *, settlement_file_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> SettlementFile:
    """Let a quarantined file follow the one before it, which has come meanwhile, and reconcile it.

    Locks: the files of the account, the file. Raises: SettlementFileRefused (it still does not add up or follow;
    says the difference), IllegalTransition, NotThere, StaleVersion. Announces: `settlement_file_reread`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        file_of_account_lock(settlement_file_id)
        file = locked(SettlementFile, settlement_file_id, expected_version=expected_version)
        SettlementFile.status_machine.check(file.status, SettlementFileStatus.TAKEN)
        _judge(file)
        if file.status != SettlementFileStatus.TAKEN:
            raise SettlementFileRefused(f"It still does not fit: {why_quarantined(file)}")
        with refused_as(SettlementFileRefused):
            file.save(update_fields=["status", "quarantine", "gap", "follows"])
        file_reconcile(file, actor)
    settlement_file_reread.send(
        sender=SettlementFile, actor=actor, subject=file, reason=reason, changed=("status",)
    )
    return file


@transaction.atomic
def settlement_file_set_aside(
    *, settlement_file_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> SettlementFile:
    """Set a quarantined file aside for good: it is no settlement of ours, or the right one has come.

    The same bytes may be taken again, since they may have been uploaded for another account. Locks: the file. Raises:
    IllegalTransition, NotThere, StaleVersion. Announces: `settlement_file_laid_aside`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        file = locked(SettlementFile, settlement_file_id, expected_version=expected_version)
        SettlementFile.status_machine.check(file.status, SettlementFileStatus.SET_ASIDE)
        file.status = SettlementFileStatus.SET_ASIDE
        with refused_as(SettlementFileRefused):
            file.save(update_fields=["status"])
    settlement_file_laid_aside.send(
        sender=SettlementFile, actor=actor, subject=file, reason=reason, changed=("status",)
    )
    return file


def why_quarantined(file: SettlementFile) -> str:
    """The difference in a sentence; empty where there is none."""
    if file.quarantine == QuarantineCause.DOES_NOT_FOOT:
        too_much = money_text(file.closing - file.opening - file.movement, file.currency_id)
        return f"opening balance and lines give {too_much} less than the closing balance."
    if file.quarantine == QuarantineCause.DOES_NOT_FOLLOW:
        return f"it opens with {money_text(file.gap or 0, file.currency_id)} more than the last file closed with."
    return ""


def _payouts_apart(statement: Statement, account: ProviderAccount) -> Statement:
    """Tell payouts that we made from transfers to our own bank, where a provider calls both alike, as Stripe does."""
    names = {line.reference for line in statement.lines if line.category is C.TRANSFER and line.reference}
    ours = set(
        Payout.objects.filter(provider_account=account, provider_reference__in=names).values_list(
            "provider_reference", flat=True
        )
    )
    lines = tuple(
        replace(line, category=C.PAYOUT if line.gross < 0 else C.PAYOUT_RETURN)
        if line.category is C.TRANSFER and line.reference in ours
        else line
        for line in statement.lines
    )
    return replace(statement, lines=lines)


def _check_size(body: bytes) -> None:
    if not body:
        raise SettlementFileRefused("The file is empty.")
    if len(body) > LARGEST_FILE:
        raise SettlementFileRefused(
            f"The file has {len(body) / 1024 / 1024:.1f} MB; at most {LARGEST_FILE // 1024 // 1024} MB are read. "
            "Have it exported in shorter periods."
        )


def _refuse_twice(digest: bytes) -> None:
    known = (
        SettlementFile.objects.filter(sha256=digest)
        .exclude(status=SettlementFileStatus.SET_ASIDE)
        .values_list("created_at", "name")
        .first()
    )
    if known is not None:
        raise SettlementFileRefused(
            f"This very file was taken already, on {known[0]:%Y-%m-%d at %H:%M} UTC as {known[1]!r}."
        )


def _judge(file: SettlementFile) -> None:
    """Whether a file adds up and follows the last one: sets status, quarantine, gap and what it follows."""
    last = last_of(file)
    file.gap = None if last is None else file.opening - last.closing
    file.follows = None
    if file.closing - file.opening != file.movement:
        file.status, file.quarantine = SettlementFileStatus.QUARANTINED, QuarantineCause.DOES_NOT_FOOT
    elif file.gap:
        file.status, file.quarantine = SettlementFileStatus.QUARANTINED, QuarantineCause.DOES_NOT_FOLLOW
    else:
        file.status, file.quarantine, file.follows = SettlementFileStatus.TAKEN, None, last


def last_of(file: SettlementFile) -> SettlementFile | None:
    """The last live file of the same account: the one that no other follows."""
    chain = SettlementFile.objects.live().filter(
        provider_account_id=file.provider_account_id,
        kind=file.kind,
        account_reference=file.account_reference,
        currency_id=file.currency_id,
    )
    followers = SettlementFile.objects.live().filter(follows_id=OuterRef("pk"))
    return chain.filter(~Exists(followers)).without_body().order_by("-pk").first()


def _lines(file: SettlementFile, statement: Statement) -> None:
    SettlementLine.objects.bulk_create(
        [
            SettlementLine(
                settlement_file=file,
                position=position,
                category=line.category,
                reference=line.reference,
                booked_on=line.booked_on,
                gross=line.gross,
                fee=line.fee,
                net=line.gross - line.fee,
                words=line.words,
            )
            for position, line in enumerate(statement.lines, 1)
        ],
        batch_size=BATCH,
    )
