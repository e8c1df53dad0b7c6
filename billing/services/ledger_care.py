"""Care of the ledger: balances are settled and proven every night, and made anew when they must be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from billing.announcements import ledger_rebased, ledger_rebuilt
from billing.errors import JournalRefused
from billing.models import LedgerAccount, LedgerEpoch, LedgerProof
from core.db.context import acting
from core.db.refusals import refused_as
from core.db.roles import Role

BATCH = 1000
"""Accounts of one transaction."""

EVEN = (
    "SELECT p.currency, sum(p.amount)::text FROM billing_posting p GROUP BY p.currency HAVING sum(p.amount) <> 0 "
    "ORDER BY p.currency"
)
UNBALANCED = (
    "SELECT j.id FROM billing_journalentry j LEFT JOIN billing_posting p ON p.entry_id = j.id "
    "GROUP BY j.id, p.currency HAVING coalesce(sum(p.amount), 1) <> 0 LIMIT %s"
)
ORPHANS = (
    "SELECT p.id FROM billing_posting p WHERE NOT EXISTS (SELECT FROM billing_journalentry j WHERE j.id = p.entry_id) "
    "OR NOT EXISTS (SELECT FROM billing_ledgeraccount a WHERE a.id = p.account_id AND a.currency = p.currency) LIMIT %s"
)
NEGATIVE = (
    "SELECT p.code FROM billing_ledgerproof p WHERE p.guard <> 'none' AND p.recomputed < 0 "
    "ORDER BY p.code LIMIT %s"
)
CLUSTER = "SELECT system_identifier FROM pg_control_system()"
MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the ledger, in words."""

    fault: str
    words: str


def ledger_prove() -> list[Finding]:
    """Prove the whole ledger, or say what is wrong with it; reads everything, changes nothing.

    Every entry sums to zero in each currency, every posting has its entry and account, every balance is the sum of its
    postings, no guarded account is below zero, and the ledger is in the cluster of its epoch.
    """
    return [*_moved(), *_uneven(), *_different(), *_negative()]


def _ask(statement: str, *parameters: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall()


def _moved() -> Iterator[Finding]:
    ((here,),) = _ask(CLUSTER)
    epoch = LedgerEpoch.objects.order_by("-number").first()
    if epoch is None or epoch.cluster != here:
        yield Finding("cluster", "The ledger came from another cluster. Run ledger_rebase.")


def _uneven() -> Iterator[Finding]:
    for currency, rest in _ask(EVEN):
        yield Finding("uneven", f"All postings of {currency} sum to {rest} and not to zero.")
    for (entry,) in _ask(UNBALANCED, MOST_FINDINGS):
        yield Finding("entry", f"Entry {entry} has no postings, or they do not balance.")
    for (posting,) in _ask(ORPHANS, MOST_FINDINGS):
        yield Finding("orphan", f"Posting {posting} has no entry, no account, or the wrong currency.")


def _different() -> Iterator[Finding]:
    for row in LedgerProof.objects.exclude(difference=0).order_by("code")[:MOST_FINDINGS]:
        yield Finding("balance", f"{row.code} shows {row.shown}, its postings sum to {row.recomputed}.")


def _negative() -> Iterator[Finding]:
    for (code,) in _ask(NEGATIVE, MOST_FINDINGS):
        yield Finding("negative", f"{code} is below zero.")


def _accounts_after(after: UUID) -> list[UUID]:
    """Keys of the next accounts, in their order."""
    return list(
        LedgerAccount.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]
    )


def ledger_roll_forward() -> int:
    """Settle every balance up to where no transaction still runs; how many changed. Run nightly as the worker.

    A transaction for each thousand accounts. Locks: their balances, in the order of keys; skips what others hold.
    """
    rolled = 0
    after: UUID | None = UUID(int=0)
    while after is not None:
        with acting(Role.WORKER):
            batch = _accounts_after(after)
            ((count,),) = _ask("SELECT ledger_roll_forward(%s::uuid[])", batch)
        rolled += count
        after = batch[-1] if batch else None
    return rolled


@transaction.atomic
def ledger_rebuild(*, actor: User | None = None) -> int:
    """Make every balance anew from its postings; how many were wrong. Runs as the owner.

    Locks: all balances, in the order of keys; credits to earnings go on. Announces: `ledger_rebuilt`.
    """
    wrong = LedgerProof.objects.exclude(difference=0).count()
    after = UUID(int=0)
    while batch := _accounts_after(after):
        _ask("SELECT count(*) FROM ledger_rebuild(%s::uuid[])", batch)
        after = batch[-1]
    epoch = LedgerEpoch.objects.order_by("-number").first()
    ledger_rebuilt.send(sender=LedgerEpoch, actor=actor, subject=epoch, detail={"wrong": wrong})
    return wrong


@transaction.atomic
def ledger_rebase(*, actor: User | None = None, force: bool = False) -> LedgerEpoch:
    """Begin a new epoch after a restore into another cluster, and make all balances anew. Runs as the owner.

    Locks: the journal against new entries. Raises: JournalRefused (the ledger is at home here) unless `force`.
    Announces: `ledger_rebased`.
    """
    with refused_as(JournalRefused):
        _ask("SELECT ledger_rebase(%s)", force)
    epoch = LedgerEpoch.objects.order_by("-number")[0]
    ledger_rebased.send(sender=LedgerEpoch, actor=actor, subject=epoch, detail={"epoch": epoch.number})
    return epoch
