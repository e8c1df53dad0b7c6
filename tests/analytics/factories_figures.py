"""Rows of figures as roll-ups would leave them, written as the owner: pages read them, whoever computed them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from analytics.models import CategoryDay, PerformerDay, PlatformDay, StreamMinute, StreamPerformance
from performers.models import PerformerProfile
from streams.models import Category, Stream

MINUTE = timedelta(minutes=1)


def noon(day: date) -> datetime:
    """Twelve o'clock UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def figures_of(day: date, size: int) -> dict[str, Any]:
    """Figures that agree with one another: `size` viewers for an hour, and so many lines and tips."""
    return {
        "day": day,
        "streams": 1,
        "minutes_on_air": 60,
        "unique_viewers": size * 2,
        "peak_viewers": size,
        "peak_at": noon(day) if size else None,
        "viewer_minutes": size * 60,
        "watch_seconds": size * 3600,
        "sessions": size * 2,
        "stalled_seconds": size * 36,
        "errors": 1,
        "chat_messages": size * 5,
        "tips": size,
        "tip_tokens": size * 10,
    }


def platform_day(day: date, size: int, **fields: Any) -> PlatformDay:
    """The platform on a day."""
    own = {
        "performers": 1,
        "tokens_spent": size * 12,
        "tokens_reversed": 2,
        "new_followers": 3,
        "lost_followers": 1,
    }
    return PlatformDay.objects.create(**{**figures_of(day, size), **own, **fields})


def performer_day(performer: PerformerProfile, day: date, size: int, **fields: Any) -> PerformerDay:
    """A performer on a day."""
    own = {
        "tokens_spent": size * 12,
        "tokens_reversed": 2,
        "new_followers": 3,
        "lost_followers": 1,
        "followers": 70,
    }
    return PerformerDay.objects.create(performer=performer, **{**figures_of(day, size), **own, **fields})


def category_day(category: Category, day: date, size: int) -> CategoryDay:
    """A category on a day."""
    return CategoryDay.objects.create(category=category, tokens_spent=size * 12, **figures_of(day, size))


def performance(stream: Stream, start: datetime, minutes: int, size: int, **fields: Any) -> StreamPerformance:
    """What a stream came to that was on air for so many minutes."""
    own = {
        "stream": stream,
        "performer": stream.performer,
        "started_at": start,
        "ended_at": start + MINUTE * minutes,
        "tokens_spent": size * 12,
        "tokens_reversed": 2,
        "new_followers": 3,
        "minutes_on_air": minutes,
        "viewer_minutes": size * minutes,
        "watch_seconds": size * minutes * 60,
        "peak_at": start,
    }
    rest = figures_of(start.date(), size)
    del rest["day"], rest["streams"]
    return StreamPerformance.objects.create(**{**rest, **own, **fields})


def minutes_of(stream: Stream, start: datetime, viewers: list[int]) -> None:
    """The minutes of a stream: a row for each that is not zero, with half as many lines, and a tip each tenth."""
    StreamMinute.objects.bulk_create(
        StreamMinute(
            stream=stream,
            performer=stream.performer,
            minute=start + MINUTE * place,
            concurrent=count,
            chat_messages=count // 2,
            tips=1 if place % 10 == 0 else 0,
            tip_tokens=25 if place % 10 == 0 else 0,
        )
        for place, count in enumerate(viewers)
        if count
    )
