"""The curve of a stream with chat and tips, and what it came to beside the stream before."""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from analytics.admin.day_parts import watch_hours
from analytics.admin.insights import Asked, Insight, InsightPage
from analytics.admin.parts import Figure, Series, Shape, Tile, share
from analytics.admin.ranges import ZoneForm
from analytics.admin.readers import PLATFORM_READERS, STAFF_READERS
from analytics.models import StreamPerformance
from analytics.selectors.streams import MINUTE, Point, StreamCurve, performance_before, stream_curve
from core.admin.site import backoffice
from core.db.locking import NotThere
from streams.models import Stream

MOST_POINTS = 480
"""Points of a curve: more would lie on one another in a picture of this width."""


class StreamInsight(InsightPage):
    """Viewers, chat and tips of one stream, minute by minute."""

    name, address, title = "insight_stream", "insights/stream/<uuid:stream_id>/", "Figures of a stream"
    roles = STAFF_READERS
    export_roles = PLATFORM_READERS
    form_class = ZoneForm
    has_zone = True

    def find(self, stream_id: UUID) -> Stream:  # type: ignore[override]
        stream: Stream | None = (
            Stream.all_objects.select_related("performer", "performance").filter(pk=stream_id).first()
        )
        if stream is None:
            raise NotThere("There is no such stream, or your role may not see it.")
        return stream

    def title_of(self, subject: Stream) -> str:
        return f"Figures of {subject}"

    def read(self, asked: Asked) -> Insight:
        stream: Stream = asked.subject
        links = [
            ("The stream", reverse("admin:streams_stream_change", args=[stream.pk])),
            (
                f"Figures of {stream.performer}",
                reverse("admin:insight_performer", args=[stream.performer_id]),
            ),
        ]
        performance: StreamPerformance | None = getattr(stream, "performance", None)
        if performance is None:
            words = (
                "Nothing is counted yet. Figures follow within minutes after a stream began."
                if stream.started_at
                else "The stream was not on air yet."
            )
            return Insight(notes=[words], links=links)
        before = performance_before(performance=performance)
        curve = stream_curve(performance=performance, most=MOST_POINTS)
        return Insight(
            notes=_notes(performance, before, curve, asked.zone),
            tiles=_tiles(performance, before, asked.zone),
            parts=_figures(curve, is_gone(performance, curve), asked.zone),
            links=links,
        )


def is_gone(performance: StreamPerformance, curve: StreamCurve) -> bool:
    """Whether somebody watched and no minute says so: minutes are kept for 13 months."""
    return performance.viewer_minutes > 0 and not curve.peak


def _clock(at: dt.datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _notes(
    performance: StreamPerformance,
    before: StreamPerformance | None,
    curve: StreamCurve,
    zone: ZoneInfo,
) -> list[str]:
    ended = _clock(performance.ended_at, zone) if performance.ended_at else "now; it is still on air"
    notes = [f"On air from {_clock(performance.started_at, zone)} to {ended} ({zone.key})."]
    if before is not None:
        notes.append(
            f"Compared with the performer's stream before, {before.stream}, of {_clock(before.started_at, zone)}."
        )
    if is_gone(performance, curve):
        notes.append("Its minutes are no longer kept; what it came to as a whole stands here.")
    return notes


def _tiles(performance: StreamPerformance, before: StreamPerformance | None, zone: ZoneInfo) -> list[Tile]:
    def tile(words: str, column: str, note: str = "") -> Tile:
        return Tile(words, getattr(performance, column), getattr(before, column, None), note=note)

    peak_at = f"At {_clock(performance.peak_at, zone)}." if performance.peak_at else ""
    return [
        tile("Minutes on air", "minutes_on_air"),
        tile("Viewers", "unique_viewers"),
        tile("Most at once", "peak_viewers", peak_at),
        tile("Mean of the minutes", "average_viewers"),
        Tile("Hours watched", watch_hours(performance), watch_hours(before) if before else None),
        tile("Lines of chat", "chat_messages"),
        tile("Tips and gifts", "tips"),
        tile("Tokens", "tokens", "Less those taken back."),
        tile("New followers", "new_followers"),
        Tile(
            "Stood still",
            performance.stalled_share,
            before.stalled_share if before else None,
            show=share,
            note="Part of the time at the player.",
        ),
        tile("Errors of players", "errors"),
    ]


def _figures(curve: StreamCurve, gone: bool, zone: ZoneInfo) -> list[Any]:
    points = () if gone else curve.points
    label = f"From ({zone.key})"
    labels = [_clock(point.at, zone) for point in points]
    minutes = curve.width // MINUTE
    stretch = "minute" if minutes == 1 else f"{minutes} minutes"

    def figure(
        code: str, title: str, unit: str, shape: Shape, words: str, *columns: tuple[str, str]
    ) -> Figure:
        series = [Series(name, [_of(point, column) for point in points]) for name, column in columns]
        return Figure(
            code, title, label, labels, series, shape, unit, words, empty="There are no minutes to show."
        )

    most = "In the first instant of each minute." if minutes == 1 else f"The most of every {stretch}."
    return [
        figure("viewers", "Viewers", "viewers", Shape.LINE, most, ("Viewers", "concurrent")),
        figure("chat", "Chat", "lines", Shape.LINE, f"Lines in every {stretch}.", ("Lines", "chat_messages")),
        figure(
            "tips",
            "Tips and gifts",
            "tokens",
            Shape.BAR,
            f"Tokens of tips and gifts in every {stretch}, before anything was taken back.",
            ("Tokens", "tip_tokens"),
        ),
    ]


def _of(point: Point, column: str) -> int:
    return int(getattr(point, column))


StreamInsight.register()
backoffice.add_object_link(Stream, StreamInsight.link("Viewers, chat and tips"))
