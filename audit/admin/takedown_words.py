"""Copyright notices in words: the clock of a row, links to what is named, elements as a checklist."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from audit.takedown_clocks import Clock
from audit.takedown_elements import Element

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def instant(value: Any) -> str:
    """An instant in UTC, to the minute."""
    return f"{value:%Y-%m-%d %H:%M}" if value else "–"


def distance(due_at: datetime) -> str:
    """How far an instant is: `in 3 days`, `in 5 hours`, `2 days overdue`."""
    left = due_at - now()
    size = abs(left)
    number, unit = (size // DAY, "day") if size >= DAY else (size // HOUR, "hour")
    amount = f"{number} {unit}{'' if number == 1 else 's'}"
    return f"in {amount}" if left > timedelta() else f"{amount} overdue"


def clock_words(row: Any, clocks: Mapping[str, Clock]) -> str:
    """What has to happen next and by when: `Assess it: 2 days overdue`."""
    clock = clocks.get(row.status)
    return f"{clock.words}: {distance(row.due_at)}" if clock and row.due_at else "–"


def law_words(row: Any, clocks: Mapping[str, Clock]) -> str:
    """Which law sets the clock, and until when exactly."""
    clock = clocks.get(row.status)
    return f"{clock.law}; until {instant(row.due_at)} UTC" if clock and row.due_at else "No clock runs"


def checklist(row: Any, elements: Iterable[Element]) -> SafeString:
    """Every element of the law with whether the row has it."""
    lines = [
        ("yes" if getattr(row, element.field) else "MISSING", element.words, element.law)
        for element in elements
    ]
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {} ({})</li>", lines))


def subject_url(target: Any) -> str:
    """The page of the archive or stream that a target is."""
    return reverse(f"admin:streams_{target.subject_kind}_change", args=[target.subject_id])


def notice_url(notice_id: Any) -> str:
    """The page of a notice."""
    return reverse("admin:audit_takedownnotice_change", args=[notice_id])


def role_words(row: Any) -> str:
    """The role in which a move was made; an import says so."""
    name = row.acting_role.removeprefix("vbl_").replace("_", " ")
    return f"{name}, imported" if row.is_imported else name
