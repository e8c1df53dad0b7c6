"""What the last runs and rehearsals found, by class of retention: read from their records, nothing is counted anew."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from audit.choices import RetentionDuty
from audit.models import RetentionPolicy, RetentionRun

UNITS = {"D": "day", "M": "month", "Y": "year"}
DAYS = {"D": 1, "M": 30, "Y": 365}


def spoken_period(period: str | None) -> str:
    """A period in words: 13 months; a dash for none."""
    if period is None:
        return "–"
    unit = "minute" if "T" in period else UNITS[period[-1]]
    count = period.strip("PTDMY")
    return f"{count} {unit}" if count == "1" else f"{count} {unit}s"


def _length(period: str) -> float:
    count = int(period.strip("PTDMY"))
    return count / 1440 if "T" in period else float(count * DAYS[period[-1]])


@dataclass
class ClassTotal:
    """All tables that are kept equally long. `over`, `held`, `bound`, `free` are rows, as last counted.

    `free` may go: what the run deletes, and, where nobody obeys yet, what waits. `uncounted` tables were never counted;
    `since` is when the count that is longest ago was made.
    """

    period: str
    tables: int = 0
    waiting: list[str] = field(default_factory=list)
    uncounted: int = 0
    over: int = 0
    held: int = 0
    bound: int = 0
    free: int = 0
    deleted: int = 0
    archived: int = 0
    partitions: int = 0
    since: datetime | None = None

    def order(self) -> float:
        """Sorts the longest first."""
        return -_length(self.period)

    @property
    def name(self) -> str:
        """The class in words."""
        return spoken_period(self.period)

    def add(self, policy: RetentionPolicy, run: RetentionRun | None) -> None:
        """Count a table with what its latest run or rehearsal found."""
        self.tables += 1
        if policy.duty == RetentionDuty.WAITS:
            self.waiting.append(policy.table_name)
        if run is None:
            self.uncounted += 1
            return
        self.over += run.found
        self.held += run.held
        self.bound += run.bound
        self.deleted += run.deleted
        self.archived += run.archived
        self.free += run.found - run.held - run.bound - run.deleted - run.archived
        self.partitions += run.partitions
        self.since = min(self.since, run.started_at) if self.since else run.started_at


def latest_runs() -> Iterator[tuple[RetentionPolicy, RetentionRun | None]]:
    """Every policy with a period, and its latest run or rehearsal. Two queries, by index."""
    latest = RetentionRun.objects.filter(policy_id=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    policies: Any = RetentionPolicy.objects.filter(period__isnull=False).annotate(latest_id=Subquery(latest))
    found = list(policies.order_by("table_name"))
    runs = RetentionRun.objects.in_bulk([one.latest_id for one in found if one.latest_id])
    for policy in found:
        yield policy, runs.get(policy.latest_id)


def class_totals() -> list[ClassTotal]:
    """The totals of each class, the longest first."""
    found: dict[str, ClassTotal] = {}
    for policy, run in latest_runs():
        found.setdefault(policy.period or "", ClassTotal(policy.period or "")).add(policy, run)
    return sorted(found.values(), key=ClassTotal.order)
