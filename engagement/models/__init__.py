"""Tables of what people do to one another."""

from engagement.models.attachment import Attachment
from engagement.models.block import Block
from engagement.models.blocked_term import BlockedTerm, HeldMessage
from engagement.models.chat_message import ChatMessage
from engagement.models.chat_room import ChatRoom, RoomMode
from engagement.models.conversation import Conversation, ConversationMember
from engagement.models.direct_message import DirectMessage
from engagement.models.engagement_counter import CounterDelta, CounterFold, EngagementCounter
from engagement.models.favourite import Favourite
from engagement.models.follow import Follow
from engagement.models.mute import Mute
from engagement.models.reaction import Reaction, ReactionKey
from engagement.models.room_role import RoomBan, RoomRole
from engagement.models.share import Share

__all__ = [
    "Attachment",
    "Block",
    "BlockedTerm",
    "ChatMessage",
    "ChatRoom",
    "Conversation",
    "ConversationMember",
    "CounterDelta",
    "CounterFold",
    "DirectMessage",
    "EngagementCounter",
    "Favourite",
    "Follow",
    "HeldMessage",
    "Mute",
    "Reaction",
    "ReactionKey",
    "RoomBan",
    "RoomMode",
    "RoomRole",
    "Share",
]
