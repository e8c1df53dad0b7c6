"""The rooms of engagement in the back office."""

from engagement.admin import goals, polls, raids, rewards, tip_messages

__all__ = ["goals", "polls", "raids", "rewards", "tip_messages"]
