"""The days and months of a performer."""

import datetime as dt
from functools import partial
from typing import Any

from django.urls import reverse

from analytics.admin.day_parts import DayPage, day_page, tokens_kept, watch_hours
from analytics.admin.insights import Asked, Insight
from analytics.admin.of_performer import OfPerformer
from analytics.admin.parts import Shape, Table
from analytics.admin.ranges import DateRange
from analytics.admin.readers import PLATFORM_READERS, STAFF_READERS
from analytics.selectors.performers import performer_days
from analytics.selectors.streams import streams_listed
from core.admin.site import backoffice
from performers.models import PerformerProfile

LISTED = 20

MONTHS = (
    ("Streams a day, added up", "streams", "total"),
    ("Minutes live", "minutes_on_air", "total"),
    ("Most viewers", "peak_viewers", "most"),
    ("Chat", "chat_messages", "total"),
    ("Tokens", tokens_kept, "total"),
    ("New followers", "new_followers", "total"),
    ("Followers at the end", "followers", "last"),
)


class PerformerInsight(OfPerformer):
    """Minutes live, viewers, hours watched, followers and tokens of one performer."""

    name, address = "insight_performer", "insights/performer/<uuid:performer_id>/"
    title, about = "Figures of a performer", "Figures"
    roles = STAFF_READERS
    export_roles = PLATFORM_READERS
    lead = "By day and by month (UTC); the last days still change as events come in."

    def read(self, asked: Asked) -> Insight:
        performer: PerformerProfile = asked.subject
        page = day_page(asked, partial(performer_days, performer_id=performer.pk))
        return Insight(
            links=[
                (
                    "Profile of the performer",
                    reverse("admin:performers_performerprofile_change", args=[performer.pk]),
                )
            ],
            tiles=_tiles(page),
            parts=[*_figures(page), *page.months(MONTHS), _streams(performer, asked.range)],
        )


def _tiles(page: DayPage) -> list[Any]:
    return [
        page.tile("Minutes live", "minutes_on_air"),
        page.tile("Most viewers at once", "peak_viewers", "most"),
        page.ratio("Viewers of a minute on air", "viewer_minutes", "minutes_on_air"),
        page.tile("Hours watched", watch_hours),
        page.tile("Lines of chat", "chat_messages"),
        page.tile("Tokens", tokens_kept, note="Less those taken back."),
        page.tile("Followers at the end", "followers", "last"),
        page.tile("New followers", "new_followers"),
        page.stood_still(),
    ]


def _figures(page: DayPage) -> list[Any]:
    return [
        page.figure(
            "viewers",
            "Viewers",
            [("Most at once", "peak_viewers"), ("Mean of the minutes on air", "average_viewers")],
            unit="viewers",
        ),
        page.unique(),
        page.figure("live", "Minutes live", [("Minutes", "minutes_on_air")], shape=Shape.BAR, unit="minutes"),
        page.hours(),
        page.chat(),
        page.tokens(),
        page.figure("followers", "Followers", [("Followers", "followers")], unit="people", is_level=True),
        page.figure(
            "following",
            "Followers won and lost",
            [("New", "new_followers"), ("Lost", "lost_followers")],
            shape=Shape.BAR,
            unit="people",
        ),
    ]


def _streams(performer: PerformerProfile, shown: DateRange) -> Table:
    streams = streams_listed(days=shown.utc_days, performer_id=performer.pk, limit=LISTED)
    return Table(
        "streams",
        "Streams",
        [
            "Stream",
            "Began (UTC)",
            "Minutes on air",
            "Hours watched",
            "Viewers",
            "Most viewers",
            "Chat",
            "Tokens",
        ],
        [
            [
                f"{row.stream}",
                f"{row.started_at.astimezone(dt.UTC):%Y-%m-%d %H:%M}",
                row.minutes_on_air,
                watch_hours(row),
                row.unique_viewers,
                row.peak_viewers,
                row.chat_messages,
                row.tokens,
            ]
            for row in streams
        ],
        [reverse("admin:insight_stream", args=[row.stream_id]) for row in streams],
        words="Of those that began within the range, the twenty that were watched longest.",
    )


PerformerInsight.register()
backoffice.add_object_link(PerformerProfile, PerformerInsight.link("Figures by day and month"))
