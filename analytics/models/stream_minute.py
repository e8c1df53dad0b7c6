"""A stream minute by minute: who watched, wrote and tipped."""

from typing import Any

from django.db import models

from analytics.figure_rules import (
    FIGURES,
    count,
    never_negative,
    performer_column,
    read_by_staff_and_herself,
)
from core.db.constraints import unique
from core.db.indexes import BTree
from core.db.retention import Over
from core.models import Entity, Volume

COUNTED = ("concurrent", "joins", "leaves", "chat_messages", "tips", "tip_tokens")


class StreamMinute(Entity):
    """One row per stream and minute in which anything was counted; a minute without a row counts zero.

    `concurrent` is of the first instant of the minute; the others are of all its 60 seconds. Written by
    `analytics_stream_minutes_compute` alone, hour by hour.
    """

    volume, retention = Volume.LARGE, "13 months after its minute"
    over = Over("{row}.minute")
    held_by = FIGURES

    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="minutes",
        db_comment="The stream that is counted.",
    )
    performer = performer_column("stream_minutes")
    minute = models.DateTimeField(db_comment="First instant of the minute (UTC).")
    concurrent = count("Viewers who watched in the first instant of the minute; each counts once.")
    joins = count("Viewers who began to watch within the minute; who comes back joins again.")
    leaves = count("Viewers who ceased to watch within the minute, its end included.")
    chat_messages = count("Lines of the chat written within the minute, those of the system left out.")
    tips = count("Tips and gifts within the minute.")
    tip_tokens = count("Tokens of these tips and gifts, before anything was taken back.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per stream and minute in which anything was counted. Written by "
            "analytics_stream_minutes_compute. Kept 13 months."
        )
        constraints = [
            never_negative(*COUNTED),
            unique("stream", "minute", message="This minute of the stream is counted already."),
            *read_by_staff_and_herself(),
        ]
        indexes = [
            BTree(
                fields=["performer", "minute"],
                serves="analytics.selectors.performers: a performer's viewers in a period, minute by minute",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M}"
