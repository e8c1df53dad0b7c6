"""Tables of what people do to one another."""

from engagement.models.attachment import Attachment
from engagement.models.block import Block
from engagement.models.blocked_term import BlockedTerm, HeldMessage
from engagement.models.chat_message import ChatMessage
from engagement.models.chat_room import ChatRoom, RoomMode
from engagement.models.conversation import Conversation, ConversationMember
from engagement.models.delivery_attempt import DeliveryAttempt
from engagement.models.delivery_suppression import DeliverySuppression
from engagement.models.direct_message import DirectMessage
from engagement.models.engagement_counter import CounterDelta, CounterFold, EngagementCounter
from engagement.models.favourite import Favourite
from engagement.models.follow import Follow
from engagement.models.goal import Goal, GoalContribution
from engagement.models.mute import Mute
from engagement.models.notification import Notification
from engagement.models.notification_event import NotificationEvent, NotificationEventKey
from engagement.models.notification_preference import NotificationPreference, NotificationQuietHours
from engagement.models.notification_template import NotificationTemplate, TemplateVersion
from engagement.models.notification_trigger import NotificationTrigger
from engagement.models.poll import Poll, PollChoice, PollVote
from engagement.models.push_subscription import PushSubscription
from engagement.models.raid import Raid
from engagement.models.reaction import Reaction, ReactionKey
from engagement.models.redemption import Redemption
from engagement.models.reward import Reward
from engagement.models.room_role import RoomBan, RoomRole
from engagement.models.share import Share
from engagement.models.tip_menu_item import TipMenuItem
from engagement.models.tip_message import GiftSent, TipMessage

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
    "DeliveryAttempt",
    "DeliverySuppression",
    "DirectMessage",
    "EngagementCounter",
    "Favourite",
    "Follow",
    "GiftSent",
    "Goal",
    "GoalContribution",
    "HeldMessage",
    "Mute",
    "Notification",
    "NotificationEvent",
    "NotificationEventKey",
    "NotificationPreference",
    "NotificationQuietHours",
    "NotificationTemplate",
    "NotificationTrigger",
    "Poll",
    "PollChoice",
    "PollVote",
    "PushSubscription",
    "Raid",
    "Reaction",
    "ReactionKey",
    "Redemption",
    "Reward",
    "RoomBan",
    "RoomMode",
    "RoomRole",
    "Share",
    "TemplateVersion",
    "TipMenuItem",
    "TipMessage",
]
