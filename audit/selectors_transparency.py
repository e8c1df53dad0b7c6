"""The numbers of the yearly transparency report (Regulation (EU) 2022/2065, articles 15 and 24).

What is counted is what came in, was decided or was imposed between two days (UTC). Rows are found by their keys, which
carry the time. Read as compliance: other roles would count what they may see.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from audit.errors import TransparencyRefused
from audit.moderation_choices import (
    AppealSide,
    AutomationDegree,
    EffectAxis,
    EffectKind,
    ReportCategory,
    ReportSource,
)
from core.db.clock import database_now
from core.models.identity import uuid7_floor

LONGEST = timedelta(days=366)
"""A report covers a year at most (article 15(1): at least once a year)."""

EARLIEST = date(1970, 1, 1)
"""Rows are found by their keys, which carry no earlier time."""

NOTICES = """
SELECT r.category,
  count(*),
  count(*) FILTER (WHERE r.source = 'trusted_flagger'),
  count(*) FILTER (WHERE r.status <> 'received'),
  count(*) FILTER (WHERE r.status = 'upheld' AND d.ground = 'law'),
  count(*) FILTER (WHERE r.status = 'upheld' AND d.ground = 'terms'),
  count(*) FILTER (WHERE d.automated_decision = 'full'),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.decided_at - r.created_at))
    FILTER (WHERE r.decided_at IS NOT NULL)
FROM audit_report r
LEFT JOIN LATERAL (
  SELECT v.ground, d.automated_decision
  FROM audit_decision d LEFT JOIN audit_policyversion v ON v.id = d.policy_version_id
  WHERE d.case_id = r.case_id AND d.id > r.id AND d.kind = 'original' ORDER BY d.id LIMIT 1
) d ON true
WHERE r.id >= %s AND r.id < %s AND r.source = ANY (%s)
GROUP BY r.category ORDER BY r.category
"""

MEASURES = """
SELECT s.category, x.axis,
  count(*) FILTER (WHERE s.source IS NULL OR s.source IN ('automatic', 'staff')),
  count(*) FILTER (WHERE s.source IN ('user', 'trusted_flagger', 'authority')),
  count(*) FILTER (WHERE s.automated_detection),
  count(*) FILTER (WHERE s.automated_decision = 'full'),
  count(*) FILTER (WHERE s.ground = 'law'),
  count(*) FILTER (WHERE s.submitted_at IS NOT NULL)
FROM audit_statementofreasons s, unnest(s.restrictions) AS x (axis)
WHERE s.id >= %s AND s.id < %s
GROUP BY s.category, x.axis ORDER BY s.category, x.axis
"""

COMPLAINTS = """
SELECT a.side,
  count(*),
  count(*) FILTER (WHERE a.status = 'upheld'),
  count(*) FILTER (WHERE a.status = 'overturned'),
  count(*) FILTER (WHERE a.status = 'inadmissible'),
  count(*) FILTER (WHERE a.status IN ('filed', 'reviewing')),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.reviewed_at - a.filed_at))
    FILTER (WHERE a.reviewed_at IS NOT NULL)
FROM audit_appeal a WHERE a.id >= %s AND a.id < %s
GROUP BY a.side ORDER BY a.side
"""

AUTOMATION = """
SELECT d.automated_decision,
  count(*),
  count(*) FILTER (WHERE d.outcome = 'violation'),
  count(*) FILTER (WHERE d.automated_detection),
  count(*) FILTER (WHERE r.id IS NOT NULL)
