"""What the services of this app refuse."""

from core.errors import Refused


class FollowRefused(Refused):
    """The follow cannot begin, change or end as things stand."""

    code = "follow_refused"


class BlockRefused(Refused):
    """The block cannot be placed or taken back as things stand."""

    code = "block_refused"


class FavouriteRefused(Refused):
    """It cannot be kept among the favourites, or is not there."""

    code = "favourite_refused"


class MuteRefused(Refused):
    """It cannot be muted, or is not."""

    code = "mute_refused"


class ReactionRefused(Refused):
    """The reaction cannot be given or taken back."""

    code = "reaction_refused"


class ShareRefused(Refused):
    """It cannot be passed on."""

    code = "share_refused"


class CounterRefused(Refused):
    """The counter is kept by triggers, or the change is none."""

    code = "counter_refused"


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


class PrivateMessageRefused(Refused):
    """A private message is not sent, changed or shown."""

    code = "private_message_refused"


class TermRefused(Refused):
    """A blocked term that cannot be added or ended like this."""

    code = "term_refused"


class HeldMessageRefused(Refused):
    """A held message that cannot be decided like this."""

    code = "held_message_refused"


class ConversationRefused(Refused):
    """A conversation is not opened, accepted or declined."""

    code = "conversation_refused"


class AttachmentRefused(Refused):
    """A file is not taken, scanned or shown."""

    code = "attachment_refused"
