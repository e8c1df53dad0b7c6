"""What people do to one another."""

from engagement.models.block import Block
from engagement.models.blocked_term import BlockedTerm, HeldMessage
from engagement.models.chat_message import ChatMessage
from engagement.models.chat_room import ChatRoom, RoomMode
from engagement.models.follow import Follow
from engagement.models.room_role import RoomBan, RoomRole

__all__ = [
    "Block",
    "BlockedTerm",
    "ChatMessage",
    "ChatRoom",
    "Follow",
    "HeldMessage",
    "RoomBan",
    "RoomMode",
    "RoomRole",
]
