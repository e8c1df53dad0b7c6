"""What players sent that was not taken, counted."""

from django.db import models
from django.db.models import Q

from analytics.models.rollup import BOOKKEEPING
from analytics.playback_choices import RejectionReason
from core.db.constraints import one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.privacy import not_personal
from core.db.retention import Over
from core.models import Entity, Volume


class PlaybackRejection(Entity):
    """One row per day, stream and reason: how many events were sent and not taken. Says nothing about people.

    Sendings are counted: an event that is sent a second time is counted here, and nowhere else again.
    """

    volume, retention = Volume.LARGE, "13 months"
    held_by = NotHeld(BOOKKEEPING)
    over = Over()

    day = models.DateField(db_comment="The day in UTC on which they were received.")
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        related_name="+",
        db_comment="Of which stream they said to be; null: of none that is there.",
    )
    reason = not_personal(models.TextField(choices=RejectionReason, db_comment="Why they were not taken."))
    events = models.BigIntegerField(db_comment="How many events were turned away.")

    class Meta:
        db_table_comment = (
            "One row per day, stream and reason: events of players that were not taken. Written by "
            "analytics.services.playback_ingestion. Kept 13 months."
        )
        constraints = [
            one_of("reason", RejectionReason),
            rule(Q(events__gte=1), "events", "At least one event was not taken."),
            unique("day", "stream", "reason", message="These are counted already."),
        ]
        indexes = [
            BTree(
                fields=["-day", "reason"], serves="The list of rejections in the back office, newest first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.events:,}: {self.get_reason_display()}"
