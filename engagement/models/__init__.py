"""Tables of what people do to one another."""

from engagement.models.block import Block
from engagement.models.follow import Follow
from engagement.models.goal import Goal, GoalContribution
from engagement.models.poll import Poll, PollChoice, PollVote
from engagement.models.raid import Raid
from engagement.models.redemption import Redemption
from engagement.models.reward import Reward
from engagement.models.tip_menu_item import TipMenuItem
from engagement.models.tip_message import GiftSent, TipMessage

__all__ = [
    "Block",
    "Follow",
    "GiftSent",
    "Goal",
    "GoalContribution",
    "Poll",
    "PollChoice",
    "PollVote",
    "Raid",
    "Redemption",
    "Reward",
    "TipMenuItem",
    "TipMessage",
]
