"""The rooms of engagement in the back office."""

from engagement.admin import attachments, blocked_terms, blocks, chat_messages, chat_rooms, counters, follows, goals, held_messages, likings, polls, raids, rewards, term_tester, tip_messages

__all__ = [
    "attachments",
    "blocked_terms",
    "blocks",
    "chat_messages",
    "chat_rooms",
    "counters",
    "follows",
    "goals",
    "held_messages",
    "likings",
    "polls",
    "raids",
    "rewards",
    "term_tester",
    "tip_messages",
]
