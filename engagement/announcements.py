"""What this app tells the rest of the platform, in the transaction in which it happens."""

from engagement.chat_announcements import (
    blocked_term_added,
    blocked_term_ended,
    held_message_approved,
    held_message_refused,
    message_removed,
    message_restored,
    room_ban_lifted,
    room_ban_placed,
    room_closed,
    room_hidden,
    room_mode_ended,
    room_mode_was_set,
    room_opened,
    room_role_ended,
    room_role_granted,
    room_shown,
)

__all__ = [
    "blocked_term_added",
    "blocked_term_ended",
    "held_message_approved",
    "held_message_refused",
    "message_removed",
    "message_restored",
    "room_ban_lifted",
    "room_ban_placed",
    "room_closed",
    "room_hidden",
    "room_mode_ended",
    "room_mode_was_set",
    "room_opened",
    "room_role_ended",
    "room_role_granted",
    "room_shown",
]
from core.announcements import Announcement

direct_message_hidden = Announcement("direct_message_hidden", "hid the private message")
direct_message_restored = Announcement("direct_message_restored", "showed again the private message")
attachment_found_malicious = Announcement("attachment_found_malicious", "found malicious the attachment")
attachment_scan_asked = Announcement("attachment_scan_asked", "had scanned again the attachment")
from engagement.notification_announcements import (
    address_suppressed,
    delivery_retried,
    suppression_lifted,
    template_discarded,
    template_drafted,
    template_published,
    template_revised,
    trigger_routed,
)

__all__ = [
    "address_suppressed",
    "delivery_retried",
    "suppression_lifted",
    "template_discarded",
    "template_drafted",
    "template_published",
    "template_revised",
    "trigger_routed",
]
