"""Figures of what was watched, which streams and days have alike."""

from django.db import models

from analytics.figure_rules import FIGURES, count
from core.models import Entity

WATCHED = (
    "unique_viewers",
    "peak_viewers",
    "viewer_minutes",
    "watch_seconds",
    "sessions",
    "stalled_seconds",
    "errors",
)


class Watched(Entity):
    """How much was watched, of a stream or within a day; each viewer counts once, however many devices."""

    held_by = FIGURES

    unique_viewers = count("Viewers who watched at all; each counts once.")
    peak_viewers = count("Most viewers at the same time, by the minute; each counts once.")
    peak_at = models.DateTimeField(
        null=True, db_comment="The first minute with that many (UTC); null: nobody watched."
    )
    viewer_minutes = count("Sum of the viewers of all minutes; each counts once a minute.")
    watch_seconds = count("Seconds watched, rounded down; a viewer with two devices watches once.")
    sessions = count("Plays that were watched.")
    stalled_seconds = count(
        "Seconds in which players stood still for want of data, of all plays, rounded down."
    )
    errors = count("Errors that players told of.")

    class Meta:
        abstract = True
