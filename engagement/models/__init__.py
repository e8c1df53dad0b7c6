"""Tables of what people do to one another."""

from engagement.models.block import Block
from engagement.models.engagement_counter import CounterDelta, CounterFold, EngagementCounter
from engagement.models.favourite import Favourite
from engagement.models.follow import Follow
from engagement.models.mute import Mute
from engagement.models.reaction import Reaction, ReactionKey
from engagement.models.share import Share

__all__ = [
    "Block",
    "CounterDelta",
    "CounterFold",
    "EngagementCounter",
    "Favourite",
    "Follow",
    "Mute",
    "Reaction",
    "ReactionKey",
    "Share",
]
