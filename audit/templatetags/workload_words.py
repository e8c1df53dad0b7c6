"""Figures of the workload as people read them."""

from datetime import timedelta
from typing import Any

from django import template

from audit.selectors_workload import Times

register = template.Library()


def duration_words(span: timedelta | None) -> str:
    """A span as people say it: 40 s, 12 min, 3 h 20 min, 2 d 4 h."""
    if span is None:
        return "–"
    seconds = round(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


@register.filter
def times(spans: Times) -> str:
    """Median and ninth decile."""
    if spans.median is None:
        return "–"
    return f"{duration_words(spans.median)}; {duration_words(spans.ninetieth)}"


@register.filter
def figure(cell: Any) -> Any:
    """A number as it is, a span in words."""
    return duration_words(cell) if isinstance(cell, timedelta) or cell is None else cell


@register.filter
def share(part: float | None) -> str:
    """A part of one as a percentage."""
    return "–" if part is None else f"{part:.0%}"
