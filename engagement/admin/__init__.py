"""The rooms of engagement in the back office."""

from engagement.admin import attachments, blocked_terms, blocks, chat_messages, chat_rooms, counters, deliveries, delivery_suppressions, follows, goals, held_messages, likings, notification_templates, notification_triggers, polls, raids, rewards, term_tester, tip_messages

__all__ = [
    "attachments",
    "blocked_terms",
    "blocks",
    "chat_messages",
    "chat_rooms",
    "counters",
    "deliveries",
    "delivery_suppressions",
    "follows",
    "goals",
    "held_messages",
    "likings",
    "notification_templates",
    "notification_triggers",
    "polls",
    "raids",
    "rewards",
    "term_tester",
    "tip_messages",
]
