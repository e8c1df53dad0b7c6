"""What the services of this app refuse."""

from core.errors import Refused


class RoomRefused(Refused):
    """A room or a mode of it that cannot be like this."""

    code = "room_refused"


class RoomRoleRefused(Refused):
    """A role in somebody's rooms that cannot be granted or ended like this."""

    code = "room_role_refused"


class RoomBanRefused(Refused):
    """A ban from rooms that cannot be placed or lifted like this."""

    code = "room_ban_refused"


class MessageRefused(Refused):
    """A message that the room does not take, or that cannot be removed or restored like this."""

    code = "message_refused"


class TermRefused(Refused):
    """A blocked term that cannot be added or ended like this."""

    code = "term_refused"


class HeldMessageRefused(Refused):
    """A held message that cannot be decided like this."""

    code = "held_message_refused"
