"""What this app tells the rest of the platform, in the transaction in which it happens."""

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
