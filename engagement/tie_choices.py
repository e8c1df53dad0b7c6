"""Choices of follows, blocks, favourites, mutes, reactions, shares and counters."""

from django.db.models import TextChoices


class NotifyLevel(TextChoices):
    """What a follower wants to hear of a performer."""

    ALL = "all", "Everything"
    LIVE = "live", "Only when she goes live"
    NONE = "none", "Nothing"


class FollowEnd(TextChoices):
    """By what a follow ended."""

    UNFOLLOWED = "unfollowed", "Unfollowed"
    BLOCKED = "blocked", "One blocked the other"
