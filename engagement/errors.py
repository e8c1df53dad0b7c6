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
