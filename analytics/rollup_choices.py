"""Choices of roll-ups."""

from django.db.models import TextChoices


class RollupGrain(TextChoices):
    """How long a bucket is, in UTC."""

    HOUR = "hour", "An hour"
    DAY = "day", "A day"
    WEEK = "week", "A week, from Monday"
    MONTH = "month", "A month"
