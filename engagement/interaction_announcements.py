"""What engagement announces of raids, goals, polls, rewards and words with tips; the trail listens.

Votes, tips, gifts and redemptions as such are not announced to the trail: there are too many, and their rows say
everything. Plain signals tell of some, with the row as `subject` and the `actor`, in the transaction in which they
happen: for the chat, which shows them, and for those who tell people.
"""

from django.dispatch import Signal

from core.announcements import Announcement

tip_message_sent = Signal()
gift_presented = Signal()
reward_redeemed = Signal()

raid_announced = Announcement("raid_announced", "announced the raid")
raid_executed = Announcement("raid_executed", "carried out the raid")
raid_cancelled = Announcement("raid_cancelled", "cancelled the raid")
goal_opened = Announcement("goal_opened", "opened the goal")
goal_changed = Announcement("goal_changed", "changed the goal")
goal_reached = Announcement("goal_reached", "reached the goal")
goal_expired = Announcement("goal_expired", "let expire the goal")
goal_cancelled = Announcement("goal_cancelled", "cancelled the goal")
poll_opened = Announcement("poll_opened", "opened the poll")
poll_closed = Announcement("poll_closed", "closed the poll")
poll_cancelled = Announcement("poll_cancelled", "cancelled the poll")
reward_offered = Announcement("reward_offered", "offered the reward")
reward_changed = Announcement("reward_changed", "changed the reward")
reward_retired = Announcement("reward_retired", "retired the reward")
redemption_fulfilled = Announcement("redemption_fulfilled", "fulfilled the redemption")
redemption_rejected = Announcement("redemption_rejected", "rejected the redemption")
redemption_cancelled = Announcement("redemption_cancelled", "cancelled the redemption")
redemption_expired = Announcement("redemption_expired", "let expire the redemption")
tip_menu_item_added = Announcement("tip_menu_item_added", "put on the tip menu")
tip_menu_item_changed = Announcement("tip_menu_item_changed", "changed on the tip menu")
tip_menu_item_retired = Announcement("tip_menu_item_retired", "took off the tip menu")
tip_message_hidden = Announcement("tip_message_hidden", "hid the words with a tip:")
tip_message_shown = Announcement("tip_message_shown", "showed again the words with a tip:")
