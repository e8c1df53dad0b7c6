"""Handing statements of reasons to the transparency database of the Commission, without undue delay (DSA art. 24(5)).

The platform makes the records and keeps which of them were taken; whoever holds the access to the database sends them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.announcements import statement_submitted
from audit.decision_errors import RecordInvalid
from audit.errors import TransparencyRefused
from audit.models import StatementOfReasons
from audit.transparency_records import as_transparency_record
from core.db.clock import database_now

AT_ONCE = 100
"""Statements that the database takes in one request (https://transparency.dsa.ec.europa.eu/page/api-documentation)."""


@dataclass
class Waiting:
    """Records that the database does not know yet, the oldest first, and statements that it would refuse, with why."""

    records: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, RecordInvalid] = field(default_factory=dict)


def records_waiting(*, limit: int = AT_ONCE) -> Waiting:
    """The records of the oldest `limit` statements that can be handed over and were not. Changes nothing.

    As the worker. Those that would be refused stand in nobody's way, however many they are: they are named, and passed
    over.
    """
    waiting = Waiting()
    unknown = StatementOfReasons.objects.filter(submitted_at__isnull=True).order_by("pk")
    for statement in unknown.iterator(chunk_size=AT_ONCE):
        try:
            waiting.records.append(as_transparency_record(statement))
        except RecordInvalid as error:
            waiting.refused[statement.platform_identifier] = error
        if len(waiting.records) == limit:
            break
    return waiting


@transaction.atomic
def statements_submitted(*, identifiers: Sequence[str], actor: User | None) -> int:
    """Keep that the database took these statements, by their `puid`; returns how many are newly so. As the worker.

    A second call with the same ones changes nothing. Locks: the statements, in the order of their keys. Raises:
    TransparencyRefused (there is no such statement; nothing is kept then). Announces: `statement_submitted`, once each.
    """
    wanted = set(identifiers)
    known = StatementOfReasons.objects.filter(platform_identifier__in=wanted)
    if missing := sorted(wanted - set(known.values_list("platform_identifier", flat=True))):
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise TransparencyRefused(f"There is no statement {', '.join(missing[:3])}{more}.")
    fresh = list(known.select_for_update().filter(submitted_at__isnull=True).order_by("pk"))
    now = database_now()
    for statement in fresh:
        statement.submitted_at = now
        statement.save(update_fields=["submitted_at"])
        statement_submitted.send(
            sender=StatementOfReasons, actor=actor, subject=statement, changed=("submitted_at",)
        )
    return len(fresh)
