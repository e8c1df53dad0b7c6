"""The rooms of engagement in the back office."""

from engagement.admin import blocked_terms, chat_messages, chat_rooms, held_messages, term_tester

__all__ = ["blocked_terms", "chat_messages", "chat_rooms", "held_messages", "term_tester"]
