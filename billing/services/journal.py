"""The journal: the one way into the ledger. Whatever happens to money or tokens is posted here, last of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from accounts.models import User
from billing.announcements import journal_entry_reversed
from billing.errors import JournalRefused, NotCovered, OtherBody, PeriodRefused
from billing.ledger_choices import JournalKind
from billing.models import JournalEntry, Posting, Reversal
from core.db.context import acting
from core.db.locking import NotThere
from core.db.refusals import DATABASE_REFUSALS, refused_as, sentence
from core.db.roles import Role
from core.models.identity import uuid7_derived, uuid7_instant

POST = (
    "SELECT ledger_post(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::timestamptz[], %s::text[], "
    "%s::numeric[], %s::uuid[], %s::integer[], %s::smallint[], %s::uuid[], %s::bigint[], %s::text[], %s::uuid)"
)

REFUSALS: dict[str | None, type[JournalRefused]] = {
    "billing_ledgerbalance_covered": NotCovered,
    "billing_journalentry_body": OtherBody,
    "billing_journalentry_period": PeriodRefused,
}

MOST_LINES = 32_767
"""Postings are numbered by a smallint."""


@dataclass(frozen=True, slots=True)
class Line:
    """One posting to be: minor units of `currency`, credit above zero, debit below."""

    account_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry to be. `id` is a UUIDv7 and the idempotency key; `source` is a table and the key of a row in it.

    `reverses_id` says once only that this takes another entry back; of the kind REVERSAL it mirrors it exactly.
    """

    id: UUID
    kind: JournalKind
    lines: tuple[Line, ...]
    source: tuple[str, UUID] | None = None
    description: str = ""
    rate: Decimal | None = None
    reverses_id: UUID | None = None
    occurred_at: datetime | None = None


@transaction.atomic
def entries_post(*, entries: Sequence[Entry], actor: User | None, period_id: UUID | None = None) -> int:
    """Post entries, all or none, by one statement; returns how many are new. Call it last in a transaction.

    An entry whose key was posted before with the same body passes; with another one it is refused. Without
    `period_id` entries count today, or on the first day of the next open period where this one is closed.
    Locks: guarded accounts, in the order of their keys, and the period against being closed. Raises: NotCovered
    (an account would fall below zero), OtherBody, PeriodRefused, JournalRefused (what else the ledger refuses).
    """
    if not entries:
        return 0
    _check(entries)
    lines = [
        (number, place, line) for number, entry in enumerate(entries, 1) for place, line in _numbered(entry)
    ]
    columns: list[Any] = [
        [entry.id for entry in entries],
        [JournalKind(entry.kind).value for entry in entries],
        [entry.source[0] if entry.source else None for entry in entries],
        [entry.source[1] if entry.source else None for entry in entries],
        [entry.occurred_at for entry in entries],
        [entry.description for entry in entries],
        [entry.rate for entry in entries],
        [entry.reverses_id for entry in entries],
        [number for number, _, _ in lines],
        [place for _, place, _ in lines],
        [line.account_id for _, _, line in lines],
        [line.amount for _, _, line in lines],
        [line.currency for _, _, line in lines],
        period_id,
    ]
    try:
        with acting(Role.WORKER, user_id=actor.pk if actor else None), connection.cursor() as cursor:
            cursor.execute(POST, columns)
            return int(cursor.fetchone()[0])
    except DATABASE_REFUSALS as error:
        name = _constraint(error) if isinstance(error, IntegrityError) else None
        raise REFUSALS.get(name, JournalRefused)(sentence(error)) from error


@transaction.atomic
def entry_reverse(*, entry_id: UUID, reversal_id: UUID, actor: User | None, reason: str) -> UUID:
    """Take an entry back by one that mirrors it; returns the key of that, which is `reversal_id`. Once only.

    A repetition with the same key passes. Locks: as `entries_post`. Raises: NotThere, JournalRefused (was reversed
    already, is a reversal itself, no reason), and what `entries_post` raises. Announces: `journal_entry_reversed`.
    """
    if not reason.strip():
        raise JournalRefused("A reversal says why. Write a reason.")
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        original = JournalEntry.objects.filter(pk=entry_id).first()
        if original is None:
            raise NotThere("There is no such entry.")
        if original.kind == JournalKind.REVERSAL:
            raise JournalRefused("This is a reversal. Post what should stand instead, as a new entry.")
        mirrored = tuple(
            Line(posting.account_id, -posting.amount, posting.currency)
            for posting in Posting.objects.filter(entry_id=entry_id).order_by("position")
        )
        entry = Entry(
            id=reversal_id,
            kind=JournalKind.REVERSAL,
            lines=mirrored,
            source=(original.source_table, original.source_id) if original.source_table else None,  # type: ignore[arg-type]
            rate=original.rate,
            reverses_id=entry_id,
        )
        if entries_post(entries=[entry], actor=actor):
            with refused_as(JournalRefused):
                Reversal.objects.create(entry_id=reversal_id, reason=reason.strip(), decided_by=actor)
            journal_entry_reversed.send(
                sender=JournalEntry,
                actor=actor,
                subject=original,
                reason=reason,
                detail={"kind": original.kind},
            )
    return reversal_id


def adjustment_reverse(*, journalentry_id: UUID, actor: User | None, reason: str) -> UUID:
    """Take back an adjustment that staff made. All else is taken back by what it belongs to: a refund, a return.

    The key follows from that of the entry, so that two clicks are one reversal. Locks, raises, announces as
    `entry_reverse`; also JournalRefused for an entry of another kind.
    """
    kind = JournalEntry.objects.filter(pk=journalentry_id).values_list("kind", flat=True).first()
    if kind is not None and kind != JournalKind.ADJUSTMENT:
        raise JournalRefused(
            "Only adjustments are reversed by hand. Refund the payment or the spend: that gives back tokens and rights "
            "too."
        )
    key = uuid7_derived(uuid7_instant(journalentry_id), "reversal", str(journalentry_id))
    return entry_reverse(entry_id=journalentry_id, reversal_id=key, actor=actor, reason=reason)


def balance_of(account_id: UUID) -> int:
    """The balance of an account in minor units, credit above zero. Raises NotThere where there is no such account."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_balance_of(%s)", [account_id])
        (balance,) = cursor.fetchone()
    if balance is None:
        raise NotThere("There is no such account, or your role may not see it.")
    return int(balance)


def _numbered(entry: Entry) -> list[tuple[int, Line]]:
    return list(enumerate(entry.lines, 1))


def _check(entries: Sequence[Entry]) -> None:
    """What PostgreSQL would not see as it was meant: it takes 1.5 for 2, and one key twice for one."""
    if len({entry.id for entry in entries}) < len(entries):
        raise JournalRefused("Two of these entries have the same key.")
    for entry in entries:
        if entry.id.version != 7:
            raise JournalRefused("The key of an entry is a UUIDv7.")
        if len(entry.lines) > MOST_LINES:
            raise JournalRefused(f"An entry has at most {MOST_LINES:,} postings.")
        for line in entry.lines:
            if type(line.amount) is not int:
                raise JournalRefused("An amount is a whole number of minor units.")


def _constraint(error: IntegrityError) -> str | None:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
