"""The rooms of engagement in the back office."""

from engagement.admin import attachments, blocked_terms, blocks, chat_messages, chat_rooms, counters, follows, held_messages, likings, term_tester

__all__ = [
    "attachments",
    "blocked_terms",
    "blocks",
    "chat_messages",
    "chat_rooms",
    "counters",
    "follows",
    "held_messages",
    "likings",
    "term_tester",
]
