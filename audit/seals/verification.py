"""Proving the trail, or naming what is wrong with it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from audit.models import Seal
from audit.seals.chain import Chain
from audit.seals.departed import Departed
from audit.seals.head import Head, head_json
from audit.seals.leaves import Leaves
from audit.seals.report import Report
from audit.seals.rest import prove_rest
from audit.seals.signing import PublicKeys
from audit.services.seals import is_at_home, moment

ONE_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
NO_HURRY = "SELECT set_config('statement_timeout', '0', true), set_config('transaction_timeout', '0', true)"


def trail_verify(
    *, keys: PublicKeys, kept: Head | None = None, progress: Callable[[Seal], None] = lambda seal: None
) -> Report:
    """Prove chain, signatures, events, leaves and words, in one snapshot; changes nothing.

    `kept` is a head that was stored elsewhere, `progress` is called after each seal. Memory does not grow with the
    trail. Raises KeyMalformed.
    """
    with one_snapshot():
        return _verify(keys, kept, progress)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """A transaction that sees one instant, however long it takes, and writes nothing; within one, that is its own."""
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute(ONE_SNAPSHOT)
                cursor.execute(NO_HURRY)
        yield


def _verify(keys: PublicKeys, kept: Head | None, progress: Callable[[Seal], None]) -> Report:
    report = Report(counts=_counts())
    chain = Chain(keys, report, kept)
    leaves = Leaves(report, Departed.recorded())
    explained: set[UUID] = set()
    for link in chain.links():
        explained |= leaves.prove(link)
        if link.opens and link.before is not None and link.before.epoch < link.seal.epoch:
            report.notes.append(
                f"Epoch {link.seal.epoch} begins with seal {link.seal.number} ({link.seal.sealed_at:%Y-%m-%d %H:%M} "
                f"UTC): the trail was rebased, and {link.seal.event_count} events were covered as they stood then."
            )
        progress(link.seal)
    latest = chain.latest
    at_home = latest is None or is_at_home(latest, moment())
    prove_rest(report, latest=latest, at_home=at_home, gaps=chain.gaps, explained=explained)
    if latest is None:
        report.notes.append("The trail was never sealed: nothing is proven of it.")
    else:
        report.head = head_json(latest)
    return report


def _counts() -> Counter[str]:
    return Counter(dict.fromkeys(("seals", "events", "unsealed", "expired"), 0))
