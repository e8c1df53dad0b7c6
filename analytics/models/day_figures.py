"""What performers, categories and the platform came to, by day in UTC."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from analytics.figure_rules import (
    MINUTES_OF_A_DAY,
    average,
    count,
    never_negative,
    peak_has_its_minute,
    performer_column,
    read_by_staff_and_herself,
)
from analytics.models.watched import WATCHED, Watched
from core.db.constraints import rule, unique
from core.db.indexes import BTree
from core.db.retention import Over
from core.models import Volume

DONE = ("streams", "minutes_on_air", "chat_messages", "tips", "tip_tokens")
SPENT = ("tokens_spent", "tokens_reversed")
FOLLOWED = ("new_followers", "lost_followers")
OVER = Over("{row}.day::timestamp AT TIME ZONE 'UTC'", found="{row}.day < ({cut_off} AT TIME ZONE 'UTC')")


class DayFigures(Watched):
    """Figures of a day: what was watched, said and tipped. A day without a row came to nothing."""

    volume, retention = Volume.LARGE, "7 years after its day"
    over = OVER

    day = models.DateField(db_comment="Day in UTC.")
    streams = count("Streams that were on air within the day.")
    minutes_on_air = count(
        "Whole minutes on air within the day, of all streams; of one that goes on, up to the last minute counted."
    )
    chat_messages = count("Lines of the chat, those of the system left out.")
    tips = count("Tips and gifts during streams.")
    tip_tokens = count("Tokens of these tips and gifts, before anything was taken back.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class PerformerDay(DayFigures):
    """One row per performer and day on which anything was counted. Written by `analytics_performer_days_compute`."""

    performer = performer_column("days")
    average_viewers = average("minutes_on_air", "Mean of the viewers per minute on air, rounded; generated.")
    tokens_spent = count("Tokens spent on her within the day, on anything, in streams or not.")
    tokens_reversed = count(
        "Tokens of spends on her that were taken back within the day, whenever they were made."
    )
    new_followers = count("Follows begun within the day that still stand on record.")
    lost_followers = count("Follows that ended within the day and still stand on record.")
    followers = count(
        "Followers at the end of the day, or now while it lasts, of those that still stand on record."
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per performer and day (UTC) on which anything was counted. Written by "
            "analytics_performer_days_compute. Kept 7 years."
        )
        constraints = [
            never_negative(*DONE, *WATCHED, *SPENT, *FOLLOWED, "followers"),
            peak_has_its_minute(),
            unique("performer", "day", message="This day of the performer is counted already."),
            *read_by_staff_and_herself(),
        ]
        indexes = [
            BTree(
                fields=["day", "performer"],
                serves="analytics.selectors.performers: the most watched performers of a range; retention",
            ),
        ]


class CategoryDay(DayFigures):
    """One row per category and day on which anything was counted. Written by `analytics_category_days_compute`.

    What happens in a stream counts for the primary category that it has at that instant, as the versions of its words
    say; categories above are not added up.
    """

    category = models.ForeignKey(
        "streams.Category",
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="days",
        db_comment="The primary category of what was watched.",
    )
    average_viewers = average(MINUTES_OF_A_DAY, "Mean of the viewers over all minutes of the day; generated.")
    tokens_spent = count("Tokens spent during or for streams while they had this category.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per category and day (UTC) on which anything was counted. Written by "
            "analytics_category_days_compute. Kept 7 years."
        )
        constraints = [
            never_negative(*DONE, *WATCHED, "tokens_spent"),
            peak_has_its_minute(),
            unique("category", "day", message="This day of the category is counted already."),
        ]
        indexes = [
            BTree(
                fields=["day", "category"],
                serves="analytics.selectors.platform: the most watched categories of a range; retention",
            ),
        ]


class PlatformDay(DayFigures):
    """One row per day on which anything was counted. Written by `analytics_platform_days_compute`."""

    performers = count("Performers who were on air within the day.")
    average_viewers = average(MINUTES_OF_A_DAY, "Mean of the viewers over all minutes of the day; generated.")
    tokens_spent = count("Tokens spent within the day, on anything.")
    tokens_reversed = count("Tokens of spends that were taken back within the day, whenever they were made.")
    new_followers = count("Follows begun within the day, of all performers, that still stand on record.")
    lost_followers = count(
        "Follows that ended within the day, of all performers, that still stand on record."
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per day (UTC) on which anything was counted. Written by analytics_platform_days_compute. "
            "Kept 7 years."
        )
        constraints = [
            never_negative(*DONE, *WATCHED, *SPENT, *FOLLOWED, "performers"),
            peak_has_its_minute(),
            rule(Q(performers__lte=F("streams")), "performers", "Who was on air had a stream."),
            unique("day", message="This day is counted already."),
        ]
