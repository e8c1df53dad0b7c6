"""The overview of the platform: its days and months, and what was watched most."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from analytics.admin.day_parts import DayPage, day_page, tokens_kept, watch_hours
from analytics.admin.insights import Asked, Insight, InsightPage
from analytics.admin.parts import Shape, Table
from analytics.admin.ranges import DateRange
from analytics.admin.readers import PLATFORM_READERS
from analytics.selectors.days import Totals
from analytics.selectors.performers import performers_listed
from analytics.selectors.platform import categories_listed, platform_days
from analytics.selectors.streams import streams_listed

LISTED = 10

MONTHS = (
    ("Streams", "streams", "total"),
    ("Most viewers", "peak_viewers", "most"),
    ("Chat", "chat_messages", "total"),
    ("Tokens", tokens_kept, "total"),
    ("New followers", "new_followers", "total"),
)


class PlatformInsight(InsightPage):
    """Viewers, hours, streams, chat, tokens and followers of the whole platform."""

    name, address, title = "insight_platform", "insights/platform/", "Platform"
    roles = PLATFORM_READERS
    lead = "What happened on the whole platform. Days are those of UTC; the last ones still change as events come in."

    def read(self, asked: Asked) -> Insight:
        page = day_page(asked, platform_days)
        return Insight(
            tiles=_tiles(page),
            parts=[*_figures(page), *page.months(MONTHS), *_tops(asked.range, urlencode(asked.query))],
        )


def _tiles(page: DayPage) -> list[Any]:
    return [
        page.tile("Most viewers at once", "peak_viewers", "most"),
        page.tile("Hours watched", watch_hours),
        page.tile("Streams a day, added up", "streams"),
        page.tile("Minutes on air", "minutes_on_air"),
        page.ratio("Viewers of a minute on air", "viewer_minutes", "minutes_on_air"),
        page.tile("Lines of chat", "chat_messages"),
        page.tile("Tokens", tokens_kept, note="Less those taken back."),
        page.tile("New followers", "new_followers"),
        page.stood_still(),
    ]


def _figures(page: DayPage) -> list[Any]:
    return [
        page.figure(
            "viewers",
            "Viewers",
            [("Most at once", "peak_viewers"), ("Mean of all minutes", "average_viewers")],
            unit="viewers",
        ),
        page.unique(),
        page.hours(),
        page.figure(
            "on-air", "On air", [("Streams", "streams"), ("Performers", "performers")], shape=Shape.BAR
        ),
        page.chat(),
        page.tokens(),
        page.figure(
            "followers",
            "Followers",
            [("New", "new_followers"), ("Lost", "lost_followers")],
            shape=Shape.BAR,
            unit="people",
        ),
    ]


def _tops(shown: DateRange, query: str) -> list[Table]:
    header = ["Hours watched", "Most viewers", "Minutes on air", "Chat", "Tokens"]
    performers = performers_listed(days=shown.utc_days, limit=LISTED)
    categories = categories_listed(days=shown.utc_days, limit=LISTED)
    streams = streams_listed(days=shown.utc_days, limit=LISTED)
    return [
        Table(
            "top-performers",
            "Most watched performers",
            ["Performer", *header],
            [[row.stage_name, *_cells(row.totals)] for row in performers],
            [_url("insight_performer", row.performer_id, query) for row in performers],
        ),
        Table(
            "top-streams",
            "Most watched streams",
            ["Stream", "Performer", "Began (UTC)", "Hours watched", "Viewers", "Most viewers", "Tokens"],
            [
                [
                    f"{row.stream}",
                    f"{row.performer}",
                    f"{row.started_at.astimezone(dt.UTC):%Y-%m-%d %H:%M}",
                    watch_hours(row),
                    row.unique_viewers,
                    row.peak_viewers,
                    row.tokens,
                ]
                for row in streams
            ],
            [reverse("admin:insight_stream", args=[row.stream_id]) for row in streams],
            words="Of those that began within the range.",
        ),
        Table(
            "top-categories",
            "Most watched categories",
            ["Category", *header],
            [[row.name, *_cells(row.totals)] for row in categories],
            words="By the primary category at the time; categories above are not added up.",
        ),
    ]


def _cells(totals: Totals) -> list[Any]:
    return [
        watch_hours(totals),
        totals.peak_viewers,
        totals.minutes_on_air,
        totals.chat_messages,
        totals.tokens,
    ]


def _url(page: str, identity: UUID, query: str) -> str:
    return f"{reverse(f'admin:{page}', args=[identity])}?{query}"


PlatformInsight.register()
