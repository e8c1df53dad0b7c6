"""Cases in words: how long is left, why so urgent, who holds it, what was done."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.dateparse import parse_datetime, parse_duration
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.models import Appeal, Case
from audit.models.moderation.case import WAITING
from audit.moderation_choices import CaseStatus, EffectKind, EffectResult, ReportCategory

SOON = timedelta(hours=4)


def length_words(length: timedelta) -> str:
    """A length of time by its largest unit: 25 minutes, 3 hours, 2 days."""
    minutes = int(abs(length).total_seconds() // 60)
    for size, word in ((24 * 60, "day"), (60, "hour")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {word}{'s' * (number != 1)}"
    return f"{minutes} minute{'s' * (minutes != 1)}"


def is_waiting(case: Case) -> bool:
    """Whether somebody still has to decide."""
    return case.status in WAITING


def due_words(case: Case, now: datetime | None = None) -> str:
    """When it is due, or when it was decided."""
    if not is_waiting(case):
        return f"decided {case.decided_at:%Y-%m-%d %H:%M}" if case.decided_at else "not decided"
    return _left_words(case.due_at - (now or timezone.now()))


def _left_words(left: timedelta) -> str:
    return f"overdue by {length_words(left)}" if left <= timedelta(0) else f"in {length_words(left)}"


def due_badge(case: Case, now: datetime | None = None) -> SafeString:
    """The same, marked by sign and colour: neither alone says it."""
    if not is_waiting(case):
        return format_html('<span class="due">{}</span>', due_words(case, now))
    return _badge(case.due_at, now or timezone.now())


def appeal_badge(appeal: Appeal) -> SafeString:
    """When an appeal is due, or when it ended."""
    if appeal.reviewed_at is not None:
        return format_html('<span class="due">ended {}</span>', moment(appeal.reviewed_at))
    return _badge(appeal.due_at, timezone.now())


def _badge(due_at: datetime, now: datetime) -> SafeString:
    words, instant = _left_words(due_at - now), f"{due_at:%Y-%m-%d %H:%M} UTC"
    if due_at <= now:
        kind, sign = "due-over", "⚠ "
    elif due_at - now <= SOON:
        kind, sign = "due-soon", "◷ "
    else:
        kind, sign = "due-later", ""
    return format_html(
        '<span class="due {}" title="{}"><span aria-hidden="true">{}</span>{}</span>',
        kind,
        instant,
        sign,
        words,
    )


def labels(values: Iterable[str], choices: type[TextChoices]) -> str:
    """Values of a list of choices, in words."""
    known = dict(choices.choices)
    return ", ".join(known.get(value, value) for value in values)


def category_words(case: Case) -> str:
    """What is said to be wrong: the first two kinds, and how many more."""
    first = labels(case.categories[:2], ReportCategory)
    more = len(case.categories) - 2
    return f"{first} and {more} more" if more > 0 else first or "–"


def explanation(case: Case) -> list[tuple[str, int]]:
    """Words and points of each part of the priority."""
    return [(str(part.get("words", "")), int(part.get("points", 0))) for part in case.priority_explanation]


def explanation_words(case: Case) -> str:
    """Why so urgent, in one line."""
    return "; ".join(f"{words} {points:+}" for words, points in explanation(case)) or "No rule matched"


def priority_badge(case: Case) -> SafeString:
    """The priority with its explanation, readable without pointing at it."""
    return format_html(
        '<strong class="priority">{}</strong> <small class="why" title="{}">{}</small>',
        case.priority,
        explanation_words(case),
        "; ".join(f"{words} {points:+}" for words, points in explanation(case)[:2]),
    )


def is_held(case: Case, now: datetime | None = None) -> bool:
    """Whether somebody's lease runs at this moment."""
    return case.claimed_until is not None and case.claimed_until > (now or timezone.now())


def state_words(case: Case, now: datetime | None = None) -> str:
    """Where it stands: a claim whose lease has run out is no claim."""
    if case.status == CaseStatus.CLAIMED and not is_held(case, now):
        return "Free again"
    route = f" to {case.get_escalation_route_display().lower()}" if case.escalation_route else ""
    return f"{case.get_status_display()}{route if case.status == CaseStatus.ESCALATED else ''}"


def names(handles: Iterable[str]) -> str:
    """Handles as people say them: anna, ben and carl."""
    known = list(handles)
    if len(known) < 2:
        return "".join(known)
    return f"{', '.join(known[:-1])} and {known[-1]}"


def moment(value: Any) -> str:
    """An instant to the minute, given as one or as text in ISO 8601."""
    instant = parse_datetime(value) if isinstance(value, str) else value
    return f"{instant.astimezone(timezone.get_default_timezone()):%Y-%m-%d %H:%M}" if instant else ""


def effect_words(effect: dict[str, Any]) -> str:
    """An effect of a decision, with its end and what became of it."""
    words = EffectKind(effect["kind"]).label
    if effect.get("ends"):
        words += f" until {moment(effect['ends'])} UTC"
    undone = effect.get("undone")
    if undone:
        words += f" ({'undone' if undone == EffectResult.DONE else EffectResult(undone).label.lower()})"
    return words


def lasts_words(value: str | None) -> str:
    """For how long, from an interval as PostgreSQL writes it into JSON."""
    length = parse_duration(value) if value else None
    return f"for {length_words(length)}" if length else "without end"


def lines(parts: Iterable[Any]) -> SafeString:
    """The first part, and the others in small below it."""
    first, *others = parts
    return format_html(
        "{}{}", first, format_html_join("", "<br><small>{}</small>", ((part,) for part in others))
    )
