"""What raids, goals, polls, rewards and words with tips refuse."""

from core.errors import Refused


class RaidRefused(Refused):
    """The raid leads nowhere, in a circle, or between people who may not."""

    code = "raid_refused"


class GoalRefused(Refused):
    """The goal breaks a rule, or is not in the state that this needs."""

    code = "goal_refused"


class PollRefused(Refused):
    """The poll breaks a rule, or is not in the state that this needs."""

    code = "poll_refused"


class VoteRefused(Refused):
    """The vote comes too late, twice, for nothing that can be voted for, or by somebody who may not."""

    code = "vote_refused"


class RewardRefused(Refused):
    """The reward breaks a rule, or is retired."""

    code = "reward_refused"


class RedemptionRefused(Refused):
    """The reward cannot be redeemed like this, or the redemption was decided already."""

    code = "redemption_refused"


class GiftRefused(Refused):
    """The gift cannot be sent between these two."""

    code = "gift_refused"


class TipMenuRefused(Refused):
    """The item of the tip menu breaks a rule, or is off the menu."""

    code = "tip_menu_refused"


class TipMessageRefused(Refused):
    """The words cannot go with this tip."""

    code = "tip_message_refused"
