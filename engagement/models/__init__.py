"""Tables of what people do to one another."""

from engagement.models.attachment import Attachment
from engagement.models.block import Block
from engagement.models.conversation import Conversation, ConversationMember
from engagement.models.direct_message import DirectMessage
from engagement.models.follow import Follow

__all__ = [
    "Attachment",
    "Block",
    "Conversation",
    "ConversationMember",
    "DirectMessage",
    "Follow",
]
