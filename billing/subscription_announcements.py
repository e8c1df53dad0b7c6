"""What billing announces of plans and subscriptions; the trail listens."""

from core.announcements import Announcement

plan_opened = Announcement("plan_opened", "opened the plan")
plan_changed = Announcement("plan_changed", "changed the plan")
plan_closed = Announcement("plan_closed", "closed the plan")
subscription_begun = Announcement("subscription_begun", "began the subscription of")
subscription_activated = Announcement("subscription_activated", "activated by a payment the subscription of")
subscription_renewed = Announcement("subscription_renewed", "renewed the subscription of")
subscription_charge_failed = Announcement(
    "subscription_charge_failed", "was declined a charge for the subscription of"
)
subscription_recovered = Announcement(
    "subscription_recovered", "paid after a failed charge the subscription of"
)
subscription_changed = Announcement("subscription_changed", "moved to another plan the subscription of")
subscription_change_planned = Announcement(
    "subscription_change_planned", "planned another plan for the subscription of"
)
subscription_change_withdrawn = Announcement(
    "subscription_change_withdrawn", "withdrew the other plan of the subscription of"
)
subscription_cancelled = Announcement(
    "subscription_cancelled", "cancelled at the end of its period the subscription of"
)
subscription_resumed = Announcement("subscription_resumed", "resumed the subscription of")
subscription_ended = Announcement("subscription_ended", "ended the subscription of")
