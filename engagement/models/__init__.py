"""Tables of what people do to one another."""

from engagement.models.attachment import Attachment
from engagement.models.conversation import Conversation, ConversationMember
from engagement.models.direct_message import DirectMessage

__all__ = [
    "Attachment",
    "Conversation",
    "ConversationMember",
    "DirectMessage",
]
