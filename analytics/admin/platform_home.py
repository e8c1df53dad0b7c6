"""What the platform came to yesterday, on the home page of those who look after the whole."""

import datetime as dt

from django.urls import reverse

from analytics.admin.day_parts import tokens_kept, watch_hours
from analytics.admin.day_series import DayFigures
from analytics.admin.parts import Tile
from analytics.selectors.days import DAY, Days
from analytics.selectors.platform import platform_days
from core.admin.home import HomeFigure, HomeFigures, register_figures
from core.db.clock import database_now
from core.db.roles import Role

ROLES = (
    Role.ANALYST,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.LEAD_MODERATOR,
)


def yesterday() -> list[HomeFigure]:
    """The last whole day (UTC) beside the same day of the week before; one query and the clock."""
    today = database_now().astimezone(dt.UTC).date()
    day, week_before = today - DAY, today - DAY * 8
    figures = DayFigures(platform_days(days=Days(week_before, day)), today)
    shown, before = figures.between(day, day), figures.between(week_before, week_before)
    tiles = [
        Tile(words, shown.total(column), before.total(column))
        for words, column in (
            ("Most viewers at once", "peak_viewers"),
            ("Hours watched", watch_hours),
            ("Streams", "streams"),
            ("Lines of chat", "chat_messages"),
            ("Tokens", tokens_kept),
            ("New followers", "new_followers"),
        )
    ]
    return [HomeFigure(tile.words, tile.shown, tile.change) for tile in tiles]


register_figures(
    HomeFigures(
        title="Yesterday",
        words="Yesterday (UTC), against the same day a week before.",
        roles=ROLES,
        read=yesterday,
        link="Figures of the platform",
        url=lambda: reverse("admin:insight_platform"),
    )
)
