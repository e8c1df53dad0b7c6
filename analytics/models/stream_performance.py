"""What a stream came to."""

from typing import Any

from django.db import models
from django.db.models import F, Func, Q, Value

from analytics.figure_rules import (
    average,
    count,
    never_negative,
    peak_has_its_minute,
    performer_column,
    read_by_staff_and_herself,
)
from analytics.models.watched import WATCHED, Watched
from core.db.constraints import rule
from core.db.indexes import BTree, Gist
from core.db.retention import Over
from core.models import Volume

COUNTED = (
    "minutes_on_air",
    *WATCHED,
    "chat_messages",
    "new_followers",
    "tips",
    "tip_tokens",
    "tokens_spent",
    "tokens_reversed",
)


class StreamPerformance(Watched):
    """One row per stream that was on air: the whole of it, while it lasts and after its end.

    Written by `analytics_stream_performances_compute` alone.
    """

    volume, retention = Volume.LARGE, "7 years after its end"
    over = Over("{row}.ended_at")

    stream = models.OneToOneField(
        "streams.Stream",
        models.PROTECT,
        related_name="performance",
        db_comment="The stream that is counted.",
    )
    performer = performer_column("stream_performances")
    started_at = models.DateTimeField(db_comment="When viewers could first watch (UTC); as the stream says.")
    ended_at = models.DateTimeField(
        null=True, db_comment="When the stream was over (UTC), as the stream says; null: it is not."
    )
    minutes_on_air = count(
        "Whole minutes whose first instant lay between beginning and end; while on air, up to the last one counted."
    )
    average_viewers = average("minutes_on_air", "Mean of the viewers per minute on air, rounded; generated.")
    chat_messages = count("Lines of the chat while it was counted, those of the system left out.")
    new_followers = count(
        "Follows of the performer begun while the stream was on air and that still stand on record."
    )
    tips = count("Tips and gifts, as its minutes say.")
    tip_tokens = count("Tokens of these tips and gifts, before anything was taken back.")
    tokens_spent = count("Tokens spent during or for the stream, on anything.")
    tokens_reversed = count("Of these, tokens of spends that were taken back, whenever that was.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per stream that was on air: what it came to. Written by analytics_stream_performances_compute. "
            "Kept 7 years after its end."
        )
        constraints = [
            never_negative(*COUNTED),
            peak_has_its_minute(),
            rule(
                Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                "ended_at",
                "A stream ends after it began.",
            ),
            rule(
                Q(tokens_reversed__lte=F("tokens_spent")),
                "tokens_reversed",
                "No more is taken back than was spent.",
            ),
            *read_by_staff_and_herself(),
        ]
        indexes = [
            BTree(
                fields=["performer", "-started_at"],
                serves="analytics.selectors.streams: the streams of a performer with figures, newest first",
            ),
            Gist(
                Func(F("started_at"), F("ended_at"), Value("[]"), function="tstzrange"),
                name="%(app_label)s_%(class)s_on_air_idx",
                serves="analytics_category_days_compute: which streams were on air on a day",
            ),
            BTree(
                fields=["started_at"],
                serves="analytics.selectors.streams: the most watched streams of a range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    @property
    def tokens(self) -> int:
        """Tokens that stayed spent."""
        return int(self.tokens_spent - self.tokens_reversed)

    @property
    def stalled_share(self) -> float:
        """Part of the time at the player in which it stood still, from 0 to 1."""
        whole = self.watch_seconds + self.stalled_seconds
        return self.stalled_seconds / whole if whole else 0.0
