"""What people do to one another."""

from engagement.models.blocked_term import BlockedTerm, HeldMessage
from engagement.models.chat_message import ChatMessage
from engagement.models.chat_room import ChatRoom, RoomMode
from engagement.models.room_role import RoomBan, RoomRole

__all__ = [
    "BlockedTerm",
    "ChatMessage",
    "ChatRoom",
    "HeldMessage",
    "RoomBan",
    "RoomMode",
    "RoomRole",
]
