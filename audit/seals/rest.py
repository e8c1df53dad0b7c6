"""What no seal covers: events without a leaf, leaves without a seal, and words that are not those of their event."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from audit.models import Seal
from audit.seals.chain import Gap
from audit.seals.copying import copied
from audit.seals.report import Fault, Report

# Events and leaves are cut at the same instants: month is compared with month, whatever the size of the whole.
BY_PARTITION = "SELECT set_config('enable_partitionwise_join', 'on', true)"

UNSEALED = """
WITH bare AS MATERIALIZED (
  SELECT e.id, e.xact FROM audit_event e LEFT JOIN audit_sealleaf l ON l.id = e.id WHERE l.id IS NULL
), judged AS (
  SELECT id, xact, CASE
    WHEN xact < {horizon} THEN 1
    WHEN {at_home} AND xact >= pg_snapshot_xmax(pg_current_snapshot())
      AND xact IS DISTINCT FROM pg_current_xact_id_if_assigned() THEN 2
    ELSE 0 END AS fault
  FROM bare
)
SELECT NULL::uuid, count(*)::text, 0 FROM judged WHERE fault = 0
UNION ALL
SELECT id, xact::text, fault FROM judged WHERE fault > 0
"""

STRAYS = """
SELECT l.seal_id, s.number, count(*), encode(min(uuid_send(l.id)), 'hex')
FROM audit_sealleaf l LEFT JOIN audit_seal s ON s.id = l.seal_id
WHERE s.id IS NULL OR (l.id BETWEEN s.first_id AND s.last_id) IS NOT TRUE
GROUP BY l.seal_id, s.number
"""

LABELS = """
SELECT * FROM (
  SELECT w.id, CASE
    WHEN e.id IS NULL THEN 1
    WHEN e.label_digest IS NULL THEN 2
    WHEN audit_label_digest(w.id, w.salt, w.actor_label, w.subject_label, w.address, w.reason) <> e.label_digest THEN 3
    ELSE 0 END AS fault
  FROM audit_label w LEFT JOIN audit_event e ON e.id = w.id
) judged WHERE fault > 0
"""


def prove_rest(
    report: Report, *, latest: Seal | None, at_home: bool, gaps: Iterable[Gap], explained: set[UUID]
) -> None:
    """Note events, leaves and words that nothing covers.

    `latest` is the last seal, `at_home` whether it was made in this cluster, `gaps` what is missing of the chain,
    `explained` the events whose leaf is known to be missing.
    """
    with connection.cursor() as cursor:
        cursor.execute(BY_PARTITION)
    gaps = list(gaps)
    _prove_unsealed(report, latest, at_home, gaps, explained)
    for gap in gaps:
        if gap.events:
            report.notes.append(
                f"{gap.events} events of transactions {gap.start} to {gap.end - 1} have no leaf: they are those of the "
                f"missing seals, or were added."
            )
    _prove_strays(report)
    _prove_labels(report)


def _prove_unsealed(
    report: Report, latest: Seal | None, at_home: bool, gaps: list[Gap], explained: set[UUID]
) -> None:
    horizon = latest.horizon if latest and at_home else 0
    values = {"horizon": str(horizon), "at_home": at_home}
    for event, words, fault in copied(UNSEALED, values, ["uuid", "text", "int4"]):
        number = int(words)
        if not fault:
            report.counts["unsealed"] += number
        elif event in explained:
            continue
        elif fault == 2:
            report.add(
                Fault.EVENT_ADDED, f"event {event} names transaction {number}, which never was", event=event
            )
        elif gap := next((gap for gap in gaps if gap.start <= number < gap.end), None):
            gap.events += 1
        else:
            report.add(
                Fault.EVENT_ADDED,
                f"event {event} was added: its transaction {number} lies below the horizon, and no seal covers it",
                event=event,
            )
    if latest and not at_home and report.counts["unsealed"]:
        report.notes.append(
            f"Seal {latest.number} was made in another cluster: whether the {report.counts['unsealed']} events "
            "without a seal came later cannot be told here. audit_rebase begins a new epoch and covers them."
        )


def _prove_strays(report: Report) -> None:
    found: list[Any] = list(copied(STRAYS, {}, ["uuid", "int8", "int8", "text"]))
    for seal_id, number, count, first in found:
        event = UUID(hex=first)
        if number is None:
            words = f"{count} leaves, the first of event {event}, belong to seal {seal_id}, which is missing"
        else:
            words = f"{count} leaves, the first of event {event}, claim seal {number} and lie outside of it"
        report.add(Fault.LEAF_ADDED, words, seal=number, event=event)


def _prove_labels(report: Report) -> None:
    for event, fault in copied(LABELS, {}, ["uuid", "int4"]):
        if fault == 3:
            report.add(Fault.LABEL_CHANGED, f"the words of event {event} were changed", event=event)
        else:
            reason = "of which there is none" if fault == 1 else "which had none"
            report.add(Fault.LABEL_ADDED, f"words were added to event {event}, {reason}", event=event)
