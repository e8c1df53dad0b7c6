"""The queues with how much waits in each, for the bar above the list of cases."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef
from django.http import HttpRequest

from audit.models import Case, Queue
from audit.models.moderation.case import UNDECIDED
from core.admin.home import MOST


@dataclass(frozen=True)
class WaitingQueue:
    """A queue and what waits in it for this role: undecided cases, counted up to a hundred."""

    code: str
    name: str
    description: str
    leads_only: bool
    number: int

    @property
    def shown(self) -> str:
        """The number in words of at most three characters."""
        return str(self.number) if self.number < MOST else f"{MOST - 1}+"


def queues_waiting(request: HttpRequest) -> list[WaitingQueue]:
    """Every queue in use or with something in it, in order; one query a request."""
    kept: list[WaitingQueue] | None = getattr(request, "queues_waiting", None)
    if kept is None:
        waiting = Case.objects.filter(UNDECIDED, queue=OuterRef("pk")).order_by()
        number = Func(
            ArraySubquery(waiting.values("pk")[:MOST]), function="cardinality", output_field=IntegerField()
        )
        rows = Queue.objects.annotate(number=number).order_by("position", "name")
        kept = [
            WaitingQueue(row.code, row.name, row.description, row.leads_only, row.number)
            for row in rows
            if row.is_active or row.number
        ]
        request.queues_waiting = kept  # type: ignore[attr-defined]
    return kept
