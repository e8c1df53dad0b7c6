"""The rooms of engagement in the back office."""

from engagement.admin import (
    deliveries,
    delivery_suppressions,
    notification_templates,
    notification_triggers,
)

__all__ = [
    "deliveries",
    "delivery_suppressions",
    "notification_templates",
    "notification_triggers",
]
