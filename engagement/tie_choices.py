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
    GONE = "gone", "The performer was erased"


class ReactionKind(TextChoices):
    """What a reaction says."""

    HEART = "heart", "Heart"
    FIRE = "fire", "Fire"
    CLAP = "clap", "Clap"
    LAUGH = "laugh", "Laugh"
    WOW = "wow", "Wow"
    SAD = "sad", "Sad"


class ShareChannel(TextChoices):
    """By what way something was passed on."""

    LINK = "link", "Copied link"
    EMAIL = "email", "E-mail"
    MESSENGER = "messenger", "Messenger"
    SOCIAL = "social", "Social network"
    EMBED = "embed", "Embedded player"


class CounterSubject(TextChoices):
    """What is counted of."""

    PERFORMER = "performer", "Performer"
    STREAM = "stream", "Stream"
    ARCHIVE = "archive", "Archive"
    ROOM = "room", "Chat room"


class CounterKind(TextChoices):
    """What is counted."""

    FOLLOWERS = "followers", "Followers"
    FAVOURITES = "favourites", "Favourites"
    REACTIONS = "reactions", "Reactions"
    SHARES = "shares", "Shares"
    MESSAGES = "messages", "Chat messages"
    TIPS = "tips", "Tips"
    GIFTS = "gifts", "Gifts"


KEPT_BY_TRIGGERS = (
    CounterKind.FOLLOWERS,
    CounterKind.FAVOURITES,
    CounterKind.REACTIONS,
    CounterKind.SHARES,
)
"""Kinds whose rows are here: triggers count them, and they can be counted anew."""