FROM audit_decision d LEFT JOIN audit_decision r ON r.reverses_id = d.id
WHERE d.id >= %s AND d.id < %s AND d.kind = 'original'
GROUP BY d.automated_decision ORDER BY d.automated_decision
"""

SUSPENSIONS = """
SELECT e.kind, count(*), count(DISTINCT e.person_id)
FROM audit_decisioneffect e
WHERE e.id >= %s AND e.id < %s AND e.kind = ANY (%s) AND e.undoes_id IS NULL
GROUP BY e.kind ORDER BY e.kind
"""

SUSPENDING = (EffectKind.SUSPEND, EffectKind.BAR_UPLOAD, EffectKind.BAR_STREAM, EffectKind.BAR_REPORT)
"""Article 23: of those who frequently provide illegal content, and of those who frequently complain without ground."""


@dataclass(frozen=True)
class Table:
    """One table of the report: rows with as many cells as there are columns, the first one a name.

    A cell is a number, or a median as a timedelta, None where nothing was measured.
    """

    code: str
    title: str
    source: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    @property
    def totals(self) -> tuple[Any, ...]:
        """The sums of the columns of numbers; '' below names and medians, which cannot be added."""
        cells = zip(*self.rows, strict=True)
        return tuple(sum(column) if all(isinstance(cell, int) for cell in column) else "" for column in cells)


@dataclass(frozen=True)
class TransparencyReport:
    """The report of the days from `first` to `last`, both of them included."""

    first: date
    last: date
    tables: list[Table]


def transparency_report(first: date, last: date) -> TransparencyReport:
    """The numbers of these days, in six queries.

    Raises: TransparencyRefused (days that go backwards, have not begun, lie before 1970, or are more than a year).
    """
    _check(first, last)
    low, high = _floor(first), _floor(last + timedelta(days=1))
    period = (low, high)
    notices = [ReportSource.USER.value, ReportSource.TRUSTED_FLAGGER.value]
    return TransparencyReport(
        first,
        last,
        [
            Table(
                "orders",
                "Orders and notices of authorities",
                "article 15(1)(a)",
                ("Category", *NOTICE_COLUMNS),
                _notices(period, [ReportSource.AUTHORITY.value]),
            ),
            Table(
                "notices",
                "Notices of users and trusted flaggers",
                "article 15(1)(b)",
                ("Category", *NOTICE_COLUMNS),
                _notices(period, notices),
            ),
            Table(
                "measures",
                "Restrictions imposed, by what is reasoned in statements",
                "articles 15(1)(c) and 24(5)",
                (
                    "Category",
                    "Restriction",
                    "On our own initiative",
                    "After a notice",
                    "Found by a machine",
                    "Decided by a machine alone",
                    "Illegal content",
                    "In the transparency database",
                ),
                [
                    (_category(category), EffectAxis(axis).label, *numbers)
                    for category, axis, *numbers in _rows(MEASURES, period)
                ],
            ),
            Table(
                "complaints",
                "Complaints against decisions",
                "article 15(1)(d)",
                (
                    "By whom",
                    "Filed",
                    "Decision upheld",
                    "Decision overturned",
                    "Inadmissible",
                    "Not decided yet",
                    "Median time",
                ),
                [
                    (AppealSide(side).label, *numbers, _span(median))
                    for side, *numbers, median in _rows(COMPLAINTS, period)
                ],
            ),
            Table(
                "automation",
                "Decisions, by how far a machine made them",
                "article 15(1)(e)",
                ("Made by", "Decisions", "Violations", "Found by a machine", "Reversed since"),
                [
                    (AutomationDegree(degree).label, *numbers)
                    for degree, *numbers in _rows(AUTOMATION, period)
                ],
            ),
            Table(
                "suspensions",
                "Suspensions for misuse",
                "articles 23 and 24(1)(b)",
                ("What", "Imposed", "People"),
                [
                    (EffectKind(kind).label, *numbers)
                    for kind, *numbers in _rows(SUSPENSIONS, (*period, [kind.value for kind in SUSPENDING]))
                ],
            ),
        ],
    )


NOTICE_COLUMNS = (
    "Received",
    "By trusted flaggers",
    "Decided",
    "Acted on: the law",
    "Acted on: the terms",
    "Decided by a machine alone",
    "Median time",
)


def _notices(period: tuple[Any, Any], sources: list[str]) -> list[tuple[Any, ...]]:
    return [
        (ReportCategory(category).label, *numbers, _span(median))
        for category, *numbers, median in _rows(NOTICES, (*period, sources))
    ]


def _check(first: date, last: date) -> None:
    if last < first:
        raise TransparencyRefused("The last day lies before the first one. Turn them round.")
    if last - first >= LONGEST:
        raise TransparencyRefused("A report covers a year at most. Choose days that lie closer together.")
    if first < EARLIEST:
        raise TransparencyRefused(f"Nothing was written down before {EARLIEST}. Choose a later first day.")
    if first > database_now().astimezone(UTC).date():
        raise TransparencyRefused("These days have not begun. Choose a first day until today.")


def _floor(day: date) -> Any:
    return uuid7_floor(datetime.combine(day, time.min, UTC))


def _rows(sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()  # type: ignore[no-any-return]


def _span(seconds: Any) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=float(seconds))


def _category(name: str) -> str:
    return name.removeprefix("STATEMENT_CATEGORY_").replace("_", " ").capitalize()
